"""If these fail, a gateway that is asked too much answers nobody in time, or one that is not turns people away.

A worker is played here, with a clock of its own: turn by turn it does what is ready, and a turn takes as long as that.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from gateway.admission import TICK, Admission
from gateway.config.access import KeyPriority
from gateway.config.overload import Overload

WORK = 0.001  # seconds that a request takes: a thousand a second can be done
REFUSAL = 0.000_024  # the same to turn one away, as measured
STAGES = 4  # turns of the loop that a request goes through
Asking = tuple[str, KeyPriority]
SOMEBODY: Asking = ("dev", "normal")


class Done(NamedTuple):
    """One that was answered."""

    at: float
    seconds: float
    who: Asking


class Worker:
    """`share`: what the machine gives it. `load`: requests a second, by the time, in multiples of what it can."""

    def __init__(self, settings: Overload | None = None, share: float = 1.0, who: Callable[[], Asking] | None = None):
        self.now = self.worked = 0.0
        self.told: Counter[str] = Counter()
        self.delays: list[tuple[float, bool]] = []
        self.done: list[Done] = []
        self.turned: Counter[Asking] = Counter()
        self._share = share
        self._lot = random.Random(7)
        self._who = who or (lambda: SOMEBODY)
        self.admission = Admission(
            settings or Overload(), lambda: self.now, lambda: self.worked, self._lot.random, self
        )
        self._ready: list[tuple[int, float, Asking]] = []
        self._tick_at = 0.0

    def turned_away(self, priority: KeyPriority, count: int) -> None:
        self.told[priority] += count

    def unread(self, count: int) -> None:
        self.told["unread"] += count

    def queue_delay(self, seconds: float, shedding: bool) -> None:
        self.delays.append((seconds, shedding))

    async def run(self, seconds: float, load: Callable[[float], float]) -> None:
        next_at, until = self.now, self.now + seconds
        while self.now < until:
            ready, self._ready = self._ready, []
            while next_at <= self.now:
                ready.append((0, next_at, self._who()))
                next_at += self._lot.expovariate(max(load(next_at), 0.001) / WORK)
            if self.now >= self._tick_at:
                self.admission.look()
                self._tick_at = self.now + TICK
            self._turn(ready)

    def _turn(self, ready: list[tuple[int, float, Asking]]) -> None:
        began = self.worked
        for stage, asked_at, who in ready:
            if stage == 0 and self.admission.is_full and not self.admission.admits(*who, 500):
                self.admission.turn_away(who[1])
                self._spend(REFUSAL)
                self.turned[who] += 1
                continue
            if stage == 0:
                self.admission.enter()
            self._spend(WORK / STAGES)
            if stage == STAGES - 1:
                self.admission.leave()
                self.done.append(Done(self.now, self.now - asked_at, who))
            else:
                self._ready.append((stage + 1, asked_at, who))
        if self.worked == began:
            self.now += 0.0005  # until the next one comes

    def _spend(self, work: float) -> None:
        self.worked += work
        self.now += work / self._share

    def turns_away(self) -> bool:
        return self.admission.closed

    def answered(self, since: float) -> list[Done]:
        return [one for one in self.done if one.at >= since]


def slowest(done: list[Done]) -> float:
    """Of 99 in a hundred."""
    return sorted(one.seconds for one in done)[int(len(done) * 0.99)]


@pytest.fixture(autouse=True)
def no_timer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The played worker looks itself."""
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    yield
    loop.close()


@pytest.mark.parametrize("load", [0.3, 0.9])
async def test_who_can_do_all_turns_nobody_away(load: float) -> None:
    worker = Worker()
    await worker.run(20, lambda _: load)
    assert not worker.turned
    assert not any(shedding for _, shedding in worker.delays)


@pytest.mark.parametrize("load", [1.5, 3.0])
async def test_under_too_much_nearly_as_much_is_done_as_can_be_and_in_time(load: float) -> None:
    worker = Worker()
    await worker.run(10, lambda _: 0.5)
    await worker.run(30, lambda _: load)
    done = worker.answered(20)
    refused = (load - 1) / WORK * REFUSAL  # of the time, which nobody gets back
    assert len(done) / (worker.now - 20) * WORK >= 0.97 * (1 - refused)
    assert slowest(done) < STAGES * 2 * Overload().delay
    assert worker.told["normal"] > 0
    assert worker.told["normal"] == worker.told["unread"] <= worker.turned[SOMEBODY], "what is told has happened"


async def test_a_flood_is_stopped_before_all_of_it_is_in() -> None:
    """The first seconds count: who is in, is served, and everybody behind waits for it."""
    worker = Worker()
    await worker.run(10, lambda _: 0.5)
    await worker.run(10, lambda _: 8.0)
    assert slowest(worker.answered(10)) < 3.0


async def test_a_burst_is_worked_off() -> None:
    worker = Worker()
    await worker.run(5, lambda _: 0.5)
    await worker.run(0.6, lambda _: 2.0)
    await worker.run(5, lambda _: 0.5)
    assert not worker.turned


async def test_when_it_is_over_everybody_is_let_in_again() -> None:
    worker = Worker()
    await worker.run(5, lambda _: 0.5)
    await worker.run(10, lambda _: 3.0)
    assert worker.turns_away()
    await worker.run(5, lambda _: 0.5)
    assert not worker.turns_away()
    worker.turned.clear()
    await worker.run(5, lambda _: 0.9)
    assert not worker.turned


async def test_a_machine_that_is_busy_with_something_else_is_not_taken_for_a_queue() -> None:
    """The worker gets a tenth of it: everything takes ten times as long, and to serve fewer would help nobody."""
    worker = Worker(share=0.1)
    await worker.run(60, lambda _: 0.08)
    assert not worker.turned


async def test_high_priority_is_served_first_and_low_last() -> None:
    lot = random.Random(3)
    kinds: list[Asking] = [("a", "high"), ("b", "normal"), ("c", "low")]
    worker = Worker(who=lambda: lot.choice(kinds))
    await worker.run(30, lambda _: 1.8)
    served = Counter(one.who[1] for one in worker.answered(10))
    asked = len(worker.answered(10)) / 3
    assert served["high"] > served["normal"] > served["low"]
    assert worker.turned["a", "high"] < 0.1 * served["high"]
    assert served["low"] < 0.5 * asked


async def test_one_key_that_asks_for_all_leaves_the_others_their_part() -> None:
    lot = random.Random(5)

    def who() -> Asking:
        return ("loud", "normal") if lot.random() < 0.9 else (f"quiet{lot.randrange(4)}", "normal")

    worker = Worker(who=who)
    await worker.run(30, lambda _: 3.0)
    quiet = sum(1 for one in worker.answered(10) if one.who[0] != "loud")
    turned = sum(count for (name, _), count in worker.turned.items() if name != "loud")
    assert turned < 0.1 * quiet


def test_so_many_at_once_and_no_more_the_last_places_for_high_priority() -> None:
    admission = Worker(Overload(in_flight=4)).admission
    asked: list[tuple[KeyPriority, bool]] = [
        ("low", True), ("low", True), ("low", True), ("low", False), ("normal", True), ("normal", False),
        ("high", False),
    ]  # fmt: skip
    for priority, is_let_in in asked:
        assert (not admission.is_full or admission.admits("x", priority, 0)) == is_let_in, asked
        if is_let_in:
            admission.under_way += 1
    admission.leave()
    assert admission.admits("x", "high", 0)


async def test_it_can_be_switched_off() -> None:
    worker = Worker(Overload(enabled=False))
    await worker.run(5, lambda _: 3.0)
    assert not worker.turned


async def test_who_is_turned_away_is_told_when_to_come_back() -> None:
    worker = Worker()
    await worker.run(5, lambda _: 3.0)
    said = {worker.admission.retry_after for _ in range(100)}
    assert min(said) >= 1
    assert max(said) <= 11
    assert len(said) > 1, "they would all come back at once"


async def test_kept_answers_are_looked_for_as_often_as_there_are_some() -> None:
    """Where nothing is kept, to look is work that nobody has for anything else."""
    looks = {}
    for found in (True, False):
        worker = Worker()
        await worker.run(5, lambda _: 3.0)
        for _ in range(200):
            worker.admission.looked("normal", found=found)
        worker.now, worker.worked = worker.now + 10.0, worker.worked + 10.0
        worker.admission.look()
        looks[found] = sum(worker.admission.may_look() for _ in range(10_000))
    assert looks[True] > 10 * looks[False] > 0


@pytest.mark.parametrize("priority", ["normal", "low"])
async def test_when_dear_ones_are_over_cheap_ones_are_all_let_in_again(priority: KeyPriority) -> None:
    """Long streams: much work, and hardly a request that is over. What one costs then is not held against others."""
    worker = Worker(who=lambda: ("dev", priority))
    for _ in range(50):
        worker.admission.enter()
    for _ in range(200):
        worker.now, worker.worked = worker.now + 0.25, worker.worked + 0.25
        worker.admission.look()
    assert worker.turns_away()
    for _ in range(50):
        worker.admission.leave()
    await worker.run(60, lambda _: 0.02)
    worker.turned.clear()
    await worker.run(10, lambda _: 0.02)
    assert not worker.turned
    assert not worker.turns_away()


async def test_a_body_that_is_said_to_be_enormous_shuts_nobody_out_for_long() -> None:
    worker = Worker()
    await worker.run(5, lambda _: 3.0)
    assert worker.turns_away()
    while not worker.admission.admits("liar", "low", 10**12):
        worker.now, worker.worked = worker.now + TICK, worker.worked + TICK
        worker.admission.look()
    done = len(worker.done)
    await worker.run(5, lambda _: 1.5)
    assert (len(worker.done) - done) * WORK > 0.6 * 5
