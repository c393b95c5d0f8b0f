"""Neighbours: what is near a vector among those of its scope. What the semantic cache needs, and nothing more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from router.clearance import LOCAL_ZONE

Vector = NDArray[np.float32]

OVERHEAD: Final = 400  # bytes of bookkeeping for each item, beside its vector and its value
_FIRST: Final = 16  # rows of a new scope


class Neighbour(NamedTuple):
    """`similarity` is the cosine, 0..1 for all that matters."""

    name: str
    value: bytes
    similarity: float


class Item(NamedTuple):
    name: str
    value: bytes
    vector: Vector


class NeighbourStore(Protocol):
    """Keeps vectors of length 1, each with a name and a value. Losing one is allowed; one of another scope is never
    found. No method raises because the store behind it is down: nothing is near then, and nothing is kept.
    """

    zone: str
    """Where the values end up: content may be put here only if its clearance permits this zone."""

    async def nearest(self, scope: str, vector: Vector, count: int) -> list[Neighbour]:
        """At most so many, the nearest first."""

    async def put(self, scope: str, item: Item, *, most: int, ttl: int) -> None:
        """In place of what has its name. A scope holds some `most` items; for `ttl` seconds."""

    async def delete(self, scope: str, gone: Item | Neighbour) -> None:
        """Forget it; what is not there is no error."""

    async def close(self) -> None:
        """Calling it twice is harmless."""


class Shelf:
    """The items of one scope: rows of a matrix, so that all are compared at once."""

    __slots__ = ("_matrix", "_names", "_rows", "_until", "_values", "size")

    def __init__(self, dimensions: int) -> None:
        self._matrix: Vector = np.empty((_FIRST, dimensions), dtype=np.float32)
        self._rows: dict[str, int] = {}  # of each name, in the order in which they came
        self._names: list[str] = []
        self._values: list[bytes] = []
        self._until: list[float] = []
        self.size = self._matrix.nbytes  # bytes

    def __len__(self) -> int:
        return len(self._names)

    def put(self, item: Item, until: float, most: int) -> None:
        if item.vector.shape != self._matrix.shape[1:]:  # of another encoder
            return
        self.delete(item.name)
        while len(self._names) >= most:
            self.delete(next(iter(self._rows)))
        row = len(self._names)
        if row == len(self._matrix):
            self.size += self._matrix.nbytes
            self._matrix = np.concatenate([self._matrix, np.empty_like(self._matrix)])
        self._matrix[row] = item.vector
        self._rows[item.name] = row
        self._names.append(item.name)
        self._values.append(item.value)
        self._until.append(until)
        self.size += len(item.value) + OVERHEAD

    def delete(self, name: str) -> None:
        row = self._rows.pop(name, None)
        if row is None:
            return
        self.size -= len(self._values[row]) + OVERHEAD
        moved, value, until = self._names.pop(), self._values.pop(), self._until.pop()
        if row < len(self._names):  # the last one takes its place
            self._matrix[row] = self._matrix[len(self._names)]
            self._names[row], self._values[row], self._until[row] = moved, value, until
            self._rows[moved] = row

    def nearest(self, vector: Vector, count: int, now: float) -> list[Neighbour]:
        rows = len(self._names)
        if not rows or vector.shape != self._matrix.shape[1:]:
            return []
        alike = self._matrix[:rows] @ vector
        best = alike.argpartition(-count)[-count:] if rows > count else np.arange(rows)
        best = best[alike[best].argsort()[::-1]]
        return [
            Neighbour(self._names[row], self._values[row], float(alike[row]))
            for row in map(int, best)
            if self._until[row] > now
        ]


class MemoryNeighbours:
    """In this process, bounded in bytes; the scope that was not used for longest goes first."""

    zone = LOCAL_ZONE

    def __init__(self, max_bytes: int, clock: Callable[[], float]) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._shelves: OrderedDict[str, Shelf] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._bytes = 0

    @property
    def size(self) -> int:
        return self._bytes

    async def nearest(self, scope: str, vector: Vector, count: int) -> list[Neighbour]:
        shelf = self._shelves.get(scope)
        if shelf is None:
            return []
        self._shelves.move_to_end(scope)
        return shelf.nearest(vector, count, self._clock())

    async def put(self, scope: str, item: Item, *, most: int, ttl: int) -> None:
        shelf = self._shelves.setdefault(scope, Shelf(len(item.vector)))
        self._shelves.move_to_end(scope)
        shelf.put(item, self._clock() + ttl, most)
        self._measure(scope, shelf)
        while self._bytes > self._max_bytes and self._shelves:
            last, _ = self._shelves.popitem(last=False)
            self._bytes -= self._sizes.pop(last)

    async def delete(self, scope: str, gone: Item | Neighbour) -> None:
        shelf = self._shelves.get(scope)
        if shelf is not None:
            shelf.delete(gone.name)
            self._measure(scope, shelf)

    async def close(self) -> None:
        self._shelves.clear()
        self._sizes.clear()
        self._bytes = 0

    def _measure(self, scope: str, shelf: Shelf) -> None:
        size = shelf.size
        self._bytes += size - self._sizes.get(scope, 0)
        self._sizes[scope] = size
