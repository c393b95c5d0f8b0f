"""If these fail, somebody who waits for an answer is forgotten, reads half of it, or keeps memory full for all."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from gateway.cache.flight import MOST_BYTES, Begun, Ending, Flight, Turn
from tests.gateway.cache.test_exact import ENTRY

BEGUN = Begun(replace(ENTRY, body=b""), wants_usage=False)


async def test_who_boards_late_reads_from_the_beginning() -> None:
    flight = Flight("k")
    flight.begin(BEGUN)
    early = flight.board(streams=True)
    assert early is not None
    assert await early.told() is Turn.BEGUN
    flight.add(b"one ")
    assert await early.read() == b"one "
    flight.add(b"two ")
    late = flight.board(streams=True)
    assert late is not None
    assert await late.told() is Turn.BEGUN
    assert await late.read() == b"one two "
    assert await early.read() == b"two "
    reading = asyncio.create_task(early.read())
    await asyncio.sleep(0)
    flight.end_with(Ending(held=b"end"))
    assert await reading == b""
    assert early.ended


async def test_who_wants_it_whole_waits_for_the_whole() -> None:
    flight = Flight("k")
    whole, streamed = flight.board(streams=False), flight.board(streams=True)
    assert whole is not None
    assert streamed is not None
    flight.begin(BEGUN)
    assert await streamed.told() is Turn.BEGUN
    assert flight.waiting() == [whole]
    flight.land(ENTRY)
    assert await whole.told() == ENTRY
    after = flight.board(streams=True)
    assert after is not None
    assert await after.told() == ENTRY


async def test_one_that_is_far_behind_is_cut_off_and_nobody_boards_any_more() -> None:
    """Memory is bounded by what is kept for all, however slow one of them is."""
    flight = Flight("k")
    flight.begin(BEGUN)
    slow, quick = flight.board(streams=True), flight.board(streams=True)
    assert slow is not None
    assert quick is not None
    piece = b"x" * (MOST_BYTES // 8)
    for _ in range(12):
        flight.add(piece)
        assert await quick.read() == piece
    assert await slow.read() == b""
    assert slow.lags
    assert slow.ended
    assert not quick.lags
    assert flight.board(streams=True) is None


async def test_what_its_leader_cannot_give_from_the_beginning_is_not_boarded() -> None:
    flight = Flight("k")
    flight.boarded = lambda: False
    assert flight.board(streams=True) is None
    assert not flight.riders
    flight.forget()
    assert flight.board(streams=True) is not None
