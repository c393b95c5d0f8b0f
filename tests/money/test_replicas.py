"""Budgets on one Redis, many replicas: never over the cap, nor under it by more than a reservation, whoever dies."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Final, NamedTuple

import pytest

from tests.harness.gateway import KEY, OTHER_KEY, Gateway
from tests.harness.traffic import Act, at_once
from tests.harness.wait import until
from tests.money.ledgers import Reader, of_server
from tests.money.spending import (
    MEAN,
    SERVED,
    SPENT,
    UNKNOWN,
    Demand,
    assert_served_are_booked,
    configuration,
    seen,
    settled,
    spend_the_rest,
    until_known,
)
from tests.servers.postgres import PostgresServer
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

DEAD_SECONDS: Final = 180.0  # after which the ledger has the last word on what a worker had that was killed


class Sizes(NamedTuple):
    """`requests` are made, `each` of them at a time on each of the replicas."""

    replicas: int
    each: int
    requests: int


SMALL: Final = Sizes(replicas=3, each=50, requests=600)


@pytest.fixture(scope="module")
def sizes(cases: int) -> Sizes:
    return Sizes(replicas=8, each=200, requests=max(cases, 2 * 8 * 200)) if cases else SMALL


class House(NamedTuple):
    """Replicas that share a Redis, a ledger, and for each of two keys a budget of so many dollars."""

    replicas: Sequence[Gateway]
    redis: ValkeyServer
    cap: Decimal
    ledger: Callable[[str], Reader]


@pytest.fixture(scope="module")
def house(
    sizes: Sizes,
    postgres: PostgresServer,
    upstreams_of_session: Upstreams,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """Two thirds of what each key asks can be paid for."""
    url = postgres.database()
    cap = sizes.requests * MEAN * 2 / 3
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(ValkeyServer(tmp_path_factory.mktemp("redis")))
        shared = {"redis": {"url": redis.url}, "ledger": {"url": url}, "responses": {"enabled": False}}
        text = configuration(upstreams_of_session.cloud, cap, **shared)
        replicas = [Gateway(tmp_path_factory.mktemp(f"replica{number}"), text) for number in range(sizes.replicas)]
        for replica in replicas:
            stack.push(replica)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Gateway.start, replicas))
        database = url.rpartition("/")[2]
        yield House(replicas, redis, cap, lambda key: of_server(postgres, database, key))


def test_many_replicas(house: House, sizes: Sizes, upstreams: Upstreams) -> None:
    demand, read = Demand(seed=3, key=KEY), house.ledger("dev")
    answers = until_known(house.replicas, demand)
    answers += at_once(demand.asks(house.replicas, sizes.requests), sizes.replicas * sizes.each)
    said = seen(answers)
    # Redis may be late where it gets no CPU; then nobody knows what is left, and nothing is spent.
    assert {SERVED, SPENT} <= said.keys() <= {SERVED, SPENT, UNKNOWN}, said
    answers += spend_the_rest(house.replicas[0], demand)
    found = settled(house.cap, read, upstreams.cloud)
    print(f"{sizes.replicas} replicas, {sizes.each} at once on each: {dict(said)}, then {found}")
    assert found.abandoned == 0
    assert found.billed == found.booked <= found.cap
    assert found.left < found.largest
    assert_served_are_booked(answers, read().entries)


def test_killed_in_between(house: House, sizes: Sizes, cases: int, upstreams: Upstreams) -> None:
    """A replica is killed and started again, a worker of another is killed, and Redis starts anew, empty."""
    demand, read, part = Demand(seed=4, key=OTHER_KEY), house.ledger("other"), sizes.requests // 10
    first, second, *_ = house.replicas
    acts = [
        after(part, upstreams, kill_and_start(first)),
        after(2 * part, upstreams, kill_worker(second)),
        after(3 * part, upstreams, house.redis.restart),
    ]
    answers = until_known(house.replicas, demand)
    answers += at_once(demand.asks(house.replicas, sizes.requests), sizes.replicas * sizes.each, acts)
    said = seen(answers)
    assert {"no answer", SERVED} <= said.keys()
    if cases:  # what the dead held, and what their journals say of it, is free again once the ledger has the last word
        dead = time.monotonic()
        until("the ledger to have the last word", lambda: time.monotonic() > dead + DEAD_SECONDS, 2 * DEAD_SECONDS)
    answers += spend_the_rest(second, demand)
    found = settled(house.cap, read, upstreams.cloud)
    print(f"{sizes.replicas} replicas, {sizes.each} at once on each, three killed: {dict(said)}, then {found}")
    assert found.billed <= found.booked + found.abandoned <= found.cap
    still_held = 0 if cases else 2 * sizes.each  # reservations of the dead
    assert found.left < found.largest * (1 + still_held)
    assert_served_are_booked(answers, read().entries)


def after(asked: int, upstreams: Upstreams, act: Callable[[], object]) -> Act:
    """Once the provider was asked so often."""

    def wait_and_act() -> None:
        until(f"{asked} requests", lambda: len(upstreams.cloud.journal.exchanges) >= asked, 60)
        act()

    return Act(0, wait_and_act)


def kill_and_start(gateway: Gateway) -> Callable[[], None]:
    def act() -> None:
        gateway.kill()
        gateway.start()

    return act


def kill_worker(gateway: Gateway) -> Callable[[], None]:
    """Its parent starts another."""

    def act() -> None:
        (worker,) = gateway.workers()
        os.kill(worker, signal.SIGKILL)
        until("another worker", lambda: gateway.workers() not in ([], [worker]), 30)

    return act
