"""A user loses: a cue word that is listed but can never be seen, because a text is cut into other tokens."""

from __future__ import annotations

import pytest

from router.difficulty.cues import CUES
from router.difficulty.hashing import hash_text


@pytest.mark.parametrize("name", CUES)
def test_every_cue_is_one_token(name: str) -> None:
    assert not [word for word in CUES[name].split() if hash_text(word).words.size != 1]


def test_classes_are_distinct() -> None:
    words = {name: frozenset(text.split()) for name, text in CUES.items()}
    assert len(set(words.values())) == len(words)
