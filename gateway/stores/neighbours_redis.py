"""Neighbours in Redis, shared by all workers and replicas: as vector sets where the server has them (Redis 8 and
later), else as a log for each scope that every worker follows.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import numpy as np
from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder

from gateway.stores.lane import Reply
from gateway.stores.link import RedisLink, StoreFault
from gateway.stores.neighbours import Item, Neighbour, NeighbourStore, Shelf, Vector

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 256  # lines that one look-up reads, some 250 KB; who is far behind reads on with the next
_MEMORY: Final = 32 * 1024 * 1024  # bytes of followed logs
_SHORT: Final = np.float16  # of vectors in a log: half the bytes, and a cosine that is off by less than 0.001


class _Line(Struct, frozen=True, array_like=True):
    """One line of a log. Without a vector: the item is gone."""

    name: str
    value: bytes = b""
    vector: bytes = b""
    until: float = 0.0


class _Followed(Struct):
    """A log as far as this worker has read it."""

    shelf: Shelf | None = None
    last: bytes = b"-"  # the id of the last line; `-` is before the first


class LogNeighbours:
    """A stream for each scope: one short question reads what is new, and the comparing is done here. `wall` gives
    seconds since the epoch, the same everywhere."""

    def __init__(self, link: RedisLink, zone: str, prefix: str, wall: Callable[[], float]) -> None:
        self.zone = zone
        self._link = link
        self._prefix = prefix
        self._wall = wall
        self._followed: OrderedDict[str, _Followed] = OrderedDict()

    async def nearest(self, scope: str, vector: Vector, count: int) -> list[Neighbour]:
        followed = self._followed.setdefault(scope, _Followed())
        self._followed.move_to_end(scope)
        start = followed.last if followed.last == b"-" else b"(" + followed.last
        try:
            lines = await self._link.ask(b"XRANGE", self._name(scope), start, b"+", b"COUNT", _AT_ONCE)
        except StoreFault:
            return []
        self._read_on(followed, lines)
        self._make_room()
        return [] if followed.shelf is None else followed.shelf.nearest(vector, count, self._wall())

    async def put(self, scope: str, item: Item, *, most: int, ttl: int) -> None:
        vector = item.vector.astype(_SHORT).tobytes()
        await self._write(scope, _Line(item.name, item.value, vector, self._wall() + ttl), most, ttl)

    async def delete(self, scope: str, gone: Item | Neighbour) -> None:
        followed = self._followed.get(scope)
        if followed is not None and followed.shelf is not None:
            followed.shelf.delete(gone.name)
        with suppress(StoreFault):
            await self._link.ask(
                b"XADD", self._name(scope), b"NOMKSTREAM", b"*", b"i", _ENCODER.encode(_Line(gone.name))
            )

    async def close(self) -> None:
        self._followed.clear()

    async def _write(self, scope: str, line: _Line, most: int, ttl: int) -> None:
        name = self._name(scope)
        with suppress(StoreFault):
            await self._link.ask(b"XADD", name, b"MAXLEN", b"~", most, b"*", b"i", _ENCODER.encode(line))
            await self._link.ask(b"EXPIRE", name, ttl)

    def _read_on(self, followed: _Followed, lines: Reply) -> None:
        for entry in lines if isinstance(lines, list) else ():
            match entry:
                case [bytes(number), [_, bytes(packed)]]:
                    followed.last = number
                case _:
                    continue
            try:
                line = _DECODER.decode(packed)
            except (DecodeError, UnicodeDecodeError):
                continue
            if not line.vector:
                if followed.shelf is not None:
                    followed.shelf.delete(line.name)
                continue
            vector = np.frombuffer(line.vector, dtype=_SHORT).astype(np.float32)
            if followed.shelf is None:
                followed.shelf = Shelf(len(vector))
            followed.shelf.put(Item(line.name, line.value, vector), line.until, _MOST_FOLLOWED)

    def _make_room(self) -> None:
        """What was not asked for longest is read anew when it is asked for again."""
        while len(self._followed) > 1 and sum(_size(each) for each in self._followed.values()) > _MEMORY:
            self._followed.popitem(last=False)

    def _name(self, scope: str) -> str:
        return f"{self._prefix}:{{alike:1:{scope}}}"


class SetNeighbours:
    """A vector set for each scope. What the set calls an element is the item's name and value, so that one command
    finds all there is to know."""

    def __init__(self, link: RedisLink, zone: str, prefix: str) -> None:
        self.zone = zone
        self._link = link
        self._prefix = prefix

    async def nearest(self, scope: str, vector: Vector, count: int) -> list[Neighbour]:
        try:
            found = await self._link.ask(
                b"VSIM", self._name(scope), b"FP32", _packed(vector), b"WITHSCORES", b"COUNT", count
            )
        except StoreFault:
            return []
        return _neighbours(found)

    async def put(self, scope: str, item: Item, *, most: int, ttl: int) -> None:
        name = self._name(scope)
        element = _ENCODER.encode(_Line(item.name, item.value))
        with suppress(StoreFault):
            await self._link.ask(b"VADD", name, b"FP32", _packed(item.vector), element)
            await self._link.ask(b"EXPIRE", name, ttl)
            held = await self._link.ask(b"VCARD", name)
            if isinstance(held, int) and held > most:  # which one goes is chance: the set knows no age
                gone = await self._link.ask(b"VRANDMEMBER", name)
                if isinstance(gone, bytes) and gone != element:
                    await self._link.ask(b"VREM", name, gone)

    async def delete(self, scope: str, gone: Item | Neighbour) -> None:
        name = self._name(scope)
        with suppress(StoreFault):
            if gone.value:
                await self._link.ask(b"VREM", name, _ENCODER.encode(_Line(gone.name, gone.value)))

    async def close(self) -> None:
        """The link is others' too."""

    def _name(self, scope: str) -> str:
        return f"{self._prefix}:{{alike:1v:{scope}}}"


class RedisNeighbours:
    """Finds out with the first look-up which of the two the server can. Until it is known, nothing is near."""

    def __init__(self, link: RedisLink, zone: str, prefix: str, wall: Callable[[], float]) -> None:
        self.zone = zone
        self._link = link
        self._probe = f"{prefix}:{{alike:probe}}"
        self._log = LogNeighbours(link, zone, prefix, wall)
        self._sets = SetNeighbours(link, zone, prefix)
        self.chosen: NeighbourStore | None = None

    async def nearest(self, scope: str, vector: Vector, count: int) -> list[Neighbour]:
        chosen = await self._choose()
        return [] if chosen is None else await chosen.nearest(scope, vector, count)

    async def put(self, scope: str, item: Item, *, most: int, ttl: int) -> None:
        if (chosen := await self._choose()) is not None:
            await chosen.put(scope, item, most=most, ttl=ttl)

    async def delete(self, scope: str, gone: Item | Neighbour) -> None:
        if (chosen := await self._choose()) is not None:
            await chosen.delete(scope, gone)

    async def close(self) -> None:
        await self._log.close()

    async def _choose(self) -> NeighbourStore | None:
        if self.chosen is None:
            try:
                await self._link.ask(b"VCARD", self._probe)
            except StoreFault as fault:
                if fault.kind != "reply":
                    return None
                self.chosen = self._log
            else:
                self.chosen = self._sets
            kind = "logs that are compared here" if self.chosen is self._log else "vector sets"
            _log.info("the semantic cache keeps its questions in Redis as %s", kind)
        return self.chosen


_ENCODER: Final = Encoder()
_DECODER: Final = Decoder(_Line)
_MOST_FOLLOWED: Final = 100_000  # the server bounds each log; this is only for one that does not


def _packed(vector: Vector) -> bytes:
    return vector.astype("<f4").tobytes()


def _size(followed: _Followed) -> int:
    return 0 if followed.shelf is None else followed.shelf.size


def _neighbours(found: Reply) -> list[Neighbour]:
    """Elements and scores in turn. A score is 1 for the same direction and 0 for the opposite one."""
    near: list[Neighbour] = []
    if not isinstance(found, list):
        return near
    for element, score in zip(found[::2], found[1::2], strict=False):
        if not isinstance(element, bytes) or not isinstance(score, bytes):
            continue
        try:
            line = _DECODER.decode(element)
            near.append(Neighbour(line.name, line.value, 2 * float(score) - 1))
        except (DecodeError, UnicodeDecodeError, ValueError):
            continue
    return near
