"""Puzzles: sentences about two people who are nobody, in every language."""

from __future__ import annotations

from router.sensitivity.training.puzzles import puzzles
from router.sensitivity.training.slots import Slots


def test_puzzles_name_two_people_and_no_private_one() -> None:
    slots = Slots(2)
    made = list(puzzles(3))
    assert {language for _, language, _ in made} == {"en", "fr", "de", "es"}
    for template, language, act in made:
        assert act.startswith(f"{language}-")
        assert "{K}" in template
        assert "{K2}" in template
        assert slots.fill(template, language)[1] == []


def test_many_ways_to_put_one_act() -> None:
    ways = [template for template, _, act in puzzles(3) if act == "en-0"]
    assert len(set(ways)) > len(ways) / 2
