"""If these fail, the event loop waits for the encoder, or a question waits for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from gateway.cache.semantic.embedder import MOST_WAITING, Embedder
from gateway.cache.semantic.encoder import EncoderUnusable, Vector

LONG = 30.0  # seconds


class Held:
    """An encoder that waits until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.encoded: list[str] = []

    def vector(self, text: str) -> Vector:
        self.go.wait(LONG)
        self.encoded.append(text)
        return np.ones(1, dtype=np.float32)


@pytest.fixture
def held() -> Iterator[Held]:
    encoder = Held()
    yield encoder
    encoder.go.set()


async def test_a_vector_comes_from_another_thread(held: Held) -> None:
    held.go.set()
    embedder = Embedder(lambda: held)
    assert (await embedder.vector("a", LONG)) is not None
    embedder.close()


async def test_who_waits_too_long_gets_none_and_is_not_encoded_any_more(held: Held) -> None:
    embedder = Embedder(lambda: held)
    first = asyncio.ensure_future(embedder.vector("first", LONG))
    await asyncio.sleep(0)
    assert await embedder.vector("second", 0.01) is None
    held.go.set()
    assert await first is not None
    assert await embedder.vector("third", LONG) is not None
    assert held.encoded == ["first", "third"]
    embedder.close()


async def test_the_queue_is_short(held: Held) -> None:
    embedder = Embedder(lambda: held)
    waiting = [asyncio.ensure_future(embedder.vector(str(n), LONG)) for n in range(MOST_WAITING)]
    await asyncio.sleep(0)
    assert await embedder.vector("one too many", LONG) is None
    held.go.set()
    assert all(vector is not None for vector in await asyncio.gather(*waiting))
    assert await embedder.vector("later", LONG) is not None
    embedder.close()


async def test_an_encoder_that_cannot_be_used_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    def load() -> Held:
        raise EncoderUnusable("not installed: x")

    embedder = Embedder(load)
    assert await embedder.vector("a", LONG) is None
    assert await embedder.vector("b", LONG) is None
    assert [record.getMessage() for record in caplog.records] == ["the semantic cache finds nothing: not installed: x"]
    embedder.close()


class Broken:
    """An encoder that takes some texts and not others."""

    def vector(self, text: str) -> Vector:
        if text == "bad":
            raise EncoderUnusable("the encoder failed: Fail")
        return np.ones(1, dtype=np.float32)


async def test_a_question_that_the_encoder_fails_at_is_a_miss_and_no_error() -> None:
    embedder = Embedder(Broken)
    assert await embedder.vector("bad", LONG) is None
    assert await embedder.vector("good", LONG) is not None
    embedder.close()


async def test_who_asks_after_the_end_gets_none() -> None:
    embedder = Embedder(Broken)
    embedder.close()
    assert await embedder.vector("good", LONG) is None
