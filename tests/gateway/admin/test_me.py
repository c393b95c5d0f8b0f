"""If these fail, the holder of a key cannot find out what it is good for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.accounting.ledger import Ledger
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import apply, intent, settlement
from tests.gateway.admin.desk import ROLES, Desk


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_is_told_who_they_are(desk: Desk, role: str) -> None:
    answer = await desk.ask(role).get("/admin/v1/me")
    assert answer.status_code == 200
    assert answer.json() == {
        "object": "key.holder",
        "name": role,
        "team": "lab",
        "role": role,
        "tags": sorted(("blue", role)),
        "routes": None,
        "locality": "any",
    }


async def test_everybody_is_told_what_they_used_and_nobody_elses(desk: Desk) -> None:
    january = 1_798_761_600.0  # 2027-01-01 in UTC, where the month of NOW began
    ledger = Ledger.open(desk.serving.loaded.ledger_url)
    apply(ledger, [
        settlement(intent("a1", key="caller"), at=january - 1, cost=Decimal(7)),
        settlement(intent("a2", key="caller"), at=january, cost=Decimal("0.1"), usage=Usage(100, 20)),
        settlement(intent("a3", key="caller"), at=january + 9, cost=None, usage=Usage(1, 2)),
        settlement(intent("a4", key="viewer"), at=january, cost=Decimal(5)),
    ])  # fmt: skip
    ledger.close()
    own = (await desk.ask("caller").get("/admin/v1/me/usage")).json()
    assert own == {
        "object": "key.usage",
        "name": "caller",
        "start": january,
        "end": None,
        "requests": 2,
        "prompt_tokens": 101,
        "completion_tokens": 22,
        "cost": "0.1",
        "unknown_cost": 1,
    }
    words = {"from": "2026-12-01T00:00:00Z", "to": str(int(january) + 5)}
    earlier = (await desk.ask("caller").get("/admin/v1/me/usage", params=words)).json()
    assert (earlier["requests"], earlier["cost"], earlier["unknown_cost"]) == (2, "7.1", 0)
    assert (await desk.ask("admin").get("/admin/v1/me/usage")).json()["requests"] == 0
