"""`tidegate report` and `tidegate explain` agree with what clients were told."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest

from tests.harness.client import ask, post
from tests.harness.configs import rich
from tests.harness.gateway import Gateway
from tests.harness.prompts import CARD, EASY, HARD_PROOF, PATIENT
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams


def test_the_report_is_the_sum_of_the_receipts(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(rich(upstreams.local, upstreams.cloud, []))
    answers = [post(gateway, ask(EASY)) for _ in range(3)] + [post(gateway, ask(HARD_PROOF)) for _ in range(2)]
    answers.append(post(gateway, ask(CARD, "cloud")))
    unknown = post(gateway, ask(EASY, "unpriced"))
    assert unknown.status_code == 200
    spent = sum(Decimal(answer.headers["x-tidegate-cost-usd"]) for answer in answers)
    assert spent > 0

    report = json.loads(gateway.run("report", "--format", "json", "--by", "route,key"))
    total = report["total"]
    assert total["requests"] == 7
    assert Decimal(total["spent"]) == spent
    assert total["unknown_cost"] == 1
    assert Decimal(total["saved"]) > 0
    assert {(line["route"], line["key"]) for line in report["lines"]} == {
        (route, "dev") for route in ("auto", "cloud", "unpriced")
    }
    assert Decimal(report["projection"]["saved"]) > 0
    assert report["projection"]["requests"] == 1_000_000

    table = list(csv.DictReader(io.StringIO(gateway.run("report", "--format", "csv"))))
    assert Decimal(table[-1]["spent"]) == spent
    assert "1,000,000 requests a month" in gateway.run("report")


@pytest.mark.parametrize("prompt", [EASY, HARD_PROOF, CARD, PATIENT], ids=["easy", "hard", "card", "patient"])
def test_explain_says_what_the_receipt_says(gateway: Gateway, prompt: str) -> None:
    told = post(gateway, ask(prompt)).headers
    explained = json.loads(gateway.run("explain", "--format", "json", prompt))
    assert explained["clearance"] == told["x-tidegate-clearance"]
    assert explained["difficulty"] == pytest.approx(float(told["x-tidegate-difficulty"]), abs=1e-4)
    reasons = [f"{r['code']}({r['detail']})" if r["detail"] else r["code"] for r in explained["reasons"]]
    assert "; ".join(reasons) == told["x-tidegate-reason"]
