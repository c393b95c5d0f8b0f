"""A shape that loses a pattern loses a number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.sensitivity.detectors import NUMBER_RULES
from router.sensitivity.rule import Rule
from router.sensitivity.shape import shape_of, shape_of_pattern


def test_shape() -> None:
    assert shape_of(b"Tom, 12-b") == b"Aaa, 00-a"


@pytest.mark.parametrize("rule", NUMBER_RULES, ids=range(len(NUMBER_RULES)))
def test_a_pattern_occurs_in_the_shape_of_what_it_matches(rule: Rule) -> None:
    @given(st.from_regex(re.compile(rule.pattern, re.ASCII), fullmatch=True))
    @settings(max_examples=10, deadline=None)
    def holds(text: str) -> None:
        assert re.search(shape_of_pattern(rule.pattern), shape_of(text.encode("ascii", "replace")).decode()) is not None

    holds()
