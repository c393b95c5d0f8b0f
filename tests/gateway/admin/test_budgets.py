"""Where budgets stand: to the quantum, and to nobody whom it does not concern."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.config.quota import Budget
from gateway.quota.amounts import quanta_of
from gateway.quota.answer import Granted
from gateway.quota.ask import Ask, Spend
from gateway.quota.plan import Asked, Plan
from tests.gateway.admin.desk import Desk

BUDGETS = "/admin/v1/budgets"
ALL = {
    "all": Budget(amount=Decimal(100), period="month"),
    "each-key": Budget(amount=Decimal(10), each="key", rolling="24h"),
    "blue": Budget(amount=Decimal(0), tag="blue", period="day"),
    "tags": Budget(amount=Decimal(5), each="tag", period="week", hard=False),
}


async def spend(desk: Desk, key: str, dollars: str, held: str) -> None:
    """As an attempt of that key that has cost so much, and one that is under way."""
    plan = Plan.of(desk.serving.loaded.settings)
    for number, (amount, settled) in enumerate(((dollars, True), (held, False))):
        quanta = quanta_of(Decimal(amount))
        concerns = plan.concerns(Asked(key, "lab", "auto", frozenset({"blue"})), desk.now)
        spends = tuple(Spend(one.name, one.slices, None, quanta) for one in concerns)
        granted = await desk.quota.hold(Ask(f"{key}-{number}", desk.now, (), spends))
        assert isinstance(granted, Granted)
        if settled:
            desk.quota.settle(granted.held, quanta)


@pytest.fixture
async def spent(desk: Desk) -> Desk:
    loaded = desk.serving.loaded
    desk.serving = replace(desk.serving, loaded=replace(loaded, settings=replace(loaded.settings, budgets=ALL)))
    await spend(desk, "caller", "1.000000000001", "2")
    await spend(desk, "admin", "4", "0")
    return desk


async def test_a_viewer_sees_all(spent: Desk) -> None:
    found = (await spent.ask("viewer").get(BUDGETS, params={"tag": " Blue"})).json()  # as a request may have written it
    shown = {(row["name"], row["of"], row["owner"]): (row["spent"], row["held"], row["share"]) for row in found["data"]}
    assert shown == {
        ("all", None, ""): ("5.000000000001", "2", pytest.approx(0.07)),
        ("each-key", "key", "caller"): ("1.000000000001", "2", pytest.approx(0.3)),
        ("each-key", "key", "admin"): ("4", "0", pytest.approx(0.4)),
        ("each-key", "key", "viewer"): ("0", "0", 0),
        ("each-key", "key", "auditor"): ("0", "0", 0),
        ("blue", "tag", "blue"): ("5.000000000001", "2", None),  # nothing is no part of nothing
        ("tags", "tag", "blue"): ("5.000000000001", "2", pytest.approx(1.4)),
    }


async def test_a_caller_sees_their_own(spent: Desk) -> None:
    found = (await spent.ask("caller").get(BUDGETS)).json()
    assert [(row["name"], row["owner"], row["spent"]) for row in found["data"]] == [
        ("each-key", "caller", "1.000000000001")
    ]
    assert (await spent.ask().get(BUDGETS)).status_code == 401


async def test_in_pages(spent: Desk) -> None:
    asking, names, cursor = spent.ask("viewer"), [], None
    for _ in range(7):
        page = (await asking.get(BUDGETS, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        names += [(row["name"], row["owner"]) for row in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert len(names) == len(set(names)) == 6
    assert names == sorted(names)


async def test_those_of_keys_and_teams_that_were_made_at_run_time(spent: Desk) -> None:
    admin = spent.ask("admin")
    monthly = {"amount": "3", "period": "month"}
    assert (await admin.post("/admin/v1/teams", json={"name": "new", "budgets": {"b": monthly}})).status_code == 201
    made = {"name": "ann", "team": "new", "budgets": {"mine": monthly}}
    assert (await admin.post("/admin/v1/keys", json=made)).status_code == 201
    rows = (await spent.ask("viewer").get(BUDGETS)).json()["data"]
    shown = {(row["name"], row["of"], row["owner"], row["amount"]) for row in rows}
    assert shown >= {
        ("keys.ann.mine", "key", "ann", "3"),
        ("teams.new.b", "team", "new", "3"),
        ("each-key", "key", "ann", "10"),
    }
