"""Generated texts: the spans say where the persons are, and a seed gives the same text again."""

from __future__ import annotations

import re

import pytest

from router.sensitivity.training import templates_de, templates_en, templates_es, templates_fr
from router.sensitivity.training.slots import Slots

MODULES = {"en": templates_en, "fr": templates_fr, "de": templates_de, "es": templates_es}


@pytest.mark.parametrize("language", MODULES)
def test_every_template_can_be_filled(language: str) -> None:
    slots = Slots(3)
    module = MODULES[language]
    for template in (*module.PRIVATE, *module.HARMLESS):
        text, spans = slots.fill(template, language)
        assert re.search(r"\{[A-Z]\d?\}", text, re.IGNORECASE) is None
        assert all(0 <= start < end <= len(text) for start, end in spans)
    for template in module.PRIVATE:
        assert slots.fill(template, language)[1], template


def test_spans_are_where_the_persons_are() -> None:
    text, spans = Slots(1).fill("Ask {P} in {Y}.", "en")
    ((start, end),) = spans
    assert text[:start].lower() == "ask "
    assert text[end : end + 4].lower() == " in "


def test_the_same_seed_gives_the_same_text() -> None:
    assert Slots(5).fill("{P} {T2} {A}", "de") == Slots(5).fill("{P} {T2} {A}", "de")
