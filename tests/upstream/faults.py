"""Faults: answers that are wrong, late, cut or no answer at all. Directives by name at the bottom.

Those in the middle of a stream take `gate` or `later` as their last argument: what was sent has been seen before they
happen.

The one fault that is not here is the refused connection: `Upstream.down()` closes the port.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import quote as quoted

from tests.upstream.answers import Json
from tests.upstream.behaviours import ok
from tests.upstream.turn import DONE, Behaviour, Turn, error, frame

CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
GARBAGE = bytes(range(256)) * 8


async def status(turn: Turn) -> None:
    """`status:CODE` or `status:429:RETRY_AFTER`: OpenAI's error with that status."""
    code = int(turn.arg(0, "500"))
    headers = {"retry-after": turn.args[1]} if len(turn.args) > 1 else None
    await turn.error(code, CODES.get(code), headers)


async def once(turn: Turn) -> None:
    """`once:STATUS:MARK:RETRY_AFTER`: the first call with this mark fails, later ones are answered."""
    mark = turn.arg(1, "")
    if mark in turn.seen:
        await ok(turn)
        return
    turn.seen.add(mark)
    headers = {"retry-after": turn.args[2]} if len(turn.args) > 2 else None
    await turn.error(int(turn.arg(0, "500")), None, headers)


async def html_error(turn: Turn) -> None:
    """What a reverse proxy says when the model's server is down."""
    await turn.reply.whole(502, b"<html><h1>502 Bad Gateway</h1></html>", {"content-type": "text/html"})


async def redirect(turn: Turn) -> None:
    """`redirect:HOST:PORT:STATUS`: go there instead. Nobody may."""
    host, port, code = turn.arg(0, "127.0.0.1"), turn.arg(1, "9"), int(turn.arg(2, "307"))
    await turn.reply.json(code, {}, {"location": f"http://{host}:{port}{turn.request.path}"})


async def quote(turn: Turn) -> None:
    """`quote:STATUS`: an error that repeats what was asked, word for word, in its message and in a header."""
    code = int(turn.arg(0, "500"))
    told = {**error(code, None), "message": f"cannot do this: {json.dumps(turn.answer.body)}"}
    await turn.reply.json(code, {"error": told}, {"x-request-id": quoted(turn.answer.prompt)[:200]})


async def reset(turn: Turn) -> None:
    turn.reply.reset()


async def close(turn: Turn) -> None:
    """FIN without a word."""
    turn.reply.finish()


async def hang(turn: Turn) -> None:
    await turn.forever()


async def hang_first(turn: Turn) -> None:
    """The head of an answer, then nothing."""
    if turn.streaming:
        await turn.reply.begin_stream()
    else:
        await turn.reply.head(200, {"content-type": "application/json", "content-length": "1000"})
    await turn.forever()


async def stall(turn: Turn) -> None:
    """`stall:N`: N events of the stream (or half the body), then nothing."""
    await _part(turn, int(turn.arg(0, "3")))
    await turn.forever()


async def stall_after_finish(turn: Turn) -> None:
    """Everything up to `finish_reason`, then neither usage nor `[DONE]`."""
    await turn.reply.begin_stream()
    for chunk in turn.chunks():
        await turn.reply.piece(frame(chunk))
    await turn.forever()


async def cut(turn: Turn) -> None:
    """`cut:N:fin`, `cut:N:rst` or `cut:N:clean`: N events, then the end, by FIN, RST or a proper last chunk."""
    await _part(turn, int(turn.arg(0, "3")))
    await turn.pause()
    how = turn.arg(1, "fin")
    if how == "rst":
        turn.reply.reset()
    elif how == "fin" or not turn.streaming:
        turn.reply.finish()
    else:
        await turn.reply.end_stream()


async def _part(turn: Turn, count: int) -> None:
    if turn.streaming:
        await turn.reply.begin_stream()
        for piece in turn.frames()[:count]:
            await turn.reply.piece(piece)
        return
    body = frame(turn.whole())[6:-2]
    await turn.reply.head(200, {"content-type": "application/json", "content-length": str(len(body))})
    await turn.reply.raw(body[: len(body) // 2])


async def error_frame(turn: Turn) -> None:
    """`error_frame:N`: N events, then an error as an event; N = 0 makes it the first."""
    await _interrupted(turn, [frame({"error": error(500, None)})])


async def error_event(turn: Turn) -> None:
    """An error as `event: error`, as some servers do."""
    await turn.stream([b"event: error\n" + frame({"error": error(500, None)})])


async def error_in_200(turn: Turn) -> None:
    """Status 200 and an error for a body, streamed or not."""
    await turn.error(200, None)


async def garbage(turn: Turn) -> None:
    """Bytes that are no HTTP."""
    await turn.reply.raw(GARBAGE)
    turn.reply.finish()


async def garbage_json(turn: Turn) -> None:
    """Good HTTP around a body that is no JSON."""
    if turn.streaming:
        await turn.stream([b'data: {"id": "x", "choices": [{\n\n', DONE])
    else:
        await turn.reply.whole(200, b'{"id": "x", "choices": [{')


async def garbage_later(turn: Turn) -> None:
    """`garbage_later:N`: N good events, then one that is no JSON."""
    await _interrupted(turn, [b"data: {oops\n\n", DONE])


async def _interrupted(turn: Turn, frames: list[bytes]) -> None:
    await turn.reply.begin_stream()
    for piece in turn.frames()[: int(turn.arg(0, "0"))]:
        await turn.reply.piece(piece)
    await turn.pause()
    for piece in frames:
        await turn.reply.piece(piece)
    await turn.reply.end_stream()


async def wrong_json(turn: Turn) -> None:
    """`wrong_json:KIND`: JSON that is no completion."""
    kinds: Mapping[str, object] = {
        "list": [],
        "null": None,
        "text": "x",
        "empty": {},
        "choices": {**turn.whole(), "choices": "none"},
        "choice": {**turn.whole(), "choices": [None]},
    }
    value = kinds[turn.arg(0, "list")]
    if turn.streaming:
        await turn.stream([frame(value), DONE])
    else:
        await turn.reply.json(200, value)


async def invalid_utf8(turn: Turn) -> None:
    bad: Json = turn.whole() if not turn.streaming else turn.chunks()[1]
    data = frame(bad).replace(b"says", b"s\xff\xfe")
    if turn.streaming:
        await turn.stream([data.replace(b'"content": "', b'"content": "\xff'), DONE])
    else:
        await turn.reply.whole(200, data[6:-2])


async def invalid_sse(turn: Turn) -> None:
    """A stream whose lines are no events."""
    await turn.stream([b"hello\n", b"this is not: an event stream\n\n", b"{}\n\n"])


async def page(turn: Turn) -> None:
    """Status 200 and a web page, as captive portals do."""
    await turn.reply.whole(200, b"<html>welcome</html>", {"content-type": "text/html"})


async def empty(turn: Turn) -> None:
    """Status 200 and nothing."""
    if turn.streaming:
        await turn.stream([])
    else:
        await turn.reply.whole(200, b"")


async def only_done(turn: Turn) -> None:
    await turn.stream([DONE])


async def no_done(turn: Turn) -> None:
    """A finished answer without `[DONE]`, as some servers end."""
    await turn.stream(turn.frames()[:-1])


async def done_twice(turn: Turn) -> None:
    await turn.stream([*turn.frames(), DONE])


async def after_done(turn: Turn) -> None:
    """Content after `[DONE]`."""
    await turn.stream([*turn.frames(), frame(turn.answer.chunk({"content": "AFTER"}))])


async def json_for_stream(turn: Turn) -> None:
    """An unstreamed answer where a stream was asked for."""
    await turn.reply.json(200, turn.whole())


async def slow_json(turn: Turn) -> None:
    """`slow_json:SECONDS` before an unstreamed answer, whatever was asked for."""
    await asyncio.sleep(float(turn.arg(0, "0.2")))
    await turn.reply.json(200, turn.whole())


async def huge(turn: Turn) -> None:
    """`huge:BYTES`: an answer of so many bytes, sent while somebody reads."""
    left, piece = int(turn.arg(0, "67108864")), b"x" * 65_536
    await turn.reply.head(200, {"content-type": "application/json", "content-length": str(left)})
    while left > 0:
        await turn.reply.raw(piece[:left])
        left -= len(piece)


async def endless_line(turn: Turn) -> None:
    """A stream whose first event never ends."""
    await turn.reply.begin_stream()
    await turn.reply.piece(b"data: ")
    while True:
        await turn.reply.piece(b"x" * 65_536)


FAULTS: Mapping[str, Behaviour] = {
    "status": status,
    "once": once,
    "html_error": html_error,
    "redirect": redirect,
    "quote": quote,
    "reset": reset,
    "close": close,
    "hang": hang,
    "hang_first": hang_first,
    "stall": stall,
    "stall_after_finish": stall_after_finish,
    "cut": cut,
    "error_frame": error_frame,
    "error_event": error_event,
    "error_in_200": error_in_200,
    "garbage": garbage,
    "garbage_json": garbage_json,
    "garbage_later": garbage_later,
    "wrong_json": wrong_json,
    "invalid_utf8": invalid_utf8,
    "invalid_sse": invalid_sse,
    "page": page,
    "empty": empty,
    "only_done": only_done,
    "no_done": no_done,
    "done_twice": done_twice,
    "after_done": after_done,
    "json_for_stream": json_for_stream,
    "slow_json": slow_json,
    "huge": huge,
    "endless_line": endless_line,
}
