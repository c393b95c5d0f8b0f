"""A user loses: a router that one key can turn by saying more than all others."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.relearning.told import Evidence, evidence
from router.difficulty.relearning.weighing import FREE, MOST_OF_ALL, areas, weigh
from tests.router.difficulty.relearning.traffic import Asked, requests, told


def shares(found: Evidence, weight: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, float]:
    total = float(weight.sum())
    return {name: float(weight[found.key == number].sum()) / total for number, name in enumerate(found.names)}


def flooded(one: Asked, _: np.random.Generator) -> tuple[str, bool]:
    return ("key-0" if one.number % 10 < 6 else one.key), one.good


def test_nobody_weighs_more_than_a_quarter() -> None:
    found = evidence(told(requests(600, 1), flooded))
    raw = shares(found, found.said)
    weighed = shares(found, weigh(found, areas(found)))
    assert max(raw.values()) > 0.5
    assert max(weighed.values()) == pytest.approx(MOST_OF_ALL, abs=0.01)


def test_of_a_few_keys_each_has_an_equal_share_at_most() -> None:
    found = evidence(told(requests(600, 2, keys=3), flooded))
    weighed = shares(found, weigh(found, areas(found)))
    assert max(weighed.values()) <= 1 / 3 + 0.01


def test_honest_keys_keep_their_weight() -> None:
    found = evidence(told(requests(600, 3)))
    assert weigh(found, np.zeros(len(found), dtype=np.intp)).sum() == pytest.approx(found.said.sum())


def test_where_one_key_alone_speaks_it_moves_little() -> None:
    found = evidence(told(requests(400, 4)))
    area = found.key.copy()  # everybody has an area of their own
    weight = weigh(found, area)
    for number in range(len(found.names)):
        assert weight[found.key == number].sum() <= FREE + 1e-9


def test_one_key_that_may_carry_everything_is_not_capped() -> None:
    found = evidence(told(requests(200, 5, keys=1)))
    assert np.array_equal(weigh(found, areas(found), alone=True), found.said)


def test_trusted_rows_are_not_capped() -> None:
    found = evidence(told(requests(300, 6), source="shadow"))
    assert np.array_equal(weigh(found, areas(found)), found.said)


def test_similar_prompts_are_neighbours() -> None:
    asked = requests(600, 7)
    found = evidence(told(asked))
    assert len(set(areas(found).tolist())) > 4
    assert set(areas(found.take(np.arange(20))).tolist()) == {0}
