"""Offsets must lead back to the original, or the wrong text is masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.view import fold, view_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Élève né à Noël", "Eleve ne a Noel"),
        ("ｃａｒｄ ４９７０", "card 4970"),
        ("pаypаl", "paypal"),  # Cyrillic а
        ("+33\u00a06\u202f12", "+33 6 12"),
        ("٤٩٧٠", "4970"),
        ("l’été — “oui”", 'l\'ete - "oui"'),
        ("Straße", "Strase"),
    ],
)
def test_folds_to_what_it_shows(text: str, folded: str) -> None:
    assert view_of(text).text == folded


def test_invisible_characters_are_left_out_and_offsets_kept() -> None:
    text = "x Ma\u200btth\u00adew e\u0301t"
    view = view_of(text)
    assert view.text == "x Matthew et"
    start = view.text.index("Matthew")
    assert text[slice(*view.original(start, start + 7))].startswith("Ma\u200btth\u00adew")


@given(st.text())
def test_one_character_for_one(text: str) -> None:
    view = view_of(text)
    assert view.text.isascii()
    assert view.data == view.text.encode()
    if view.offsets is None:
        assert len(view.text) == len(text)
    else:
        assert len(view.offsets) == len(view.text) + 1
        assert list(view.offsets) == sorted(view.offsets)


def test_label_stands_before_the_text() -> None:
    assert view_of("219099999", "ssn").before(0) == "ssn: "


@given(st.text())
def test_a_character_is_folded_the_same_wherever_it_stands(text: str) -> None:
    """Text that fits Windows-1252, and text that does not, are folded by tables of their own."""
    assert fold(text)[0] == b"".join(fold(char)[0] for char in text)
    assert fold(f"{text}😀")[0] == fold(text)[0] + b"?"


@pytest.mark.parametrize("invisible", ["\u00ad", "\u0301", "\u200b", "\ufeff", "\U000e0041", "\U000e0100"])
def test_what_shows_nothing_is_left_out(invisible: str) -> None:
    data, offsets = fold(f"é{invisible}1")
    assert data == b"e1"
    assert offsets is not None
    assert list(offsets) == [0, 2, 3]


def test_half_a_pair_of_surrogates_shows_nothing_known() -> None:
    assert fold("a\ud800b") == (b"a?b", None)
