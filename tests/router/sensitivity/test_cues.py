"""The words around a candidate, whole and in four languages."""

from __future__ import annotations

import pytest

from router.sensitivity.cues import Cue, cues_in, words


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("my phone is", Cue.PHONE),
        ("joignable au", Cue.PHONE),
        ("meine kartennummer", Cue.CARD),
        ("numero de la seguridad social", Cue.NATIONAL_ID),
        ("order", Cue.CONTRARY),
        ("bestellnummer", Cue.CONTRARY),
    ],
)
def test_cue(text: str, cue: Cue) -> None:
    assert cues_in(text) & cue


def test_part_of_a_word_is_no_cue() -> None:
    assert not cues_in("discard") & Cue.CARD
    assert cues_in("") == Cue.NONE


def test_words_are_whole() -> None:
    pattern = words("tel|telefon")
    assert pattern.search("tel 1")
    assert pattern.search("hotel 1") is None
