"""Server-sent events: an event lost or merged here is a wrong or broken answer at every client."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.errors import UpstreamFailed
from gateway.wire.sse import DONE, EventSplitter, OversizedEvent, data_frame, payload


def split(pieces: list[bytes], limit: int = 1_000_000) -> tuple[list[bytes], bytes]:
    splitter = EventSplitter(limit)
    events = [event for piece in pieces for event in splitter.feed(piece)]
    return events, splitter.rest


def lines_of(event: bytes) -> bytes | None:
    """The specification, read slowly: line by line, byte by byte."""
    lines, line, position = [], bytearray(), 0
    while position < len(event):
        byte = event[position : position + 1]
        position += 1
        if byte == b"\r" and event[position : position + 1] == b"\n":
            position += 1
        if byte in (b"\r", b"\n"):
            lines.append(bytes(line))
            line.clear()
        else:
            line += byte
    data = []
    for text in lines:
        name, colon, value = text.partition(b":")
        if name == b"data":
            data.append(value.removeprefix(b" ") if colon else b"")
    return b"\n".join(data) if data else None


def test_one_event_in_one_piece() -> None:
    assert split([b"data: {}\n\n"]) == ([b"data: {}\n\n"], b"")


def test_several_events_in_one_piece() -> None:
    assert split([b"data: a\n\ndata: b\n\n: hi\n\n"])[0] == [b"data: a\n\n", b"data: b\n\n", b": hi\n\n"]


def test_an_event_is_there_as_soon_as_its_last_byte_is() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: a\r\n\r") == []
    assert splitter.feed(b"\n") == [b"data: a\r\n\r\n"]
    assert splitter.feed(b"data: b\n") == []
    assert splitter.feed(b"\n") == [b"data: b\n\n"]


def test_what_is_not_finished_is_the_rest() -> None:
    assert split([b"data: a\n\ndata: b", b"c\n"]) == ([b"data: a\n\n"], b"data: bc\n")


def test_an_odd_line_end_begins_the_next_event() -> None:
    assert split([b"data: a\n\n\n", b"data: b\n\n"]) == ([b"data: a\n\n", b"\ndata: b\n\n"], b"")


def test_line_ends_may_be_mixed() -> None:
    stream = b"data: a\r\n\ndata: b\n\r\ndata: c\r\rdata: d\r\n\r\n"
    assert split([stream])[0] == [b"data: a\r\n\n", b"data: b\n\r\n", b"data: c\r\r", b"data: d\r\n\r\n"]


def test_one_line_end_of_two_bytes_is_no_blank_line() -> None:
    assert split([b"event: x\r\ndata: a\r\n"]) == ([], b"event: x\r\ndata: a\r\n")


streams = st.lists(
    st.sampled_from(
        [b"data: a", b"data:b", b"data", b": ping", b"event: x", b"\n", b"\n", b"\r\n", b"\r", b"\xff", b" "]
    ),
    max_size=40,
).map(b"".join)


@given(streams, st.lists(st.integers(0, 200), max_size=30))
def test_however_the_network_cuts_it_the_events_are_the_same(stream: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[start:end] for start, end in pairwise(places)]
    whole = split([stream])
    assert split(pieces) == whole
    assert split([stream[place : place + 1] for place in range(len(stream))]) == whole
    events, rest = whole
    assert b"".join(events) + rest == stream
    for event in events:
        assert payload(event) == lines_of(event)


@given(streams.filter(lambda stream: b"\r" not in stream), st.integers(0, 100))
def test_where_the_event_that_has_begun_ends(stream: bytes, cut: int) -> None:
    splitter = EventSplitter()
    splitter.feed(stream[:cut])
    held, rest = splitter.rest, stream[cut:]
    assert splitter.holds == bool(held)
    end = splitter.end_in(rest)
    assert splitter.feed(rest[:end]) == (split([held + rest])[0][:1] if rest else [])


@given(st.lists(st.binary(max_size=30).filter(lambda text: b"\r" not in text), max_size=6))
def test_a_frame_is_one_event_that_carries_its_payload(texts: list[bytes]) -> None:
    events, rest = split([b"".join(data_frame(text) for text in texts)])
    assert [payload(event) for event in events] == texts
    assert rest == b""


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b'data: {"a": 1}\n\n', b'{"a": 1}'),
        (b'data:{"a": 1}\r\n\r\n', b'{"a": 1}'),
        (b"data:  two spaces\n\n", b" two spaces"),
        (b"event: delta\nid: 7\ndata: x\n\n", b"x"),
        (b"data: a\ndata\ndata: b\n\n", b"a\n\nb"),
        (b"\n\ndata: x\n\n", b"x"),
        (b"\xef\xbb\xbfdata: x\n\n", b"x"),
        (b"data: a\rdata: b\n\n", b"a\nb"),
        (b": keep-alive\n\n", None),
        (b"event: ping\n\n", None),
        (b"dataset: x\n\n", None),
        (b"\n\n", None),
        (DONE, b"[DONE]"),
    ],
)
def test_payload(event: bytes, data: bytes | None) -> None:
    assert payload(event) == data


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_an_event_beyond_the_limit_stops_the_stream_and_keeps_what_came_before(size: int) -> None:
    stream = b"data: ok\n\n" + b"data: " + b"x" * 100 + b"\n\n"
    splitter = EventSplitter(50)
    events: list[bytes] = []

    def feed_all() -> None:
        for start in range(0, len(stream), size):
            events.extend(splitter.feed(stream[start : start + size]))

    with pytest.raises(OversizedEvent) as caught:
        feed_all()
    assert [*events, *caught.value.events] == [b"data: ok\n\n"]
    assert isinstance(caught.value, UpstreamFailed)


def test_several_events_in_a_piece_with_one_beyond_the_limit() -> None:
    splitter = EventSplitter(50)
    with pytest.raises(OversizedEvent) as caught:
        splitter.feed(b"data: ok\n\ndata: " + b"x" * 100 + b"\n\ndata: late\n\n")
    assert caught.value.events == (b"data: ok\n\n",)


def test_an_event_of_just_the_limit_passes() -> None:
    event = b"data: " + b"x" * 42 + b"\n\n"
    assert len(event) == 50
    assert split([event], 50) == ([event], b"")
    assert split([event[:49], event[49:]], 50) == ([event], b"")


def test_many_small_events_in_a_piece_larger_than_the_limit_pass() -> None:
    assert len(split([b"data: x\n\n" * 100], 50)[0]) == 100


def test_a_megabyte_in_small_pieces_takes_time_in_proportion() -> None:
    event = b"data: " + b"x" * 1_000_000 + b"\n\n"
    pieces = [event[start : start + 20] for start in range(0, len(event), 20)]
    started = time.process_time()
    assert split(pieces, 2_000_000) == ([event], b"")
    assert time.process_time() - started < 2.0  # quadratic, it is 25 GB to copy
