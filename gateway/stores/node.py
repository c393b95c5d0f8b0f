"""Node: one Redis server, with a time limit on every command and a breaker around it.

Commands of the same moment travel together: what is asked while the event loop makes its round is one write and one
time limit. Under load a command costs a small part of what it costs alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.stores.breaker import Breaker
from gateway.stores.dialler import Address, Dialler
from gateway.stores.fault import StoreFault
from gateway.stores.lane import Errand, Lane
from gateway.stores.patience import Patience

if TYPE_CHECKING:
    from redis.exceptions import ResponseError

LANES: Final = 4  # connections to one server; a command waits only where each of them is under way
_log = logging.getLogger(__name__)


class Terms(NamedTuple):
    """What is the same for all servers of one link."""

    timeout: float  # seconds
    breaker: Callable[[], Breaker]  # makes a new one
    on_fault: Callable[[str], None]  # is told the kind of every fault
    chance: Callable[[], float]  # numbers from 0 to 1


class Node:
    """Of one event loop. `refused` sees to what the server answers with an error, and says whether it did; `broken` is
    told of every failure to get an answer.
    """

    __slots__ = (
        *("_called", "_deadline", "_errors", "_idle", "_lanes", "_loop", "_refused", "_terms", "_tell_broken"),
        *("_under_way", "_waiting", "address", "breaker", "pool"),
    )

    def __init__(
        self,
        dialler: Dialler,
        address: Address,
        terms: Terms,
        refused: Callable[[Errand, ResponseError], bool],
        broken: Callable[[Node], None],
    ) -> None:
        from redis import exceptions

        self.address = address
        self.breaker = terms.breaker()
        self.pool = dialler.pool(address)
        self._errors = (exceptions.ResponseError, (exceptions.RedisError, OSError, ValueError))
        self._terms = terms
        self._refused = refused
        self._tell_broken = broken
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lanes = [Lane(self.pool, self._on_refused) for _ in range(LANES)]
        self._idle = list(self._lanes)
        self._waiting: list[Errand] = []
        self._deadline = 0.0  # of the first that waits, in the loop's time
        self._called = False  # a lane is about to take what waits
        self._under_way: set[asyncio.Task[None]] = set()

    def take(self, errand: Errand) -> None:
        """Its reply comes within the time limit, or is a `StoreFault`. Raises `StoreFault` at once where the server
        has just failed."""
        if not self.breaker.allow():
            raise self._fault("open")
        waiting = self._waiting
        if not waiting or errand.due < self._deadline:
            self._deadline = errand.due
        waiting.append(errand)
        if self._idle and not self._called:
            self._called = True
            loop = self._loop
            if loop is None:
                loop = self._loop = asyncio.get_running_loop()
            task = loop.create_task(self._run(self._idle.pop()))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """What is under way is answered first."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        try:
            async with asyncio.timeout(self._terms.timeout):
                for lane in self._lanes:
                    await lane.close()
        except self._errors[1]:
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
        except self._errors[0]:  # by the handshake: of the user, of the database
            kind = "reply"
            self._working()
        except self._errors[1]:  # ValueError: redis-py's own parser, on what is not Redis' protocol
            self._broken(kind)
        finally:  # whatever happened: nobody waits for ever
            self._fail(batch, kind)

    def _on_refused(self, errand: Errand, refusal: ResponseError) -> None:
        if not errand.reply.done() and not self._refused(errand, refusal):
            errand.reply.set_exception(self._fault("reply"))

    def _fault(self, kind: str) -> StoreFault:
        self._terms.on_fault(kind)
        return StoreFault(kind)

    def _fail(self, batch: Iterable[Errand], kind: str) -> None:
        for errand in batch:
            if not errand.reply.done():
                errand.reply.set_exception(self._fault(kind))

    def _broken(self, kind: str) -> None:
        """What waits for a lane is not made to wait for a server that does not answer."""
        if self.breaker.failure():
            _log.warning("Redis does not answer (%s): going on without it until it does", kind)
        waiting, self._waiting = self._waiting, []
        self._fail(waiting, kind)
        self._tell_broken(self)

    def _working(self) -> None:
        if self.breaker.success():
            _log.info("Redis answers again")


def hand_over(errand: Errand, node: Node) -> None:
    """For who cannot be told at once that nobody can be asked."""
    try:
        node.take(errand)
    except StoreFault as fault:
        errand.reply.set_exception(fault)
