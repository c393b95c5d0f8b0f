"""Belief, politics, orientation and origin stay home where they are somebody's."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.special_categories import SPECIAL_CATEGORIES
from router.sensitivity.patterns import PatternSet
from router.sensitivity.view import view_of

TRIGGERS = PatternSet(SPECIAL_CATEGORIES.triggers)


def found(text: str) -> list[str]:
    view = view_of(text)
    return [text[s.start : s.end] for s in SPECIAL_CATEGORIES.find(view, TRIGGERS.match(view.data))]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("I am a Muslim and need a prayer room at work", "Muslim"),
        ("my colleague is gay, how do I support him", "gay"),
        ("Ida Ekvall is a Quaker.", "Quaker"),
        ("Religion: katholisch", "katholisch"),
        ("je suis homosexuel et mon patron le sait", "homosexuel"),
        ("Mein Chef ist Gewerkschaftsmitglied", "Gewerkschaftsmitglied"),
        ("la empleada es judía", "judía"),
        ("upload my fingerprints to the gate", "my fingerprints"),
    ],
)
def test_finds(text: str, part: str) -> None:
    assert found(text) == [part]


@pytest.mark.parametrize(
    "text",
    [
        "What do Muslims believe?",
        "Is the Pope Catholic?",
        "Explain the rise of the socialist parties.",
        "religion: string, optional",
        "Which union did the miners found?",
    ],
)
def test_leaves_questions_alone(text: str) -> None:
    assert found(text) == []
