"""HTTP/1.1 to clients: uvicorn's protocol, with fewer writes.

uvicorn writes a reply's head by itself, and then each part of its body. A write is a system call and a packet, and
costs more than all the rest of sending a small reply. Here the head waits for the first part of the body, as ASGI has
it (`http.response.start`: nothing has to be sent before the first `http.response.body`), and leaves with it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent

_NOT_IN_NAMES = re.compile(rb'[\x00-\x20\x7fA-Z()<>@,;:\[\]={}\\"]')  # RFC 9110, section 5.6.2; lower case, by ASGI
_IN_LINES = bytes({9, *range(32, 256)} - {127})  # RFC 9110, section 5.5: what a value may hold
_WITHOUT_BODY = frozenset({204, 304})


class Http1(HttpToolsProtocol):
    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.cycle.__class__ = Cycle  # made this very moment, and not begun: uvicorn has no other place to say so


class Cycle(RequestResponseCycle):
    """One request and its reply."""

    _head = b""  # that has not been written yet

    async def send(self, message: ASGISendEvent) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if message["type"] == "http.response.body" and self.response_started and not self.response_complete:
            self._go_on(message)
        elif message["type"] == "http.response.start" and not self.response_started:
            self._begin(message)
        else:
            raise RuntimeError(f"The ASGI message {message['type']!r} has no place here.")

    def _begin(self, message: HTTPResponseStartEvent) -> None:
        self.response_started = True
        self.waiting_for_100_continue = False
        status = message["status"]
        fields = [*self.default_headers, *message.get("headers", ())]
        head = b"\r\n".join([STATUS_LINE[status][:-2], *map(b": ".join, fields)])
        said = dict(fields)
        if _NOT_IN_NAMES.search(b"".join(said)):
            raise RuntimeError("A header's name holds what it must not.")
        if head.translate(None, _IN_LINES) != b"\r\n" * len(fields):
            raise RuntimeError("A header's value holds what it must not.")
        if b"close" in said.get(b"connection", b"").lower():
            self.keep_alive = False
        elif not self.keep_alive:
            head += b"\r\nconnection: close"
        if b"content-length" in said:
            self.chunked_encoding = False
            self.expected_content_length = int(said[b"content-length"])
        elif self.scope["method"] != "HEAD" and status not in _WITHOUT_BODY:
            self.chunked_encoding = True
            head += b"\r\ntransfer-encoding: chunked"
        self._head = head + b"\r\n\r\n"

    def _go_on(self, message: HTTPResponseBodyEvent) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        parts = [self._head]
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
        elif self.chunked_encoding:
            if body:
                parts += (b"%x\r\n" % len(body), body, b"\r\n")
            if not more:
                parts.append(b"0\r\n\r\n")
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("The body is longer than its content-length.")
            parts.append(body)
        self._head = b""
        self.transport.write(b"".join(parts))
        if not more:
            self._complete()

    def _complete(self) -> None:
        if self.expected_content_length:
            raise RuntimeError("The body is shorter than its content-length.")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
