"""If these fail, a budget runs out and nobody hears of it, or the dashboard shows last month's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.alerts.alerts import Alerts
from gateway.alerts.crossing import Watched
from gateway.alerts.event import Term
from gateway.config.settings import Settings
from gateway.config.shape import settings_of
from gateway.pipeline import watch as module
from gateway.pipeline.parts import Clocks
from gateway.pipeline.watch import Watch
from gateway.quota import seeding
from gateway.quota.ask import Ask, Spend, Take, Whose
from gateway.quota.life import Life
from gateway.quota.memory import MemoryQuota
from gateway.quota.plan import Asked, Plan
from gateway.stores.said import Said
from gateway.telemetry.metrics import Metrics
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import call
from tests.gateway.quota.harness import ME, Ledger
from tests.gateway.stores.harness import HandClock
from tests.gateway.telemetry.test_metrics import value
from tests.servers.webhooks import SECRET, WebhookReceiver

PICO = 10**12
NOON = 1_795_003_200.0  # 2026-11-18 12:00 UTC
DAY_BEGINS, DAY_ENDS = 1_794_960_000, 1_795_046_400
DEPLOYMENTS = {"d": {"zone": "local", "engine": "openai", "base_url": "http://127.0.0.1:9/v1"}}


class World:
    """A watch over a quota in memory; the ledger and the clocks are the test's."""

    def __init__(self, directory: Path) -> None:
        self.wall, self.steady = HandClock(), HandClock()
        self.wall.now = NOON
        self.metrics = Metrics()
        self.ledger = Ledger()
        self.heard: list[tuple[Any, ...]] = []
        clocks = Clocks(wall=self.wall, steady=self.steady)
        self.alerts = Listening(Said(self.wall, directory / "said"), "w", clocks, self.metrics)
        self.watch = Watch(self.alerts, self.metrics, clocks)
        self.plan = Plan({}, {}, "UTC")
        life = Life(ME, NOON, self.steady)
        self.inner = MemoryQuota(life, self.ledger, self.wall, self.watch.told)
        self.quota = self.watch.watched(self.inner)
        self._number = 0

    def adopt(self, budgets: dict[str, Any], **more: Any) -> None:
        routes = {"auto": {"small": ["d"]}}
        settings = settings_of(Settings, {"deployments": DEPLOYMENTS, "routes": routes, "budgets": budgets, **more})
        self.plan = Plan(settings.budgets, {}, "UTC")
        self.watch.adopt(settings, self.plan, self.inner)

    async def spend(self, dollars: str, *tags: str, key: str = "alice", held: str | None = None) -> bool:
        """Whether the attempt was let through; without `held` it is settled."""
        self._number += 1
        asked = Asked(key, "lab", "auto", frozenset(tags))
        amount = int(Decimal(held or dollars) * PICO)
        spends = [Spend(c.name, c.slices, c.cap, amount) for c in self.plan.concerns(asked, self.wall.now)]
        answer = await self.quota.hold(Ask(f"a{self._number}", self.wall.now, (), tuple(spends)))
        held_of = getattr(answer, "held", None)
        if held_of is None:
            return False
        if held is None:
            self.quota.settle(held_of, amount)
        return True

    def stands(self, budget: str, whose: str = "") -> tuple[float | None, ...]:
        """Spent, held, the amount and the share."""
        self.watch.report()
        names = ("budget_spent_dollars", "budget_held_dollars", "budget_amount_dollars", "budget_share")
        return tuple(value(self.metrics, name, budget=budget, whose=whose) for name in names)

    async def close(self) -> None:
        await self.watch.close()
        await self.inner.close()


class Listening(Alerts):
    """Keeps what it is told; nothing is passed on."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.shares: list[tuple[Watched, Decimal | None]] = []
        self._crossings._tell = self._hear

    def _hear(self, event: Any) -> None:
        self.shares.append(
            (Watched(event.budget, event.scope, event.whose, event.term, event.amount, (), ""), event.share)
        )

    def told(self) -> list[tuple[str, str, str | None, str | None]]:
        return [(of.budget, of.scope, of.whose, None if share is None else str(share)) for of, share in self.shares]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    yield made
    await made.close()


DAILY = {"amount": 10, "period": "day"}


async def test_what_is_spent_is_told_and_what_is_only_held_is_not(world: World) -> None:
    world.adopt({"daily": DAILY})
    assert await world.spend("0", held="9")
    assert world.alerts.told() == []
    assert world.stands("daily") == (0, 9, 10, 0)
    assert await world.spend("1")
    assert world.stands("daily") == (1, 9, 10, 0.1)
    assert world.alerts.told() == []


async def test_every_share_with_whose_and_when(world: World) -> None:
    world.adopt({"daily": {**DAILY, "each": "key"}})
    for _ in range(9):
        assert await world.spend("1")
    assert world.alerts.told() == [("daily", "key", "alice", "0.5"), ("daily", "key", "alice", "0.8")]
    assert world.alerts.shares[0][0].term == Term("day", DAY_BEGINS, DAY_ENDS)
    assert world.stands("daily", "alice") == (9, 0, 10, 0.9)


async def test_a_request_that_does_not_fit_is_told_once_and_counted_each_time(world: World) -> None:
    world.adopt({"daily": DAILY})
    assert await world.spend("9.5")
    for _ in range(3):
        assert not await world.spend("1")
    assert world.alerts.told()[-1] == ("daily", "total", None, None)
    assert len(world.alerts.told()) == 3
    assert value(world.metrics, "limit_refusals_total", scope="total", kind="budget") == 3


async def test_a_request_that_is_larger_than_all_of_it_says_nothing_of_what_is_left(world: World) -> None:
    world.adopt({"daily": DAILY})
    assert not await world.spend("11")
    assert world.alerts.told() == []
    assert value(world.metrics, "limit_refusals_total", scope="total", kind="budget") == 1


async def test_one_that_others_keep_out_with_what_they_hold_says_nothing_either(world: World) -> None:
    world.adopt({"daily": DAILY})
    assert await world.spend("1")
    assert await world.spend("0", held="8")
    assert not await world.spend("2")
    assert world.alerts.told() == []


async def test_limits_are_counted_by_whose_and_what(world: World) -> None:
    await world.quota.hold(Ask("a", NOON, (Take("team:lab:tokens", "tokens", 1, 2),), ()))
    assert value(world.metrics, "limit_refusals_total", scope="team", kind="tokens") == 1


async def test_one_of_which_nobody_knows_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.ledger.away = True
    monkeypatch.setattr(seeding, "WAIT_SECONDS", 0.01)
    world.adopt({"daily": DAILY})
    assert await world.spend("1")
    assert value(world.metrics, "budget_unknown_total", budget="daily") == 1
    assert world.stands("daily")[0] is None


async def test_a_budget_that_is_not_known_at_its_first_request_is_looked_up_soon(world: World) -> None:
    """A soft one is not waited for."""
    world.adopt({"soft": {**DAILY, "hard": False, "each": "key"}})
    await world.spend("6")
    await world.watch.look_up()
    assert world.alerts.told() == [("soft", "key", "alice", "0.5")]


async def test_who_waits_until_all_are_known_goes_on_when_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "FIRST_RETRY_SECONDS", 0.01)
    await asyncio.wait_for(world.watch.known(), 1)  # there is none
    world.ledger.away = True
    world.adopt({"daily": DAILY, "each": {**DAILY, "each": "route"}})
    waiting = asyncio.ensure_future(world.watch.known())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.2)
    assert len(world.ledger.asked) > 2
    world.ledger.away = False
    await asyncio.wait_for(waiting, 5)


async def test_of_many_tags_the_highest_is_shown_and_none_is_a_label(world: World) -> None:
    world.adopt({"project": {**DAILY, "each": "tag"}, "atlas": {**DAILY, "tag": "atlas"}})
    await world.spend("2", "atlas")
    await world.spend("6", "anna schmidt")
    await world.spend("1", "borealis")
    assert world.stands("project", "highest") == (6, 0, 10, 0.6)
    assert world.stands("atlas") == (2, 0, 10, 0.2)
    assert b"anna" not in world.metrics.render()[0]
    assert ("project", "tag", "anna schmidt", "0.5") in world.alerts.told()


async def test_a_budget_that_nobody_asks_for_is_looked_up(world: World) -> None:
    """After a start; when others spend; and when its period is over."""
    world.adopt({"daily": {**DAILY, "each": "key"}}, keys=[{"name": "alice", "key": "tg-0123456789abcdef"}])
    name = f"key:alice:{DAY_BEGINS}-{DAY_ENDS}"
    world.ledger.counts[name] = {"somebody.else": 6 * PICO}
    await world.watch.look_up()
    assert world.stands("daily", "alice") == (6, 0, 10, 0.6)
    assert world.alerts.told() == [("daily", "key", "alice", "0.5")]
    world.wall.now += 86_400
    world.steady.now += module.STALE_SECONDS + 1
    await world.watch.look_up()
    assert world.stands("daily", "alice") == (0, 0, 10, 0)
    assert len(world.ledger.asked) == 2
    await world.watch.look_up()
    assert len(world.ledger.asked) == 2


async def test_what_cannot_be_looked_up_is_asked_for_again_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(seeding, "RETRY_SECONDS", 0.01)
    world.ledger.away = True
    world.adopt({"daily": DAILY})
    await world.watch.look_up()
    assert world.stands("daily")[0] is None
    world.ledger.away = False
    async with asyncio.timeout(5):
        while world.stands("daily")[0] is None:
            world.steady.now += module.AGAIN_SECONDS + 1
            await world.watch.look_up()
            await asyncio.sleep(0.001)
    assert world.stands("daily") == (0, 0, 10, 0)


async def test_a_rolling_budget_is_the_sum_and_is_told_of_as_one(world: World) -> None:
    world.adopt({"rolling": {"amount": 10, "rolling": "24h"}})
    await world.spend("4")
    world.wall.now += 3600
    await world.spend("2")
    assert world.alerts.told() == [("rolling", "total", None, "0.5")]
    assert world.alerts.shares[0][0].term == Term("24h")
    assert world.stands("rolling") == (6, 0, 10, 0.6)
    world.wall.now += 3600
    await world.spend("1")
    assert len(world.alerts.told()) == 1


async def test_a_key_s_own_budget(world: World) -> None:
    world.adopt({})
    budget = settings_of(Settings, {"deployments": DEPLOYMENTS, "routes": {}, "budgets": {"own": DAILY}}).budgets["own"]
    (concern,) = world.plan.concerns(Asked("bob", None, "auto", frozenset()), NOON, [("own", budget)])
    answer = await world.quota.hold(Ask("a", NOON, (), (Spend("own", concern.slices, concern.cap, 6 * PICO),)))
    world.quota.settle(answer.held, None)  # type: ignore[union-attr]
    assert world.alerts.told() == [("own", "key", "bob", "0.5")]
    assert world.stands("own", "bob") == (6, 0, 10, 0.6)
    assert world.plan.concern("own", Whose(key="alice"), NOON) is None
    assert world.plan.concern("own", Whose(team="bob"), NOON) is None


async def test_a_budget_that_a_key_brings_for_its_team(world: World) -> None:
    world.adopt({})
    named = {"deployments": DEPLOYMENTS, "routes": {}, "budgets": {"own": {**DAILY, "team": "lab"}}}
    budget = settings_of(Settings, named).budgets["own"]
    world.plan.concerns(Asked("bob", "lab", "auto", frozenset()), NOON, [("teams.lab.own", budget)])
    concern = world.plan.concern("teams.lab.own", Whose(team="lab"), NOON)
    assert concern is not None
    assert (concern.budget, concern.slices[-1].whose) == (budget, Whose(team="lab"))
    assert world.plan.concern("teams.lab.own", Whose(key="bob"), NOON) is None


async def test_a_budget_that_the_configuration_has_no_more_is_forgotten(world: World) -> None:
    world.adopt({"daily": DAILY})
    await world.spend("6")
    before = world.alerts.told()
    world.adopt({"weekly": {**DAILY, "period": "week"}})
    world.steady.now += module.STALE_SECONDS + 1
    await world.watch.look_up()
    assert world.alerts.told() == before
    assert [name for name, _ in world.watch._seen] == ["weekly"]


async def test_what_is_remembered_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 5)
    world.adopt({"daily": {**DAILY, "each": "key"}})
    for number in range(12):
        await world.spend("1", key=f"k{number}")
    assert len(world.watch._seen) == 5
    assert world.stands("daily", "k11") == (1, 0, 10, 0.1)


async def test_reservations_are_counted_while_they_are_open(world: World) -> None:
    world.adopt({"daily": DAILY})
    await world.spend("0", held="1")
    world.watch.report()
    assert value(world.metrics, "reservations_open") == 1


async def test_after_the_end_nothing_is_begun(world: World) -> None:
    world.adopt({"daily": DAILY})
    await world.close()
    assert await world.spend("6")
    assert world.alerts.told() == []
    assert world.watch._task is None


@pytest.mark.parametrize(
    ("whose", "scope", "label"),
    [
        (Whose(), "total", ""),
        (Whose(key="k"), "key", "k"),
        (Whose(team="t"), "team", "t"),
        (Whose(route="r"), "route", "r"),
        (Whose(tag="a"), "tag", ""),
    ],
)
def test_names(whose: Whose, scope: str, label: str) -> None:
    assert (module.scope_of(whose), module.label_of(whose)) == (scope, label)


async def test_requests_pass_the_shares_of_a_budget_and_the_receiver_hears_of_each(
    open_house: OpenHouse, webhooks: WebhookReceiver
) -> None:
    plain = open_house()
    await plain.ask(call(model="cloud"))
    cost = plain.settlements()[0].cost
    assert cost
    hooks = {"webhooks": {"ops": {"url": webhooks.url, "secret": SECRET}}}
    house = open_house(budgets={"month": {"amount": str(4 * cost), "period": "month", "hard": False}}, alerts=hooks)
    for _ in range(5):
        await house.ask(call(model="cloud"))
    await asyncio.to_thread(webhooks.wait, 3, 40)
    told = [(hook.json["type"], hook.json["data"]["share"]) for hook in webhooks.told]
    assert Counter(told) == {("budget.share", "0.5"): 1, ("budget.share", "0.8"): 1, ("budget.share", "1"): 1}
    assert house.counted("tidegate_alerts_total", budget="month", kind="budget.share") == 3
    async with asyncio.timeout(20):  # the receiver knows before its answer is read
        while house.counted("tidegate_webhook_tries_total", webhook="ops", result="told") != 3:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
