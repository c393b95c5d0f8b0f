"""If these fail, workers of one gateway do not understand one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.flight_message import (
    Begin,
    End,
    Join,
    Landed,
    Leave,
    Message,
    Over,
    Piece,
    Wait,
    decoded,
    encoded,
    heard,
    told,
)
from gateway.wire.errors import BadRequest, GatewayError, InternalError, NoDeployment, TooManyRequests, UpstreamTimedOut

MESSAGES: list[Message] = [
    Join("a", "k", True),
    Leave("a", "k"),
    Wait("a", "k", "local", "any"),
    Begin("a", "k", 1, b"entry", False),
    Piece("a", "k", 1, 0, b"data: {}\n\n"),
    End("a", "k", 1, 12, b"", None, None, told(UpstreamTimedOut("late"))),
    Landed("a", "k", b"entry"),
    Over("a", "k", "alone"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_what_is_said_is_heard(message: Message) -> None:
    assert decoded(encoded(message)) == message


@given(st.binary(max_size=60))
def test_what_is_none_is_none(data: bytes) -> None:
    """Of another version, or damaged: nothing comes of it but silence."""
    message = decoded(data)
    assert message is None or encoded(message)


@pytest.mark.parametrize(
    "error",
    [
        NoDeployment("none"),
        TooManyRequests("slow", retry_after=7),
        UpstreamTimedOut("late"),
        BadRequest("no", code="x"),
    ],
)
def test_an_error_is_the_same_on_the_other_side(error: GatewayError) -> None:
    other = heard(told(error))
    assert type(other) is type(error)
    assert (other.message, other.code, other.retry_after) == (error.message, error.code, error.retry_after)


def test_an_error_of_the_gateways_own_is_the_upstreams_to_others() -> None:
    assert heard(told(InternalError("oh"))).status == 502
