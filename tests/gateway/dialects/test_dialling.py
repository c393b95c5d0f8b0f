"""If these fail, a caller's dial is not heard, or what is kept of a conversation loses the policy of its route."""

from __future__ import annotations

from gateway.dialects.dialling import dial_of, route_of
from tests.gateway.house import House, call


def test_the_header_is_taken_as_it_came() -> None:
    assert dial_of({b"x-tidegate-dial": b"share=0.3"}) == "share=0.3"
    assert dial_of({b"x-tidegate-dial": b"\xff"}) == "\xff"
    assert dial_of({}) is None
    assert call(headers={"x-tidegate-dial": "0.2"}).dial == "0.2"


async def test_a_dial_behind_a_name_is_no_part_of_the_route(house: House) -> None:
    parts = house.pipeline.parts
    assert route_of("auto:0.8", parts) == route_of("auto", parts) == "auto"
    assert route_of("other:0.8", parts) == "other:0.8"
