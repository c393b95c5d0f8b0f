"""Replay: a hit that a client can tell from a live stream, or cannot read, is worse than none."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types import Completion
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway.cache.assemble import assemble
from gateway.cache.replay import replay
from gateway.wire.sse import DONE, EventSplitter, payload
from tests.gateway.cache.completions import completions, text_completions, texts, tokens_of


def completion(message: dict[str, Any], **choice: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "small",
        "choices": [
            {"index": 0, "message": {"role": "assistant", **message}, "logprobs": None, "finish_reason": "stop"}
            | choice
        ],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
        "system_fingerprint": "fp_1",
    }


def frames(body: dict[str, Any], *, include_usage: bool = False) -> list[bytes]:
    return replay(orjson.dumps(body), include_usage=include_usage)


def chunks(body: dict[str, Any], *, include_usage: bool = False) -> list[dict[str, Any]]:
    """What a client reads, from the bytes on the wire."""
    events = EventSplitter().feed(b"".join(frames(body, include_usage=include_usage)))
    payloads = [payload(event) for event in events]
    assert payloads[-1] == b"[DONE]"
    return [orjson.loads(text) for text in payloads[:-1] if text is not None]


def deltas(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in chunks(body)]


HELLO = completion({"content": "Paris is the capital of France, and has been for centuries.", "refusal": None})


@given(completions() | text_completions())
def test_put_together_again_it_is_the_same_answer(body: dict[str, Any]) -> None:
    stream = [orjson.dumps(chunk) for chunk in chunks(body, include_usage=True)]
    assembled = assemble(stream)
    assert assembled is not None
    assert orjson.loads(assembled) == body


@given(completions() | text_completions())
def test_without_usage_asked_for_no_chunk_speaks_of_it(body: dict[str, Any]) -> None:
    stream = chunks(body)
    assert all("usage" not in chunk and chunk["choices"] for chunk in stream)
    assembled = assemble([orjson.dumps(chunk) for chunk in stream])
    assert assembled is not None
    del body["usage"]
    assert orjson.loads(assembled) == body


@given(completions(), st.booleans())
def test_every_stream_has_the_shape_of_openai(body: dict[str, Any], include_usage: bool) -> None:
    stream = chunks(body, include_usage=include_usage)
    if include_usage:
        last = stream.pop()
        assert (last["choices"], last["usage"]) == ([], body["usage"])
        assert all(chunk["usage"] is None for chunk in stream)
    for index in range(len(body["choices"])):
        parts = [part for chunk in stream for part in chunk["choices"] if part["index"] == index]
        assert ["role" in part["delta"] for part in parts] == [True] + [False] * (len(parts) - 1)
        assert [part["finish_reason"] is None for part in parts] == [True] * (len(parts) - 1) + [False]
        assert parts[-1]["delta"] == {}
    assert all(chunk["object"] == "chat.completion.chunk" and chunk["id"] == body["id"] for chunk in stream)


@given(text_completions(), st.booleans())
def test_every_stream_of_a_completion_has_the_shape_of_openai(body: dict[str, Any], include_usage: bool) -> None:
    stream = chunks(body, include_usage=include_usage)
    if include_usage:
        last = stream.pop()
        assert (last["choices"], last["usage"], last["object"]) == ([], body["usage"], "text_completion")
    for choice in body["choices"]:
        parts = [part for chunk in stream for part in chunk["choices"] if part["index"] == choice["index"]]
        assert "".join(part["text"] for part in parts) == choice["text"]
        assert [part["finish_reason"] for part in parts] == [None] * (len(parts) - 1) + [choice["finish_reason"]]
    for chunk in stream:
        assert chunk["object"] == "text_completion"
        Completion.model_validate(chunk | {"choices": [c | {"finish_reason": "stop"} for c in chunk["choices"]]})


def test_log_probabilities_of_a_completion_come_with_their_words() -> None:
    tokens = ["Once", " upon", " a", " time", ",", " there"]
    logprobs = {
        "tokens": tokens,
        "token_logprobs": [None, *[-0.1] * 5],
        "top_logprobs": None,
        "text_offset": list(range(6)),
    }
    choice = {"index": 0, "text": "".join(tokens), "logprobs": logprobs, "finish_reason": "stop"}
    *parts, closing = [chunk["choices"][0] for chunk in chunks({"id": "c", "choices": [choice]})]
    assert len(parts) > 1
    for part in parts:
        assert "".join(part["logprobs"]["tokens"]) == part["text"]
        assert part["logprobs"]["top_logprobs"] is None
    assert [offset for part in parts for offset in part["logprobs"]["text_offset"]] == list(range(6))
    assert parts[0]["logprobs"]["token_logprobs"][0] is None  # of an echo's first token, which nothing precedes
    assert (closing["text"], closing["logprobs"], closing["finish_reason"]) == ("", None, "stop")


def test_a_plain_answer_frame_by_frame() -> None:
    assert deltas(HELLO) == [
        {"role": "assistant", "refusal": None, "content": ""},
        {"content": "Paris is the"},
        {"content": " capital of France,"},
        {"content": " and has been"},
        {"content": " for centuries."},
        {},
    ]
    assert frames(HELLO)[-1] == DONE


@given(texts)
def test_no_chunk_of_an_ordinary_text_is_large(text: str) -> None:
    parts = [delta["content"] for delta in deltas(completion({"content": text})) if delta.get("content")]
    assert "".join(parts) == text
    assert all(len(part) <= 3 * 40 for part in parts)


def test_a_very_long_answer_comes_in_a_bounded_number_of_chunks() -> None:
    assert len(frames(completion({"content": "word " * 200_000}))) < 1000


def test_tool_calls_open_with_their_name_and_grow_by_their_arguments() -> None:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city": "Paris", "unit": "celsius"}'},
    }
    first, second, third, closing = deltas(
        completion({"content": None, "tool_calls": [call]}, finish_reason="tool_calls")
    )[1:]
    assert first == {
        "tool_calls": [
            {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
        ]
    }
    assert second == {"tool_calls": [{"index": 0, "function": {"arguments": '{"city": "Paris", "unit"'}}]}
    assert third == {"tool_calls": [{"index": 0, "function": {"arguments": ': "celsius"}'}}]}
    assert closing == {}


def test_log_probabilities_come_with_their_words() -> None:
    text = "Paris is the capital."
    body = completion({"content": text}, logprobs={"content": tokens_of(text, 3), "refusal": None})
    for chunk in chunks(body)[1:-1]:
        part = chunk["choices"][0]
        assert "".join(token["token"] for token in part["logprobs"]["content"]) == part["delta"]["content"]


def test_thoughts_come_before_what_is_said() -> None:
    said = [next(iter(delta)) for delta in deltas(completion({"content": "Yes.", "reasoning_content": "Hm."}))[1:-1]]
    assert said == ["reasoning_content", "content"]


def test_an_answer_without_usage_still_ends_with_the_chunk_that_was_asked_for() -> None:
    body = {name: value for name, value in HELLO.items() if name != "usage"}
    last = chunks(body, include_usage=True)[-1]
    assert (last["choices"], last["usage"]) == ([], None)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"choices":1}', b'{"choices":[1]}', b'{"choices":[{"index":0}]}']
)
def test_what_is_no_completion_is_told(body: bytes) -> None:
    with pytest.raises(ValueError):
        replay(body, include_usage=False)


@given(completions())
@settings(max_examples=25)
def test_the_openai_sdk_reads_the_stream_as_the_answer(body: dict[str, Any]) -> None:
    """Independent of `assemble`: what the SDK's own accumulation makes of the frames."""
    for choice in body["choices"]:  # what the SDK's types do not know, or fill in by themselves
        choice["message"] = {
            name: value
            for name, value in choice["message"].items()
            if name in ("content", "refusal", "tool_calls") and value is not None
        } | {"role": "assistant"}
        choice.pop("logprobs", None)
        calls = choice["message"].pop("tool_calls", [])
        functions = [call for call in calls if call["type"] == "function" and "extra_content" not in call]
        if functions:
            choice["message"]["tool_calls"] = functions
    body["service_tier"] = "default"
    state: Any = ChatCompletionStreamState()
    for chunk in chunks(body, include_usage=True):
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
    read = ChatCompletion.model_validate(
        state.current_completion_snapshot.model_dump(exclude={"choices": {"__all__": {"message": {"parsed"}}}})
    )
    for ours, theirs in zip(body["choices"], read.choices, strict=True):
        assert (theirs.message.content or "") == (ours["message"].get("content") or "")
        assert (theirs.message.refusal or "") == (ours["message"].get("refusal") or "")
        assert theirs.finish_reason == ours["finish_reason"]
        calls = [call.model_dump(exclude_none=True) for call in theirs.message.tool_calls or []]
        for call in calls:
            call.pop("index", None)
            call["function"].pop("parsed_arguments", None)
        assert calls == ours["message"].get("tool_calls", [])
    assert read.usage is not None
    assert read.usage.prompt_tokens == body["usage"]["prompt_tokens"]
