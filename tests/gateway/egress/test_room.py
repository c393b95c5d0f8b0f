"""If these fail, a scarce model is asked more than it can take, one key keeps all others out, or seats are lost."""

from __future__ import annotations

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.egress.load import Reading
from gateway.egress.room import FRESH_SECONDS, NoRoom, Room, Terms, Waited
from tests.gateway.leftovers import left_over


class Ear:
    """A `Tells`."""

    def __init__(self) -> None:
        self.stands: tuple[int, int, int, float] = (0, 0, 0, 0.0)
        self.results: list[Waited] = []

    def room(self, deployment: str, seats: int, taken: int, waiting: int, estimate: float) -> None:
        self.stands = seats, taken, waiting, estimate

    def waited(self, deployment: str, result: Waited, seconds: float) -> None:
        self.results.append(result)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def room(seats: int | None = 1, length: int = 8, patience: float = 60.0, clock: Clock | None = None) -> Room:
    made = Room("gpu", clock or Clock(), Ear())
    made.furnish(Terms(seats, length, patience))
    return made


def ear(made: Room) -> Ear:
    told = made._tells
    assert isinstance(told, Ear)
    return told


async def queue(made: Room, *keys: str) -> list[asyncio.Task[float]]:
    """One that waits for each, in this order."""
    tasks = []
    for key in keys:
        tasks.append(asyncio.create_task(made.wait(key)))
        await asyncio.sleep(0)
    return tasks


async def settled(tasks: list[asyncio.Task[float]]) -> list[bool]:
    for _ in range(3):
        await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_a_room_without_a_number_takes_everybody_and_counts() -> None:
    made = room(seats=None)
    assert all(made.sit() for _ in range(50))
    assert (made.taken, made.is_full, made.wait_for("dev")) == (50, False, 0.0)


async def test_who_finds_no_seat_gets_one_that_is_given_back() -> None:
    made = room()
    assert made.sit()
    assert not made.sit()
    tasks = await queue(made, "dev")
    assert await settled(tasks) == [False]
    made.leave()
    assert await settled(tasks) == [True]
    assert (made.taken, made.waiting) == (1, 0)
    assert ear(made).results == ["seated"]
    made.leave()
    assert made.taken == 0


async def test_keys_take_turns_however_much_each_asks() -> None:
    made = room()
    made.sit()
    tasks = await queue(made, "noisy", "noisy", "noisy", "noisy", "quiet", "other")
    order = []
    for _ in tasks:
        before = await settled(tasks)
        made.leave()
        order.append([a != b for a, b in zip(before, await settled(tasks), strict=True)].index(True))
    assert order == [0, 4, 5, 1, 2, 3]


async def test_where_the_queue_is_full_the_longest_line_makes_way() -> None:
    made = room(length=3)
    made.sit()
    noisy = await queue(made, "noisy", "noisy", "noisy")
    quiet = await queue(made, "quiet")
    assert await settled(noisy) == [False, False, True]
    with pytest.raises(NoRoom):
        await noisy[2]
    assert await settled(quiet) == [False]
    with pytest.raises(NoRoom):
        await made.wait("noisy")  # but not for one of its own
    third = await queue(made, "third")
    assert await settled(noisy) == [False, True, True]
    with pytest.raises(NoRoom):
        await made.wait("fourth")  # and not where each has one
    with pytest.raises(NoRoom):
        await noisy[1]
    for _ in range(3):
        made.leave()
    assert await settled([noisy[0], *quiet, *third]) == [True, True, True]
    assert ear(made).results.count("full") == 4


async def test_one_that_makes_way_leaves_nothing() -> None:
    made = room(length=2)
    made.sit()
    with left_over() as found:
        tasks = [*await queue(made, "noisy", "noisy"), *await queue(made, "quiet")]
        assert await settled(tasks) == [False, True, False]
        assert isinstance(tasks.pop(1).exception(), NoRoom)
        made.leave()
        made.leave()
        await asyncio.gather(*tasks)
    assert "gateway.egress.room.NoRoom" not in found


async def test_who_leaves_gives_up_its_place() -> None:
    made = room()
    made.sit()
    first, second = await queue(made, "a", "b")
    first.cancel()
    assert await settled([first, second]) == [True, False]
    assert made.waiting == 1
    made.leave()
    assert await settled([second]) == [True]
    assert ear(made).results == ["left", "seated"]


async def test_a_seat_given_to_who_leaves_just_then_is_the_next_ones() -> None:
    made = room()
    made.sit()
    first, second = await queue(made, "a", "b")
    made.leave()  # the first one's, which has not noticed
    first.cancel()
    assert await settled([first, second]) == [True, True]
    assert first.cancelled()
    assert made.taken == 1
    made.leave()
    assert made.taken == 0


async def test_patience_ends() -> None:
    made = room(patience=0.02)
    made.sit()
    with pytest.raises(NoRoom) as caught:
        await made.wait("dev")
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (503, "overloaded", 1)
    assert (made.taken, made.waiting) == (1, 0)
    assert ear(made).results == ["gave_up"]


async def test_nobody_waits_where_it_would_take_too_long() -> None:
    made = room(patience=10.0)
    made.sit()
    made.leave(served=12.0)
    made.sit()
    assert made.estimate("dev") == 12.0
    assert made.wait_for("dev") == math.inf
    with pytest.raises(NoRoom) as caught:
        await made.wait("dev")
    assert caught.value.retry_after == 12
    assert ear(made).results == ["too_long"]


async def test_what_was_waited_elsewhere_counts() -> None:
    made = room(patience=5.0)
    made.sit()
    with pytest.raises(NoRoom):
        await made.wait("dev", waited=5.0)
    with pytest.raises(NoRoom):
        await made.wait("dev", waited=math.inf)


async def test_the_estimate_counts_who_is_served_before() -> None:
    made = room(seats=2)
    made.sit(), made.sit()
    made.leave(served=4.0)
    made.sit()
    tasks = await queue(made, "noisy", "noisy", "noisy")
    assert made.estimate("noisy") == 4 * 4.0 / 2  # three before, and its own
    assert made.estimate("quiet") == 2 * 4.0 / 2  # takes turns with one of them
    for task in tasks:
        task.cancel()
    await settled(tasks)


async def test_other_terms_let_in_who_waits_and_send_nobody_away() -> None:
    made = room(seats=1)
    made.sit()
    tasks = await queue(made, "a", "b", "c")
    made.furnish(Terms(3, 8, 60.0))
    assert await settled(tasks) == [True, True, False]
    assert made.taken == 3
    made.furnish(Terms(1, 8, 60.0))
    made.leave()
    assert await settled(tasks) == [True, True, False]
    assert made.taken == 2
    made.furnish(Terms())
    assert await settled(tasks) == [True, True, True]
    assert made.taken == 3
    assert ear(made).stands == (0, 0, 0, 0.0)


async def test_busy_is_what_is_known_of_everybody() -> None:
    clock = Clock()
    made = room(seats=None, clock=clock)
    made.sit(), made.sit()
    made.heard(Reading(busy=7))
    made.sit()
    assert made.busy == 8  # the seven that were there, two of them ours, and one more of ours
    made.furnish(Terms(workers=4))
    assert made.busy == 11  # each of four workers has sent one more since then
    clock.now += FRESH_SECONDS + 1
    assert made.busy == 3
    assert made.reading is None


@given(st.lists(st.tuples(st.sampled_from(["come", "leave", "quit", "terms"]), st.integers(0, 4)), max_size=60))
def test_no_seat_is_lost_and_none_given_twice(steps: list[tuple[str, int]]) -> None:
    async def play() -> None:
        made = room(seats=2, length=5)
        waiting: list[asyncio.Task[float]] = []
        inside = 0
        for step, number in steps:
            if step == "come" and made.sit():
                inside += 1
            elif step == "come":
                waiting.append(asyncio.create_task(made.wait(f"key{number}")))
            elif step == "leave" and inside:
                made.leave(float(number))
                inside -= 1
            elif step == "quit" and waiting:
                waiting[number % len(waiting)].cancel()
            elif step == "terms":
                made.furnish(Terms(1 + number, 5, 60.0))
            if number % 2:
                await settled([])
                await settled([])
                inside += sum(task.done() and not task.cancelled() and task.exception() is None for task in waiting)
                waiting = [task for task in waiting if not task.done()]
                assert made.taken == inside
                assert made.waiting == len(waiting)
                assert not made.waiting or made.is_full
        for task in waiting:
            task.cancel()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        inside += sum(isinstance(result, float) for result in done)
        assert (made.taken, made.waiting) == (inside, 0)

    asyncio.run(play())
