"""If these fail, a client finds fields in a chunk that it trips over, or misses those that it was promised."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.chunk_edits import (
    CALL,
    CallNumbers,
    event_with_null_usage,
    event_without_null_usage,
    says_role,
    with_call_numbers,
    with_null_usage,
    without_known_roles,
    without_null_usage,
    without_role,
)

TEXTS = st.one_of(st.text(), st.sampled_from(['"usage":null,', ',"usage":null', '{"delta":{"role":"assistant",', "{}"]))


def frame(chunk: object) -> bytes:
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


@given(TEXTS)
def test_words_are_never_taken_for_fields(text: str) -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": text}}]}
    event = frame(chunk)
    assert without_null_usage(event) == event
    assert without_role(event) == event
    assert not says_role(event)
    assert orjson.loads(with_null_usage(event, has_usage=False)[6:]) == chunk | {"usage": None}


@pytest.mark.parametrize(
    "null", [b',"usage":null', b', "usage": null', b',\t"usage" :null', b'"usage":null,', b'"usage": null , ']
)
def test_null_usage_is_taken_out_however_it_is_written(null: bytes) -> None:
    event = b'data: {"a":1' + null + b"}\n\n" if null.startswith(b",") else b"data: {" + null + b'"a":1}\n\n'
    assert orjson.loads(without_null_usage(event)[6:]) == {"a": 1}


def test_null_usage_is_put_in_where_it_is_missing() -> None:
    plain, null, empty = b'data: {"a":1}\n\n', b'data: {"usage": null}\n\n', b"data: {}\n\n"
    nulled = b'data: {"a":1,"usage":null}\n\n'
    assert with_null_usage(plain + null + empty, has_usage=True) == nulled + null + empty
    assert with_null_usage(plain + empty, has_usage=False) == nulled + empty
    assert with_null_usage(null, has_usage=True) == null
    assert with_null_usage(b'data: {"a":{}}\n\n', has_usage=False) == b'data: {"a":{},"usage":null}\n\n'


@pytest.mark.parametrize(
    ("event", "text", "expected"),
    [
        (b'data:{"a":1}\n\n', b'{"a":1}', b'data:{"a":1,"usage":null}\n\n'),
        (b'id: 1\r\ndata: {"a":1}\r\n\r\n', b'{"a":1}', b'id: 1\r\ndata: {"a":1,"usage":null}\r\n\r\n'),
        (b'data: {"a":\ndata: 1}\n\n', b'{"a":\n1}', b'data: {"a":\ndata: 1,"usage":null}\n\n'),
        (b'data: {"a":1,"usage":null}\n\n', b'{"a":1,"usage":null}', b'data: {"a":1,"usage":null}\n\n'),
    ],
)
def test_an_event_keeps_its_form(event: bytes, text: bytes, expected: bytes) -> None:
    assert event_with_null_usage(event, text) == expected
    assert event_without_null_usage(event, text) == (event if b"usage" not in event else b'data: {"a":1}\n\n')


def test_null_usage_is_found_on_a_line_of_its_own() -> None:
    event, text = b'data: {"a":1,\ndata:  "usage": null\ndata: }\n\n', b'{"a":1,\n "usage": null\n}'
    assert event_without_null_usage(event, text) == b'data: {"a":1\ndata: }\n\n'


@pytest.mark.parametrize(
    ("delta", "rest"),
    [
        (b'{"role":"assistant","content":"a"}', b'{"content":"a"}'),
        (b'{"role": "assistant", "content": "a"}', b'{"content": "a"}'),
        (b'{"role":"assistant"}', b"{}"),
        (b'{"content":"a","role":"assistant"}', None),
        (b'{"role":null,"content":"a"}', None),
    ],
)
def test_a_role_is_taken_out_where_it_stands_first(delta: bytes, rest: bytes | None) -> None:
    event = b'data: {"choices":[{"index":0,"delta":%b}]}\n\n'
    assert without_role(event % delta) == event % (delta if rest is None else rest)


def test_roles_are_known_by_choice() -> None:
    def chunk(*indices: object) -> dict[str, Any]:
        return {"choices": [{"index": index, "delta": {"role": "assistant"}} for index in indices]}

    known: set[int] = set()
    assert not without_known_roles(chunk(0, 1), known)
    second = chunk(1, 2)
    assert without_known_roles(second, known)
    assert [choice["delta"] for choice in second["choices"]] == [{}, {"role": "assistant"}]
    assert not without_known_roles({"choices": [None, {}, {"delta": None}, {"delta": {"role": 1}}]}, known)
    assert without_known_roles(chunk(["odd"]), known)  # as the choice 0


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (b'[{"index":0,', False),
        (b'[ { "index": 0,', False),
        (b'[{"id":"a","index":0', True),
        (b"[]", False),
        (b"null", False),
    ],
)
def test_a_call_that_may_have_no_number_is_seen_at_a_glance(call: bytes, found: bool) -> None:
    assert bool(CALL.search(b'{"tool_calls":' + call)) == found


def test_calls_are_numbered_by_choice() -> None:
    def chunk(*choices: tuple[object, object]) -> dict[str, Any]:
        return {"choices": [{"index": index, "delta": {"tool_calls": calls}} for index, calls in choices]}

    numbers: dict[int, CallNumbers] = {}
    first = chunk((0, [{"id": "a"}]), (1, [{"id": "b"}, {"id": "c"}]))
    assert with_call_numbers(first, numbers)
    assert [[call["index"] for call in choice["delta"]["tool_calls"]] for choice in first["choices"]] == [[0], [0, 1]]
    then = chunk((1, [{"function": {"arguments": "x"}}]), (None, [{"id": "d", "index": 5}]))
    assert with_call_numbers(then, numbers)
    assert [[call["index"] for call in choice["delta"]["tool_calls"]] for choice in then["choices"]] == [[1], [5]]
    assert not with_call_numbers(chunk((0, [{"id": "e", "index": 6}, None]), (0, None), (0, "x")), numbers)
    assert not with_call_numbers({"choices": [None, {}, {"delta": None}]}, numbers)
