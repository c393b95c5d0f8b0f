"""Framing: the same answers in every way that RFC 9112 lets a server send them, and in ways that it does not.

`GOOD_FRAMING` must be read like any other answer, `BAD_FRAMING` must be refused. Each ends the connection or leaves it
in the state that its name says.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence

from tests.upstream.turn import Behaviour, Turn

POISON = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{"poison":1'


def _body(turn: Turn) -> bytes:
    return b"".join(turn.frames()) if turn.streaming else json.dumps(turn.whole()).encode()


def _head(turn: Turn, *lines: str, start: str = "HTTP/1.1 200 OK") -> bytes:
    kind = "text/event-stream" if turn.streaming else "application/json"
    return "\r\n".join([start, f"content-type: {kind}", *lines, "", ""]).encode("latin-1")


def _chunked(pieces: Sequence[bytes], extension: bytes = b"", trailer: bytes = b"") -> bytes:
    chunks = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces)
    return chunks + b"0" + extension + b"\r\n" + trailer + b"\r\n"


def _with_length(turn: Turn) -> bytes:
    body = _body(turn)
    return _head(turn, f"content-length: {len(body)}") + body


async def together(turn: Turn) -> None:
    """Head and body in one write, with a content-length even where it streams."""
    await turn.reply.raw(_with_length(turn))


async def drip(turn: Turn) -> None:
    """A byte at a time, head and chunk sizes too."""
    data = _head(turn, "transfer-encoding: chunked") + _chunked([_body(turn)])
    for place in range(len(data)):
        await turn.reply.raw(data[place : place + 1])
        if place % 50 == 0:  # let it out
            await asyncio.sleep(0)


async def byte_chunks(turn: Turn) -> None:
    """Every byte a chunk of its own."""
    body = _body(turn)
    pieces = [body[place : place + 1] for place in range(len(body))]
    await turn.reply.raw(_head(turn, "transfer-encoding: chunked") + _chunked(pieces))


async def interim(turn: Turn) -> None:
    """100 and 103 before the answer."""
    await turn.reply.raw(b"HTTP/1.1 100 Continue\r\n\r\n")
    await turn.reply.raw(b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n" + _with_length(turn))


async def extensions(turn: Turn) -> None:
    """Chunk extensions and trailers."""
    data = _chunked([_body(turn)], b";name=value", b"x-checksum: 1\r\n")
    await turn.reply.raw(_head(turn, "transfer-encoding: chunked", "trailer: x-checksum") + data)


async def until_close(turn: Turn) -> None:
    """No length: the end of the connection is the end of the body."""
    await turn.reply.raw(_head(turn, "connection: close") + _body(turn))
    turn.reply.finish()


async def http_1_0(turn: Turn) -> None:
    await turn.reply.raw(_head(turn, start="HTTP/1.0 200 OK") + _body(turn))
    turn.reply.finish()


async def closing(turn: Turn) -> None:
    """`connection: close`, and so it is."""
    body = _body(turn)
    await turn.reply.raw(_head(turn, f"content-length: {len(body)}", "connection: close") + body)
    turn.reply.finish()


async def no_phrase(turn: Turn) -> None:
    body = _body(turn)
    await turn.reply.raw(_head(turn, f"content-length: {len(body)}", start="HTTP/1.1 200 ") + body)


async def odd_case(turn: Turn) -> None:
    """Names in capitals, blanks around values, a value of 16 KB."""
    body = _body(turn)
    lines = (f"CONTENT-LENGTH: \t {len(body)}  ", f"X-Long: {'x' * 16_384}")
    await turn.reply.raw(_head(turn, *lines) + body)


async def two_lengths(turn: Turn) -> None:
    body = _body(turn)
    await turn.reply.raw(_head(turn, f"content-length: {len(body)}", f"content-length: {len(body) + 1}") + body)
    await turn.forever()


async def length_and_chunks(turn: Turn) -> None:
    """Two framings at once: what one reads as the body, another may read as the next answer."""
    body = _body(turn)
    lines = (f"content-length: {len(body)}", "transfer-encoding: chunked")
    await turn.reply.raw(_head(turn, *lines) + _chunked([body]))
    await turn.forever()


async def bad_length(turn: Turn) -> None:
    """`bad_length:TEXT`: a length that is none."""
    await turn.reply.raw(_head(turn, f"content-length: {turn.arg(0, '-5')}") + _body(turn))
    await turn.forever()


async def bad_chunk(turn: Turn) -> None:
    """`bad_chunk:TEXT`: a chunk size that is none."""
    await turn.reply.raw(_head(turn, "transfer-encoding: chunked") + turn.arg(0, "zz").encode() + b"\r\n" + _body(turn))
    await turn.forever()


async def bad_coding(turn: Turn) -> None:
    """A transfer coding that nobody asked for."""
    await turn.reply.raw(_head(turn, "transfer-encoding: gzip, chunked") + _chunked([_body(turn)]))
    await turn.forever()


async def bad_start(turn: Turn) -> None:
    """`bad_start:TEXT`: a status line that is none; `_` stands for a blank."""
    body = _body(turn)
    start = turn.arg(0, "ICY_200_OK").replace("_", " ")
    await turn.reply.raw(_head(turn, f"content-length: {len(body)}", start=start) + body)
    await turn.forever()


async def endless_head(turn: Turn) -> None:
    await turn.reply.raw(b"HTTP/1.1 200 OK\r\n")
    while True:
        await turn.reply.raw(b"x-more: " + b"x" * 1000 + b"\r\n")


async def endless_interim(turn: Turn) -> None:
    """A hundred thousand times 100, and never an answer."""
    for _ in range(100_000):
        await turn.reply.raw(b"HTTP/1.1 100 Continue\r\n\r\n")
    await turn.forever()


async def switching(turn: Turn) -> None:
    """101: another protocol from here on."""
    await turn.reply.raw(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")
    await turn.forever()


async def no_content(turn: Turn) -> None:
    await turn.reply.raw(b"HTTP/1.1 204 No Content\r\n\r\n")


async def poisoned(turn: Turn) -> None:
    """A right answer with another one behind it that nobody asked for."""
    await turn.reply.raw(_with_length(turn) + POISON)


GOOD_FRAMING: Mapping[str, Behaviour] = {
    "together": together,
    "drip": drip,
    "byte_chunks": byte_chunks,
    "interim": interim,
    "extensions": extensions,
    "until_close": until_close,
    "http_1_0": http_1_0,
    "closing": closing,
    "no_phrase": no_phrase,
    "odd_case": odd_case,
}
BAD_FRAMING: Mapping[str, Behaviour] = {
    "two_lengths": two_lengths,
    "length_and_chunks": length_and_chunks,
    "bad_length": bad_length,
    "bad_chunk": bad_chunk,
    "bad_coding": bad_coding,
    "bad_start": bad_start,
    "endless_head": endless_head,
    "endless_interim": endless_interim,
    "switching": switching,
    "no_content": no_content,
}
FRAMING: Mapping[str, Behaviour] = {**GOOD_FRAMING, **BAD_FRAMING, "poisoned": poisoned}
