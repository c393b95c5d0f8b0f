"""A client that waits for an answer: what it is sent before there is a reply."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.wire.call import Call
from gateway.wire.http import Message
from gateway.wire.line import Line
from gateway.wire.sse import PING
from tests.gateway.house import call


class Listener:
    """It hangs on `line`."""

    def __init__(self, reads: int = -1) -> None:
        """`reads`: after so many messages it takes no more; -1: all."""
        self.line = Line(self._send)
        self.sent: list[Message] = []
        self._reads = reads
        self._news = asyncio.Condition()

    async def _send(self, message: Message) -> None:
        if len(self.sent) == self._reads:
            await asyncio.Event().wait()
        async with self._news:
            self.sent.append(message)
            self._news.notify_all()

    async def heard(self, pings: int) -> None:
        """Waits for as many comments."""
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: len(self.sent) > pings)

    def fields(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    def asks(self, *arguments: Any, stream: bool = True, **more: Any) -> Call:
        asked = call(*arguments, stream=stream, **more)
        asked.line = self.line
        return asked

    def assert_heard_comments_only(self, least: int = 1) -> None:
        start, *rest = self.sent
        assert (start["type"], start["status"]) == ("http.response.start", 200)
        assert len(rest) >= least
        assert all(message == {"type": "http.response.body", "body": PING, "more_body": True} for message in rest)
