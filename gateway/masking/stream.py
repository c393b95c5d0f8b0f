"""A masked request's stream, restored on its way to the client."""

from __future__ import annotations

from gateway.masking.chunks import Chunks
from gateway.wire.errors import GatewayError
from gateway.wire.http import ByteStream
from router.masking.proof import MaskedBody


class RestoredStream:
    """A `ByteStream` over another one."""

    __slots__ = ("_chunks", "ended", "stream")

    def __init__(self, stream: ByteStream, masking: MaskedBody) -> None:
        self.stream = stream
        self._chunks = Chunks(masking)
        self.ended = False

    async def next(self) -> bytes:
        while not self.ended:
            data = await self.stream.next()
            self.ended = self.stream.ended
            out = self._chunks.feed(data) if data else b""
            if out or not data:
                return out
        return b""

    def broken_off(self, error: GatewayError) -> bytes:
        return self.stream.broken_off(error)

    def close(self) -> None:
        self.stream.close()
