"""Figures: an interval that is too narrow would make a chance hit look like progress."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn")

from router.sensitivity.training.__main__ import interval


def test_texts_of_one_template_count_as_one() -> None:
    alike = [(group < 5, str(group)) for group in range(10) for _ in range(20)]
    apart = [(number % 2 == 0, str(number)) for number in range(200)]
    (low, high), (close, by) = interval(alike), interval(apart)
    assert low < close < 0.5 < by < high
    assert (high - low) / (by - close) == pytest.approx(20**0.5)


def test_all_found_is_no_certainty() -> None:
    assert interval([(True, str(number)) for number in range(30)]) == pytest.approx((0.9, 1.0))
    assert interval([(False, "a")]) == (0.0, 1.0)
