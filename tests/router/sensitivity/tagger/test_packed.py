"""What is added up in one integer can be told apart again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.tagger.packed import fit, pack, parts, unpack

WEIGHTS = st.lists(st.tuples(st.floats(-8.0, 8.0), st.floats(-8.0, 8.0)), max_size=60)


@given(WEIGHTS)
def test_sums_come_apart_again(weights: list[tuple[float, float]]) -> None:
    assert fit(weights, 70)
    total = sum(pack(person, working) for person, working in weights)
    size, person, working = unpack(total + 10 * pack(0.0, 0.0))
    assert size == len(weights) + 10
    assert person == pytest.approx(sum(person for person, _ in weights), abs=0.02)
    assert working == pytest.approx(sum(working for _, working in weights), abs=0.02)


def test_what_would_run_into_one_another_does_not_fit() -> None:
    assert fit([(400.0, 1.0), (-400.0, 1.0)], 2)
    assert not fit([(300.0, 0.0), (300.0, 0.0)], 2)
    assert not fit([(-300.0, 0.0), (-300.0, 0.0)], 2)
    assert not fit([], 70_000)


def test_a_weight_is_a_complex_number() -> None:
    assert parts(1.0 - 2.0j) == (1.0, -2.0)
