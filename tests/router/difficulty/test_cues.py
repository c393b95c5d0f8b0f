"""A user loses: a cue word that is listed but can never be seen, because a text is cut into other tokens."""

from __future__ import annotations

import pytest

from router.difficulty.cues import CUES
from router.difficulty.words import words_of


@pytest.mark.parametrize("name", CUES)
def test_every_cue_is_one_token(name: str) -> None:
    assert not [word for word in CUES[name].split() if len(words_of(word, word.encode())) != 1]


def test_classes_are_distinct() -> None:
    words = {name: frozenset(text.split()) for name, text in CUES.items()}
    assert len(set(words.values())) == len(words)
