"""Lane: one connection to Redis that carries one batch of commands at a time, in one write.

Whose reply is whose is told by order alone, so the order is guarded: a batch that is not answered to its last reply
takes the connection with it, and a connection on which something lies before a batch is sent is replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from redis.asyncio.connection import AbstractConnection

Reply = bytes | int | list["Reply"] | None


class Errand(NamedTuple):
    """One command, packed for the wire, and who waits for its reply."""

    packed: bytes
    reply: asyncio.Future[Reply]


class Lane:
    """`refusal` makes the exception that a command gets which Redis answers with an error."""

    __slots__ = ("_connection", "_demoted", "_lost", "_pool", "_refusal", "_refused")

    def __init__(self, pool: ConnectionPool, refusal: Callable[[], Exception]) -> None:
        from redis import exceptions

        self._pool = pool
        self._connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
        self._lost = exceptions.ConnectionError
        self._refused = exceptions.ResponseError
        self._demoted = exceptions.ReadOnlyError
        self._refusal = refusal

    async def carry(self, batch: Sequence[Errand]) -> None:
        """Gives each command its reply. Raises what redis-py does where that fails; what was answered is answered.

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
            await self._exchange([errand for errand in batch if not errand.reply.done()], may_move=False)

    async def close(self) -> None:
        await self._connection.disconnect()

    async def _exchange(self, batch: Sequence[Errand], *, may_move: bool) -> None:
        connection = self._connection
        await self._pool.ensure_connection(connection)
        in_step = False
        try:
            await connection.send_packed_command([errand.packed for errand in batch], check_health=False)
            for errand in batch:
                await self._receive(errand.reply, may_move)
            in_step = True
        finally:
            if not in_step:
                await connection.disconnect(nowait=True)

    async def _receive(self, waiting: asyncio.Future[Reply], may_move: bool) -> None:
        try:
            reply = await self._connection.read_response()
        except self._refused as refusal:
            if may_move and isinstance(refusal, self._demoted):
                raise
            if not waiting.done():
                waiting.set_exception(self._refusal())
            return
        if not waiting.done():  # whoever gave up waiting has spoilt nothing: its reply was read all the same
            waiting.set_result(reply)
