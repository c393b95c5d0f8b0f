"""One budget on one Redis, many replicas: never over the cap, nor under it by more than a reservation, whoever dies."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.harness.gateway import Gateway
from tests.harness.traffic import Act, at_once
from tests.harness.wait import until
from tests.money.ledgers import Reader, of_server
from tests.money.spending import (
    MEAN,
    SERVED,
    SPENT,
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

DEAD_SECONDS = 200.0  # until the ledger has the last word on what a worker had that was killed, and some more


class Sizes(NamedTuple):
    """`requests` are made, `each` of them at a time on each of the replicas."""

    replicas: int
    each: int
    requests: int


SMALL = Sizes(replicas=3, each=50, requests=900)


@pytest.fixture
def sizes(cases: int) -> Sizes:
    return Sizes(replicas=8, each=200, requests=max(cases, 8 * 200)) if cases else SMALL


class House(NamedTuple):
    """Replicas that share a Redis, a ledger and a budget of so many dollars."""

    replicas: Sequence[Gateway]
    cap: Decimal
    read: Reader


@pytest.fixture
def house(
    sizes: Sizes, own_valkey: ValkeyServer, postgres: PostgresServer, upstreams: Upstreams, tmp_path: Path
) -> Iterator[House]:
    """Two thirds of the demand can be paid for."""
    url = postgres.database()
    cap = sizes.requests * MEAN * 2 / 3
    shared = {"redis": {"url": own_valkey.url}, "ledger": {"url": url}, "responses": {"enabled": False}}
    text = configuration(upstreams.cloud, cap, **shared)
    replicas = []
    for number in range(sizes.replicas):
        (directory := tmp_path / f"replica{number}").mkdir()
        replicas.append(Gateway(directory, text))
    with contextlib.ExitStack() as stack:
        for replica in replicas:
            stack.push(replica)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Gateway.start, replicas))
        yield House(replicas, cap, of_server(postgres, url.rpartition("/")[2]))


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


def test_many_replicas(house: House, sizes: Sizes, upstreams: Upstreams) -> None:
    demand = Demand(seed=3)
    answers = until_known(house.replicas, demand)
    answers += at_once(demand.asks(house.replicas, sizes.requests), sizes.replicas * sizes.each)
    said = seen(answers)
    assert said.keys() == {SERVED, SPENT}, said
    answers += spend_the_rest(house.replicas[0], demand)
    found = settled(house.cap, house.read, upstreams.cloud)
    print(f"{sizes.replicas} replicas, {sizes.each} at once on each: {dict(said)}, then {found}")
    assert found.abandoned == 0
    assert found.billed == found.booked <= found.cap
    assert found.left < found.largest
    assert_served_are_booked(answers, house.read().entries)


def test_killed_in_between(
    house: House, sizes: Sizes, cases: int, upstreams: Upstreams, own_valkey: ValkeyServer
) -> None:
    """A replica is killed and started again, a worker of another is killed, and Redis starts anew, empty."""
    demand, part = Demand(seed=4), sizes.requests // 10
    first, second, *_ = house.replicas
    acts = [
        after(part, upstreams, kill_and_start(first)),
        after(2 * part, upstreams, kill_worker(second)),
        after(3 * part, upstreams, own_valkey.restart),
    ]
    answers = until_known(house.replicas, demand)
    answers += at_once(demand.asks(house.replicas, sizes.requests), sizes.replicas * sizes.each, acts)
    said = seen(answers)
    assert {"no answer", SERVED} <= said.keys()
    answers += spend_the_rest(second, demand)
    if cases:
        # What the dead held that is settled in their journals is free again once the ledger has the last word.
        spends = lambda: SERVED in seen(spend_the_rest(second, demand))  # noqa: E731
        with contextlib.suppress(AssertionError):
            until("what the dead held to be free", spends, DEAD_SECONDS)
    found = settled(house.cap, house.read, upstreams.cloud)
    print(f"{sizes.replicas} replicas, {sizes.each} at once on each, kills: {dict(said)}, then {found}")
    assert found.billed <= found.booked + found.abandoned <= found.cap
    dead = 0 if cases else 2 * sizes.each  # reservations
    assert found.left < found.largest * (1 + dead)
    assert_served_are_booked(answers, house.read().entries)
