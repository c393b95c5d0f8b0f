"""Budgets: what limits and budgets cost a request, where one worker counts them in its memory.

    python -m bench.budgets [--requests 20000]

Microseconds of CPU for a request with one attempt: held, settled, given back, with the headers.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from decimal import Decimal
from statistics import median

from gateway.access.principal import Principal
from gateway.accounting.entry import Window
from gateway.accounting.prices import PriceBook
from gateway.accounting.usage import Usage
from gateway.config.price import Price, TokenPrice
from gateway.config.quota import Budget, Limits
from gateway.config.settings import Deployment
from gateway.egress.target import target_of
from gateway.pipeline.bound import bound_of, most_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.receipt import Receipt
from gateway.pipeline.tab import Tab, tab_of
from gateway.quota.life import Life
from gateway.quota.memory import MemoryQuota
from gateway.quota.plan import Asked, Plan
from gateway.quota.protocol import Counts
from gateway.wire.call import Call
from gateway.wire.request_id import RequestIds
from router.clearance import ANY, Clearance
from router.strategy import RoutePlan

ROUNDS = 5
COST = Decimal("0.004750000000")
USAGE = Usage(1200, 300)
ALL = Limits(requests_per_minute=100_000_000, tokens_per_minute=100_000_000_000, concurrent=1_000_000)
MONTH = Budget(amount=Decimal(1_000_000), period="month")
ROLLING = Budget(amount=Decimal(1_000_000), rolling="30d")
LARGE = Deployment(
    zone="cloud",
    engine="openai",
    base_url="https://api.example.com/v1",
    price=Price(tokens=TokenPrice(input=Decimal("2.5"), output=Decimal(10))),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.budgets", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--requests", type=int, default=20_000)
    options = parser.parse_args()
    cases: list[tuple[str, Limits, dict[str, Budget]]] = [
        ("nothing that concerns it", Limits(), {}),
        ("three limits of a key", ALL, {}),
        ("one budget", Limits(), {"month": MONTH}),
        ("one rolling budget of 30 days", Limits(), {"rolling": ROLLING}),
        ("three limits and three budgets", ALL, {"month": MONTH, "day": MONTH, "each": MONTH}),
    ]
    for name, limits, budgets in cases:
        print(f"{name:<32} {asyncio.run(measured(limits, budgets, options.requests)):6.2f}")


async def measured(limits: Limits, budgets: dict[str, Budget], requests: int) -> float:
    """The median of several rounds, in microseconds."""
    quota = MemoryQuota(Life("1", time.time(), time.monotonic), lambda _: Counts({}), time.time)
    plan, principal = Plan(budgets, {}, "UTC"), Principal("dev", "lab", None, ANY, limits=limits)
    ids = RequestIds(time.time)
    prices, target = PriceBook({"large": LARGE}, None), target_of("large", LARGE, None)
    asked = Asked("dev", "lab", "auto", frozenset())
    call = Call({"max_tokens": 500}, "auto", "req")
    exchange = Exchange(
        call, principal, RoutePlan("auto", ("large",), clearance=Clearance.parse("any")), Receipt("req"), 0.0
    )

    async def one() -> None:
        if not (plan or principal.is_limited):
            return
        tab = tab_of(quota, plan, asked, principal)
        bound = bound_of(exchange, 4000, Window(), None)
        at = time.time()
        most = most_of(prices, target, call, bound, at)
        await attempted(tab, f"{ids()}-1", at, bound.tokens, most)

    await one()
    rounds = []
    for _ in range(ROUNDS):
        started = time.thread_time()
        for _ in range(requests):
            await one()
        rounds.append((time.thread_time() - started) / requests * 1e6)
    await quota.close()
    return median(rounds)


async def attempted(tab: Tab, name: str, at: float, tokens: int, most: Decimal | None) -> None:
    held = await tab.hold(name, at, tokens, most, at_home=False)
    tab.used(USAGE, COST)
    if held is not None:
        tab.settle(held, COST)
    tab.over()


if __name__ == "__main__":
    main()
