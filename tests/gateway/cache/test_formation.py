"""If these fail, workers that share one answer get half of it, somebody else's, or wait for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from gateway.cache.flight import Begun, Ending, Turn
from gateway.cache.flight_message import Begin, End, Landed, Over, Piece
from gateway.wire.errors import BadRequest, NoDeployment, UpstreamFailed
from tests.gateway.cache.stations import KEY, NAME, Air, Station
from tests.gateway.cache.test_exact import ENTRY
from tests.gateway.cache.test_flight import BEGUN

Trio = tuple[Air, Station, Station]


@pytest.fixture
async def pair() -> AsyncIterator[Trio]:
    air = Air()
    stations = Station(air, "a"), Station(air, "b")
    yield air, *stations
    for station in stations:
        await station.formation.close()


async def settled() -> None:
    """All that can happen now has happened."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_pieces_and_end_come_as_they_are(pair: Trio) -> None:
    _, leader, other = pair
    flight = await leader.leads()
    rider = await other.follows(streams=True)
    flight.begin(BEGUN)
    assert await rider.told() is Turn.BEGUN
    for piece in (b"one ", b"two ", b"three "):
        flight.add(piece)
        assert await rider.read() == piece
    flight.entry = ENTRY
    flight.end_with(Ending(b"held", {"usage": 1}))
    assert await rider.read() == b""
    assert rider.flight.ending == Ending(b"held", {"usage": 1})
    assert rider.flight.entry == ENTRY
    assert other.flights.get(KEY) is None


async def test_a_whole_answer_lands_everywhere(pair: Trio) -> None:
    air, leader, other = pair
    flight = await leader.leads()
    riders = [await other.follows(streams=streams) for streams in (False, True, False)]
    await settled()
    flight.land(ENTRY)
    assert [await rider.told() for rider in riders] == [ENTRY] * 3
    leader.flights.over(flight)
    assert air.holders == {}


async def test_what_comes_twice_counts_once_and_of_another_flight_not_at_all(pair: Trio) -> None:
    air, leader, other = pair
    flight = await leader.leads()
    rider = await other.follows(streams=True)
    flight.begin(BEGUN)
    assert await rider.told() is Turn.BEGUN
    number = flight.number
    for message in (
        Piece("a", KEY, number, 0, b"abc"),
        Piece("a", KEY, number, 0, b"abc"),
        Piece("a", KEY, number, 1, b"bcde"),
        Piece("a", KEY, number + 1, 5, b"of another call"),
        Piece("c", KEY, number, 5, b"of another worker"),
        Begin("a", KEY, number + 1, ENTRY.encode(), True),
        End("a", KEY, number + 1, 5, b"", None, None, None),
    ):
        other.hears(air, message)
    assert await rider.read() == b"abcde"
    assert not rider.ended


@pytest.mark.parametrize("lost", ["a piece", "the end of one"])
async def test_where_a_part_is_missing_nothing_more_is_read(pair: Trio, lost: str) -> None:
    air, leader, other = pair
    flight = await leader.leads()
    rider = await other.follows(streams=True)
    flight.begin(BEGUN)
    assert await rider.told() is Turn.BEGUN
    other.hears(air, Piece("a", KEY, flight.number, 0, b"abc"))
    if lost == "a piece":
        other.hears(air, Piece("a", KEY, flight.number, 4, b"e"))
    else:
        other.hears(air, End("a", KEY, flight.number, 4, b"", None, None, None))
    assert await rider.read() == b"abc"
    assert rider.flight.ending is not None
    assert rider.flight.ending.error is not None


async def test_of_two_that_lead_one_after_the_other_no_stream_is_mixed(pair: Trio) -> None:
    """The leader's call failed after its first piece, and another client there asks again."""
    _, leader, other = pair
    flight = await leader.leads()
    at_home = leader.flights.board(flight, streams=False)
    assert at_home is not None
    rider = await other.follows(streams=True)
    flight.begin(BEGUN)
    assert await rider.told() is Turn.BEGUN
    flight.add(b"of the first")
    assert await rider.read() == b"of the first"
    flight.end_with(Ending(error=UpstreamFailed("cut")))
    leader.flights.failed(flight, UpstreamFailed("cut"))
    assert await at_home.told() is Turn.LEAD
    after = leader.flights.get(KEY)
    assert after is not None
    after.begin(BEGUN)
    after.add(b"of the second")
    assert await rider.read() == b""
    assert isinstance(rider.flight.ending and rider.flight.ending.error, UpstreamFailed)


@pytest.mark.parametrize(
    "entry",
    [replace(ENTRY, clearance="local"), replace(ENTRY, clearance="eu+local"), replace(ENTRY, masked="a form")],
    ids=["local", "a region", "masked"],
)
@pytest.mark.parametrize("streams", [False, True])
async def test_what_may_not_be_anywhere_is_told_to_nobody(pair: Trio, entry: object, streams: bool) -> None:
    assert isinstance(entry, type(ENTRY))
    air, leader, other = pair
    flight = await leader.leads()  # and somebody has said that it travels
    rider = await other.follows(streams=streams)
    await settled()
    if streams:
        flight.begin(Begun(replace(entry, body=b""), wants_usage=False))
        flight.add(b"secret")
    else:
        flight.land(entry)
    assert await rider.told() is Turn.LEAD  # for itself
    assert not any(isinstance(message, Begin | Piece | Landed | End) for message in air.sent)


async def test_what_stays_here_is_known_to_others_at_once(pair: Trio) -> None:
    air, leader, other = pair
    flight = await leader.leads()
    riders = [await other.follows(streams=False) for _ in range(2)]
    await settled()
    leader.flights.keep_here(flight)
    assert await riders[0].told() is Turn.LEAD
    assert air.holders == {}
    assert leader.flights.get(KEY) is flight  # who asks the same here still shares it


async def test_what_stays_here_keeps_nobody_elsewhere_waiting(pair: Trio) -> None:
    """Its worker has the lease again, since more have looked here; the answer may take minutes."""
    air, leader, other = pair
    flight = await leader.leads()
    leader.flights.keep_here(flight)
    await leader.formation.look().read(NAME)
    assert air.holders == {NAME: "a"}
    rider = await other.follows(streams=False)
    async with asyncio.timeout(10):
        assert await rider.told() is Turn.LEAD


async def test_what_a_model_says_of_a_question_that_stays_here_stays_here(pair: Trio) -> None:
    """A server that refuses a request may quote it. Somebody elsewhere asks after it is known that it stays."""
    air, leader, other = pair
    flight = await leader.leads()
    leader.flights.keep_here(flight)
    air.holders[NAME] = "a"  # as for who has looked before it was given back
    rider = await other.follows(streams=False)
    await settled()
    leader.flights.give_up(flight, BadRequest("My card is 4970 1000 0000 0154: no such thing."))
    assert await rider.told() is Turn.LEAD
    assert "0154" not in repr(air.sent)


async def test_who_asks_one_that_has_nothing_on_its_way_looks_again(pair: Trio) -> None:
    air, _, other = pair
    air.holders[NAME] = "a"  # and it has forgotten
    rider = await other.follows(streams=False)
    assert await rider.told() is Turn.AGAIN
    assert not any(isinstance(message, Over) and message.why != "gone" for message in air.sent)


async def test_a_worker_that_ends_leaves_it_to_the_others(pair: Trio) -> None:
    """They need not wait until its lease is over."""
    air, leader, other = pair
    await leader.leads()
    rider = await other.follows(streams=False)
    await settled()
    await leader.formation.end()
    assert await rider.told() is Turn.AGAIN
    assert air.holders == {}


async def test_what_all_were_told_is_told_elsewhere_too(pair: Trio) -> None:
    _, leader, other = pair
    flight = await leader.leads()
    rider = await other.follows(streams=False)
    await settled()
    leader.flights.give_up(flight, NoDeployment("none is up"))
    assert isinstance(await rider.told(), NoDeployment)


async def test_the_last_to_leave_elsewhere_is_noticed_where_it_is_made(pair: Trio) -> None:
    _, leader, other = pair
    flight = await leader.leads()
    rider = await other.follows(streams=False)
    await settled()
    assert len(flight.riders) == 1
    other.flights.leave(rider)
    await settled()
    assert not flight.riders
    assert other.flights.get(KEY) is None


@pytest.mark.parametrize("lost", [False, True])
async def test_who_still_reads_what_is_over_ends_nothing_new(pair: Trio, lost: bool) -> None:
    """A slow client elsewhere leaves, and by then the same question has been asked again."""
    air, leader, other = pair
    flight = await leader.leads()
    slow = await other.follows(streams=True)
    flight.begin(BEGUN)
    assert await slow.told() is Turn.BEGUN
    if lost:
        other.hears(air, Piece("a", KEY, flight.number, 4, b"a part is missing before it"))
    flight.add(b"all")
    flight.end_with(Ending())
    leader.flights.dissolve(flight)
    await settled()
    again = await leader.leads()
    rider = await other.follows(streams=True)
    await settled()
    other.flights.leave(slow)
    await settled()
    assert len(again.riders) == 1
    again.begin(BEGUN)
    assert await rider.told() is Turn.BEGUN


async def test_a_turn_that_nobody_here_takes_is_given_back(pair: Trio) -> None:
    """All who waited have read something: the lease of who was waited for is over, and none of them asks again."""
    air, leader, other = pair
    air.lease = 0.0
    flight = await leader.leads()
    rider = await other.follows(streams=True)
    flight.begin(BEGUN)
    assert await rider.told() is Turn.BEGUN
    leader.formation.release(flight)
    async with asyncio.timeout(10):
        assert await rider.read() == b""
    await settled()
    assert air.holders == {}


async def test_a_slow_redis_does_not_hold_up_who_reads_here(pair: Trio) -> None:
    air, leader, other = pair
    flight = await leader.leads()
    rider = await other.follows(streams=True)
    await settled()
    air.holds = True
    flight.begin(BEGUN)
    here = leader.flights.board(flight, streams=True)
    assert here is not None
    assert await here.told() is Turn.BEGUN
    flight.add(b"one")
    assert await here.read() == b"one"
    await settled()
    air.holds = False
    air.deliver()
    assert await rider.told() is Turn.BEGUN
    assert await rider.read() == b"one"
