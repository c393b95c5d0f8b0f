"""Samples and labels to keep."""

from __future__ import annotations

from typing import Any, Final

from gateway.learning.sample import Label, Sample
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
