"""The room as a whole, with a real receiver and a real Redis: what an operator hears of a budget."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.alerts.alerts import Alerts
from gateway.alerts.courier import Pace
from gateway.config.alerts import Alerts as AlertSettings
from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.pipeline.parts import Clocks
from gateway.stores.said import Said
from tests.gateway.alerts.harness import AT, PICO, watched
from tests.gateway.stores.harness import HandClock
from tests.gateway.stores.test_once import begin_long_ago
from tests.servers.valkey import ValkeyServer
from tests.servers.webhooks import SECRET, WebhookReceiver

FAST = Pace(first=0.01, longest=0.05, patience=30, alone=30, lease=60, look=0.01)
NO_REDIS = Redis()


class Counted:
    def __init__(self) -> None:
        self.alerts: list[tuple[str, str]] = []
        self.tries: list[tuple[str, str]] = []
        self.losses: list[tuple[str, str]] = []

    def alerted(self, budget: str, kind: str) -> None:
        self.alerts.append((budget, kind))

    def webhook_tried(self, webhook: str, result: str) -> None:
        self.tries.append((webhook, result))

    def alert_lost(self, sink: str, reason: str) -> None:
        self.losses.append((sink, reason))


Making = Callable[..., Alerts]


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
async def make(counted: Counted, tmp_path: Path) -> AsyncIterator[Making]:
    """Workers, each with a state directory of its own unless a file is named."""
    made: list[Alerts] = []
    wall = HandClock()
    wall.now = AT

    def making(settings: AlertSettings, redis: Redis = NO_REDIS, file: str = "") -> Alerts:
        name = f"worker{len(made)}"
        said = Said(wall, tmp_path / (file or name))
        alerts = Alerts(said, name, Clocks(wall=wall, steady=HandClock()), counted, pace=FAST)
        alerts.adopt(settings, redis)
        made.append(alerts)
        return alerts

    yield making
    for alerts in made:
        await alerts.close()


def to(receiver: WebhookReceiver, **more: object) -> AlertSettings:
    return settings_of(AlertSettings, {"webhooks": {"ops": {"url": receiver.url, "secret": SECRET, **more}}})


async def all_told(*workers: Alerts) -> None:
    async with asyncio.timeout(20):
        for alerts in workers:
            if alerts._courier is not None:
                await asyncio.gather(*tuple(alerts._courier._tasks.values()))


def shares(receiver: WebhookReceiver) -> Counter[str | None]:
    return Counter(told.json["data"]["share"] for told in receiver.told)


async def test_what_is_passed_is_told_to_log_metric_and_webhook(
    make: Making, counted: Counted, webhooks: WebhookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    alerts = make(to(webhooks))
    for spent in (99, 101, 150, 165):
        alerts.spent("research", spent * PICO, watched())
    alerts.refused("research", 165 * PICO, watched())
    await all_told(alerts)
    assert shares(webhooks) == {"0.5": 1, "0.8": 1, None: 1}
    assert Counter(counted.alerts) == {("research", "budget.share"): 2, ("research", "budget.limit"): 1}
    assert counted.tries == [("ops", "told")] * 3
    assert sum("has passed" in record.getMessage() for record in caplog.records) == 2
    assert alerts.is_quiet("research", watched().term.begins, 166 * PICO)


async def test_workers_and_replicas_tell_it_once_between_them(
    make: Making, counted: Counted, webhooks: WebhookReceiver, valkey: ValkeyServer
) -> None:
    begin_long_ago(valkey)
    redis = settings_of(Redis, {"url": valkey.url, "timeout": 30})
    workers = [make(to(webhooks), redis) for _ in range(4)]
    for spent in (50, 101, 161, 201):
        for alerts in workers:
            alerts.spent("research", spent * PICO, watched())
    await all_told(*workers)
    assert shares(webhooks) == {"0.5": 1, "0.8": 1, "1": 1}
    assert len({told.headers["webhook-id"] for told in webhooks.told}) == 3
    assert len(counted.alerts) == 3


async def test_a_restart_tells_nothing_again_without_redis_too(make: Making, webhooks: WebhookReceiver) -> None:
    before = make(to(webhooks), file="alerts.told")
    before.spent("research", 161 * PICO, watched())
    await all_told(before)
    await before.close()
    after = make(to(webhooks), file="alerts.told")
    after.spent("research", 201 * PICO, watched())
    await all_told(after)
    assert shares(webhooks) == {"0.5": 1, "0.8": 1, "1": 1}


async def test_what_was_on_its_way_when_the_gateway_stopped_is_told_after_the_start(
    make: Making, webhooks: WebhookReceiver
) -> None:
    webhooks.answers = [503] * 1000
    before = make(to(webhooks), file="alerts.told")
    before.spent("research", 101 * PICO, watched())
    async with asyncio.timeout(10):
        await asyncio.to_thread(webhooks.wait, 2)
    await before.close()
    webhooks.answers = []
    count = len(webhooks.told)
    after = make(to(webhooks), file="alerts.told")
    after.spent("research", 101 * PICO, watched())
    await all_told(after)
    assert len(webhooks.told) == count + 1
    assert len({told.headers["webhook-id"] for told in webhooks.told}) == 1


async def test_a_reload_with_another_amount_or_address_looks_anew(
    make: Making, webhooks: WebhookReceiver, valkey: ValkeyServer
) -> None:
    begin_long_ago(valkey)
    alerts = make(to(webhooks))
    alerts.spent("research", 161 * PICO, watched())
    await all_told(alerts)
    alerts.adopt(to(webhooks, events=["budget.share"]), settings_of(Redis, {"url": valkey.url, "timeout": 30}))
    alerts.spent("research", 161 * PICO, watched(amount=Decimal(320)))
    alerts.refused("research", 161 * PICO, watched())
    await all_told(alerts)
    told = [(told.json["data"]["amount_usd"], told.json["data"]["share"]) for told in webhooks.told]
    assert Counter(told) == {("200", "0.5"): 1, ("200", "0.8"): 1, ("320", "0.5"): 1}


async def test_a_redis_that_comes_back_empty_has_nobody_told_again(
    make: Making, webhooks: WebhookReceiver, valkey: ValkeyServer
) -> None:
    begin_long_ago(valkey)
    redis = settings_of(Redis, {"url": valkey.url, "timeout": 30})
    one, other = make(to(webhooks), redis), make(to(webhooks), redis)
    one.spent("research", 101 * PICO, watched())
    await all_told(one)
    with valkey.client() as client:
        client.flushall()
    assert one._courier is not None
    await one._courier._once.beat()
    begin_long_ago(valkey)
    other.spent("research", 102 * PICO, watched())
    await all_told(other)
    assert shares(webhooks) == {"0.5": 1}


async def test_closing_twice_is_harmless(make: Making, webhooks: WebhookReceiver) -> None:
    alerts = make(to(webhooks))
    alerts.spent("research", PICO, watched())
    await alerts.close()
    await alerts.close()
