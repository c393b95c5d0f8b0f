"""Embedder: the encoder in a thread of its own, behind a short queue. The event loop never waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from gateway.cache.semantic.encoder import EncoderUnusable, Vector

MOST_WAITING: Final = 16  # a question takes some 3 ms: what stands behind as many comes too late
_log = logging.getLogger(__name__)


class Encodes(Protocol):
    def vector(self, text: str) -> Vector:
        """Raises `EncoderUnusable`."""
        ...


class Embedder:
    """`load` makes the encoder, in the thread, before the first question."""

    def __init__(self, load: Callable[[], Encodes]) -> None:
        self._load = load
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._waiting = 0
        self._encoder: Encodes | None = None
        self._unusable = False
        self._is_closed = False

    def warm(self) -> None:
        """Loads the encoder, and waits for nothing."""
        self._worker.submit(self._loaded)

    async def vector(self, text: str, patience: float) -> Vector | None:
        """None where it does not come within so many seconds, or the encoder cannot be used."""
        if self._unusable or self._is_closed or self._waiting >= MOST_WAITING:
            return None
        self._waiting += 1
        work = asyncio.get_running_loop().run_in_executor(self._worker, self._encode, text)
        work.add_done_callback(self._done)
        try:
            async with asyncio.timeout(patience):
                return await work  # one that nobody waits for any longer and that has not begun is left out
        except TimeoutError:
            return None

    def close(self) -> None:
        self._is_closed = True
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _done(self, _work: asyncio.Future[Vector | None]) -> None:
        self._waiting -= 1

    def _encode(self, text: str) -> Vector | None:
        encoder = self._loaded()
        if encoder is None:
            return None
        try:
            return encoder.vector(text)
        except EncoderUnusable as error:
            _log.warning("a question is answered anew: %s", error)
            return None

    def _loaded(self) -> Encodes | None:
        if self._encoder is None and not self._unusable:
            try:
                self._encoder = self._load()
            except EncoderUnusable as error:
                self._unusable = True
                _log.error("the semantic cache finds nothing: %s", error)
        return self._encoder
