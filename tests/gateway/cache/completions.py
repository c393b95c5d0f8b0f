"""Chat and text completions of every shape that the cache may hold, as Hypothesis strategies."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import strategies as st

texts = st.text(max_size=200) | st.lists(
    st.sampled_from(["the", " ", "\n\n", "é", "水", "😀", "word" * 20]), max_size=60
).map("".join)
names = st.text(alphabet="abcdefghij_", min_size=1, max_size=12)
scalars = st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=10)
arguments = st.dictionaries(names, scalars, max_size=4).map(lambda value: orjson.dumps(value).decode())

function_calls = st.fixed_dictionaries(
    {
        "id": names,
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"name": names, "arguments": arguments}),
    },
    optional={"extra_content": st.dictionaries(names, scalars, min_size=1, max_size=2)},
)
custom_calls = st.fixed_dictionaries(
    {"id": names, "type": st.just("custom"), "custom": st.fixed_dictionaries({"name": names, "input": texts})}
)
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["assistant", "model"]), "content": st.none() | texts},
    optional={
        "refusal": st.none() | texts,
        "reasoning_content": st.none() | texts,
        "reasoning": texts,
        "annotations": st.lists(st.dictionaries(names, scalars, max_size=2), max_size=3),
        "tool_calls": st.lists(function_calls | custom_calls, min_size=1, max_size=3),
        "function_call": st.fixed_dictionaries({"name": names, "arguments": arguments}),
        "audio": st.fixed_dictionaries(
            {"id": names, "data": names, "transcript": texts, "expires_at": st.integers(0, 2**33)}
        ),
        "x_unknown": scalars | st.lists(scalars, max_size=2) | st.dictionaries(names, scalars, max_size=2),
    },
)


def tokens_of(text: str, size: int) -> list[dict[str, Any]]:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return [{"token": piece, "logprob": -0.5, "bytes": list(piece.encode()), "top_logprobs": []} for piece in pieces]


@st.composite
def choices(draw: st.DrawFn, index: int) -> dict[str, Any]:
    message: dict[str, Any] = dict(draw(messages))
    choice: dict[str, Any] = {"index": index, "message": message}
    match draw(st.sampled_from(["absent", "null", "aligned", "foreign"])):
        case "null":
            choice["logprobs"] = None
        case "aligned":
            content, refusal = message["content"] or "", message.get("refusal")
            size = draw(st.integers(1, 5))
            choice["logprobs"] = {
                "content": tokens_of(content, size),
                "refusal": tokens_of(refusal, size) if refusal else None,
            }
        case "foreign":
            choice["logprobs"] = {"content": tokens_of(draw(texts), 3), "refusal": None}
    choice["finish_reason"] = draw(st.sampled_from(["stop", "length", "tool_calls", "content_filter"]))
    if draw(st.booleans()):
        choice["content_filter_results"] = {"hate": {"filtered": False, "severity": "safe"}}
    return choice


@st.composite
def completions(draw: st.DrawFn) -> dict[str, Any]:
    completion: dict[str, Any] = {
        "id": draw(names),
        "object": "chat.completion",
        "created": draw(st.integers(1, 2**33)),
        "model": draw(names),
        "choices": [draw(choices(index)) for index in range(draw(st.integers(1, 3)))],
        "usage": {
            "prompt_tokens": draw(st.integers(0, 999)),
            "completion_tokens": 1,
            "total_tokens": 1000,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    }
    if draw(st.booleans()):
        completion["system_fingerprint"] = draw(st.none() | names)
    if draw(st.booleans()):
        completion |= {"service_tier": "default", "timings": {"predicted_ms": 1.5}}
    return completion


@st.composite
def text_choices(draw: st.DrawFn, index: int) -> dict[str, Any]:
    text = draw(texts)
    choice: dict[str, Any] = {"index": index, "text": text, "logprobs": None}
    pieces = [text[start : start + 3] for start in range(0, len(text), 3)]
    match draw(st.sampled_from(["null", "aligned", "foreign"])):
        case "aligned" if pieces:
            choice["logprobs"] = {
                "tokens": pieces,
                "token_logprobs": [-0.5 for _ in pieces],
                "top_logprobs": draw(st.none() | st.just([{piece: -0.5} for piece in pieces])),
                "text_offset": list(range(len(pieces))),
            }
        case "foreign":
            choice["logprobs"] = {"content": tokens_of(draw(texts), 3)}  # as llama.cpp writes it
    choice["finish_reason"] = draw(st.sampled_from(["stop", "length", "content_filter"]))
    if draw(st.booleans()):
        choice["stop_reason"] = 7
    return choice


@st.composite
def text_completions(draw: st.DrawFn) -> dict[str, Any]:
    completion = dict(draw(completions()))
    choices = [draw(text_choices(index)) for index in range(draw(st.integers(1, 3)))]
    return {**completion, "id": "cmpl-1", "object": "text_completion", "choices": choices}
