"""The shipped tagger loads, is small, and says the same after a round trip."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.sensitivity.tagger.model import SHIPPED, Tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.shipped()


def judged(tagger: Tagger, text: str) -> list[str]:
    found = list(tagger.candidates(text))
    document = tagger.document(text, text.encode(), len(found))
    return [
        text[each.start : each.end] for each in found if document.person + tagger.person(text, text.lower(), each) > 0.0
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Please tell Ottoline Brask that the invoice is late", ["Ottoline Brask"]),
        ("Bitte sagen Sie Wendelin Kappus, dass die Rechnung fehlt", ["Wendelin Kappus"]),
        ("Who painted the Mona Lisa?", []),
        ("Sven has 4 pears and Ulla has 9. How many pears do they have?", []),
    ],
)
def test_judges(tagger: Tagger, text: str, names: list[str]) -> None:
    assert judged(tagger, text) == names


def test_a_glance_never_misses_a_candidate(tagger: Tagger) -> None:
    for text in ("Ottoline", "see Ottoline's note", "ask lena ekvall", "AT THE Brask HOUSE"):
        assert tagger.glance(text), text
    assert not tagger.glance("what is the point of this?")


def test_round_trip(tagger: Tagger, tmp_path: Path) -> None:
    tagger.save(tmp_path, {})
    again = Tagger.load(tmp_path)
    text = "Please tell Ottoline Brask that Ulm is far"
    assert judged(again, text) == judged(tagger, text)
    assert again.words == pytest.approx(tagger.words, abs=1e-2)


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 2_000_000
