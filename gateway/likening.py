"""Likening: what of the semantic cache goes on from one configuration to the next: the encoder, and where questions
are.
"""

from __future__ import annotations

from gateway.cache.semantic.cache import SemanticCache
from gateway.cache.semantic.embedder import Embedder
from gateway.cache.semantic.encoder import Encoder
from gateway.cache.semantic.plan import semantic_plans_of
from gateway.config.semantic import Encoder as EncoderSettings
from gateway.config.settings import Settings
from gateway.lasting import One
from gateway.pipeline.parts import Clocks
from gateway.stores.neighbours import MemoryNeighbours, NeighbourStore
from gateway.stores.neighbours_redis import RedisNeighbours
from gateway.stores.protocol import ByteStore
from gateway.stores.redis import RedisStore

_SHARE = 4  # of the room for answers in memory, what questions may take besides: a quarter


class Likening:
    """Of one worker."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._index: One[NeighbourStore] = One()
        self._embedders: dict[EncoderSettings, Embedder] = {}

    def of(self, settings: Settings, store: ByteStore | None) -> SemanticCache | None:
        """Beside the answers in `store`; None where no route has one."""
        plans = semantic_plans_of(settings)
        if store is None or not plans:
            return None

        def make() -> NeighbourStore:
            if isinstance(store, RedisStore):
                return RedisNeighbours(store.link, store.zone, settings.redis.prefix, self._clocks.wall)
            return MemoryNeighbours(settings.cache.max_memory_bytes // _SHARE, self._clocks.steady)

        return SemanticCache(self._index.of(store, make), store, self._embedder(settings.cache.encoder), plans)

    def close(self) -> None:
        for embedder in self._embedders.values():
            embedder.close()

    def _embedder(self, settings: EncoderSettings) -> Embedder:
        embedder = self._embedders.get(settings)
        if embedder is None:
            embedder = self._embedders[settings] = Embedder(lambda: Encoder(settings))
            embedder.warm()
        return embedder
