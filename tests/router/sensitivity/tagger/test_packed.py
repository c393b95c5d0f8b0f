"""What is added up in one integer can be told apart again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.tagger.packed import fit, pack, unpack

WEIGHTS = st.lists(st.complex_numbers(max_magnitude=8.0, allow_nan=False), max_size=60)


@given(WEIGHTS)
def test_sums_come_apart_again(weights: list[complex]) -> None:
    assert fit(weights)
    size, person, working = unpack(sum(map(pack, weights)))
    assert size == len(weights)
    assert person == pytest.approx(sum(weight.real for weight in weights), abs=0.02)
    assert working == pytest.approx(sum(weight.imag for weight in weights), abs=0.02)


def test_what_would_run_into_one_another_does_not_fit() -> None:
    assert fit([400 + 1j, -400 + 1j])
    assert not fit([300 + 0j, 300 + 0j])
    assert not fit([-300 + 0j, -300 + 0j])
    assert not fit([0j] * 70_000)
