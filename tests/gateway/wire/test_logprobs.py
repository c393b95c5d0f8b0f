"""A client loses: log-probabilities that it did not ask for, or a word of its answer that went out with them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.logprobs import Stripper, taken_out

TEXTS = st.text(max_size=20) | st.sampled_from(
    ['"logprobs": {', '\\"logprobs":{}', "}]", '{"a": [', "\\", "\n\ndata: x"]
)
LOGPROBS = st.none() | st.fixed_dictionaries(
    {"content": st.lists(st.fixed_dictionaries({"token": TEXTS, "logprob": st.floats(-9, 0), "top": st.lists(TEXTS)}))}
)
CHOICES = st.fixed_dictionaries(
    {"index": st.just(0), "delta": st.fixed_dictionaries({"content": TEXTS}), "logprobs": LOGPROBS}
)
CHUNKS = st.fixed_dictionaries({"id": TEXTS, "choices": st.lists(CHOICES, max_size=2)})
SPACED = st.sampled_from([(",", ":"), (", ", ": ")])


def without(chunk: dict[str, Any]) -> dict[str, Any]:
    return {**chunk, "choices": [{**choice, "logprobs": None} for choice in chunk["choices"]]}


def found(chunk: dict[str, Any]) -> list[Any]:
    return [choice["logprobs"] for choice in chunk["choices"] if choice["logprobs"] is not None]


@settings(deadline=None)
@given(CHUNKS, SPACED, st.booleans())
def test_all_of_them_go_and_nothing_else(chunk: dict[str, Any], marks: tuple[str, str], plain: bool) -> None:
    body = json.dumps(chunk, separators=marks, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    shown, values = taken_out(body)
    assert shown == json.dumps(without(chunk), separators=marks, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    assert [json.loads(value) for value in values] == found(chunk)


@settings(deadline=None)
@given(st.lists(CHUNKS, max_size=4), st.integers(1, 40), st.sampled_from([b"\n\n", b"\r\n\r\n"]))
def test_streams_are_the_same_however_they_are_cut(chunks: list[dict[str, Any]], size: int, end: bytes) -> None:
    events = [
        b": ping" + end,
        *(b"data: " + json.dumps(chunk).encode() + end for chunk in chunks),
        b"data: [DONE]" + end,
    ]
    data = b"".join(events)
    stripper = Stripper()
    pieces = [stripper.feed(data[at : at + size]) for at in range(0, len(data), size)]
    shown = [b": ping" + end, *(b"data: " + json.dumps(without(chunk)).encode() + end for chunk in chunks)]
    assert b"".join(piece for piece, _ in pieces) == b"".join([*shown, b"data: [DONE]" + end])
    assert [json.loads(value) for _, values in pieces for value in values] == [
        each for c in chunks for each in found(c)
    ]


def test_an_event_of_several_lines() -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "a"}, "logprobs": {"content": []}}]}
    lines = json.dumps(chunk, indent=1).encode().split(b"\n")
    shown, values = Stripper().feed(b"".join(b"data: " + line + b"\n" for line in lines) + b"\n")
    assert json.loads(b"\n".join(line.removeprefix(b"data: ") for line in shown.split(b"\n"))) == without(chunk)
    assert [json.loads(value) for value in values] == [{"content": []}]


def test_what_does_not_end_is_taken_to_its_end() -> None:
    assert taken_out(b'{"logprobs": {"content": [') == (b'{"logprobs": null', [b'{"content": ['])
