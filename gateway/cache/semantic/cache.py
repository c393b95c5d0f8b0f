"""SemanticCache: which questions that were answered mean the same as this one.

Answers stay where they are, in the exact cache: here is only which question led to which key. So an answer that is
over, purged or evicted there is gone here too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Final, NamedTuple

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder

from gateway.cache.semantic.answer import says_something
from gateway.cache.semantic.embedder import Embedder
from gateway.cache.semantic.encoder import Vector
from gateway.cache.semantic.guard import objection
from gateway.cache.semantic.plan import SemanticPlan
from gateway.cache.semantic.reading import Reading, read
from gateway.stores.neighbours import Item, Neighbour, NeighbourStore
from gateway.stores.protocol import ByteStore
from router.clearance import Clearance

LOOKED_AT: Final = 8  # of the nearest; one that the guard refuses may stand before one that is right
_KEEP_PATIENCE: Final = 10.0  # seconds; nobody waits for it


class Likeness(Struct):
    """A request's question, and where those are that may stand for it. `scope` is a keyed hash, as a cache key is."""

    scope: str
    text: str
    reading: Reading
    plan: SemanticPlan
    vector: Vector | None = None


class Search(NamedTuple):
    """What was found, the nearest first; where that is nothing, `outcome` says why: `none` (nothing is near), `late`
    (no vector in time) or `guard`, and then `objection` what the nearest of them does not agree in."""

    found: tuple[Neighbour, ...] = ()
    outcome: str = "none"
    objection: str = ""


class Given(Struct, frozen=True, array_like=True):
    """An answer that was given for another question, as long as somebody may say that it was wrong."""

    route: str
    key: str
    team: str | None
    scope: str
    name: str
    question: bytes


class SemanticCache:
    """`plans` are those of the routes that have one. `notes` keeps for a while which request was given what."""

    def __init__(
        self, index: NeighbourStore, notes: ByteStore, embedder: Embedder, plans: Mapping[str, SemanticPlan]
    ) -> None:
        self.index = index
        self.plans = plans
        self._notes = notes
        self._embedder = embedder

    def permits(self, clearance: Clearance) -> bool:
        """Whether the words of a question may be where the index is."""
        return clearance.permits(self.index.zone)

    async def search(self, likeness: Likeness) -> Search:
        """Candidates for the answer: near enough, and the guard has nothing against them."""
        threshold = likeness.plan.thresholds.get(likeness.reading.language)
        if threshold is None:
            return Search()
        vector = likeness.vector = await self._embedder.vector(likeness.text, likeness.plan.patience)
        if vector is None:
            return Search(outcome="late")
        found: list[Neighbour] = []
        first = ""
        for near in await self.index.nearest(likeness.scope, vector, LOOKED_AT):
            if near.similarity < threshold:
                break
            kept = read(near.value.decode("utf-8", "replace"))
            against = "language" if kept is None else objection(likeness.reading, kept)
            if against is None:
                found.append(near)
            else:
                first = first or against
        if found:
            return Search(tuple(found))
        return Search(outcome="guard" if first else "none", objection=first)

    async def keep(self, put: Awaitable[bool], likeness: Likeness, key: str, body: bytes, ttl: int) -> None:
        """Once the exact cache has the answer under `key`, it may be found by its question."""
        if not await put or not says_something(body):
            return
        vector = likeness.vector
        if vector is None:
            vector = await self._embedder.vector(likeness.text, _KEEP_PATIENCE)
        if vector is not None:
            item = Item(key, likeness.text.encode("utf-8", "replace"), vector)
            await self.index.put(likeness.scope, item, most=likeness.plan.most, ttl=ttl)

    async def forget(self, scope: str, near: Neighbour) -> None:
        await self.index.delete(scope, near)

    async def note(self, request_id: str, given: Given, ttl: int) -> None:
        """So that whoever asked can say that the answer was wrong."""
        await self._notes.put(_note_name(request_id), _ENCODER.encode(given), ttl)

    async def given(self, request_id: str) -> Given | None:
        """What that request was given; None where it was given nothing from here, or long ago."""
        value = await self._notes.get(_note_name(request_id))
        if value is None:
            return None
        try:
            return _DECODER.decode(value)
        except (DecodeError, UnicodeDecodeError):
            return None

    async def evict(self, request_id: str, given: Given) -> None:
        """The question does not lead to that answer any more. Its own answer stays."""
        await self.index.delete(given.scope, Neighbour(given.name, given.question, 0.0))
        await self._notes.delete(_note_name(request_id))


_ENCODER: Final = Encoder()
_DECODER: Final = Decoder(Given)


def _note_name(request_id: str) -> str:
    return f"given:1:{request_id}"
