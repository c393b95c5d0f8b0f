"""The parrot: says again what it was told, where and how a test wants it, in pieces as small as it wants.

`parrot:WHERE:SIZE:HOW`. WHERE is `content`, `reasoning_content`, `refusal`, `arguments` (of a call), `function_call`
(the old way of calling), `json` (an object in the content), `mixed` (content, then two calls whose arguments come by
turns) or `text` (of a completion). SIZE is how many characters a piece has. HOW: `lower` (in small letters), `escaped`
(angle brackets as JSON may write them), `html`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tests.upstream.answers import Json
from tests.upstream.turn import DONE, Behaviour, Turn, frame


def _pieces(text: str, size: int) -> list[str]:
    return [text[place : place + size] for place in range(0, len(text), size)]


def _written(text: str, how: str) -> str:
    if how == "lower":
        return text.lower()
    if how == "escaped":
        return text.replace("<", "\\u003c").replace(">", "\\u003e")
    return text.replace("<", "&lt;").replace(">", "&gt;") if how == "html" else text


def _message(where: str, said: str, how: str) -> Json:
    as_json = _written(json.dumps({"said": said}), how)
    calls = [
        {"id": f"call_{index}", "type": "function", "function": {"name": "say", "arguments": as_json}}
        for index in range(2 if where == "mixed" else 1)
    ]
    if where in ("arguments", "mixed"):
        return {"content": _written(said, how) if where == "mixed" else None, "tool_calls": calls}
    if where == "function_call":
        return {"content": None, "function_call": {"name": "say", "arguments": as_json}}
    if where == "json":
        return {"content": as_json}
    return {"content": None, where: _written(said, how)}


def _deltas(message: Json, size: int) -> Iterator[Json]:
    yield {"role": "assistant", "content": ""}
    for name, value in message.items():
        if isinstance(value, str):
            yield from ({name: piece} for piece in _pieces(value, size))
        elif name == "function_call":
            yield {name: {"name": value["name"], "arguments": ""}}
            yield from ({name: {"arguments": piece}} for piece in _pieces(value["arguments"], size))
    calls = message.get("tool_calls", [])
    if calls:
        yield {
            "tool_calls": [
                {**call, "index": place, "function": {**call["function"], "arguments": ""}}
                for place, call in enumerate(calls)
            ]
        }
        for piece in _pieces(calls[0]["function"]["arguments"], size):
            yield {"tool_calls": [{"index": place, "function": {"arguments": piece}} for place in range(len(calls))]}


async def parrot(turn: Turn) -> None:
    where, size, how = turn.arg(0, "content"), int(turn.arg(1, "1")), turn.arg(2, "")
    answer = turn.answer
    if where == "text":
        said = _written(answer.prompt, how)
        choices = [
            {"text": piece, "index": 0, "logprobs": None, "finish_reason": None} for piece in _pieces(said, size)
        ]
        choices.append({"text": "", "index": 0, "logprobs": None, "finish_reason": "stop"})
        chunks = [frame({**answer.head("text_completion"), "choices": [choice]}) for choice in choices]
        await (turn.stream([*chunks, DONE]) if turn.streaming else turn.reply.json(200, answer.completion(said)))
        return
    message = _message(where, answer.prompt, how)
    finish = "tool_calls" if "tool_calls" in message else "stop"
    if turn.streaming:
        deltas = [answer.chunk(delta) for delta in _deltas(message, size)]
        await turn.stream(turn.frames([*deltas, answer.chunk({}, finish=finish)]))
        return
    whole = answer.whole(message={"role": "assistant", **message})
    whole["choices"][0]["finish_reason"] = finish
    await turn.reply.json(200, whole)


PARROT: Mapping[str, Behaviour] = {"parrot": parrot}
