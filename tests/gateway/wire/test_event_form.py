"""If these fail, events pass unread that say something of concern, or clients get others than were sent."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.event_form import EventForm


def chunk(text: object, *, key: str = "content", **more: object) -> bytes:
    choice = {"index": 0, "delta": {key: text}, "finish_reason": None, **more}
    return b"data: " + orjson.dumps({"id": "c1", "choices": [choice]}) + b"\n\n"


def shown(event: bytes) -> bytes:
    return event.replace(b"}\n\n", b',"usage":null}\n\n')


def form_of(event: bytes, as_shown: bytes | None = None) -> EventForm:
    form = EventForm.of(event, event if as_shown is None else as_shown)
    assert form is not None
    return form


PLAIN = chunk("Hello")
FINISH = chunk("", finish_reason="stop")


@given(st.lists(st.text(), min_size=1, max_size=6), st.sampled_from(["content", "reasoning_content", "text"]))
def test_events_of_the_form_are_taken_whatever_their_texts(texts: list[str], key: str) -> None:
    form = form_of(chunk("Hello", key=key))
    events = b"".join(chunk(text, key=key) for text in texts)
    assert form.taken(events) == (events, len(events))
    assert form.taken(events + FINISH) == (events, len(events))


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_the_client_gets_them_as_it_got_the_first(texts: list[str]) -> None:
    form = form_of(PLAIN, shown(PLAIN))
    events = [chunk(text) for text in texts]
    expected = b"".join(map(shown, events))
    assert form.taken(b"".join(events)) == (expected, sum(map(len, events)))


OTHERS = [
    FINISH,
    chunk("x", logprobs={}),
    chunk(None),
    b"data: [DONE]\n\n",
    b": ping\n\n",
    PLAIN[:-1],
    PLAIN.replace(b"\n\n", b"\r\n\r\n"),
    PLAIN.replace(b"Hello", b'Hello","error":{"message":"boom"},"x":"'),
    PLAIN.replace(b"Hello", b"Hello\\"),
    PLAIN.replace(b"Hello", b"Hel\nlo"),
    PLAIN.replace(b"Hello", b'\\\\","finish_reason":"stop","x":"'),
]


@given(st.lists(st.sampled_from([PLAIN, chunk('a "quote"\\'), *OTHERS]), max_size=6))
def test_what_is_taken_is_a_row_of_events_that_differ_in_their_text_only(events: list[bytes]) -> None:
    data = b"".join(events)
    out, size = form_of(PLAIN).taken(data)
    assert out == data[:size]
    for event in out.split(b"\n\n")[:-1]:
        said = orjson.loads(event.removeprefix(b"data: "))
        assert said["choices"][0]["delta"].keys() == {"content"}
        assert {**said["choices"][0], "delta": {}} == {"index": 0, "delta": {}, "finish_reason": None}


@pytest.mark.parametrize("other", OTHERS)
def test_an_event_of_another_form_is_not_taken(other: bytes) -> None:
    assert form_of(PLAIN).taken(other) == (b"", 0)
    assert form_of(PLAIN).taken(other + PLAIN) == (b"", 0)


def test_an_event_cut_short_is_left_for_what_follows() -> None:
    form = form_of(PLAIN)
    for length in range(len(PLAIN)):
        assert form.taken(PLAIN + PLAIN[:length]) in {(PLAIN, len(PLAIN)), (b"", 0)}


@pytest.mark.parametrize(
    "event",
    [
        chunk(None),
        chunk("x", more={"content": "y"}),
        b'data: {"content":"x",}\n\n',
        b'data: [{"content":"x"}]\n\n',
        b'data: {"content":"x\n\n',
        b'id: 1\ndata: {"content":"x"}\n\n',
        b"\n\n",
    ],
)
def test_an_event_without_a_single_text_has_no_form(event: bytes) -> None:
    assert EventForm.of(event, event) is None


def test_an_event_whose_text_the_client_does_not_get_has_no_form() -> None:
    assert EventForm.of(PLAIN, chunk("Bye")) is None


def test_a_piece_that_goes_on_behind_a_line_feed_is_no_event() -> None:
    """Its last byte stands where an event's second line feed would: it begins the next line."""
    form = form_of(PLAIN)
    assert form.taken(PLAIN[:-1] + b"i") == (b"", 0)
