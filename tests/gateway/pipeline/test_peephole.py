"""A client loses: a word that was read while it was waited for, and then dropped."""

from __future__ import annotations

import asyncio

import pytest

from gateway.pipeline.peephole import Peephole
from gateway.wire.errors import UpstreamFailed

EVENT = b'data: {"choices": [{"delta": {"content": "a"}, "logprobs": {"content": []}}]}\n\n'
SHOWN = b'data: {"choices": [{"delta": {"content": "a"}, "logprobs": null}]}\n\n'


class Pieces:
    """An `Answer` of pieces that come when they are put there."""

    status = 200
    content_type = "text/event-stream"
    retry_after: int | None = None

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.closed = self.finished = False

    async def body(self) -> bytes:
        return await self.chunk()

    async def chunk(self) -> bytes:
        piece = await self.queue.get()
        if isinstance(piece, Exception):
            raise piece
        return piece

    def finish(self) -> None:
        self.finished = True

    def close(self) -> None:
        self.closed = True


def soon() -> float:
    return asyncio.get_running_loop().time() + 0.01


def late() -> float:
    return asyncio.get_running_loop().time() + 5


class Parting(Pieces):
    """Whoever reads is gone when a piece is there."""

    reader: asyncio.Task[bytes] | None = None

    async def chunk(self) -> bytes:
        piece = await super().chunk()
        if self.reader is not None:
            asyncio.get_running_loop().call_soon(self.reader.cancel)
            self.reader = None
        return piece


async def test_who_stops_waiting_takes_nothing_with_it() -> None:
    """Others may share the answer of a client that leaves."""
    pieces = Parting()
    peephole = Peephole(pieces, strips=False)
    assert await peephole.chunk_by(soon()) is None
    pieces.reader = reading = asyncio.create_task(peephole.chunk())
    await asyncio.sleep(0)
    pieces.queue.put_nowait(b"one")
    await asyncio.wait({reading})
    assert reading.cancelled()
    pieces.queue.put_nowait(b"two")
    assert await peephole.chunk() == b"one"


async def test_what_comes_too_late_is_the_next_chunk() -> None:
    pieces = Pieces()
    peephole = Peephole(pieces, strips=False)
    assert await peephole.chunk_by(soon()) is None
    pieces.queue.put_nowait(b"one")
    assert await peephole.chunk() == b"one"
    pieces.queue.put_nowait(b"two")
    assert await peephole.chunk_by(late()) == b"two"
    pieces.queue.put_nowait(b"")
    assert await peephole.chunk_by(late()) == b""
    assert await peephole.chunk() == b""


async def test_an_event_is_passed_on_whole_and_what_it_held_is_kept_until_forgotten() -> None:
    pieces = Pieces()
    peephole = Peephole(pieces, strips=True)
    for piece in (EVENT[:30], EVENT[30:], EVENT, b""):
        pieces.queue.put_nowait(piece)
    assert await peephole.chunk_by(late()) == SHOWN
    assert peephole.taken == [b'{"content": []}']
    peephole.forget()
    assert await peephole.chunk() == SHOWN
    assert peephole.taken == []
    assert await peephole.chunk() == b""


async def test_a_whole_body() -> None:
    pieces = Pieces()
    pieces.queue.put_nowait(b'{"logprobs": {"content": []}}')
    peephole = Peephole(pieces, strips=True)
    assert await peephole.body() == b'{"logprobs": null}'
    assert peephole.taken == [b'{"content": []}']


async def test_what_breaks_breaks_for_whoever_reads_next() -> None:
    pieces = Pieces()
    peephole = Peephole(pieces, strips=False)
    assert await peephole.chunk_by(soon()) is None
    pieces.queue.put_nowait(UpstreamFailed("broken"))
    with pytest.raises(UpstreamFailed):
        await peephole.chunk()


@pytest.mark.parametrize("late_piece", [None, b"one", UpstreamFailed("broken")])
async def test_closed_it_leaves_nothing_running(late_piece: bytes | Exception | None) -> None:
    pieces = Pieces()
    peephole = Peephole(pieces, strips=False)
    before = asyncio.all_tasks()
    assert await peephole.chunk_by(soon()) is None
    if late_piece is not None:
        pieces.queue.put_nowait(late_piece)
        await asyncio.wait(asyncio.all_tasks() - before)
    peephole.close()
    rest = asyncio.all_tasks() - before
    if rest:
        await asyncio.wait(rest, timeout=1)
    assert asyncio.all_tasks() == before
    assert pieces.closed


async def test_what_a_cancelled_reader_has_begun_ends_with_the_answer() -> None:
    pieces = Pieces()
    peephole = Peephole(pieces, strips=False)
    before = asyncio.all_tasks()
    assert await peephole.chunk_by(soon()) is None
    reader = asyncio.create_task(peephole.chunk())
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.wait({reader})
    peephole.finish()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert pieces.finished
