"""If this fails, a soak in which workers are killed says that budgets are astray which are not, or the other way."""

from __future__ import annotations

from decimal import Decimal

from bench.soak.books import counted
from bench.soak.stage import RICH, STRICT
from gateway.quota.amounts import quanta_of
from tests.gateway.quota.harness import Asks, InRedis, day, granted, spend
from tests.servers.valkey import ValkeyServer

HELD, COST = Decimal("0.003102500001"), Decimal("0.000087500000")


async def test_what_the_dead_held_counts_as_in_the_ledger(valkey: ValkeyServer) -> None:
    one, two = InRedis(valkey, "1"), InRedis(valkey, "2")
    asks = Asks(one.wall)
    amount = quanta_of(HELD)
    held, _ = await granted(one.quota, asks.of(spend(amount, None, day(0, STRICT))))
    await granted(two.quota, asks.of(spend(amount, None, day(0, STRICT)), spend(amount, None, day(0, RICH))))
    one.quota.settle(held, quanta_of(COST))
    await two.kill()
    await one.close()
    assert counted(valkey) == {STRICT: HELD + COST, RICH: HELD}
