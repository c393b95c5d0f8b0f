"""A day's traffic, and everything that is said of its money afterwards: reports, exports, the provider's bill, the
administration. Whatever is asked must come to the sum of what clients were told, to the last digit.
"""

from __future__ import annotations

import csv
import io
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyarrow import parquet

from tests.harness.client import ask, get, parse_stream, post
from tests.harness.configs import CLOUD_PRICE, rich
from tests.harness.gateway import Gateway, bearer
from tests.harness.prompts import CARD, EASY, HARD_PROOF
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams

VIEWER_KEY = "tg-whoever-looks-at-the-money"
MILLION = Decimal(1_000_000)
TAGS = {"x-tidegate-tags": "project=atlas, night"}


@dataclass
class Told:
    """What clients were told, and what the provider outside would have counted of it."""

    spent: Decimal = Decimal(0)
    by_key: dict[str, Decimal] = field(default_factory=dict)
    requests: int = 0
    hits: int = 0
    unknown: int = 0
    tagged: int = 0
    prompt: int = 0
    completion: int = 0
    calls: int = 0
    began: float = field(default_factory=time.time)

    def heard(self, answer: httpx.Response, key: str, *, tagged: bool = False) -> None:
        assert answer.status_code == 200, answer.text
        self.requests += 1
        self.tagged += tagged
        headers, usage = answer.headers, usage_of(answer)
        if headers["x-tidegate-cache"] == "hit":
            self.hits += 1
        elif headers["x-tidegate-deployment"] == "unpriced":
            self.unknown += 1
        elif headers["x-tidegate-zone"] == "cloud":
            self.calls += 1
            self.prompt += usage["prompt_tokens"]
            self.completion += usage["completion_tokens"]
            self.spent += charge(usage)
            self.by_key[key] = self.by_key.get(key, Decimal(0)) + charge(usage)


def usage_of(answer: httpx.Response) -> dict[str, int]:
    if answer.headers["content-type"].startswith("text/event-stream"):
        (usage,) = parse_stream(answer.text).usage
    else:
        usage = answer.json()["usage"]
    assert isinstance(usage, dict)
    return usage


def charge(usage: dict[str, int]) -> Decimal:
    price = {kind: Decimal(amount) / MILLION for kind, amount in CLOUD_PRICE.items()}
    return usage["prompt_tokens"] * price["input"] + usage["completion_tokens"] * price["output"]


def traffic(gateway: Gateway) -> Told:
    """Easy and hard, streamed and whole, again, tagged, sensitive, of two keys, past a broken server, of no price."""
    told, usage = Told(), {"stream": True, "stream_options": {"include_usage": True}}
    for number in range(12):
        told.heard(post(gateway, ask(f"{EASY} {number}"), headers=TAGS), "dev", tagged=True)
        told.heard(post(gateway, ask(f"{HARD_PROOF} {number}")), "dev")
    for number in range(6):
        told.heard(post(gateway, ask(f"{EASY} {number}"), headers=TAGS), "dev", tagged=True)  # the cache has it
        told.heard(post(gateway, ask(f"{HARD_PROOF} streamed {number}", "cloud", **usage)), "dev")
        told.heard(post(gateway, ask(f"Again, {number}", "then-status-500")), "dev")
    for number in range(4):
        told.heard(post(gateway, ask(f"Mine, {number}", "only-cloud"), key="tg-of-somebody-else"), "other")
        told.heard(post(gateway, ask(f"{CARD} {number}", "cloud")), "dev")
        told.heard(post(gateway, ask(f"What is that worth, {number}?", "unpriced")), "dev")
    return told


@pytest.fixture(params=["sqlite", "postgresql"])
def day(request: pytest.FixtureRequest, start_gateway: StartGateway, upstreams: Upstreams) -> tuple[Gateway, Told]:
    config = json.loads(rich(upstreams.local, upstreams.cloud, ["status:500"], {"cache": {"enabled": True}}))
    config["keys"].append({"name": "looker", "key": VIEWER_KEY, "role": "viewer"})
    if request.param == "postgresql":
        config["ledger"]["url"] = request.getfixturevalue("postgres").database()
    gateway = start_gateway(json.dumps(config))
    return gateway, traffic(gateway)


def test_everything_comes_to_what_clients_were_told(day: tuple[Gateway, Told], tmp_path: Path) -> None:
    gateway, told = day
    assert told.hits == 6
    report = json.loads(gateway.run("report", "--format", "json", "--by", "key"))
    check_report(gateway, report, told)
    check_exports(gateway, report, told, tmp_path / "day.parquet")
    check_bill(gateway, told, tmp_path / "bill.json")
    check_administration(gateway, report, told)
    replay = json.loads(gateway.run("whatif", "--dial", "threshold=0", "--cache", "off", "--json"))
    before, after = replay["outcomes"]
    assert before["requests"] == 30
    assert after["large"] == 1
    assert Decimal(after["spent"]) > Decimal(before["spent"])


def check_report(gateway: Gateway, report: dict[str, Any], told: Told) -> None:
    total = report["total"]
    assert Decimal(total["spent"]) == told.spent
    assert (total["requests"], total["hits"]) == (told.requests, told.hits)
    assert total["unknown_cost"] == told.unknown + failures(gateway)
    assert {line["key"]: Decimal(line["spent"]) for line in report["lines"]} == told.by_key
    days = json.loads(gateway.run("report", "--format", "json", "--by", "day"))["lines"]
    assert sum(Decimal(line["spent"]) for line in days) == told.spent
    tags = {
        line["tag"]: line["requests"]
        for line in json.loads(gateway.run("report", "--format", "json", "--by", "tag"))["lines"]
    }
    assert tags == {None: told.requests - told.tagged, "night": told.tagged, "project=atlas": told.tagged}
    against = json.loads(gateway.run("report", "--format", "json", "--by", "route", "--against", "large"))
    auto = next(line for line in against["lines"] if line["route"] == "auto")
    assert auto["reference"] == next(line["reference"] for line in by_route(gateway) if line["route"] == "auto")


def by_route(gateway: Gateway) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads(gateway.run("report", "--format", "json"))["lines"]
    return lines


def failures(gateway: Gateway) -> int:
    """Attempts of the broken server: what they cost nobody knows."""
    broken = json.loads(gateway.run("report", "--format", "json", "--by", "deployment"))["lines"]
    return sum(line["unknown_cost"] for line in broken if line["deployment"] == "then-status-500")


def check_exports(gateway: Gateway, report: dict[str, Any], told: Told, file: Path) -> None:
    focus = gateway.ended("report", "--format", "focus")
    rows = list(csv.DictReader(io.StringIO(focus.stdout), strict=True))
    assert sum(Decimal(row["BilledCost"]) for row in rows) == told.spent
    assert f"their cost is unknown: {report['total']['unknown_cost']} attempts" in focus.stderr
    assert {row["ProviderName"] for row in rows if row["x_Zone"] == "local"} == {"Self-hosted"}
    tagged = [row for row in rows if "night" in json.loads(row["Tags"])]
    assert sum(int(row["x_Requests"]) for row in tagged) == told.tagged - told.hits
    gateway.run("report", "--format", "parquet", "--by", "key", "--out", str(file))
    table = parquet.read_table(file)
    assert table.column("key").to_pylist() == [line["key"] for line in report["lines"]]
    assert table.column("spent").to_pylist() == [Decimal(line["spent"]) for line in report["lines"]]


def check_bill(gateway: Gateway, told: Told, file: Path) -> None:
    """The provider's own count of the same day, right and wrong by a token."""
    midnight = int(datetime.now(UTC).timestamp()) // 86_400 * 86_400
    if midnight > told.began:
        return  # a new day has come since, and no bill is of both

    def bill(completion: int) -> int:
        used = {"input_tokens": told.prompt, "output_tokens": completion, "num_model_requests": told.calls}
        result = {"object": "organization.usage.completions.result", "model": "cloud-model-2026-01-01", **used}
        file.write_text(json.dumps({"data": [{"start_time": midnight, "results": [result]}]}))
        return gateway.ended("reconcile", str(file), "--deployment", "large").returncode

    assert bill(told.completion) == 0
    assert bill(told.completion + 1) == 1


def check_administration(gateway: Gateway, report: dict[str, Any], told: Told) -> None:
    """The reports above have moved all journals into the ledger."""
    reply = get(gateway, "/admin/v1/reports?by=key", bearer(VIEWER_KEY))
    assert reply.status_code == 200, reply.text
    shown = reply.json()
    assert [line["spent"] for line in shown["lines"]] == [line["spent"] for line in report["lines"]]
    assert shown["total"]["saved"] == report["total"]["saved"]
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = get(gateway, f"/admin/v1/attempts?limit=17{cursor}", bearer(VIEWER_KEY)).json()
        rows += page["data"]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len({row["attempt_id"] for row in rows}) == len(rows) == report["total"]["attempts"]
    assert sum(Decimal(row["cost"]) for row in rows if row["cost"] is not None) == told.spent
    fallback = next(row["request_id"] for row in rows if row["deployment"] == "then-status-500")
    of_one = get(gateway, f"/admin/v1/requests/{fallback}", bearer(VIEWER_KEY)).json()
    assert [row["deployment"] for row in of_one["attempts"]] == ["then-status-500", "large"]
    assert get(gateway, "/admin/v1/attempts", bearer(gateway.key)).status_code == 403
