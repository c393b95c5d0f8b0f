"""A user loses: a head that sends greetings to the large model, or proofs to the small one, and nobody notices."""

from __future__ import annotations

from dataclasses import replace

from router.difficulty.model import Calibration
from router.difficulty.relearning.anchors import Anchors
from tests.router.difficulty.relearning.traffic import SHIPPED

ANCHORS = Anchors.shipped()


def test_the_shipped_head_knows_its_way() -> None:
    standing = ANCHORS.judged(SHIPPED)
    assert standing.auroc > 0.95
    assert standing.right > 0.85
    assert standing.everyday > 0.85


def test_what_judges_is_not_rehearsed() -> None:
    rehearsed = {reading.meaning.tobytes() + reading.structure.tobytes() for reading in ANCHORS.rehearsed}
    judging = {reading.meaning.tobytes() + reading.structure.tobytes() for reading in ANCHORS.judging}
    assert len(rehearsed & judging) <= len(judging) // 20  # a few are the same once the words are gone
    assert 0.2 < ANCHORS.hard.mean() < 0.8


def test_a_head_that_is_lost_is_seen() -> None:
    low = replace(SHIPPED, calibration=Calibration(SHIPPED.calibration.slope, SHIPPED.calibration.shift - 5))
    assert ANCHORS.judged(low).right < 0.7
    high = replace(SHIPPED, calibration=Calibration(SHIPPED.calibration.slope, SHIPPED.calibration.shift + 5))
    assert ANCHORS.judged(high).everyday < 0.5
