"""Holds, settlements, deaths and losses in any order against an exact model: what was spent or is held counts once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gateway.quota.answer import Granted, Refused
from gateway.quota.ask import Ask, Held, Slice
from gateway.quota.protocol import Counts
from tests.gateway.quota.harness import NOON, InMemory, InRedis, Ledger, day, grown_up, spend
from tests.servers.valkey import ValkeyServer

CAP = 10**13 + 7
AMOUNTS = st.integers(1, CAP // 3)
DAYS = [day(number, days=2) for number in (-1, 0)]
_SETTINGS = settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass
class Attempt:
    """`cost` None: under way."""

    life: str
    at: float
    held: Held
    amount: int
    cost: int | None = None
    is_dead: bool = False

    @property
    def counts(self) -> int:
        return self.amount if self.cost is None else self.cost


class ExactLedger(Ledger):
    """Knows every attempt of the model at once."""

    def __init__(self, attempts: list[Attempt]) -> None:
        super().__init__()
        self._attempts = attempts

    def __call__(self, of: Slice) -> Counts:
        spent: dict[str, int] = {}
        for attempt in self._attempts:
            if of.start <= attempt.at < of.end:
                spent[attempt.life] = spent.get(attempt.life, 0) + attempt.counts
        return Counts(spent)


class Spending(RuleBasedStateMachine):
    """One budget over two days, of as many lives as `houses`."""

    houses: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.attempts: list[Attempt] = []
        self.ledger = ExactLedger(self.attempts)
        self.now = NOON
        self.born = 0

    def name(self) -> str:
        self.born += 1
        return f"{self.born}.of.the.model"

    def moved(self) -> float:
        self.now += 1
        for house in self.houses:
            house.wall.now = self.now
        return self.now

    def total(self) -> int:
        return sum(attempt.counts for attempt in self.attempts)

    @rule(data=st.data(), amount=AMOUNTS)
    def hold(self, data: st.DataObject, amount: int) -> None:
        house = data.draw(st.sampled_from(self.houses))
        at = self.moved()
        wanted = Ask(f"a{len(self.attempts)}@{at}", at, (), (spend(amount, CAP, *DAYS),))
        answer = self.runner.run(house.quota.hold(wanted))
        if self.total() + amount <= CAP:
            assert isinstance(answer, Granted), answer
            self.attempts.append(Attempt(house.life.identity, at, answer.held, amount))
        else:
            assert isinstance(answer, Refused), answer

    def open(self) -> list[tuple[Any, Attempt]]:
        alive = {house.life.identity: house for house in self.houses}
        return [
            (alive[attempt.life], attempt)
            for attempt in self.attempts
            if attempt.cost is None and attempt.life in alive
        ]

    @precondition(lambda self: self.open())
    @rule(data=st.data(), cost=st.none() | st.integers(0, CAP // 2), twice=st.booleans())
    def settle(self, data: st.DataObject, cost: int | None, twice: bool) -> None:
        house, attempt = data.draw(st.sampled_from(self.open()))

        async def settled() -> None:
            house.quota.settle(attempt.held, cost)
            if twice:
                house.quota.settle(attempt.held, 1)

        self.runner.run(settled())
        attempt.cost = attempt.amount if cost is None else cost

    @invariant()
    def everybody_knows_what_counts(self) -> None:
        async def looked(house: Any) -> int:
            async with asyncio.timeout(30):
                while None in (found := await house.quota.standing(DAYS)):  # noqa: ASYNC110 # Redis decides it
                    await asyncio.sleep(0.001)
            return sum(sum(spent) for spent in found)

        for _ in range(2):  # of the second look, every earlier word of each has been heard
            found = [self.runner.run(looked(house)) for house in self.houses]
        assert found == [self.total()] * len(self.houses)

    def teardown(self) -> None:
        for house in self.houses:
            self.runner.run(house.close())
        self.runner.close()


class InOneMemory(Spending):
    def __init__(self) -> None:
        super().__init__()
        self.houses = [InMemory(self.name(), ledger=self.ledger)]

    @rule()
    def die(self) -> None:
        self.runner.run(self.houses[0].close())
        self.houses = [InMemory(self.name(), ledger=self.ledger, born=self.moved())]


class InOneRedis(Spending):
    def __init__(self, server: ValkeyServer) -> None:
        super().__init__()
        self.server = server
        with server.client() as client:
            client.flushall()
        self.houses = [self.house() for _ in range(3)]

    def house(self) -> InRedis:
        return InRedis(self.server, self.name(), ledger=self.ledger, born=self.moved() if self.attempts else NOON)

    @rule(place=st.integers(0, 2))
    def die(self, place: int) -> None:
        dead = self.houses.pop(place)
        self.runner.run(dead.kill())
        self.houses.insert(place, self.house())
        self.moved()

    @rule(everything=st.booleans())
    def forget(self, everything: bool) -> None:
        """The server is empty, or has no scripts."""
        with self.server.client() as client:
            client.flushall() if everything else client.script_flush()
        grown_up(self.server)


def test_in_memory() -> None:
    run_state_machine_as_test(InOneMemory, settings=_SETTINGS)


def test_in_redis(valkey: ValkeyServer) -> None:
    class InThisRedis(InOneRedis):
        def __init__(self) -> None:
            super().__init__(valkey)

    run_state_machine_as_test(InThisRedis, settings=_SETTINGS)
