"""If these fail, the guard compares the wrong things."""

from __future__ import annotations

import pytest

from gateway.cache.semantic.reading import read


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I reset my password?", "en"),
        ("Wie setze ich mein Passwort zurück?", "de"),
        ("Prüfung möglich?", "de"),
    ],
)
def test_the_language_is_told(text: str, language: str) -> None:
    found = read(text)
    assert found is not None
    assert found.language == language


@pytest.mark.parametrize("text", ["", "  ", "???", "Comment réinitialiser le compte", "パスワード", "qwertz"])
def test_what_is_in_no_known_language_has_no_reading(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How many people came?", "count"),
        ("When does it open?", "time"),
        ("Where is it?", "place"),
        ("Who did it?", "person"),
        ("Why is it so?", "reason"),
        ("How do I open it?", "howto"),
        ("Is it open?", "yesno"),
        ("What is it?", "what"),
        ("Tea or coffee?", "choice"),
        ("Set the alarm.", "statement"),
        ("Wie viele kamen?", "count"),
        ("Wann ist das?", "time"),
        ("Wer war das?", "person"),
        ("Ist das offen?", "yesno"),
        ("Warum ist das so?", "reason"),
        ("Wie kann ich das öffnen?", "howto"),
    ],
)
def test_the_kind_of_answer_is_told(text: str, kind: str) -> None:
    found = read(text)
    assert found is not None
    assert found.kind == kind


def test_a_verb_and_its_particle_are_the_same_apart_and_together() -> None:
    apart, together = read("Wie schalte ich das Gerät aus?"), read("Wie kann man das Gerät ausschalten?")
    assert apart is not None
    assert together is not None
    assert apart.content == together.content


def test_names_stand_in_their_order() -> None:
    found = read("Is Anna taller than Ben?")
    assert found is not None
    assert found.names == ("anna", "ben")
    assert found.bound == {"than": "ben"}
