"""If these fail, keys can be tried as fast as the wire carries them, or trying them fills the memory."""

from __future__ import annotations

import asyncio

import pytest

from gateway.access.patience import FREE, LONGEST, MOST_ADDRESSES, MOST_WAITING, PER_SECOND, Patience
from gateway.wire.errors import TooManyRequests, WrongKey

ERROR = WrongKey("no")


class Time:
    """Goes on when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def scope(host: str = "192.0.2.1") -> dict[str, object]:
    return {"client": (host, 50_000)}


async def test_the_first_ones_are_free_then_each_waits_up_to_a_bound() -> None:
    time = Time()
    patience = Patience(time, time.sleep)
    for _ in range(FREE):
        assert await patience.borne(ERROR, scope()) is ERROR
    assert time.waits == []
    for _ in range(50):
        await patience.borne(ERROR, scope())
    assert all(0 < wait <= LONGEST for wait in time.waits)
    assert 50 / time.now <= PER_SECOND * 1.1, "more than that many a second"


async def test_of_many_at_once_few_wait_and_the_rest_is_sent_away() -> None:
    time, gone = Time(), asyncio.Event()

    async def sleep(_: float) -> None:
        await gone.wait()

    patience = Patience(time, sleep)
    asked = [asyncio.create_task(patience.borne(ERROR, scope())) for _ in range(200)]
    done, waiting = await asyncio.wait(asked, timeout=0.5)
    assert len(waiting) == MOST_WAITING
    answers = [task.result() for task in done]
    assert sum(answer is ERROR for answer in answers) == FREE
    sent_away = [answer for answer in answers if isinstance(answer, TooManyRequests)]
    assert len(sent_away) == 200 - FREE - MOST_WAITING
    assert sent_away[0].retry_after
    waiting.pop().cancel()  # a client that goes away gives its place free
    gone.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await patience.borne(ERROR, scope()) is ERROR


async def test_after_a_while_it_is_forgiven() -> None:
    time = Time()
    patience = Patience(time, time.sleep)
    for _ in range(FREE + 20):
        await patience.borne(ERROR, scope())
    time.waits.clear()
    time.now += 60
    await patience.borne(ERROR, scope())
    assert time.waits == []


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("a name", "another", False),
    ],
)
async def test_who_is_counted_together(one: str, other: str, together: bool) -> None:
    time = Time()
    patience = Patience(time, time.sleep)
    for _ in range(FREE):
        await patience.borne(ERROR, scope(one))
    await patience.borne(ERROR, scope(other))
    assert bool(time.waits) == together


async def test_without_an_address_it_works_too() -> None:
    time = Time()
    patience = Patience(time, time.sleep)
    for _ in range(FREE + 1):
        await patience.borne(ERROR, {"client": None})
    assert time.waits


async def test_the_memory_of_addresses_is_bounded_and_the_log_told_once(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    patience = Patience(time, time.sleep)
    for number in range(MOST_ADDRESSES + 100):
        await patience.borne(ERROR, scope(f"10.0.{number >> 8}.{number & 255}"))
    assert len(patience._tries) == MOST_ADDRESSES
    for _ in range(FREE + 9):
        await patience.borne(ERROR, scope())
    assert caplog.text.count("many wrong keys from 192.0.2.1") == 1
