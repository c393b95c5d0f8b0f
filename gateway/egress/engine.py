"""Engines: how a deployment is spoken to. One sends a serialised body against a permit and hands back an answer."""

from __future__ import annotations

from typing import Protocol

from gateway.egress.guard import Permit
from gateway.wire.errors import UpstreamFailed, UpstreamRefused


class Unreachable(UpstreamRefused):
    """No connection was to be had, and that at once."""


class UnreachableInTime(Unreachable):
    """No connection was to be had, and that took as long as may be waited for one."""


class BrokenOff(UpstreamFailed):
    """The connection broke after the request was sent. Nobody knows what was done with it."""


class AnswerTooLarge(UpstreamFailed):
    code = "upstream_answer_too_large"


class Answer(Protocol):
    """What a deployment answered. `close` is safe at any time and cuts a connection that is still being read.

    `body` and `chunk` raise `UpstreamFailed` when the connection breaks and `UpstreamTimedOut` when it takes too long.
    """

    status: int
    content_type: str
    retry_after: int | None  # seconds

    async def body(self) -> bytes: ...

    async def chunk(self) -> bytes:
        """The next bytes as they arrive, `b""` at a clean end."""
        ...

    def finish(self) -> None:
        """Instead of `close`, when all that matters was read: the connection is used again once the rest is out."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    async def send(self, permit: Permit, endpoint: str, body: bytes, *, streamed: bool) -> Answer:
        """Posts `body` (OpenAI-shaped JSON) to `endpoint` (such as `/chat/completions`) of the permit's target.

        Raises `Unreachable` when no connection is to be had, `BrokenOff` when it breaks before an answer,
        `UpstreamTimedOut` when none came in time.
        """
        ...

    async def close(self) -> None: ...
