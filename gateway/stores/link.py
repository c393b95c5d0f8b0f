"""RedisLink: the way to Redis, with a time limit on every command and a breaker around it.

Commands of the same moment travel together: what is asked while the event loop makes its round is one write and one
time limit. Under load a command costs a small part of what it costs alone.

A Redis that is down, frozen or slow costs a command at most `redis.timeout`, and that once in a while: in between,
commands fail at once. It is used again by itself as soon as it answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from gateway.config.redis import Redis as RedisSettings
from gateway.stores.breaker import Breaker
from gateway.stores.lane import Errand, Lane, Reply
from gateway.stores.patience import Patience

Word = str | bytes | int
_log = logging.getLogger(__name__)

LANES = 4  # connections of one worker; a command waits only where each of them is under way


class StoreFault(Exception):
    """The store could not be asked. `kind`: `timeout`, `connection`, `reply` (it answered with an error) or `open`."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the store could not be asked: {kind}")
        self.kind = kind


def uncounted(_kind: str) -> None:
    """For those who do not count faults."""


class RedisLink:
    """Of one event loop. `on_fault` is told the kind of every fault; `clock` gives seconds and never goes back.
    `breaker`: one of another patience.

    Raises `ValueError` when the address is not one (`redis://`, `rediss://`, `unix://`).
    """

    def __init__(
        self,
        settings: RedisSettings,
        clock: Callable[[], float],
        on_fault: Callable[[str], None] = uncounted,
        breaker: Breaker | None = None,
    ) -> None:
        # Imported here: redis.asyncio takes 165 ms, and whoever has no Redis shall not pay for it.
        from hiredis import pack_command
        from redis import exceptions
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        pool: ConnectionPool = ConnectionPool.from_url(
            settings.url.get_secret_value(),
            socket_timeout=None,  # a batch has a limit of its own, to connect included
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            driver_info=None,
        )
        self._pack: Callable[[tuple[Word, ...]], bytes] = pack_command  # type: ignore[assignment]  # its stub: one word
        self._error = exceptions.RedisError
        self._refused = exceptions.ResponseError
        self._timeout = settings.timeout
        self._breaker = breaker or Breaker(clock)
        self._on_fault = on_fault
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lanes = [Lane(pool, self._refusal) for _ in range(LANES)]
        self._idle = list(self._lanes)
        self._waiting: list[Errand] = []
        self._deadline = 0.0  # of the first that waits, in the loop's time
        self._called = False  # a lane is about to take what waits
        self._under_way: set[asyncio.Task[None]] = set()

    def ask(self, *command: Word) -> asyncio.Future[Reply]:
        """The reply to one command, which names at most one key. It comes within the time limit, or is a `StoreFault`.

        A command may be carried out twice, when the connection is lost on the way.
        """
        if not self._breaker.allow():
            raise self._fault("open")
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        reply: asyncio.Future[Reply] = loop.create_future()
        waiting = self._waiting
        if not waiting:
            self._deadline = loop.time() + self._timeout
        waiting.append(Errand(self._pack(command), reply))
        if self._idle and not self._called:
            self._called = True
            task = loop.create_task(self._run(self._idle.pop()))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return reply

    async def close(self) -> None:
        """What is under way is answered first."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        try:
            async with asyncio.timeout(self._timeout):
                for lane in self._lanes:
                    await lane.close()
        except (self._error, OSError):
            _log.debug("the connection to Redis did not close cleanly")

    async def _run(self, lane: Lane) -> None:
        """Takes all that waits, until nothing does: what is asked meanwhile goes with the next batch."""
        self._called = False
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._carry(lane, batch, self._deadline)
        finally:
            self._idle.append(lane)

    async def _carry(self, lane: Lane, batch: list[Errand], deadline: float) -> None:
        kind = "connection"
        try:
            async with Patience(deadline):
                await lane.carry(batch)
            self._working()
        except TimeoutError:
            kind = "timeout"
            self._broken(kind)
        except self._refused:  # by the handshake: of the user, of the database
            kind = "reply"
            self._working()
        except (self._error, OSError, ValueError):  # ValueError: redis-py's own parser, on what is not Redis' protocol
            self._broken(kind)
        finally:  # whatever happened: nobody waits for ever
            self._fail(batch, kind)

    def _refusal(self) -> StoreFault:
        return self._fault("reply")

    def _fault(self, kind: str) -> StoreFault:
        self._on_fault(kind)
        return StoreFault(kind)

    def _fail(self, batch: Iterable[Errand], kind: str) -> None:
        for errand in batch:
            if not errand.reply.done():
                errand.reply.set_exception(self._fault(kind))

    def _broken(self, kind: str) -> None:
        """What waits for a lane is not made to wait for a server that does not answer."""
        if self._breaker.failure():
            _log.warning("Redis does not answer (%s): going on without it until it does", kind)
        waiting, self._waiting = self._waiting, []
        self._fail(waiting, kind)

    def _working(self) -> None:
        if self._breaker.success():
            _log.info("Redis answers again")
