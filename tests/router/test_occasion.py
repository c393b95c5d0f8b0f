"""If these fail, a tag is not found as it was sent, or a caller can send any number of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.occasion import LONGEST_TAG, MOST_TAGS, tags_in


def test_lists_are_divided_and_case_does_not_count() -> None:
    assert tags_in(["Batch, nightly", "eval"]) == {"batch", "nightly", "eval"}
    assert tags_in([" , ,"]) == tags_in([]) == frozenset()


def test_what_is_too_long_is_no_tag() -> None:
    assert tags_in(["a" * (LONGEST_TAG + 1), "b" * LONGEST_TAG]) == {"b" * LONGEST_TAG}


def test_what_nobody_can_print_is_no_tag() -> None:
    """A database may refuse the row that it stands in."""
    assert tags_in(["a\0b, c\x1bd, \ud800, e f, größe"]) == {"e f", "größe"}


@given(st.lists(st.text(), max_size=80))
def test_the_count_and_the_length_are_bounded(said: list[str]) -> None:
    tags = tags_in(said)
    assert len(tags) <= MOST_TAGS
    assert all(1 <= len(tag) <= LONGEST_TAG for tag in tags)
