"""A cycle: one request of a connection and its response, as ASGI's `receive` and `send`.

The response's head waits for the first part of its body, as the ASGI specification suggests, so that a whole answer
leaves in one write: on a busy machine a system call costs more than the rest of what is done here.
"""

from __future__ import annotations

import http
from asyncio import Future, Task
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Protocol

from gateway.wire.http import Message

PAUSE_BYTES: Final = 64 * 1024  # of a request's body that nobody has read yet
_JOINED: Final = 64 * 1024  # bytes; larger bodies are not copied behind their head
_STATUS: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in http.HTTPStatus
    if status.value >= 200
}
_LENGTH_NAME: Final = b"content-length"
_LENGTH: Final = b"\r\ncontent-length: "
_CLOSE: Final = b"\r\nconnection: close"


class Line(Protocol):
    """The connection as a cycle needs it."""

    write_paused: bool

    def write(self, data: bytes) -> None: ...

    async def writable(self) -> None: ...

    def future(self) -> Future[None]: ...

    def resume_reading(self) -> None: ...

    def date(self) -> bytes:
        """Header lines that every response has."""
        ...

    def over(self, cycle: Cycle) -> None:
        """The response is complete."""
        ...


class Cycle:
    """`complete`: the whole request is here. `over`: the whole response is out. `gone`: nobody is there any more."""

    __slots__ = (
        "_body",
        "_declared",
        "_expects_continue",
        "_framed",
        "_head",
        "_line",
        "_size",
        "_told",
        "complete",
        "gone",
        "keep_alive",
        "over",
        "scope",
        "started",
        "task",
        "waiter",
    )

    def __init__(self, line: Line, scope: dict[str, Any], *, keep_alive: bool, expects_continue: bool) -> None:
        self._line = line
        self._body: list[bytes] = []
        self._size = 0  # of `_body`
        self._told = False  # the application has seen the end of the request
        self.waiter: Future[None] | None = None  # of the last `receive` that found nothing
        self._expects_continue = expects_continue
        self._head = b""
        self._framed = False  # in chunks
        self._declared: int | None = None  # bytes of the body that are still to come
        self.scope = scope
        self.keep_alive = keep_alive
        self.complete = self.started = self.over = self.gone = False
        self.task: Task[None] | None = None

    @property
    def silent(self) -> bool:
        """Nothing of the response has been sent."""
        return not self.started or bool(self._head)

    def leave(self) -> None:
        """Nobody is there any more."""
        self.gone = True
        self.wake()

    def feed(self, part: bytes) -> bool:
        """A part of the request's body. True where reading should pause."""
        self._body.append(part)
        self._size += len(part)
        if self.waiter is not None:
            self.wake()
        return self._size > PAUSE_BYTES

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    async def receive(self) -> Message:
        while True:
            if self.gone or self.over:
                return {"type": "http.disconnect"}
            if self._body or (self.complete and not self._told):
                body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
                self._body, self._size, self._told = [], 0, self.complete
                if not self.complete:
                    self._line.resume_reading()
                return {"type": "http.request", "body": body, "more_body": not self.complete}
            if self._expects_continue and not self.started:
                self._expects_continue = False
                self._line.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            waiter = self._line.future()
            if self.waiter is not None and not self.waiter.done():  # two wait at once: both are to wake
                waiter.add_done_callback(partial(_pass_on, self.waiter))
            self.waiter = waiter
            await waiter

    async def send(self, message: Message) -> None:
        """Raises `RuntimeError` where the application breaks the protocol."""
        if self._line.write_paused:
            await self._line.writable()
        if self.gone:
            return
        if message["type"] == "http.response.body":
            if not self.started or self.over:
                raise RuntimeError("a body before the response's start or after its end")
            self._send_body(bytes(message.get("body", b"")), last=not message.get("more_body", False))
        elif self.started:
            raise RuntimeError("a second response to one request")
        else:
            self._start(message["status"], message.get("headers", ()))

    def _start(self, status: int, headers: Sequence[Sequence[bytes]]) -> None:
        block = b"\r\n".join(map(b": ".join, headers))
        ends = max(len(headers) - 1, 0)
        if block.count(b"\n") != ends or block.count(b"\r") != ends or 0 in block:
            raise RuntimeError("a header's value would end its line")
        if self._expects_continue and not self.complete:
            self.keep_alive = False  # the client may keep the body to itself now (RFC 9110, section 10.1.1)
        line = _STATUS.get(status) or _unusual(status)
        head = b"%b%b%b\r\n" % (line, self._line.date(), block) if block else line + self._line.date()
        bodiless = self.scope["method"] == "HEAD" or status in (204, 304)
        length = _length(headers, head)
        if length is not None:
            self._declared = 0 if bodiless else length
        elif bodiless:
            self._declared = 0
        elif self.scope["http_version"] == "1.1":
            self._framed = True
            head += b"transfer-encoding: chunked\r\n"
        else:  # HTTP/1.0: the body ends with the connection
            self.keep_alive = False
        if head.find(_CLOSE) >= 0:
            self.keep_alive = False
        elif not self.keep_alive:
            head += b"connection: close\r\n"
        elif self.scope["http_version"] == "1.0":
            head += b"connection: keep-alive\r\n"
        self._head = head + b"\r\n"
        self.started = True

    def _send_body(self, body: bytes, *, last: bool) -> None:
        if self._declared is not None:
            body = b"" if self.scope["method"] == "HEAD" else body
            self._declared -= len(body)
            if self._declared < 0 or (last and self._declared > 0):
                raise RuntimeError("the body is not as long as its content-length says")
        elif self._framed:
            end = b"\r\n0\r\n\r\n" if last else b"\r\n"
            if body:
                body = b"".join((b"%x\r\n" % len(body), body, end))
            elif last:
                body = b"0\r\n\r\n"
        head, self._head = self._head, b""
        if head and len(body) <= _JOINED:
            self._line.write(head + body)
        else:
            if head:
                self._line.write(head)
            if body:
                self._line.write(body)
        if last:
            self.over = True
            self._line.over(self)


def _length(headers: Sequence[Sequence[bytes]], head: bytes) -> int | None:
    """The content-length, which whoever knows it says last."""
    if headers and headers[-1][0] == _LENGTH_NAME:
        return int(headers[-1][1])
    place = head.find(_LENGTH)
    if place < 0:
        return None
    place += len(_LENGTH)
    return int(head[place : head.index(b"\r", place)])


def _unusual(status: int) -> bytes:
    if status < 200:
        raise RuntimeError("not a final status")
    return b"HTTP/1.1 %d \r\n" % status


def _pass_on(waiter: Future[None], _: Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
