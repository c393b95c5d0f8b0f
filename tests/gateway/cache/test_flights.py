"""If these fail, one client's trouble is everybody's, or a model that is down is asked by all at once."""

from __future__ import annotations

import pytest

from gateway.cache.flight import Ending, Flight, Rider, Turn
from gateway.cache.flights import MOST_LEADERS, Flights
from gateway.wire.errors import ClientGone, GatewayError, LimitReached, UpstreamFailed
from tests.gateway.cache.test_exact import ENTRY
from tests.gateway.cache.test_flight import BEGUN

DOWN = UpstreamFailed("down")


def counted() -> tuple[Flights, list[str]]:
    events: list[str] = []
    return Flights(events.append), events


def boarded(flights: Flights, flight: Flight, *, streams: bool = False, is_away: bool = False) -> Rider:
    rider = flights.board(flight, streams=streams, is_away=is_away)
    assert rider is not None
    return rider


async def test_where_the_leader_fails_the_next_leads_and_the_others_wait() -> None:
    flights, events = counted()
    flight = flights.begin("k")
    first, second, third = (boarded(flights, flight) for _ in range(3))
    flights.failed(flight, DOWN)
    assert await first.told() is Turn.LEAD
    after = flights.get("k")
    assert after is first.flight is second.flight is third.flight
    assert after is not None
    assert after.waiting() == [second, third]
    after.land(ENTRY)
    assert await second.told() == await third.told() == ENTRY
    assert events == ["led", "followed", "followed", "followed", "handed_over"]


async def test_who_is_to_lead_and_leaves_leaves_it_to_the_next() -> None:
    flights, _ = counted()
    flight = flights.begin("k")
    first, second = boarded(flights, flight), boarded(flights, flight)
    flights.failed(flight, None)
    flights.leave(first)
    assert await second.told() is Turn.LEAD
    assert second.lead() is flights.get("k")
    flights.leave(second)  # it leads, and is no rider
    assert second.flight is flights.get("k")


async def test_who_has_heard_that_it_is_to_lead_may_still_leave_it_to_the_next() -> None:
    flights, _ = counted()
    flight = flights.begin("k")
    first, second = boarded(flights, flight), boarded(flights, flight)
    flights.failed(flight, None)
    assert await first.told() is Turn.LEAD
    flights.leave(first)
    assert await second.told() is Turn.LEAD


@pytest.mark.parametrize(("error", "leaders"), [(DOWN, MOST_LEADERS), (LimitReached(""), 10), (ClientGone(""), 10)])
async def test_after_a_few_that_failed_at_the_model_the_others_are_told(error: GatewayError, leaders: int) -> None:
    """What says nothing about anybody else does not count."""
    flights, _ = counted()
    flight = flights.begin("k")
    riders = [boarded(flights, flight) for _ in range(9)]
    led = 0
    while (after := flights.get("k")) is not None:
        led += 1
        flights.failed(after, error)
        if flights.get("k") is None:
            break
        assert await riders.pop(0).told() is Turn.LEAD
    assert led == leaders
    assert all([await rider.told() is error for rider in riders])


async def test_one_that_waits_at_another_worker_does_not_lead_here() -> None:
    flights, _ = counted()
    flight = flights.begin("k")
    away, here = boarded(flights, flight, is_away=True), boarded(flights, flight)
    flights.failed(flight, None)
    assert await here.told() is Turn.LEAD
    flights.failed(here.flight, None)
    assert await away.told() is Turn.AGAIN
    assert flights.get("k") is None


async def test_who_has_read_something_is_cut_where_the_leader_is_lost() -> None:
    flights, _ = counted()
    flight = flights.begin("k")
    reads, waits = boarded(flights, flight, streams=True), boarded(flights, flight)
    flight.begin(BEGUN)
    assert await reads.told() is Turn.BEGUN
    flight.add(b"some")
    flights.again(flight)
    assert await reads.read() == b"some"
    assert reads.ended
    assert isinstance(flight.ending, Ending)
    assert isinstance(flight.ending.error, UpstreamFailed)
    assert await waits.told() is Turn.AGAIN


async def test_a_lease_goes_on_to_the_next_leader_and_ends_with_the_last() -> None:
    flights, _ = counted()
    ended: list[str] = []
    flights.landed = lambda flight: ended.append(flight.lease)
    flight = flights.begin("k")
    flight.lease = "name"
    rider = boarded(flights, flight)
    flights.failed(flight, DOWN)
    assert ended == []
    assert await rider.told() is Turn.LEAD
    flights.over(rider.flight)
    flights.over(rider.flight)
    assert ended == ["name"]


async def test_the_last_to_leave_is_noticed() -> None:
    flights, _ = counted()
    flight, emptied = flights.begin("k"), []
    flight.empty = lambda: emptied.append(True)
    riders = [boarded(flights, flight) for _ in range(2)]
    for rider in riders:
        flights.leave(rider)
        flights.leave(rider)  # twice is harmless
    assert emptied == [True]
