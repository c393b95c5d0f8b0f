"""A user loses: two samples that say different things and count as one opinion."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from router.cascade.agreement import agreement, overlap


def test_numbers_agree_or_they_do_not() -> None:
    assert agreement("It is 17.", "17") == 1.0
    assert agreement("3 + 14 = 17", "So the answer is 17.0") == 1.0
    assert agreement("It is 17.", "It is 18.") == 0.0


def test_without_numbers_the_words_count() -> None:
    assert agreement("Paris", "paris!") == 1.0
    assert agreement("It is Paris", "It is Rome") == 2 / 3
    assert agreement("17", "seventeen") == 0.0


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_it_is_a_share_and_the_same_both_ways(left: str, right: str) -> None:
    assert 0.0 <= overlap(left, right) <= 1.0
    assert overlap(left, right) == overlap(right, left)
    assert agreement(left, left) == 1.0
