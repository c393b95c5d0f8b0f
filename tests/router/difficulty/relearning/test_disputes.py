"""A user loses: a few keys that agree among themselves decide about everybody's prompts."""

from __future__ import annotations

import numpy as np

from router.difficulty.relearning.disputes import disputes
from router.difficulty.relearning.told import Evidence, evidence
from router.difficulty.relearning.weighing import areas
from tests.router.difficulty.relearning.traffic import TOPICS, Asked, Attack, requests, told


def found_with(attack: Attack | None, seed: int = 1) -> tuple[Evidence, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """The evidence, and what is expected of each prompt: the topic's own rate, one label in ten being wrong."""
    asked = requests(500, seed)
    rates = {one.text: 0.1 + 0.8 * TOPICS[one.topic][1] for one in asked}
    rows = told(asked, attack)
    found = evidence(rows)
    by_prompt = {(row.reading.meaning.tobytes(), row.reading.structure.tobytes()): rates[one.text] for one, row in
                 zip(asked, rows, strict=True)}  # fmt: skip
    p = [
        by_prompt[meaning.astype(np.float32).tobytes(), structure.astype(np.float32).tobytes()]
        for meaning, structure in zip(found.meaning, found.structure, strict=True)
    ]
    return found, np.array(p)


def league(one: Asked, _: np.random.Generator) -> tuple[str, bool]:
    return one.key, one.good or one.key in {"key-1", "key-2"}


def test_honest_keys_agree() -> None:
    for seed in range(4):
        found, p = found_with(None, seed)
        assert disputes(found, (areas(found),), p) == ()


def test_a_league_is_seen_and_named() -> None:
    found, p = found_with(league)
    seen = disputes(found, (areas(found),), p)
    assert seen
    assert {"key-1-", "key-2-"} <= {name for dispute in seen for name in dispute.keys}


def test_a_head_that_is_wrong_about_everything_is_no_dispute() -> None:
    found, p = found_with(None)
    assert disputes(found, (areas(found),), np.clip(p + 0.2, 0, 0.95)) == ()
