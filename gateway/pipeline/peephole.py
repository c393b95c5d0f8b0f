"""A peephole: a deployment's answer as it comes, with what only the gateway asked for taken out of it."""

from __future__ import annotations

import asyncio

from gateway.egress.engine import Answer
from gateway.wire.logprobs import Stripper, taken_out


class Peephole:
    """An `Answer` in front of another. `taken` is what was taken out, until `forget`."""

    def __init__(self, answer: Answer, *, strips: bool) -> None:
        self._answer = answer
        self._stripper = Stripper() if strips else None
        self._reading: asyncio.Task[bytes] | None = None  # begun, and not come to its end in time
        self._keeps = True
        self._ended = False
        self.taken: list[bytes] = []
        self.status = answer.status
        self.content_type = answer.content_type
        self.retry_after = answer.retry_after

    async def body(self) -> bytes:
        body = await self._answer.body()
        if self._stripper is None:
            return body
        shown, self.taken = taken_out(body)
        return shown

    async def chunk(self) -> bytes:
        """Whole events; `b""` at a clean end."""
        while not self._ended:
            if self._reading is None:
                data = await self._answer.chunk()
            else:
                await asyncio.wait({self._reading})  # whoever leaves meanwhile leaves it to another
                reading, self._reading = self._reading, None
                data = reading.result()
            if shown := self._shown(data):
                return shown
        return b""

    async def chunk_by(self, deadline: float) -> bytes | None:
        """The same, if it comes by then (the event loop's time). If not it will be the next chunk, and this is None."""
        loop = asyncio.get_running_loop()
        while not self._ended:
            if self._reading is None:
                self._reading = loop.create_task(self._next())
            if not self._reading.done():
                await asyncio.wait({self._reading}, timeout=max(0.0, deadline - loop.time()))
            if not self._reading.done():
                return None
            reading, self._reading = self._reading, None
            if shown := self._shown(reading.result()):
                return shown
        return b""

    def forget(self) -> None:
        """Nobody will look any more; what comes is still taken out."""
        self._keeps = False
        self.taken = []

    def finish(self) -> None:
        self._stop()
        self._answer.finish()

    def close(self) -> None:
        self._stop()
        self._answer.close()

    async def _next(self) -> bytes:
        return await self._answer.chunk()

    def _shown(self, data: bytes) -> bytes:
        if not data:
            self._ended = True
            return b""
        if self._stripper is None:
            return data
        shown, values = self._stripper.feed(data)
        if self._keeps:
            self.taken += values
        return shown

    def _stop(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None and not reading.cancel() and not reading.cancelled():
            reading.exception()  # it came after all, and nobody wants it
