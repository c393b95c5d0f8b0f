"""The word lists are folded as the views are, or nothing in them would ever match."""

from __future__ import annotations

import pytest

from router.sensitivity.lexicon import read
from router.sensitivity.view import view_of


@pytest.mark.parametrize("name", ["first_names", "surnames", "famous", "openers", "organisations", "places", "plain"])
def test_words_are_folded(name: str) -> None:
    words, ambiguous = read(name)
    assert words
    assert ambiguous <= words
    assert {word for word in words if view_of(word).lower != word} == set()
