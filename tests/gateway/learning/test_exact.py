"""A right answer that counts as wrong, or the other way round, is a label that is worse than none."""

from __future__ import annotations

import pytest

from gateway.learning.exact import is_right


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("4", "4"),
        ("The answer is 4.", "4"),
        ("2 + 2 makes 4", "4"),
        ("So she has $1,234.50 left.", "1234.5"),
        ("It is 12%.", "12%"),
        ("First 3, then 7.\n#### 42", "42"),
        (r"Thus \boxed{42}. Check: 40 + 2", "42"),
        ("-5", "-5"),
        ("1e3", "1000"),
        ("B", "B"),
        ("(B)", "B"),
        ("B) Paris", "B"),
        ("B. Paris", "B"),
        ("The answer is B.", "B"),
        ("The correct answer is (B), because of A.", "B"),
        ("Some thoughts about A and C.\n\nAnswer: B", "B"),
        ("**Answer:** B", "B"),
        ("Paris", "paris"),
        ("Paris.", "Paris"),
        ("The answer is Paris.", "Paris"),
        ("I have thought.\nParis", "Paris"),
        (r"\boxed{x+1}", "x+1"),
        ("Ｐaris", "Paris"),
    ],
)
def test_right(said: str, wanted: str) -> None:
    assert is_right(said, wanted)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("5", "4"),
        ("4, no, 5", "4"),
        ("four", "4"),
        ("", "4"),
        ("14", "4"),
        ("4.1", "4"),
        (r"4 is tempting, but \boxed{5}", "4"),
        ("A", "B"),
        ("Both are possible.", "B"),
        ("Because of that, nothing", "B"),
        ("The answer is A, and not B.", "B"),
        ("A banana", "B"),
        ("London", "Paris"),
        ("Paris or London", "Paris"),
        ("", "Paris"),
        ("9" * 500, "9"),
    ],
)
def test_wrong(said: str, wanted: str) -> None:
    assert not is_right(said, wanted)
