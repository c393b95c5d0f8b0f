"""Assemble: what is stored from a stream must be the answer itself, or nothing."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.assemble import assemble


def chunk(delta: Any = None, *, index: int = 0, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """One chunk as OpenAI sends it; `more` stands at the top."""
    choice = {"index": index, "delta": {} if delta is None else delta, "logprobs": None, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "gpt-x",
        "system_fingerprint": "fp_1",
        "choices": [choice],
        "usage": None,
        **more,
    }


OPENING = chunk({"role": "assistant", "content": "", "refusal": None})
CLOSING = chunk(finish="stop")
USAGE = chunk(choices=[], usage={"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12})


def put_together(*stream: dict[str, Any]) -> dict[str, Any] | None:
    body = assemble([orjson.dumps(part) for part in stream])
    if body is None:
        return None
    completion: dict[str, Any] = orjson.loads(body)
    return completion


def message(*deltas: dict[str, Any]) -> dict[str, Any] | None:
    """The message that these deltas make."""
    completion = put_together(*(chunk(delta) for delta in deltas), CLOSING)
    if completion is None:
        return None
    said: dict[str, Any] = completion["choices"][0]["message"]
    return said


def test_the_stream_of_openai_is_its_unstreamed_answer() -> None:
    assert put_together(
        chunk({"role": "assistant", "content": "", "refusal": None}, obfuscation="x7"),
        chunk({"content": "Par"}, obfuscation="abc"),
        chunk({"content": "is."}, obfuscation="d"),
        CLOSING,
        USAGE,
    ) == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-x",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Paris.", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
        "system_fingerprint": "fp_1",
    }


def test_the_stream_of_azure_opens_without_choices_or_names() -> None:
    opening = {
        "id": "",
        "object": "",
        "created": 0,
        "model": "",
        "choices": [],
        "prompt_filter_results": [{"prompt_index": 0}],
    }
    completion = put_together(opening, OPENING, chunk({"content": "Hi"}), CLOSING)
    assert completion is not None
    assert (completion["id"], completion["model"], completion["created"]) == ("chatcmpl-1", "gpt-x", 1_700_000_000)
    assert completion["prompt_filter_results"] == [{"prompt_index": 0}]


def test_the_stream_of_ollama_repeats_the_role_and_names_no_logprobs() -> None:
    parts = [
        {"index": 0, "delta": {"role": "assistant", "content": "Hel"}, "finish_reason": None},
        {"index": 0, "delta": {"role": "assistant", "content": "lo"}, "finish_reason": None},
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "stop"},
    ]
    completion = put_together(*({"object": "chat.completion.chunk", "choices": [part]} for part in parts))
    assert completion is not None
    assert completion["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    ]
    assert "usage" not in completion


def test_parallel_tool_calls_keep_apart() -> None:
    def call(index: int, **fields: Any) -> dict[str, Any]:
        return {"tool_calls": [{"index": index, **fields}]}

    said = message(
        {"role": "assistant", "content": None},
        call(0, id="call_a", type="function", function={"name": "weather", "arguments": ""}),
        call(0, function={"arguments": '{"city":'}),
        call(1, id="call_b", type="function", function={"name": "time", "arguments": ""}),
        call(1, function={"arguments": "{}"}),
        call(0, id="", type="function", function={"name": None, "arguments": '"Paris"}'}),
    )
    assert said == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Paris"}'}},
            {"id": "call_b", "type": "function", "function": {"name": "time", "arguments": "{}"}},
        ],
    }


def test_a_server_that_repeats_id_and_name_in_every_chunk_is_understood() -> None:
    piece = {"index": 0, "id": "call_a", "type": "function"}
    said = message(
        {"tool_calls": [{**piece, "function": {"name": "weather", "arguments": "{"}}]},
        {"tool_calls": [{**piece, "function": {"name": "weather", "arguments": "}"}}]},
    )
    assert said is not None
    assert said["tool_calls"] == [
        {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    ]


@pytest.mark.parametrize(
    "second",
    [
        {"index": 0, "id": "call_b", "function": {"arguments": "{}"}},
        {"index": 0, "function": {"name": "time", "arguments": "{}"}},
        {"id": "call_a", "function": {"arguments": "{}"}},
    ],
    ids=["another id", "another name", "no index"],
)
def test_calls_that_cannot_be_told_apart_are_not_stored(second: dict[str, Any]) -> None:
    first = {"index": 0, "id": "call_a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    assert message({"tool_calls": [first]}, {"tool_calls": [second]}) is None


def test_the_old_function_call_grows_too() -> None:
    said = message(
        {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": ""}},
        {"function_call": {"arguments": "{}"}},
    )
    assert said is not None
    assert said["function_call"] == {"name": "weather", "arguments": "{}"}


def test_thoughts_refusals_and_unknown_texts_grow() -> None:
    said = message(
        {"role": "assistant", "content": "", "reasoning_content": None},
        {"content": None, "reasoning_content": "Let me "},
        {"content": None, "reasoning_content": "think."},
        {"refusal": "I "},
        {"refusal": "cannot."},
        {"x_notes": "a"},
        {"x_notes": "b"},
    )
    assert said == {
        "role": "assistant",
        "content": "",
        "reasoning_content": "Let me think.",
        "refusal": "I cannot.",
        "x_notes": "ab",
    }


def test_annotations_are_collected_and_what_else_is_unknown_is_as_said_last() -> None:
    said = message({"content": "x", "annotations": [1], "x_level": 1}, {"annotations": [2], "x_level": 2})
    assert said == {"role": "assistant", "content": "x", "annotations": [1, 2], "x_level": 2}


def test_audio_grows_in_its_parts() -> None:
    said = message({"audio": {"id": "a", "transcript": "Hel"}}, {"audio": {"transcript": "lo", "data": "QQ=="}})
    assert said is not None
    assert said["audio"] == {"id": "a", "transcript": "Hello", "data": "QQ=="}


def test_log_probabilities_are_collected() -> None:
    def scored(*tokens: str) -> dict[str, Any]:
        part = chunk({"content": "".join(tokens)})
        part["choices"][0]["logprobs"] = {"content": [{"token": token} for token in tokens], "refusal": None}
        return part

    completion = put_together(scored("a", "b"), scored("c"), CLOSING)
    assert completion is not None
    assert completion["choices"][0]["logprobs"] == {
        "content": [{"token": "a"}, {"token": "b"}, {"token": "c"}],
        "refusal": None,
    }


def test_choices_may_come_interleaved() -> None:
    completion = put_together(
        chunk({"role": "assistant", "content": "b"}, index=1),
        chunk({"role": "assistant", "content": "a"}),
        chunk({"content": "B"}, index=1),
        chunk({"content": "A"}),
        chunk(index=1, finish="length"),
        CLOSING,
    )
    assert completion is not None
    assert [(c["index"], c["message"]["content"], c["finish_reason"]) for c in completion["choices"]] == [
        (0, "aA", "stop"),
        (1, "bB", "length"),
    ]


def test_usage_that_comes_with_every_chunk_is_the_last_one() -> None:
    completion = put_together(
        chunk({"content": "a"}, usage={"completion_tokens": 1}), chunk(finish="stop", usage={"completion_tokens": 2})
    )
    assert completion is not None
    assert completion["usage"] == {"completion_tokens": 2}


@pytest.mark.parametrize(
    "stream",
    [
        [],
        [OPENING],
        [OPENING, chunk({"content": "Par"})],
        [OPENING, CLOSING, chunk({"content": "b"}, index=1)],
        [OPENING, chunk(finish="stop", index=1)],
        [chunk(finish="stop", index=1)],
        [USAGE],
        [OPENING, chunk(finish="error")],
        [OPENING, chunk(finish="")],
        [OPENING, CLOSING, {"error": {"message": "overloaded"}}],
        [OPENING, chunk(finish="stop", error={"message": "overloaded"})],
        [OPENING, {"type": "ping"}, CLOSING],
        [OPENING, {"object": "text_completion", "choices": [{"index": 0, "text": "x", "finish_reason": "stop"}]}],
        [CLOSING, {"object": "text_completion", "choices": [{"index": 1, "text": "x", "finish_reason": "stop"}]}],
        [{"object": "text_completion", "choices": [{"index": 0, "text": "x", "finish_reason": None}]}],
        [
            OPENING,
            {"object": "chat.completion.chunk", "choices": [{"index": 0, "message": {}, "finish_reason": "stop"}]},
        ],
        [OPENING, chunk(choices=["x"]), CLOSING],
        [OPENING, chunk("text"), CLOSING],
        [OPENING, chunk({"content": [{"type": "text", "text": "x"}]}), CLOSING],
        [OPENING, chunk({"content": 7}), CLOSING],
        [chunk({"content": 7}), CLOSING],
        [chunk({"x_parts": [1]}), chunk({"x_parts": [2]}), CLOSING],
        [OPENING, chunk({"tool_calls": "x"}), CLOSING],
        [OPENING, chunk({"tool_calls": ["x"]}), CLOSING],
        [OPENING, chunk(index="0"), CLOSING],  # type: ignore[arg-type]
        [OPENING, chunk({"role": "user"}), CLOSING],
    ],
)
def test_what_is_cut_wrong_or_not_understood_is_not_stored(stream: list[dict[str, Any]]) -> None:
    assert put_together(*stream) is None


@pytest.mark.parametrize("event", [b"", b"[DONE]", b"not json", b"[]", b"null", b'{"choices": null}', b"\xff"])
def test_an_event_that_is_no_chunk_spoils_the_stream(event: bytes) -> None:
    assert assemble([orjson.dumps(OPENING), event, orjson.dumps(CLOSING)]) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "text",
                    "index",
                    "content",
                    "tool_calls",
                    "function",
                    "arguments",
                    "logprobs",
                    "finish_reason",
                    "id",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(anything.map(orjson.dumps), max_size=4))
def test_no_stream_makes_it_fail(events: list[bytes]) -> None:
    body = assemble(events)
    assert body is None or orjson.loads(body)["object"] in ("chat.completion", "text_completion")
