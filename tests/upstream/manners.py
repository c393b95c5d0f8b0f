"""Manners: how models of several kinds speak: thoughts, refusals, calls in any order, odd ends. Directives below."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tests.upstream.answers import Json, tokens
from tests.upstream.behaviours import calls_of, ok, tool_calls
from tests.upstream.turn import Behaviour, Turn

THOUGHTS = "The user asks. I think, therefore I answer."
WORDS = "Here is the answer."
REFUSAL = "I cannot help with that."
BAD_ARGUMENTS = '{"city": "Paris'
CITY = {"city": "Paris", "population": 2100000}


async def _speak(turn: Turn, message: Json, deltas: Sequence[Json], finish: str, **ending: object) -> None:
    """One answer, whole or in these deltas; `ending` stands beside the finish reason."""
    if turn.streaming:
        last = turn.answer.chunk({}, finish=finish)
        last["choices"][0] |= ending
        await turn.stream(turn.frames([*map(turn.answer.chunk, deltas), last]))
        return
    whole = turn.answer.whole(message={"role": "assistant", **message})
    whole["choices"][0] |= {"finish_reason": finish, **ending}
    await turn.reply.json(200, whole)


async def thoughts(turn: Turn) -> None:
    """`thoughts:FIELD`: thinks before it speaks; the field is `reasoning_content` or `reasoning`."""
    field = turn.arg(0, "reasoning_content")
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [{field: piece} for piece in tokens(THOUGHTS)] + [{"content": piece} for piece in tokens(WORDS)]
    await _speak(turn, {field: THOUGHTS, "content": WORDS}, deltas, "stop")


async def finish(turn: Turn) -> None:
    """`finish:REASON:STOP`: ends with this finish reason, and says which text stopped it."""
    deltas: list[Json] = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in tokens(WORDS))]
    ending = {"stop_reason": turn.args[1]} if len(turn.args) > 1 else {}
    await _speak(turn, {"content": WORDS}, deltas, turn.arg(0, "stop"), **ending)


async def refusal(turn: Turn) -> None:
    deltas: list[Json] = [{"role": "assistant", "content": None}, *({"refusal": piece} for piece in tokens(REFUSAL))]
    await _speak(turn, {"content": None, "refusal": REFUSAL}, deltas, "stop")


def _call(index: int, arguments: str) -> Json:
    return {"id": f"call_{index}", "type": "function", "function": {"name": f"tool_{index}", "arguments": arguments}}


async def interleaved_calls(turn: Turn) -> None:
    """Words, then two calls whose arguments come by turns."""
    written = [json.dumps({"text": f"{{one}} and }}two{{ {index}", "number": index}) for index in range(2)]
    calls = [_call(index, arguments) for index, arguments in enumerate(written)]
    starts = [{**_call(index, ""), "index": index} for index in range(2)]
    deltas: list[Json] = [{"role": "assistant", "content": WORDS}, {"tool_calls": starts}]
    for place in range(0, max(map(len, written)), 5):
        pieces = [(index, arguments[place : place + 5]) for index, arguments in enumerate(written)]
        deltas.append({"tool_calls": [{"index": i, "function": {"arguments": piece}} for i, piece in pieces if piece]})
    await _speak(turn, {"content": WORDS, "tool_calls": calls}, deltas, "tool_calls")


async def bad_arguments(turn: Turn) -> None:
    """A call whose arguments are no JSON."""
    start = {**_call(0, ""), "index": 0}
    deltas: list[Json] = [{"role": "assistant", "content": None}, {"tool_calls": [start]}]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in tokens(BAD_ARGUMENTS)]
    await _speak(turn, {"content": None, "tool_calls": [_call(0, BAD_ARGUMENTS)]}, deltas, "tool_calls")


def _has_result(turn: Turn) -> bool:
    messages = turn.answer.body.get("messages", [])
    return isinstance(messages, list) and any(
        isinstance(item, dict) and item.get("role") == "tool" for item in messages
    )


async def agent(turn: Turn) -> None:
    """`agent:N`: N calls, and words once a tool has answered."""
    await (ok(turn) if _has_result(turn) else tool_calls(turn))


async def calls_at_once(turn: Turn) -> None:
    """`calls_at_once:N`: as `agent`, with all calls whole in one delta, as servers do that parse calls at the end."""
    if _has_result(turn):
        await ok(turn)
        return
    calls = calls_of(turn, int(turn.arg(0, "2")))
    delta: Json = {"role": "assistant", "tool_calls": [{**call, "index": index} for index, call in enumerate(calls)]}
    await _speak(turn, {"content": None, "tool_calls": calls}, [delta], "tool_calls")


async def structured(turn: Turn) -> None:
    """What a JSON schema asked for: as the arguments of a call where tools are given and no schema, else as text."""
    said = json.dumps(CITY)
    body = turn.answer.body
    if not body.get("tools") or body.get("response_format"):
        deltas: list[Json] = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in tokens(said))]
        await _speak(turn, {"content": said}, deltas, "stop")
        return
    (call, *_) = calls_of(turn, 1)
    call["function"]["arguments"] = said
    start = {**call, "index": 0, "function": {**call["function"], "arguments": ""}}
    deltas = [{"role": "assistant", "content": None}, {"tool_calls": [start]}]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in tokens(said)]
    await _speak(turn, {"content": None, "tool_calls": [call]}, deltas, "tool_calls")


async def usage_details(turn: Turn) -> None:
    """Tokens from a cache, into it, and thought."""
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 30,
        "total_tokens": 130,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_creation_tokens": 10},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }
    if turn.streaming:
        frames = turn.frames()
        frames[-2] = b"data: " + json.dumps(turn.answer.usage_chunk(usage)).encode() + b"\n\n"
        await turn.stream(frames)
    else:
        await turn.reply.json(200, {**turn.whole(), "usage": usage})


MANNERS: Mapping[str, Behaviour] = {
    "thoughts": thoughts,
    "finish": finish,
    "refusal": refusal,
    "interleaved_calls": interleaved_calls,
    "bad_arguments": bad_arguments,
    "agent": agent,
    "calls_at_once": calls_at_once,
    "structured": structured,
    "usage_details": usage_details,
}
