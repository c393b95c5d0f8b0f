"""Generated texts: the spans say where the persons are, and a seed gives the same text again."""

from __future__ import annotations

import re

import pytest

from router.sensitivity.training import (
    everyday_de,
    everyday_en,
    everyday_es,
    everyday_fr,
    templates_de,
    templates_en,
    templates_es,
    templates_fr,
)
from router.sensitivity.training.apart import APART
from router.sensitivity.training.slots import Slots

PRIVATE = {
    "en": (*templates_en.PRIVATE, *everyday_en.PRIVATE, *APART["en"].private),
    "fr": (*templates_fr.PRIVATE, *everyday_fr.PRIVATE, *APART["fr"].private),
    "de": (*templates_de.PRIVATE, *everyday_de.PRIVATE, *APART["de"].private),
    "es": (*templates_es.PRIVATE, *everyday_es.PRIVATE, *APART["es"].private),
}
HARMLESS = {
    "en": (*templates_en.HARMLESS, *everyday_en.HARMLESS, *APART["en"].harmless),
    "fr": (*templates_fr.HARMLESS, *everyday_fr.HARMLESS, *APART["fr"].harmless),
    "de": (*templates_de.HARMLESS, *everyday_de.HARMLESS, *APART["de"].harmless),
    "es": (*templates_es.HARMLESS, *everyday_es.HARMLESS, *APART["es"].harmless),
}


@pytest.mark.parametrize("language", PRIVATE)
def test_every_template_can_be_filled(language: str) -> None:
    slots = Slots(3)
    for template in (*PRIVATE[language], *HARMLESS[language]):
        text, spans = slots.fill(template, language)
        assert re.search(r"\{[A-Z]\d?\}", text, re.IGNORECASE) is None
        assert all(0 <= start < end <= len(text) for start, end in spans)
    for template in PRIVATE[language]:
        assert slots.fill(template, language)[1], template


def test_spans_are_where_the_persons_are() -> None:
    text, spans = Slots(1).fill("Ask {P} in {Y}.", "en")
    ((start, end),) = spans
    assert text[:start].lower() == "ask "
    assert text[end : end + 4].lower() == " in "


def test_the_same_seed_gives_the_same_text() -> None:
    assert Slots(5).fill("{P} {T2} {A}", "de") == Slots(5).fill("{P} {T2} {A}", "de")


def test_doubled_braces_are_braces() -> None:
    text, ((start, end),) = Slots(1).fill('{{"name": "{F}"}}', "en")
    assert text[:start].lower() == '{"name": "'
    assert text[end:] == '"}'
