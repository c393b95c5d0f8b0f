"""HTTP as the data plane sees it: a request read whole under a limit, and replies, whole or streamed."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from gateway.wire.errors import BadRequest, BodyTooLarge, ClientGone, GatewayError
from router.clearance import Clearance

if TYPE_CHECKING:
    from gateway.wire.line import Line

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

JSON: Final = b"application/json"
EVENT_STREAM = b"text/event-stream; charset=utf-8"
STREAMED: Headers = [
    (b"content-type", EVENT_STREAM),
    (b"cache-control", b"no-cache, no-transform"),  # proxies that compress wait for more to compress
    (b"x-accel-buffering", b"no"),  # nginx gathers an answer unless told not to
]
"""Header fields of a stream: nobody on the way is to keep it, pack it or gather it."""


class Request:
    """One request, its body read and decompressed. `headers` are as `fields_of` gives them; `query` as it came.

    `line`: for comments while the client waits for a stream.
    """

    __slots__ = (
        "body",
        "headers",
        "id",
        "line",
        "method",
        "path",
        "query",
    )

    def __init__(
        self,
        method: str,
        path: str,
        headers: Mapping[bytes, bytes],
        body: bytes,
        id: str,  # noqa: A002
        query: bytes = b"",
        line: Line | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.id = id
        self.query = query
        self.line = line


class ByteStream(Protocol):
    """A streamed body: `next` gives bytes to send, until it has `ended`; then `b""`. `close` is safe at any time."""

    ended: bool
    """There are no more bytes than `next` has given: it may be so with the last ones, or only after them."""

    async def next(self) -> bytes: ...

    def broken_off(self, error: GatewayError) -> bytes:
        """What tells the client, in the middle of the stream, that the rest will not come."""
        ...

    def close(self) -> None: ...


class Reply:
    """What the client gets. Exactly one of `body` and `stream` is used; `headers` hold no content-length.

    `over` is called once when the last byte is out, or when it is clear that it never will be. `clearance` is that of
    the content that was answered, as it was decided; None where nothing was.
    """

    __slots__ = (
        "body",
        "clearance",
        "headers",
        "over",
        "status",
        "stream",
    )

    def __init__(
        self,
        status: int,
        headers: Headers,
        body: bytes = b"",
        stream: ByteStream | None = None,
        over: Callable[[], None] | None = None,
        clearance: Clearance | str | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.stream = stream
        self.over = over
        self.clearance = clearance


def fields_of(raw: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Header fields by name, in lower case as ASGI has it. A repeated one is a list (RFC 9110, section 5.3): a second
    locality label or cache directive can never hide the first.
    """
    fields = dict(raw)
    if len(fields) != len(raw):
        fields.clear()
        for name, value in raw:
            fields[name] = fields[name] + b", " + value if name in fields else value
    return fields


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """The request's body, decompressed, at most `limit` bytes on the wire and after decompression.

    Raises `BodyTooLarge`, `BadRequest` for an encoding that is unknown or broken, `ClientGone` when the client leaves.
    How long it may take is the caller's business.
    """
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _rest(receive, bytearray(body), limit)
    elif message["type"] == "http.disconnect":
        raise ClientGone("the client left")
    if len(body) > limit:
        raise _too_large(limit)
    encoding = headers.get(b"content-encoding")
    return _decompressed(body, encoding.strip().lower(), limit) if encoding else body


async def _rest(receive: Receive, body: bytearray, limit: int) -> bytes:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("the client left")
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return bytes(body)


def _decompressed(body: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding in {b"identity", b""}:
        return body
    if encoding not in {b"gzip", b"x-gzip", b"deflate"}:
        raise BadRequest(
            "This content-encoding is not supported: send gzip, deflate or none.", code="unsupported_encoding"
        )
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip or zlib, told by the header
    try:
        plain = inflate.decompress(body, limit + 1)
        if len(plain) > limit:
            raise _too_large(limit)
        if not inflate.eof or inflate.unused_data:
            raise BadRequest("The compressed body is incomplete or has something behind its end.", code="bad_encoding")
    except zlib.error:
        raise BadRequest("The body is not what its content-encoding says.", code="bad_encoding") from None
    return plain


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The request body is larger than {limit} bytes.")


async def transmit(reply: Reply, send: Send, *, has_begun: bool = False) -> None:
    """Sends the reply, of which the head may be out already. A stream is closed whatever happens, so that nothing
    upstream is left open."""
    stream = reply.stream
    if stream is None:
        length = (b"content-length", b"%d" % len(reply.body))
        await send({"type": "http.response.start", "status": reply.status, "headers": [*reply.headers, length]})
        await send({"type": "http.response.body", "body": reply.body})
        return
    try:
        if not has_begun:
            await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        more = True
        while more:
            chunk = await stream.next()
            more = not stream.ended
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
    finally:
        stream.close()
