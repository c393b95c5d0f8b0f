"""If these fail, what people do with answers is lost, holds up those who ask, or is kept for good."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateway.learning.notebook import FLUSH_SECONDS, MOST_NOTES, PURGE_SECONDS, Notebook
from router.difficulty.features import read
from router.difficulty.sample import pack
from tests.gateway.learning.samples import Clock, label, note, stored
from tests.harness.wait import until

SECRET = "0123456789abcdef" * 4
DAY = 86_400.0
AWAY = "sqlite:////proc/no/such/learning.db"
OpenNotebook = Callable[..., Notebook]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def open_notebook(sql_url: str, clock: Clock) -> AsyncIterator[OpenNotebook]:
    opened: list[Notebook] = []

    def opening(url: str = sql_url, *, secret: str = SECRET, max_rows: int = 1000, **more: Any) -> Notebook:
        made = Notebook(url, secret, keep_days=30, max_rows=max_rows, wall=clock, steady=time.monotonic, **more)
        opened.append(made)
        return made

    yield opening
    for one in opened:
        await one.close()


async def there(book: Notebook, *request_ids: str) -> list[bool]:
    return [await book.sample(one) is not None for one in request_ids]


async def test_what_is_noted_is_kept_by_and_by(open_notebook: OpenNotebook, sql_url: str) -> None:
    book = open_notebook()
    assert book.note(note())
    assert book.say(label())
    with stored(sql_url) as store:
        await asyncio.to_thread(until, "it to be kept", lambda: bool(store.rows("home")), 20 * FLUSH_SECONDS)
        (row,) = store.rows("home")
    assert (row.request_id, row.weak) == ("req_1", 1.0)


async def test_what_was_just_noted_is_known_here_and_at_once(open_notebook: OpenNotebook) -> None:
    """Feedback can be faster than the notebook."""
    book = open_notebook()
    book.note(note())
    found = await book.sample("req_1")
    assert found is not None
    assert found.features == pack(read(note().view))
    other = await open_notebook().sample("req_1")
    assert other == found  # and from then on everywhere
    assert await book.sample("req_2") is None


async def test_at_the_end_all_of_it_is_kept(open_notebook: OpenNotebook, sql_url: str) -> None:
    book = open_notebook()
    for number in range(50):
        book.note(note(f"req_{number}", captured=number == 7))
    book.say(label("req_3"))
    await book.close()
    with stored(sql_url) as store:
        assert all(store.sample(f"req_{number}") is not None for number in range(50))
        assert len(store.rows("home")) == 1
        captured = store.sample("req_7")
    assert captured is not None
    assert captured.text is not None


async def test_nothing_else_waits_while_samples_are_made(open_notebook: OpenNotebook) -> None:
    """Between two samples everything else has its turn."""
    book = open_notebook()
    await book.sample("req_x")  # the database is open
    book.note(note("req_warm"))
    await book.flush()
    for number in range(200):
        book.note(note(f"req_{number}"))
    rounds = 0

    async def others() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await book.flush()
    task.cancel()
    assert rounds >= 200


async def test_what_there_is_no_room_for_is_counted_and_nobody_waits(open_notebook: OpenNotebook) -> None:
    dropped: list[tuple[str, int]] = []
    book = open_notebook(on_dropped=lambda reason, count: dropped.append((reason, count)))
    assert all(book.note(note(f"req_{number}")) for number in range(MOST_NOTES))
    assert not book.note(note("req_more"))
    assert not book.say(label())
    assert dropped == [("full", 1)] * 2
    await book.flush()
    assert book.note(note("req_more"))


async def test_while_the_database_is_away_it_waits_and_what_is_left_at_the_end_is_counted(
    open_notebook: OpenNotebook,
) -> None:
    dropped: list[tuple[str, int]] = []
    faults: list[str] = []
    book = open_notebook(AWAY, on_fault=faults.append, on_dropped=lambda reason, count: dropped.append((reason, count)))
    book.note(note())
    book.say(label())
    await book.flush()
    assert faults
    found = await book.sample("req_1")
    assert found is not None  # it is still known here
    await book.close()
    assert dropped == [("store", 2)]


async def test_what_is_old_or_too_much_is_deleted(open_notebook: OpenNotebook, clock: Clock) -> None:
    book = open_notebook(max_rows=2)
    book.note(note("req_old"))
    await book.flush()
    clock.now += 31 * DAY
    for number in range(4):
        book.note(note(f"req_{number}", at=clock.now + number))
    await book.flush()
    ids = [f"req_{number}" for number in range(4)]
    assert await there(book, "req_old", *ids) == [False, False, False, True, True]
    book.note(note("req_9", at=clock.now + 9))
    await book.flush()
    assert await there(book, "req_2") == [True]  # not each time
    clock.now += PURGE_SECONDS
    book.note(note("req_10", at=clock.now))
    await book.flush()
    assert await there(book, "req_2") == [False]


async def test_without_a_key_no_text_is_kept(open_notebook: OpenNotebook) -> None:
    book = open_notebook(secret="")
    book.note(note(captured=True))
    found = await book.sample("req_1")
    assert found is not None
    assert found.text is None
    assert book.seal is None
