"""The line to a client, for what has to be said before there is a reply: signs of life."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.wire.chat_stream import cut_frame
from gateway.wire.errors import GatewayError
from gateway.wire.http import Headers, Send


class Line:
    """`has_begun`: a stream was promised and its head is out, so a failure can only be told in the stream.

    `cut` says in the dialect's words that nothing more will come; as it is, in those of OpenAI's chat. `fields` are
    header fields of the dialect's own.
    """

    __slots__ = ("_send", "cut", "fields", "has_begun")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False
        self.cut: Callable[[GatewayError], bytes] = cut_frame
        self.fields: Sequence[tuple[bytes, bytes]] = ()

    async def begin(self, headers: Headers) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": [*headers, *self.fields]})
        self.has_begun = True

    async def say(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, error: GatewayError) -> None:
        """Nothing more will come."""
        await self.say(self.cut(error))
        await self._send({"type": "http.response.body", "body": b""})
