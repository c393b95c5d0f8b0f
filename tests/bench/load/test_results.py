"""A ratio formed of the wrong rounds compares a quiet minute with a busy one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.load.results import Results, number, spread

POSITIVE = st.floats(min_value=1e-3, max_value=1e6)


def results() -> Results:
    found = Results()
    for turn, ours, base, direct in ((1, 2.0, 1.0, 0.5), (2, 9.0, 3.0, 1.0), (3, 8.0, 8.0, 2.0)):
        found.add("ours", "c1", turn, {"p50": ours})
        found.add("base", "c1", turn, {"p50": base})
        found.add("direct", "c1", turn, {"p50": direct})
    return found


def test_ratios_are_formed_round_by_round() -> None:
    assert results().ratios("ours", "base", "c1", "p50") == {1: 2.0, 2: 3.0, 3: 1.0}


def test_a_round_that_one_of_the_two_missed_has_no_ratio() -> None:
    found = results()
    found.add("ours", "c1", 4, {"p50": 7.0})
    del found.turns["base"]["c1"][2]
    assert found.ratios("ours", "base", "c1", "p50") == {1: 2.0, 3: 1.0}


def test_nothing_is_divided_by_nothing() -> None:
    found = results()
    found.add("base", "c1", 1, {"p50": 0.0})
    assert 1 not in found.ratios("ours", "base", "c1", "p50")


def test_what_is_added_is_taken_off_in_the_same_round() -> None:
    assert results().series("ours", "c1", "added.p50") == {1: 1.5, 2: 8.0, 3: 6.0}


@pytest.mark.parametrize("series", [("absent", "c1", "p50"), ("ours", "c64", "p50"), ("ours", "c1", "p99")])
def test_what_was_not_measured_is_empty(series: tuple[str, str, str]) -> None:
    assert results().series(*series) == {}
    assert spread(results().series(*series)) is None


@given(st.dictionaries(st.integers(1, 20), POSITIVE, min_size=1))
def test_the_median_lies_between_the_least_and_the_largest(values: dict[int, float]) -> None:
    found = spread(values)
    assert found is not None
    assert found.least <= found.median <= found.most
    assert found.rounds == len(values)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (12345.6, "12346"), (1.2, "1.20"), (0.012345, "0.0123"), (99.96, "100."), (0.00001, "0.0000100")],
)
def test_three_digits_are_shown(value: float, shown: str) -> None:
    assert number(value).rstrip(".") == shown.rstrip(".")


def test_one_round_is_shown_without_its_range() -> None:
    one, two = spread({1: 2.0}), spread({1: 2.0, 2: 3.0})
    assert one is not None
    assert two is not None
    assert one.show(number) == "2.00"
    assert two.show(number) == "2.50 (2.00..3.00)"
