"""Servers: the ways in which one Redis is served. Here the plain one: a server, always the same.

`leader.py` follows the leader that Sentinel names, `cluster.py` the slots of a Cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gateway.stores.dialler import Dialler
from gateway.stores.lane import Errand
from gateway.stores.node import Node, Terms
from gateway.stores.slot import Word

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from redis.exceptions import ResponseError


class Servers(Protocol):
    """Of one event loop."""

    def take(self, errand: Errand, command: tuple[Word, ...]) -> None:
        """Its reply comes within the time limit, or is a `StoreFault`. Raises `StoreFault` where it is clear at once
        that nobody can be asked."""

    def pool_of(self, key: bytes) -> ConnectionPool | None:
        """What makes connections to the server that has this key; None where that is not known."""

    async def close(self) -> None:
        """What is under way is answered first."""


class OneServer:
    def __init__(self, dialler: Dialler, terms: Terms) -> None:
        self._node = Node(dialler, dialler.address, terms, _untreated, _untold)

    def take(self, errand: Errand, _command: tuple[Word, ...]) -> None:
        self._node.take(errand)

    def pool_of(self, _key: bytes) -> ConnectionPool | None:
        return self._node.pool

    async def close(self) -> None:
        await self._node.close()


def _untreated(_errand: Errand, _refusal: ResponseError) -> bool:
    return False


def _untold(_node: Node) -> None:
    """Nobody else could be asked."""
