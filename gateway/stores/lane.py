"""Lane: one connection to Redis that carries one batch of commands at a time, in one write.

Whose reply is whose is told by order alone, so the order is guarded: a batch that is not answered to its last reply
takes the connection with it, and a connection on which something lies before a batch is sent is replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from redis.asyncio.connection import AbstractConnection
    from redis.exceptions import ResponseError

Reply = bytes | int | list["Reply"] | None
_ASKING: Final = b"*1\r\n$6\r\nASKING\r\n"


class Errand:
    """One command, packed for the wire, and who waits for its reply until when (in the loop's time).

    `asking`: of a Cluster's slot that is just moving, the server is asked although it is not yet its own. `moves`: how
    often it was sent on.
    """

    __slots__ = ("asking", "due", "moves", "packed", "reply")

    def __init__(self, packed: bytes, reply: asyncio.Future[Reply], due: float) -> None:
        self.packed = packed
        self.reply = reply
        self.due = due
        self.asking = False
        self.moves = 0


class Lane:
    """`refused` sees to the errand that Redis answers with an error."""

    __slots__ = ("_connection", "_demoted", "_lost", "_on_refused", "_pool", "_refused")

    def __init__(self, pool: ConnectionPool, refused: Callable[[Errand, ResponseError], None]) -> None:
        from redis import exceptions

        self._pool = pool
        self._connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
        self._lost = exceptions.ConnectionError
        self._refused = exceptions.ResponseError
        self._demoted = exceptions.ReadOnlyError
        self._on_refused = refused

    async def carry(self, batch: list[Errand]) -> None:
        """Gives each errand its reply, and takes it out of the batch. Raises what redis-py does where that fails.

        A connection that the server closed while it was idle is replaced at once and the commands are sent again, so a
        command may be carried out twice. So is one to a server that is no longer the leader: after a failover the
        address leads to another, but who is connected stays where he is.
        """
        was_connected = self._connection.is_connected
        try:
            await self._exchange(batch, may_move=was_connected)
        except (self._lost, self._demoted):
            if not was_connected:
                raise
            await self._exchange(batch, may_move=False)

    async def close(self) -> None:
        await self._connection.disconnect()

    async def drop(self) -> None:
        """Closes it without waiting for the server."""
        await self._connection.disconnect(nowait=True)

    async def _exchange(self, batch: list[Errand], *, may_move: bool) -> None:
        connection = self._connection
        await self._pool.ensure_connection(connection)
        answered = 0
        in_step = False
        try:
            packed = [_ASKING + errand.packed if errand.asking else errand.packed for errand in batch]
            await connection.send_packed_command(packed, check_health=False)
            for errand in batch:
                await self._receive(errand, may_move)
                answered += 1
            in_step = True
        finally:
            del batch[:answered]
            if not in_step:
                await connection.disconnect(nowait=True)

    async def _receive(self, errand: Errand, may_move: bool) -> None:
        connection = self._connection
        if errand.asking:
            with suppress(self._refused):
                await connection.read_response()
        try:
            reply = await connection.read_response()
        except self._refused as refusal:
            if may_move and isinstance(refusal, self._demoted):
                raise
            self._on_refused(errand, refusal)
            return
        if not errand.reply.done():  # whoever gave up waiting has spoilt nothing: its reply was read all the same
            errand.reply.set_result(reply)
