"""If these fail, an Anthropic client cannot follow a stream, or does not hear how it ended."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.anthropic.stream import PING, MessagesAnswer
from gateway.dialects.translation import TranslatedStream
from gateway.wire.errors import GatewayError
from tests.gateway.dialects.anthropic.asking import THINKING, Heard, Json, events_of, question

USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}


def chunk(delta: Json | None = None, finish: str | None = None, **choice: Any) -> Json:
    return {"choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish, **choice}]}


def counted(usage: object = USAGE) -> Json:
    return {"choices": [], "usage": usage}


def streamed(*chunks: Json, **asked: Any) -> bytes:
    answer = MessagesAnswer(question(**asked))
    return b"".join(map(answer.chunk, chunks)) + answer.end()


def heard(*chunks: Json, **asked: Any) -> Heard:
    return Heard.of(streamed(*chunks, **asked))


def test_the_events_of_a_short_answer() -> None:
    data = streamed(chunk({"role": "assistant", "content": ""}), chunk({"content": "Hi"}), chunk({}, "stop"), counted())
    assert events_of(data) == [
        {
            "type": "message_start",
            "message": {
                "id": "msg_0123",
                "type": "message",
                "role": "assistant",
                "model": "auto",
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": {"input_tokens": 0, "output_tokens": 0},
            },
        },
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {
                "input_tokens": 9,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": 4,
            },
        },
        {"type": "message_stop"},
    ]


def test_thoughts_are_told_to_those_who_asked() -> None:
    chunks = (chunk({"reasoning": "Hm"}), chunk({"reasoning": "."}), chunk({"content": "Yes."}), chunk({}, "stop"))
    found = heard(*chunks, counted(), **THINKING)
    assert [block["type"] for block in found.content] == ["thinking", "text"]
    assert (found.text("thinking"), found.text()) == ("Hm.", "Yes.")
    assert [block["type"] for block in heard(*chunks, counted()).content] == ["text"]


def test_why_it_ended() -> None:
    assert heard(chunk({"content": "a"}), chunk({}, "length")).end["stop_reason"] == "max_tokens"
    assert heard(chunk({"refusal": "No."}), chunk({}, "stop")).end["stop_reason"] == "refusal"
    call = {"index": 0, "id": "c", "function": {"name": "look", "arguments": "{}"}}
    assert heard(chunk({"tool_calls": [call]}), chunk({}, "stop")).end["stop_reason"] == "tool_use"
    stopped = heard(chunk({"content": "a"}), chunk({}, "stop", stop_reason="END"), stop_sequences=["END"])
    assert (stopped.end["stop_reason"], stopped.end["stop_sequence"]) == ("stop_sequence", "END")


def test_tokens_that_nobody_counted_are_estimated() -> None:
    usage = heard(chunk({"content": "12345678", "reasoning": "1234"}), chunk({}, "stop")).end["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (2, 3)


def test_a_long_silence_is_broken_by_pings() -> None:
    answer = MessagesAnswer(question())
    data = b"".join(answer.chunk(chunk({"reasoning": "Hm."})) for _ in range(200))
    assert data.count(PING) == 7  # one after the start, and one for every 32
    assert Heard.of(data + answer.end()).is_over


def test_other_choices_and_odd_chunks_are_passed_over() -> None:
    odd: list[Json] = [
        {},
        {"choices": None},
        {"choices": [{"index": 1, "delta": {"content": "B"}}]},
        chunk({"content": 5}),
    ]
    found = heard(*odd, chunk({"content": "A"}), chunk({}, "stop"), counted())
    assert found.text() == "A"
    assert Heard.of(MessagesAnswer(question()).end()).is_over  # there was nothing at all


def test_a_cut_is_an_error_event() -> None:
    answer = MessagesAnswer(question())
    data = answer.chunk(chunk({"content": "A"}))
    data += answer.broken_off({"message": "It broke.", "type": "server_error", "param": None, "code": "stream_cut"})
    assert Heard.of(data).error == {"type": "api_error", "message": "It broke."}
    assert events_of(data)[-1]["request_id"] == "req_0123"


class Pieces:
    """A `ByteStream` of given pieces."""

    ended = False  # nobody asks

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    async def next(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def broken_off(self, error: GatewayError) -> bytes:
        return error.message.encode()

    def close(self) -> None:
        self._pieces = []


def translated(data: bytes, cuts: list[int]) -> bytes:
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[first:second] for first, second in pairwise(places)]
    stream = TranslatedStream(Pieces(pieces), MessagesAnswer(question(**THINKING)), PING)

    async def read() -> bytes:
        found = b""
        while piece := await stream.next():
            found += piece
        return found

    return asyncio.run(read())


deltas = st.lists(
    st.fixed_dictionaries({"content": st.text()})
    | st.fixed_dictionaries({"reasoning_content": st.text()})
    | st.just({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "é", "arguments": '{"ü": 1}'}}]}),
    max_size=5,
)


@given(deltas, st.data())
def test_however_the_stream_is_cut_the_events_are_the_same(said: list[Json], data: st.DataObject) -> None:
    frames = [f"data: {json.dumps(chunk(delta), ensure_ascii=False)}\n\n" for delta in said]
    body = "".join([*frames, ": ping\n\n", f"data: {json.dumps(chunk({}, 'stop'))}\n\n", "data: [DONE]\n\n"]).encode(
        "utf-8", "surrogatepass"
    )
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=8))
    assert translated(body, cuts) == translated(body, [])
    found = Heard.of(translated(body, []))
    assert found.text() == "".join(delta.get("content", "") for delta in said)
    assert found.text("thinking") == "".join(delta.get("reasoning_content", "") for delta in said)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["index", "id", "name", "function", "arguments", "type", "text", "tool_calls"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
odd_deltas = st.dictionaries(
    st.sampled_from(["content", "reasoning", "reasoning_content", "refusal", "tool_calls", "role"]),
    anything,
    max_size=4,
)
odd_choices = st.fixed_dictionaries(
    {}, optional={"index": anything, "delta": odd_deltas | anything, "finish_reason": anything, "stop_reason": anything}
)
odd_chunks = st.fixed_dictionaries(
    {}, optional={"choices": st.lists(odd_choices | anything, max_size=2) | anything, "usage": anything}
)


@given(st.lists(odd_chunks, max_size=5))
def test_whatever_a_server_sends_the_events_are_in_order(chunks: list[Json]) -> None:
    assert Heard.of(streamed(*chunks, **THINKING)).is_over


@given(odd_chunks)
def test_whatever_a_server_answers_there_is_a_message(chunk: Json) -> None:
    given = chunk.get("choices")
    spoken = [choice for choice in (given if isinstance(given, list) else ()) if isinstance(choice, dict)]
    choices = [{**choice, "message": choice.get("delta", {})} for choice in spoken]
    found = json.loads(MessagesAnswer(question(**THINKING)).whole({**chunk, "choices": choices}))
    assert (found["type"], found["role"]) == ("message", "assistant")
