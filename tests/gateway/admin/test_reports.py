"""A program reads its figures here; nobody may read those of others without the role for it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from gateway.accounting.ledger import Ledger
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import NOON, apply, intent, settlement
from tests.gateway.admin.desk import Desk

REPORTS = "/admin/v1/reports"


@pytest.fixture
def booked(desk: Desk) -> Desk:
    ledger = Ledger.open(desk.serving.loaded.ledger_url)
    apply(ledger, [
        settlement(intent("a1", tags=("blue",)), cost=Decimal("0.01"), counterfactual=Decimal("0.02")),
        settlement("a2", cost=Decimal("0.002"), usage=Usage(10, 5, estimated=True), at=NOON + 86_400),
        settlement("a3", cost=None),
    ])  # fmt: skip
    ledger.close()
    return desk


async def test_what_it_says(booked: Desk) -> None:
    found = (await booked.ask("viewer").get(REPORTS, params={"by": "day,tag"})).json()
    assert [(line["group"], line["spent"]) for line in found["lines"]] == [
        ({"day": "2026-05-28", "tag": None}, None),
        ({"day": "2026-05-28", "tag": "blue"}, "0.01"),
        ({"day": "2026-05-29", "tag": None}, "0.002"),
    ]
    assert found["total"]["spent_between"] == ["0.011", "0.018"]  # half to four times the tokens of the last
    assert found["estimates"] == {"low": "0.5", "high": "4", "basis": 0}
    assert found["projection"]["basis"] == 2


async def test_a_period_and_another_model(booked: Desk) -> None:
    words = {"from": "2026-05-29T00:00:00Z", "by": "", "against": "gpt-4o"}
    found = (await booked.ask("viewer").get(REPORTS, params=words)).json()
    assert (found["lines"], found["against"]) == ([], "gpt-4o")
    assert found["total"]["requests"] == 1
    assert found["total"]["reference"] == "0.000075"  # 10 × 2.50 + 5 × 10 a million
    seconds = {"to": str(int(NOON) + 86_400), "by": ""}
    assert (await booked.ask("viewer").get(REPORTS, params=seconds)).json()["total"]["requests"] == 2


async def test_as_csv(booked: Desk) -> None:
    reply = await booked.ask("viewer").get(f"{REPORTS}/csv", params={"by": "key"})
    assert reply.headers["content-type"].startswith("text/csv")
    assert [row["spent"] for row in csv.DictReader(io.StringIO(reply.text))] == ["0.012", "0.012"]
    reply = await booked.ask("viewer").get(f"{REPORTS}/focus")
    assert [row["BilledCost"] for row in csv.DictReader(io.StringIO(reply.text))] == ["0.01", "0.002"]
    assert reply.headers["x-tidegate-left-out"] == "1"


@pytest.mark.parametrize(
    ("words", "param"),
    [({"by": "colour"}, "by"), ({"against": "gpt-nothing"}, "against"), ({"from": "yesterday"}, "from")],
)
async def test_what_is_not_understood_is_a_400(booked: Desk, words: dict[str, str], param: str) -> None:
    reply = await booked.ask("viewer").get(REPORTS, params=words)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == param


@pytest.mark.parametrize("path", ["", "/csv", "/focus"])
async def test_callers_see_none(desk: Desk, path: str) -> None:
    assert (await desk.ask("caller").get(REPORTS + path)).status_code == 403
    assert (await desk.ask().get(REPORTS + path)).status_code == 401


async def test_a_ledger_that_is_away_is_a_503(desk: Desk) -> None:
    desk.serving.loaded.state_directory.joinpath("ledger.db").mkdir()
    reply = await desk.ask("viewer").get(REPORTS)
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "ledger_unavailable")
    assert str(desk.serving.loaded.state_directory) not in reply.text
