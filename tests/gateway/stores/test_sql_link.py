"""SqlLink when things break: the event loop never waits, a caller not for long, and nothing is done in secret."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from gateway.stores.breaker import FIRST_PAUSE
from gateway.stores.link import StoreFault
from gateway.stores.sql import DatabaseUnavailable
from gateway.stores.sql_link import MOST_WAITING, THREADS, SqlLink
from tests.gateway.stores.harness import HandClock


class Opened:
    """Stands for a database: what is under test is when it is opened and closed, and from where."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


def link_of(
    opening: Callable[[], Opened] = Opened,
    *,
    clock: HandClock | None = None,
    faults: list[str] | None = None,
    seconds: float = 10.0,
) -> SqlLink[Opened]:
    return SqlLink(opening, clock or HandClock(), (faults if faults is not None else []).append, step_seconds=seconds)


async def kind_of(link: SqlLink[Opened], work: Callable[[Opened], object]) -> str:
    with pytest.raises(StoreFault) as caught:
        await link.run(work)
    return caught.value.kind


def broken(_: Opened) -> None:
    raise DatabaseUnavailable("away")


async def test_it_is_opened_once_when_first_asked_and_in_a_thread() -> None:
    threads: list[str] = []

    def opening() -> Opened:
        threads.append(threading.current_thread().name)
        return Opened()

    link = link_of(opening)
    assert threads == []
    both = await asyncio.gather(*(link.run(lambda opened: opened) for _ in range(8)))
    assert len(set(map(id, both))) == 1
    assert [name.startswith("sql") for name in threads] == [True]
    link.close()
    assert await asyncio.to_thread(both[0].closed.wait, 10)


async def test_a_failure_is_told_and_then_it_is_left_alone_for_a_while() -> None:
    clock, faults = HandClock(), list[str]()
    link = link_of(clock=clock, faults=faults)
    assert await kind_of(link, broken) == "connection"
    assert await kind_of(link, lambda _: 1) == "open"
    clock.now += FIRST_PAUSE
    assert await link.run(lambda _: 1) == 1
    assert await link.run(lambda _: 2) == 2
    assert faults == ["connection", "open"]
    link.close()


async def test_what_could_not_be_opened_is_opened_the_next_time() -> None:
    clock, attempts = HandClock(), list[int]()

    def opening() -> Opened:
        attempts.append(1)
        if len(attempts) == 1:
            raise DatabaseUnavailable("not yet")
        return Opened()

    link = link_of(opening, clock=clock)
    assert await kind_of(link, lambda _: 1) == "connection"
    clock.now += FIRST_PAUSE
    assert await link.run(lambda _: 1) == 1
    link.close()


async def test_a_step_that_takes_too_long_is_given_up_and_hears_of_it() -> None:
    faults, gave_up, goes_on = list[str](), threading.Event(), threading.Event()
    link = link_of(faults=faults, seconds=0.05)
    await link.run(lambda _: None)
    started = time.monotonic()
    with pytest.raises(StoreFault) as caught:
        await link.run(lambda _: goes_on.wait(10), gave_up)
    assert time.monotonic() - started < 5
    assert (caught.value.kind, faults) == ("timeout", ["timeout"])
    assert gave_up.is_set()
    goes_on.set()
    link.close()


async def test_a_queue_that_is_full_takes_no_more_and_blames_nobody() -> None:
    goes_on = threading.Event()
    link = link_of()
    await link.run(lambda _: None)
    waiting = [asyncio.create_task(link.run(lambda _: goes_on.wait(10))) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    assert await kind_of(link, lambda _: 1) == "busy"
    goes_on.set()
    assert all(await asyncio.gather(*waiting))
    assert await link.run(lambda _: 1) == 1  # no breaker has opened
    link.close()


async def test_the_loop_runs_on_meanwhile() -> None:
    goes_on = threading.Event()
    link = link_of()
    await link.run(lambda _: None)
    slow = [asyncio.create_task(link.run(lambda _: goes_on.wait(10))) for _ in range(THREADS)]
    for _ in range(100):
        await asyncio.sleep(0)
    assert not any(task.done() for task in slow)
    goes_on.set()
    await asyncio.gather(*slow)
    link.close()


async def test_closing_waits_for_nothing_and_closes_after_the_last_step() -> None:
    goes_on, began = threading.Event(), threading.Event()

    def work(opened: Opened) -> Opened:
        began.set()
        goes_on.wait(10)
        assert not opened.closed.is_set()
        return opened

    link = link_of()
    step = asyncio.create_task(link.run(work))
    assert await asyncio.to_thread(began.wait, 10)
    link.close()
    goes_on.set()
    opened = await step
    assert await asyncio.to_thread(opened.closed.wait, 10)


def test_what_it_needs_is_loaded_when_it_is_first_asked() -> None:
    program = "import sys, gateway.conversations.store; assert not {'sqlalchemy', 'cryptography'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
