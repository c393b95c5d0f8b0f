"""Inbox: what workers tell one another, each in a stream of its own that it alone reads.

It reads with one command that waits in Redis until there is something, on a connection of its own. What was sent while
that was lost is read later. An inbox exists as long as its worker reads it: what is sent to one that has died is gone,
and who sent it knows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from gateway.stores.fault import StoreFault
from gateway.stores.lane import Reply
from gateway.stores.line import Line
from gateway.stores.link import RedisLink

WAIT: Final = 5.0  # seconds that one reading waits for something
_LIFE: Final = 20_000  # milliseconds for which an inbox outlives the last reading
_MOST_KEPT: Final = 512  # messages, about: what a reader that is late may have before it
_MOST_READ: Final = 64
_FIRST_PAUSE: Final = 0.1  # seconds
_LONGEST_PAUSE: Final = 5.0
_log = logging.getLogger(__name__)


class Inbox:
    """`who` names the one that reads, and no other; `take` is given each message. Of one event loop."""

    def __init__(self, link: RedisLink, prefix: str, who: str, take: Callable[[bytes], None]) -> None:
        self._prefix = prefix
        self._name = self._of(who)
        self._link = link
        self._take = take
        self._last: bytes = b""  # what has been read
        self._reading: asyncio.Task[None] | None = None

    def open(self) -> None:
        """From now on it is read. Safe to be called again: where a fault of ours has ended the reading, it goes on."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._run())

    async def send(self, to: str, message: bytes) -> bool | None:
        """False where nobody reads it there; None: nobody can tell, and it may have arrived."""
        try:
            number = await self._link.ask(
                *(b"XADD", self._of(to), b"NOMKSTREAM", b"MAXLEN", b"~", _MOST_KEPT, b"*", b"m", message)
            )
        except StoreFault:
            return None
        return number is not None

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
            with suppress(StoreFault):
                await self._link.ask(b"DEL", self._name)

    def _of(self, who: str) -> str:
        return f"{self._prefix}:inbox:{{{who}}}"

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            line: Line | None = None
            try:
                await self._found()
                line = self._link.line(self._name)
                while line is not None:
                    reply = await line.ask(
                        *(b"XREAD", b"COUNT", _MOST_READ, b"BLOCK", int(WAIT * 1000), b"STREAMS", self._name),
                        self._last,
                        waits=WAIT,
                    )
                    self._read(reply)
                    await self._keep()
                    pause = _FIRST_PAUSE
            except StoreFault:
                _log.debug("the inbox cannot be read now")
            finally:
                if line is not None:
                    await line.close()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _found(self) -> None:
        """There is one from now on. One that is there already has what was not read yet. Raises `StoreFault`."""
        made = self._link.ask(b"XADD", self._name, b"*", b"o", b"")
        made.add_done_callback(_looked_at)
        await self._link.ask(b"PEXPIRE", self._name, _LIFE)  # in the same write: none is there without an end
        number = await made
        # A lower number than the last: it was lost with its Redis, and this one's clock is behind.
        if isinstance(number, bytes) and (not self._last or _order(number) < _order(self._last)):
            self._last = number

    async def _keep(self) -> None:
        """It is still read; what has been read is let go of. Raises `StoreFault`."""
        kept = self._link.ask(b"PEXPIRE", self._name, _LIFE)
        kept.add_done_callback(_looked_at)
        await self._link.ask(b"XTRIM", self._name, b"MINID", self._last)
        if not await kept:
            await self._found()

    def _read(self, reply: Reply) -> None:
        match reply:
            case [[_, [*messages]]]:
                for message in messages:
                    match message:
                        case [bytes(number), [b"m", bytes(data)]]:
                            self._last = number
                            self._take(data)
                        case [bytes(number), *_]:
                            self._last = number


def _order(number: bytes) -> tuple[int, ...]:
    """Of a message: `milliseconds-count`."""
    return tuple(map(int, number.split(b"-")))


def _looked_at(reply: asyncio.Future[Reply]) -> None:
    """Where the one that is waited for is lost too, nobody asks what became of this one."""
    if not reply.cancelled():
        reply.exception()
