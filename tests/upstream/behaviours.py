"""Behaviours that a client must cope with: right answers in unusual shapes. Directives by name at the bottom."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.upstream.answers import Json, tokens
from tests.upstream.turn import DONE, Behaviour, Turn, frame

ABOUT_THE_ACCOUNT = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-tokens": "6m0s",
    "openai-organization": "org-of-the-house",
    "openai-processing-ms": "12",
    "set-cookie": "session=of-the-house",
    "x-request-id": "req_of_the_upstream",
    "access-control-allow-origin": "*",
}
UNICODE = "Grüße, 你好, 👩‍🔬 et ça va."  # two-, three- and four-byte characters


async def ok(turn: Turn) -> None:
    if turn.streaming:
        await turn.stream(turn.frames())
    else:
        await turn.reply.json(200, turn.whole())


async def usage_missing(turn: Turn) -> None:
    if turn.streaming:
        await turn.stream([frame({k: v for k, v in chunk.items() if k != "usage"}) for chunk in turn.chunks()] + [DONE])
    else:
        await turn.reply.json(200, {key: value for key, value in turn.whole().items() if key != "usage"})


async def usage_on(turn: Turn) -> None:
    """`usage_on:first`, `usage_on:finish` or `usage_on:every`: usage elsewhere than on a chunk of its own."""
    chunks = turn.chunks()
    places = {"first": [0], "finish": [len(chunks) - 1], "every": list(range(len(chunks)))}[turn.arg(0, "finish")]
    for place in places:
        chunks[place] = {**chunks[place], "usage": turn.answer.usage()}
    await turn.stream([*map(frame, chunks), DONE])


async def usage_odd(turn: Turn) -> None:
    """`usage_odd:KIND`: numbers that are none."""
    odd: Mapping[str, object] = {
        "negative": {"prompt_tokens": -5, "completion_tokens": -7, "total_tokens": -12},
        "text": {"prompt_tokens": "5", "completion_tokens": "many", "total_tokens": "?"},
        "float": {"prompt_tokens": 5.0, "completion_tokens": 2.5, "total_tokens": 7.5},
        "huge": {"prompt_tokens": 10**30, "completion_tokens": 10**30, "total_tokens": 10**30},
        "null": {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
        "list": [1, 2, 3],
        "empty": {},
    }
    usage = odd[turn.arg(0, "negative")]
    if turn.streaming:
        chunks = [*turn.chunks(), {**turn.answer.usage_chunk(), "usage": usage}]
        await turn.stream([*map(frame, chunks), DONE])
    else:
        await turn.reply.json(200, {**turn.whole(), "usage": usage})


def calls_of(turn: Turn, count: int) -> list[Json]:
    names = [tool["function"]["name"] for tool in turn.answer.body.get("tools", [])] or ["lookup"]
    return [
        {
            "id": f"call_{turn.answer.serial}_{index}",
            "type": "function",
            "function": {"name": names[index % len(names)], "arguments": json.dumps({"city": f"City {index}"})},
        }
        for index in range(count)
    ]


async def tool_calls(turn: Turn) -> None:
    """`tool_calls:N`: N parallel calls, arguments streamed in pieces."""
    calls = calls_of(turn, int(turn.arg(0, "1")))
    if not turn.streaming:
        message = {"role": "assistant", "content": None, "tool_calls": calls}
        await turn.reply.json(200, turn.answer.whole(message=message))
        return
    chunks = [turn.answer.chunk({"role": "assistant", "content": None})]
    for index, call in enumerate(calls):
        function = call["function"]
        start = {**call, "index": index, "function": {**function, "arguments": ""}}
        chunks.append(turn.answer.chunk({"tool_calls": [start]}))
        pieces = [{"index": index, "function": {"arguments": piece}} for piece in tokens(function["arguments"])]
        chunks += [turn.answer.chunk({"tool_calls": [piece]}) for piece in pieces]
    chunks.append(turn.answer.chunk({}, finish="tool_calls"))
    await turn.stream(turn.frames(chunks))


async def parallel_tool_calls(turn: Turn) -> None:
    await tool_calls(Turn(turn.request, turn.answer, turn.reply, ("3",), turn.gate, turn.seen))


async def unnumbered_calls(turn: Turn) -> None:
    """Two calls, each in one piece and without its index, as Gemini writes them."""
    chunks = [turn.answer.chunk({"role": "assistant", "tool_calls": [call]}) for call in calls_of(turn, 2)]
    await turn.stream(turn.frames([*chunks, turn.answer.chunk({}, finish="tool_calls")]))


async def repeated_role(turn: Turn) -> None:
    """A role in every delta, as Ollama and LM Studio write it."""
    chunks = turn.chunks()
    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
        choice["delta"] = {"role": "assistant", **choice["delta"]}
    await turn.stream(turn.frames(chunks))


async def changing_ids(turn: Turn) -> None:
    """Another id in every chunk."""
    await turn.stream(turn.frames([{**chunk, "id": f"chatcmpl-{place}"} for place, chunk in enumerate(turn.chunks())]))


async def empty_choices(turn: Turn) -> None:
    """A first chunk without choices, as Azure sends with its content filter results."""
    head = {**turn.answer.head("chat.completion.chunk"), "choices": [], "prompt_filter_results": []}
    await turn.stream([frame(head), *turn.frames()])


async def ping(turn: Turn) -> None:
    """Comments before, between and after the events."""
    frames = [b": ping\n\n", b":\n\n"]
    for piece in turn.frames():
        frames += [piece, b": ping\n\n"]
    await turn.stream(frames)


async def crlf(turn: Turn) -> None:
    await turn.stream([piece.replace(b"\n", b"\r\n") for piece in turn.frames()])


async def no_space(turn: Turn) -> None:
    """`data:{…}`: the blank after the colon is optional."""
    await turn.stream([piece.replace(b"data: ", b"data:", 1) for piece in turn.frames()])


async def event_fields(turn: Turn) -> None:
    """`event:`, `id:` and `retry:` lines beside the data."""
    await turn.stream([b"event: message\nid: 1\nretry: 1000\n" + piece for piece in turn.frames()])


async def multi_line(turn: Turn) -> None:
    """One event's JSON over several `data:` lines."""
    frames = []
    for chunk in turn.chunks():
        lines = json.dumps(chunk, indent=1).encode().split(b"\n")
        frames.append(b"".join(b"data: " + line + b"\n" for line in lines) + b"\n")
    await turn.stream([*frames, DONE])


async def unicode(turn: Turn) -> None:
    """`unicode:N`: text of many alphabets, the stream cut into pieces of N bytes whatever they split."""
    if not turn.streaming:
        await turn.reply.whole(200, json.dumps(turn.whole(UNICODE), ensure_ascii=False).encode())
        return
    size = int(turn.arg(0, "1"))
    data = b"".join(turn.frames(turn.chunks(UNICODE)))
    await turn.stream([data[place : place + size] for place in range(0, len(data), size)])


async def one_write(turn: Turn) -> None:
    """The whole stream in one piece."""
    await turn.stream([b"".join(turn.frames())])


async def long_line(turn: Turn) -> None:
    """`long_line:BYTES`: one event with so much text."""
    text = "x" * int(turn.arg(0, "1048576"))
    if turn.streaming:
        await turn.stream(turn.frames(turn.answer.chunks(text)))
    else:
        await turn.reply.json(200, turn.answer.whole(text))


async def text(turn: Turn) -> None:
    """`text:WORDS`: an answer of so many words."""
    said = " ".join(f"w{place}" for place in range(int(turn.arg(0, "100"))))
    if turn.streaming:
        await turn.stream(turn.frames(turn.answer.chunks(said)))
    else:
        await turn.reply.json(200, turn.answer.whole(said))


async def say(turn: Turn) -> None:
    """`say:TEXT`: just that."""
    said = ":".join(turn.args)
    if turn.streaming:
        await turn.stream(turn.frames(turn.answer.chunks(said)))
    else:
        await turn.reply.json(200, turn.answer.whole(said))


async def say_and_hold(turn: Turn) -> None:
    """`say_and_hold:N:TEXT`: N events of it, then nothing until `Upstream.release()`, then the rest."""
    await _held(turn, turn.frames(turn.answer.chunks(":".join(turn.args[1:]))))


async def echo(turn: Turn) -> None:
    """Says what it was asked."""
    if turn.streaming:
        await turn.stream(turn.frames(turn.answer.chunks(turn.answer.prompt)))
    else:
        await turn.reply.json(200, turn.answer.whole(turn.answer.prompt))


async def gzipped(turn: Turn) -> None:
    headers = {"content-encoding": "gzip"}
    if turn.streaming:
        await turn.stream([gzip.compress(b"".join(turn.frames()))], headers)
    else:
        await turn.reply.whole(200, gzip.compress(json.dumps(turn.whole()).encode()), headers)


async def floats(turn: Turn) -> None:
    """Vectors as numbers, whatever was asked for."""
    body = {name: value for name, value in turn.answer.body.items() if name != "encoding_format"}
    await turn.reply.json(200, replace(turn.answer, body=body).embeddings())


async def short(turn: Turn) -> None:
    """One vector, or one result, less than was asked for."""
    said = turn.whole()
    await turn.reply.json(200, {name: v[1:] if name in ("data", "results") else v for name, v in said.items()})


async def talkative(turn: Turn) -> None:
    """A right answer with header fields that are about the account of whoever asks here."""
    if turn.streaming:
        await turn.stream(turn.frames(), ABOUT_THE_ACCOUNT)
    else:
        await turn.reply.json(200, turn.whole(), ABOUT_THE_ACCOUNT)


async def close_after(turn: Turn) -> None:
    """A right answer, then the connection is closed without having said so."""
    await ok(turn)
    turn.reply.finish()


async def slow_first(turn: Turn) -> None:
    """`slow_first:SECONDS` before anything is sent."""
    await asyncio.sleep(float(turn.arg(0, "0.2")))
    await ok(turn)


async def slow(turn: Turn) -> None:
    """`slow:SECONDS` before each chunk."""
    await turn.reply.begin_stream()
    for piece in turn.frames():
        await asyncio.sleep(float(turn.arg(0, "0.05")))
        await turn.reply.piece(piece)
    await turn.reply.end_stream()


async def hold(turn: Turn) -> None:
    """`hold:N`: N events, then nothing until `Upstream.release()`, then the rest. Unstreamed: nothing until then."""
    if not turn.streaming:
        await turn.gate.wait()
        await ok(turn)
        return
    await _held(turn, turn.frames())


async def _held(turn: Turn, frames: Sequence[bytes]) -> None:
    """As many frames as the first argument says, then nothing until the release, then the rest."""
    count = int(turn.arg(0, "2"))
    await turn.reply.begin_stream()
    for piece in frames[:count]:
        await turn.reply.piece(piece)
    await turn.gate.wait()
    for piece in frames[count:]:
        await turn.reply.piece(piece)
    await turn.reply.end_stream()


BEHAVIOURS: Mapping[str, Behaviour] = {
    "ok": ok,
    "usage_missing": usage_missing,
    "usage_on": usage_on,
    "usage_odd": usage_odd,
    "tool_calls": tool_calls,
    "parallel_tool_calls": parallel_tool_calls,
    "unnumbered_calls": unnumbered_calls,
    "repeated_role": repeated_role,
    "changing_ids": changing_ids,
    "empty_choices": empty_choices,
    "ping": ping,
    "crlf": crlf,
    "no_space": no_space,
    "event_fields": event_fields,
    "multi_line": multi_line,
    "unicode": unicode,
    "one_write": one_write,
    "long_line": long_line,
    "text": text,
    "say": say,
    "say_and_hold": say_and_hold,
    "echo": echo,
    "gzip": gzipped,
    "floats": floats,
    "short": short,
    "talkative": talkative,
    "close_after": close_after,
    "slow_first": slow_first,
    "slow": slow,
    "hold": hold,
}
