"""If these fail, streams lose bytes, show what was not asked for, or end before their cost is known."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.chat_stream import ChatStream, GarbledStream, cut_frame, error_frame
from gateway.wire.errors import BadRequest, UpstreamTimedOut
from gateway.wire.sse import DONE, MAX_EVENT_BYTES, OversizedEvent


def chunk(delta: dict[str, object] | None = None, finish: str | None = None, index: int = 0, **more: object) -> bytes:
    choices = [] if delta is None else [{"index": index, "delta": delta, "finish_reason": finish}]
    return b"data: " + orjson.dumps({"id": "c1", "choices": choices, **more}) + b"\n\n"


ROLE = chunk({"role": "assistant", "content": ""})
WORDS = [chunk({"content": word}) for word in ("Hello", ' "usage": {', " [DONE]", " wörld\n\n")]
STOP = chunk({}, "stop")
USAGE = chunk(None, usage={"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, service_tier="flex")
WHOLE = b"".join([ROLE, *WORDS, STOP, USAGE, DONE])


def with_null(event: bytes) -> bytes:
    return event.replace(b"}\n\n", b',"usage":null}\n\n')


def stream(**options: object) -> ChatStream:
    return ChatStream(**{"choices": 1, "wants_usage": False, "keep": 10_000, **options})  # type: ignore[arg-type]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(st.lists(st.integers(0, 5000), max_size=12))
def test_wherever_the_network_cuts_the_client_gets_the_same_bytes(places: list[int]) -> None:
    chat = stream()
    now = b"".join(chat.feed(piece) for piece in cut(WHOLE, places))
    assert now == b"".join([ROLE, *WORDS])
    assert chat.tail(None) == STOP + DONE
    assert chat.usage == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert chat.done


@given(st.lists(st.integers(0, 5000), max_size=12))
def test_a_client_that_asks_gets_the_usage_chunk_last(places: list[int]) -> None:
    chat = stream(wants_usage=True)
    for piece in cut(WHOLE, places):
        chat.feed(piece)
    assert chat.usage_event is not None
    assert chat.tail(chat.usage_event) == with_null(STOP) + USAGE + DONE


ODD = [
    chunk({"content": "a"}, usage=None),
    chunk({"content": "b"}, usage={"prompt_tokens": 1, "completion_tokens": 1}),
    chunk({"content": "c"}, usage=None, error=None),
    chunk({"content": 'error": 1, \\"usage\\": {'}),
    chunk({"content": "d"}, "length", 1),
    chunk({"content": "e"}, error={"message": "boom"}),
    chunk({}, "stop").replace(b":", b" : "),
    chunk({"content": "f"}, usage=None).replace(b":null", b": null").replace(b",", b", "),
    b'data: {"usage":null,"choices":[]}\n\n',
    b'data: {"error":{"message":"boom"}}\n\n',
    b'data: {"choices":\ndata: []}\n\n',
    b'data: {"a":1}\ndata: [DONE]\n\n',
    b'data: {"a":1}\r\rdata: [DONE]\n\n',
    b'data: {"a":1}\r\rdata: [DONE]\r\rdata: {"a":1}\n\n',
    b'data: {"choices":[]}\r\n\r\n',
    b'event: x\ndata: {"choices":[]}\n\n',
    b'data: {"choices":[]}\nid: 7\n\n',
    b'data:{"choices":[]}\n\n',
    b"data: {oops}\n\n",
    b"data: {oops\n\n",
    b"data: hello\n\n",
    b"data: [DONE]\n\n",
    b": ping\n\n",
    b"\n",
    b"\n\n",
    b"\r",
    b"}\n\ndata: {",
    chunk({"role": "assistant", "content": "again"}),
    chunk({"role": "assistant", "content": "again"}).replace(b":", b": ").replace(b",", b", "),
    chunk({"content": "again", "role": "assistant"}),
    chunk({"role": "assistant"}),
    chunk({"role": None, "content": "nobody"}),
    chunk({"role": "assistant", "content": "another"}, None, 1),
    chunk({"content": '"delta":{"role":"assistant","content":"x"}'}),
    chunk({"role": "assistant", "content": "last"}, "stop"),
    chunk({"role": "assistant", "content": "and usage"}, usage=None),
    b'data: {"choices":[{"delta":{"role":"assistant"}}],"deep":' + b"[" * 300 + b"]" * 300 + b"}\n\n",
    b'data: {"role":"assistant"}\n\n',
    b'data: {"role":"assistant}\n\n',
    b"data: {}\n\n",
    *(
        chunk({"tool_calls": [call]})
        for call in (
            {"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}},
            {"index": 0, "function": {"arguments": "{}"}},
            {"id": "b", "function": {"name": "f", "arguments": "{}"}},
            {"function": {"arguments": "x"}},
            {"id": "a", "index": None, "function": {"arguments": "x"}},
        )
    ),
    chunk({"tool_calls": [{"id": "c"}, None, {"id": "d", "index": 7}]}, index=1),
]


def gist(chat: ChatStream, pieces: Iterable[bytes]) -> dict[str, object]:
    """All that a stream comes to, whatever the pieces it comes in."""
    out, garbled = b"", False
    try:
        for piece in pieces:
            out += chat.feed(piece)
    except GarbledStream as error:
        out, garbled = out + error.before, True
    known = (chat.started, chat.complete, chat.done, chat.error, chat.usage, chat.usage_event, b"".join(chat.kept))
    counted = (chat.usage_until, chat.tier)
    return {"out": out, "garbled": garbled, "known": known, "counted": counted, "tail": chat.tail(None)}


@given(
    st.lists(st.sampled_from([ROLE, *WORDS, *WORDS, *ODD, *[STOP] * 6, USAGE]), max_size=16),
    st.lists(st.integers(0, 2000), max_size=6),
    st.booleans(),
    st.booleans(),
    st.integers(1, 2),
)
def test_what_is_let_through_unread_is_what_reading_it_would_let_through(
    events: list[bytes], places: list[int], wants_usage: bool, with_tools: bool, choices: int
) -> None:
    """Byte by byte nothing is ever seen whole, so every event is read by itself."""
    data = ROLE + b"".join(events)
    options = {"wants_usage": wants_usage, "choices": choices, "with_tools": with_tools, "keep": 100_000}
    slowly = gist(stream(**options), (data[place : place + 1] for place in range(len(data))))
    assert gist(stream(**options), [data]) == slowly
    assert gist(stream(**options), [ROLE, *events]) == slowly
    assert gist(stream(**options), cut(data, places)) == slowly


def test_a_megabyte_in_small_pieces_takes_time_in_proportion() -> None:
    chat, event = stream(keep=10), chunk({"content": "x" * 1_000_000})
    chat.feed(ROLE)
    started = time.process_time()
    assert gist(chat, (event[start : start + 20] for start in range(0, len(event), 20)))["out"] == event
    assert time.process_time() - started < 2.0  # quadratic, it is 25 GB to copy


def test_events_of_concern_one_after_the_other_take_time_in_proportion() -> None:
    """A server that counts in every chunk: what is behind the first is not searched again for each."""
    chat, event = stream(keep=10), chunk({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": 1})
    chat.feed(ROLE)
    started = time.process_time()
    assert chat.feed(event * 20_000).count(b"content") == 20_000
    assert time.process_time() - started < 2.0


def test_the_end_is_held_back_until_the_caller_lets_it_through() -> None:
    chat = stream()
    assert chat.feed(ROLE + WORDS[0]) == ROLE + WORDS[0]
    assert chat.feed(STOP) == b""
    assert chat.complete
    assert not chat.done


def test_an_event_that_has_begun_goes_first() -> None:
    chat = stream()
    assert chat.feed(ROLE + b": ping\n") == ROLE
    assert chat.feed(WORDS[0]) == b": ping\n" + WORDS[0]


def test_whatever_comes_after_the_end_is_held_back_too() -> None:
    chat = stream()
    assert chat.feed(ROLE + STOP) == ROLE
    assert chat.feed(WORDS[0]) == b""
    assert chat.tail(None) == STOP + WORDS[0] + DONE


def test_an_event_that_is_too_large_is_not_let_through_in_one_piece_either() -> None:
    chat = stream()
    chat.feed(ROLE)
    with pytest.raises(OversizedEvent):
        chat.feed(chunk({"content": "x" * MAX_EVENT_BYTES}))


def test_with_several_choices_only_the_last_finish_is_held() -> None:
    chat = stream(choices=2)
    first, second = chunk({}, "stop", 0), chunk({}, "length", 1)
    assert chat.feed(ROLE + first) == ROLE + first
    assert not chat.complete
    assert chat.feed(second) == b""
    assert chat.tail(None) == second + DONE


def test_null_usage_is_not_shown_to_a_client_that_did_not_ask() -> None:
    chat = stream()
    marked = [chunk({"role": "assistant", "content": "a"}, usage=None), chunk({"content": "b"}, usage=None)]
    plain = [chunk({"role": "assistant", "content": "a"}), chunk({"content": "b"})]
    assert b"".join(chat.feed(event) for event in marked) == b"".join(plain)


@pytest.mark.parametrize("together", [False, True])
def test_null_usage_is_in_every_chunk_for_a_client_that_asked(together: bool) -> None:
    """As OpenAI has it, whether the server says so or not, and of events of any form."""
    chat = stream(wants_usage=True)
    told = [ROLE, WORDS[0], chunk({"content": "a"}, usage=None), WORDS[1], b": ping\n\n", WORDS[2]]
    expected = [with_null(ROLE), with_null(WORDS[0]), told[2], with_null(WORDS[1]), told[4], with_null(WORDS[2])]
    crlf, lines = WORDS[3].replace(b"\n", b"\r\n"), b'id: 7\ndata: {"choices":\ndata: []}\n\n'
    told += [crlf, lines, STOP]
    expected += [with_null(WORDS[3]).replace(b"\n", b"\r\n"), b'data: {"choices":\ndata: [],"usage":null}\n\n']
    pieces = [b"".join(told)] if together else told
    assert b"".join(chat.feed(piece) for piece in pieces) == b"".join(expected)
    assert chat.tail(None) == with_null(STOP) + DONE


@pytest.mark.parametrize("wants_usage", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_a_role_is_said_once(wants_usage: bool, together: bool) -> None:
    """Ollama and LM Studio say it in every chunk; the OpenAI SDK's stream helper puts all of them together."""
    words = [
        chunk({"role": "assistant", "content": "a"}),
        chunk({"role": "assistant", "content": "b"}),
        chunk({"role": "assistant"}),
        chunk({"content": "c", "role": "assistant"}),
        chunk({"role": "assistant", "content": "d"}).replace(b":", b": "),
        chunk({"role": "assistant", "content": "e"}, "stop"),
    ]
    chat = stream(wants_usage=wants_usage)
    pieces = [b"".join(words)] if together else words
    out = b"".join(chat.feed(piece) for piece in pieces) + chat.tail(None)
    deltas = [orjson.loads(event[6:])["choices"][0]["delta"] for event in out.split(b"\n\n")[:-2]]
    first, *others = deltas
    assert first == {"role": "assistant", "content": "a"}
    assert others == [{"content": "b"}, {}, {"content": "c"}, {"content": "d"}, {"content": "e"}]
    assert out.endswith(DONE)


def test_each_choice_has_its_role_once() -> None:
    chat = stream(choices=2)
    said = [(0, "a"), (1, "b"), (0, "c"), (1, "d")]
    out = chat.feed(b"".join(chunk({"role": "assistant", "content": word}, index=index) for index, word in said))
    found = [orjson.loads(event[6:])["choices"][0] for event in out.split(b"\n\n")[:-1]]
    assert [choice["index"] for choice in found] == [0, 1, 0, 1]
    assert ["role" in choice["delta"] for choice in found] == [True, True, False, False]


@pytest.mark.parametrize("together", [False, True])
def test_every_piece_of_a_tool_call_has_its_number(together: bool) -> None:
    """Gemini says none; the OpenAI SDK's stream helper fails on such a piece, and others mix calls up."""

    def call(name: str = "", arguments: str = "", **more: object) -> bytes:
        return chunk({"tool_calls": [{**more, "function": {"name": name, "arguments": arguments}}]})

    pieces = [
        call("f", "{", id="a"),
        call("", "}"),
        call("g", "{}", id="b", index=1),
        call("", "!", id="a"),
        call("h", "{}"),
        chunk({"tool_calls": [{"id": "c", "function": {"name": "i"}}, {"id": "d", "function": {"name": "j"}}]}),
    ]
    chat = stream(with_tools=True)
    out = chat.feed(ROLE)
    out += chat.feed(b"".join(pieces)) if together else b"".join(map(chat.feed, pieces))
    deltas = [orjson.loads(event[6:])["choices"][0]["delta"] for event in out.split(b"\n\n")[1:-1]]
    assert [[call["index"] for call in delta["tool_calls"]] for delta in deltas] == [[0], [0], [1], [0], [2], [3, 4]]
    assert out.split(b"\n\n")[3] + b"\n\n" == pieces[2]


def test_a_role_that_comes_late_is_the_first() -> None:
    """Azure's first chunk has no choices."""
    chat = stream()
    assert chat.feed(chunk()) == chunk()
    assert chat.feed(ROLE + ROLE + WORDS[0]) == ROLE + chunk({"content": ""}) + WORDS[0]


def test_a_stream_with_nothing_to_set_right_is_the_same_to_the_byte() -> None:
    """Ids that change and fields that nobody knows included: no client depends on them."""
    words = [chunk({"content": f"{n}"}, id=f"c{n}", vendor={"x": [1, 2.50]}).replace(b",", b" ,  ") for n in range(9)]
    chat = stream()
    assert chat.feed(ROLE) == ROLE
    assert chat.feed(b"".join(words)) == b"".join(words)
    assert b"".join(chat.feed(word) for word in words) == b"".join(words)


def test_usage_on_the_finishing_chunk_is_taken_and_hidden() -> None:
    chat = stream()
    chat.feed(ROLE)
    chat.feed(chunk({}, "stop", usage={"prompt_tokens": 1, "completion_tokens": 2}))
    assert chat.usage == {"prompt_tokens": 1, "completion_tokens": 2}
    assert b"usage" not in chat.tail(None)


def counted(*events: bytes) -> ChatStream:
    chat = stream()
    chat.feed(b"".join([ROLE, *events]))
    return chat


def test_the_last_usage_is_the_one_that_counts() -> None:
    so_far = [chunk({"content": "a"}, usage={"prompt_tokens": 1, "completion_tokens": n}) for n in range(3)]
    assert counted(*so_far).usage == {"prompt_tokens": 1, "completion_tokens": 2}


def test_a_meter_at_zero_does_not_undo_what_was_counted() -> None:
    zero = chunk(None, usage={"prompt_tokens": 0, "completion_tokens": 0, "details": {"x": 5}, "ok": True})
    assert counted(STOP, USAGE, zero).usage == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert counted(STOP, zero).usage is not None  # alone it is what the server says


def test_what_says_nothing_of_the_prompt_adds_to_what_did() -> None:
    first = chunk({"content": "a"}, usage={"input_tokens": 9, "cache_read_input_tokens": 5, "output_tokens": 1})
    last = chunk({}, "stop", usage={"output_tokens": 7})
    assert counted(first, last).usage == {"input_tokens": 9, "cache_read_input_tokens": 5, "output_tokens": 7}


def test_groqs_usage_is_found_where_groq_puts_it() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 4}
    assert counted(chunk({}, "stop", x_groq={"id": "r", "usage": usage})).usage == usage
    assert counted(chunk({}, "stop", x_groq={"id": "r"})).usage is None
    assert counted(chunk({}, "stop", x_groq="r")).usage is None


def test_it_is_known_how_much_had_come_when_it_was_counted() -> None:
    chat = counted(chunk({"content": "a"}, usage={"prompt_tokens": 1, "completion_tokens": 1}))
    assert chat.usage_until == chat.kept_bytes
    chat.feed(chunk({"content": "b"}, "stop"))
    assert chat.usage_until < chat.kept_bytes


def test_the_tier_is_the_one_that_was_named_last() -> None:
    assert counted(chunk({}, "stop", service_tier="flex"), chunk(None, usage={}, service_tier=None)).tier == "flex"
    assert counted(STOP).tier is None


def test_an_error_event_is_caught_and_not_passed_on() -> None:
    chat = stream()
    chat.feed(ROLE)
    assert chat.feed(b'data: {"error": {"message": "boom"}}\n\n') == b""
    assert chat.error == {"message": "boom"}


def test_comments_pass_while_the_answer_is_open() -> None:
    chat = stream()
    assert chat.feed(b": ping\n\n") == b": ping\n\n"
    assert not chat.started


@pytest.mark.parametrize("data", [b"data: <html>\n\n", b"data: [1]\n\n", b'data: {"object": "x"}\n\n', b"data: 1\n\n"])
def test_what_is_no_chat_stream_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(GarbledStream):
        stream().feed(data)


def test_what_is_kept_is_bounded() -> None:
    chat = stream(keep=len(ROLE) + len(WORDS[0]))
    for event in (ROLE, WORDS[0], WORDS[0]):
        chat.feed(event)
    assert chat.kept == [ROLE, WORDS[0]]
    assert chat.overflowed


def test_an_error_frame_is_what_the_sdks_raise_on() -> None:
    assert error_frame({"message": "m", "code": None}) == b'data: {"error":{"message":"m","code":null}}\n\n'
    assert cut_frame(UpstreamTimedOut("m")) == (
        b'data: {"error":{"message":"m","type":"server_error","param":null,"code":"upstream_timeout"}}\n\n'
    )
    assert cut_frame(BadRequest("m", param="n", code="c")) == (
        b'data: {"error":{"message":"m","type":"invalid_request_error","param":"n","code":"c"}}\n\n'
    )


@pytest.mark.parametrize("garbage", [b"data: {oops\n\n", b"data: oops}\n\n", b"data: hello\n\n", b"data: 1\n\n"])
@pytest.mark.parametrize("before", [b"", WORDS[0]])
@pytest.mark.parametrize("after", [b"", WORDS[1]])
def test_garbage_in_the_middle_is_not_let_through(garbage: bytes, before: bytes, after: bytes) -> None:
    """Alone in a piece, or with good events around it: the client would stumble over it."""
    chat = stream()
    chat.feed(ROLE)
    with pytest.raises(GarbledStream):
        chat.feed(before + garbage + after)
