"""Replay: a stored answer as the stream that the client asked for.

Chunks are a few words each, as a model would send them; role, tool calls, log probabilities, finish reason and usage
stand where OpenAI puts them, so that no client can tell by the shape that the answer is an old one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from gateway.wire.sse import DONE, data_frame

_WORD = re.compile(r"\s{0,16}\S{1,24}|\s{1,16}")  # every text is a row of these; scripts without spaces are cut too
_WORDS_A_CHUNK = 3
_TOKENS_A_CHUNK = 4
_ARGUMENT_CHARACTERS = 24
_MOST_CHUNKS = 400  # of one text: what is longer comes in larger chunks, so a hit stays cheap

_EVERY_CHUNK = ("id", "object", "created", "model", "service_tier", "system_fingerprint")
_OF_THE_WHOLE = frozenset({"choices", "usage", *_EVERY_CHUNK})
_OF_THE_CHOICE = frozenset({"index", "message", "logprobs", "finish_reason"})
_OF_THE_TEXT = frozenset({"index", "text", "logprobs", "finish_reason"})
_LAST_TEXTS = ("content", "refusal")  # thoughts come before what is said


def replay(body: bytes, *, include_usage: bool) -> list[bytes]:
    """The frames of the stream for a `chat.completion` or `text_completion`. With `include_usage` the last but one has
    `choices: []` and the usage (`null` if the answer has none). Raises `ValueError` when the body is neither.
    """
    completion = orjson.loads(body)
    if _has_choices(completion, "message", dict):
        kind, parts_of = "chat.completion.chunk", _parts
    elif _has_choices(completion, "text", str):
        kind, parts_of = "text_completion", _text_parts
    else:
        raise ValueError("not a completion")
    head = {name: completion[name] for name in _EVERY_CHUNK if name in completion} | {"object": kind}
    before = b"data: " + orjson.dumps(head)[:-1] + b',"choices":['
    after = b'],"usage":null}\n\n' if include_usage else b"]}\n\n"
    parts = [part for choice in completion["choices"] for part in parts_of(choice)]
    frames = [before + part + after for part in parts]
    rest = {name: value for name, value in completion.items() if name not in _OF_THE_WHOLE}
    if parts and rest:
        frames[-1] = frames[-1][:-3] + b"," + orjson.dumps(rest)[1:] + b"\n\n"
    if include_usage:
        frames.append(data_frame(orjson.dumps(head | {"choices": [], "usage": completion.get("usage")})))
    return [*frames, DONE]


def _has_choices(body: Any, field: str, kind: type) -> bool:
    choices = body.get("choices") if isinstance(body, dict) else None
    return isinstance(choices, list) and all(
        isinstance(choice, dict) and isinstance(choice.get(field), kind) for choice in choices
    )


def _text_parts(choice: Mapping[str, Any]) -> Iterator[bytes]:
    """The choice of a completion, some words at a time, or token by token where there are log probabilities."""
    index, text, logprobs = choice.get("index", 0), choice["text"], choice.get("logprobs")

    def part(words: str, said: Mapping[str, Any] | None = None) -> bytes:
        return orjson.dumps({"text": words, "index": index, "logprobs": said, "finish_reason": None})

    if isinstance(logprobs, dict) and (tokens := _tokens(text, logprobs)):
        for places in _groups(range(len(tokens)), _TOKENS_A_CHUNK):
            said = {name: values and [values[place] for place in places] for name, values in logprobs.items()}
            yield part("".join(tokens[place] for place in places), said)
        logprobs = None
    else:
        for words in _groups(_WORD.findall(text), _WORDS_A_CHUNK):
            yield part("".join(words))
    closing = {"text": "", "index": index, "logprobs": logprobs, "finish_reason": choice.get("finish_reason")}
    yield orjson.dumps(closing | {name: value for name, value in choice.items() if name not in _OF_THE_TEXT})


def _tokens(text: str, logprobs: Mapping[str, Any]) -> list[str]:
    """The tokens of a completion if, put together, they are its text, and all else that is said is said for each."""
    tokens = logprobs.get("tokens")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens) or "".join(tokens) != text:
        return []
    beside = [values for values in logprobs.values() if values is not None]
    return tokens if all(isinstance(values, list) and len(values) == len(tokens) for values in beside) else []


def _parts(choice: Mapping[str, Any]) -> Iterator[bytes]:
    """The choice, delta by delta, in JSON."""
    index = choice.get("index", 0)
    message = choice["message"]
    logprobs = choice.get("logprobs")
    by_token = _by_token(message, logprobs) if isinstance(logprobs, dict) else {}
    silent = {"logprobs": None} if "logprobs" in choice else {}

    def part(delta: dict[str, Any], said: Mapping[str, Any] = silent) -> bytes:
        return orjson.dumps({"index": index, "delta": delta, **said, "finish_reason": None})

    if isinstance(logprobs, dict):
        yield part(_opening(message), {"logprobs": logprobs | {name: [] for name in by_token}})
    else:
        yield part(_opening(message))
    for name, text in _texts(message):
        if name in by_token:
            for tokens in _groups(by_token[name], _TOKENS_A_CHUNK):
                said = {"logprobs": dict.fromkeys(by_token) | {name: tokens}}
                yield part({name: "".join(token["token"] for token in tokens)}, said)
        else:
            # Most of an answer, and all alike: only the words are written anew, between what stands around them.
            before = orjson.dumps({"index": index, "delta": {name: ""}})[: -len(b'""}}')]
            after = b"}," + orjson.dumps({**silent, "finish_reason": None})[1:]
            for words in _groups(_WORD.findall(text), _WORDS_A_CHUNK):
                yield before + orjson.dumps("".join(words)) + after
    for delta in _objects(message):
        yield part(delta)
    closing = {"index": index, "delta": {}, **silent, "finish_reason": choice.get("finish_reason")}
    yield orjson.dumps(closing | {name: value for name, value in choice.items() if name not in _OF_THE_CHOICE})


def _opening(message: Mapping[str, Any]) -> dict[str, Any]:
    """The first delta: the role, and every field that has nothing to stream."""
    empty = {name: value for name, value in message.items() if not value}
    if isinstance(message.get("content"), str):
        empty["content"] = ""
    return {"role": message.get("role", "assistant"), **empty}


def _texts(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    first = [name for name in message if name != "role" and name not in _LAST_TEXTS]
    for name in (*first, *_LAST_TEXTS):
        value = message.get(name)
        if isinstance(value, str) and value:
            yield name, value


def _objects(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is not text: tool calls and function calls piece by piece, all else whole."""
    for name, value in message.items():
        if not value or isinstance(value, str):
            continue
        if name == "tool_calls" and isinstance(value, list) and all(isinstance(call, dict) for call in value):
            for position, call in enumerate(value):
                for piece in _call(call):
                    yield {name: [{"index": position, **piece}]}
        elif name == "function_call" and isinstance(value, dict):
            for piece in _call({"function": value}):
                yield {name: piece["function"]}
        else:
            yield {name: value}


def _call(call: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One call: first what is called, then its arguments as they grow."""
    opening = {name: value for name, value in call.items() if name != "index"}
    growing: list[tuple[str, str, str]] = []
    for kind, field in (("function", "arguments"), ("custom", "input")):
        inner = opening.get(kind)
        if isinstance(inner, dict) and isinstance(inner.get(field), str):
            growing.append((kind, field, inner[field]))
            opening[kind] = inner | {field: ""}
    yield opening
    for kind, field, text in growing:
        step = max(_ARGUMENT_CHARACTERS, len(text) // _MOST_CHUNKS)
        for start in range(0, len(text), step):
            yield {kind: {field: text[start : start + step]}}


def _by_token(message: Mapping[str, Any], logprobs: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The log probabilities of each text whose tokens, put together, are that text: those can come with their words."""
    by_token = {}
    for name in _LAST_TEXTS:
        text, tokens = message.get(name), logprobs.get(name)
        if isinstance(text, str) and isinstance(tokens, list) and all(isinstance(token, dict) for token in tokens):
            said = [token.get("token") for token in tokens]
            if all(isinstance(token, str) for token in said) and "".join(said) == text and text:
                by_token[name] = tokens
    return by_token


def _groups(items: Sequence[Any], least: int) -> Iterator[Any]:
    step = max(least, len(items) // _MOST_CHUNKS)
    for start in range(0, len(items), step):
        yield items[start : start + step]
