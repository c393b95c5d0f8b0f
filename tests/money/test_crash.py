"""If this fails, somebody has an answer that nobody has paid for, or that was paid for twice.

`TIDEGATE_PROOF_CASES=10000` makes it as many requests. It says what became of them.
"""

from __future__ import annotations

import json
import os
import random
import signal
from collections import Counter, defaultdict
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.gateway import Gateway
from tests.harness.ledger import Row, rows, rows_on
from tests.harness.wait import until
from tests.money.crowd import Crowd, Received
from tests.servers.postgres import PostgresServer
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

CASES = int(os.environ.get("TIDEGATE_PROOF_CASES", "600"))
PIECES_BETWEEN_KILLS = (5, 300)  # that all clients together receive
MILLION = Decimal(1_000_000)
ASKED = (("quick", True), ("quick", False), ("slow", True), ("late", False))  # and whether it is streamed
VICTIMS = ("worker", "worker", "worker", "drain", "gateway")


def config(upstreams: Upstreams, ledger: str) -> str:
    price = {"tokens": CLOUD_PRICE}
    settings: dict[str, Any] = {
        "deployments": {
            "quick": deployment(upstreams.cloud, "cloud", price=price),
            "slow": deployment(upstreams.cloud, "cloud", "slow:0.002", price=price),
            "late": deployment(upstreams.cloud, "cloud", "slow_json:0.01", price=price),
        },
        "routes": {name: {"large": [name]} for name in ("quick", "slow", "late")},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "redis": {"url": "${REDIS_URL}"},
        "cache": {"enabled": False},
        "ledger": {"url": ledger},
    }
    return json.dumps(settings)


class Killer:
    """Kills with SIGKILL whom the dice say, when as many pieces were received as the dice say."""

    def __init__(self, gateway: Gateway, crowd: Crowd, seed: int) -> None:
        self._gateway = gateway
        self._crowd = crowd
        self._dice = random.Random(seed)
        self.kills: Counter[str] = Counter()

    def wait_until_ready(self) -> None:
        """All workers, and not only the first: a gateway of which one dies before that ends by itself."""
        starts = self.kills["gateway"] + 1
        until("all workers to serve", lambda: self._gateway.output.count("Tidegate is ready") == starts, 30)

    def run(self) -> None:
        self.wait_until_ready()
        while self._crowd.pulse.wait(self._dice.randint(*PIECES_BETWEEN_KILLS)):
            victim = self._dice.choice(VICTIMS)
            if victim == "gateway":
                self._crowd.served.clear()
                self._gateway.kill()
                self._gateway.start()
                self._crowd.served.set()
                self.kills[victim] += 1
                self.wait_until_ready()
            else:
                pids = self._gateway.workers() if victim == "worker" else self._gateway.drains()
                if not pids:
                    continue
                with suppress(ProcessLookupError):
                    os.kill(self._dice.choice(pids), signal.SIGKILL)
                    self.kills[victim] += 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_answer_that_was_received_whole_has_one_row_with_its_cost(
    kind: str,
    request: pytest.FixtureRequest,
    upstreams: Upstreams,
    valkey: ValkeyServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = "sqlite:///tidegate.db"
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.database()
    gateway = Gateway(tmp_path, config(upstreams, url), workers=2, environment={"REDIS_URL": valkey.url})
    with gateway:
        crowd = Crowd(gateway, ASKED, CASES)
        killer = Killer(gateway, crowd, seed=CASES)
        received = crowd.ask_all(killer.run)
        until("the gateway to serve again", lambda: len(gateway.workers()) == 2, 10)
        gateway.stop()  # which moves all that is in the journals
    found = rows(gateway) if kind == "sqlite" else rows_on(url)
    assert left(tmp_path) == []
    check(received, found)
    # Nothing was asked of anybody that is not in the books.
    assert len(found) >= len(upstreams.cloud.journal.exchanges)
    assert "Traceback" not in gateway.output
    with capsys.disabled():
        print(f"\n{said(kind, received, found, killer.kills)}")


def left(directory: Path) -> list[str]:
    """What the ledger does not hold. A worker that was asked nothing may leave its first file, without a line."""
    files = (directory / ".tidegate" / "journal").iterdir()
    return [file.name for file in files if file.suffix in (".journal", ".lines") and file.stat().st_size]


def check(received: list[Received], found: list[Row]) -> None:
    of_request: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        of_request[row["request_id"]].append(row)
    assert len(received) == CASES
    whole = [one for one in received if one.is_whole]
    for one in whole:
        (row,) = of_request[one.request_id]  # exactly one
        assert row["outcome"] in ("ok", "cancelled"), (one, row)
        assert row["cost"] is not None, (one, row)
        if one.usage is not None:
            counted = (row["prompt_tokens"], row["completion_tokens"])
            assert counted == (one.usage["prompt_tokens"], one.usage["completion_tokens"])
    assert len({one.request_id for one in whole}) == len(whole)
    for row in found:
        if row["outcome"] == "abandoned":
            assert row["cost"] is None  # and not nothing
        elif row["cost"] is not None:
            assert Decimal(row["cost"]) == charged(row)


def charged(row: Row) -> Decimal:
    """What the price makes of the row's tokens, in dollars."""
    price = {kind: Decimal(amount) / MILLION for kind, amount in CLOUD_PRICE.items()}
    return int(row["prompt_tokens"]) * price["input"] + int(row["completion_tokens"]) * price["output"]


def said(kind: str, received: list[Received], found: list[Row], kills: Counter[str]) -> str:
    whole = sum(one.is_whole for one in received)
    headless = sum(not one.request_id for one in received)
    outcomes = ", ".join(f"{count:,} {name}" for name, count in Counter(row["outcome"] for row in found).most_common())
    struck = ", ".join(f"{count} × {name}" for name, count in sorted(kills.items()))
    return (
        f"{kind}: {len(received):,} requests, killed: {struck}. Received whole: {whole:,}; cut: "
        f"{len(received) - whole - headless:,}; no answer at all: {headless:,}. Rows: {outcomes}."
    )
