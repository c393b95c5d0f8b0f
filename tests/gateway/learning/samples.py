"""Notes, samples and labels to keep, a look into the store, and a clock that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from gateway.learning.note import Note
from gateway.learning.sample import Label, Sample
from gateway.learning.store import LearningStore
from router.difficulty.features import Reading, read
from router.difficulty.sample import pack
from router.difficulty.view import view_of_text

NOW: Final = 1_800_000_000.5
READING: Final[Reading] = read(view_of_text("Prove that there are infinitely many primes."))
PACKED: Final = pack(READING)


def sample(request_id: str = "req_1", **changes: Any) -> Sample:
    plain = Sample(request_id, NOW, "dev", "research", "auto", "home", "away", "small", 0.25, PACKED)
    return plain._replace(**changes)


def label(request_id: str = "req_1", **changes: Any) -> Label:
    return Label(request_id, NOW + 60, "thumbs", "dev", 1.0, None, 1.0)._replace(**changes)


def note(request_id: str = "req_1", **changes: Any) -> Note:
    view = view_of_text("Prove that there are infinitely many primes.")
    plain = Note(request_id, NOW, "dev", "research", "auto", "home", "away", "small", 0.25, "any", view)
    return plain._replace(**changes)


@contextmanager
def stored(url: str) -> Iterator[LearningStore]:
    """What anybody else finds there."""
    store = LearningStore.open(url, 10)
    try:
        yield store
    finally:
        store.close()


class Clock:
    """Seconds since the epoch."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now
