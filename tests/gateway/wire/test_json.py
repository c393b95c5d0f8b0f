"""If these fail, a bad body is a crash, or an error quotes what a client sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.errors import BadRequest
from gateway.wire.json import parse_object, serialise


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_a_clear_refusal(body: bytes) -> None:
    try:
        told = bool(serialise(parse_object(body)))
    except BadRequest as error:
        told = (error.status, error.code) == (400, "invalid_json")
    assert told


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"null", b"{", b'{"a": NaN}', b'{"a": "\xff"}', b'{"a":1}}'])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_object(body)


def test_the_refusal_quotes_nothing() -> None:
    with pytest.raises(BadRequest) as caught:
        parse_object(b'{"secret-value": oops}')
    assert "secret" not in caught.value.message


def test_of_a_doubled_key_the_last_stands_for_scanner_and_upstream_alike() -> None:
    assert serialise(parse_object(b'{"a": "first", "a": "second"}')) == b'{"a":"second"}'


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(BadRequest):
        serialise({"a": "\ud800"})
