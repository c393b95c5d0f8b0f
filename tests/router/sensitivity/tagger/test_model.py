"""The shipped tagger loads, is small, and judges as a few texts show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.tagger.candidates import Candidate
from router.sensitivity.tagger.features import around, looks
from router.sensitivity.tagger.model import NO, SHIPPED, Tagger
from router.sensitivity.training.rows import generated
from router.sensitivity.view import view_of

TAGGER = Tagger.shipped()


def judged(text: str) -> list[str]:
    found = list(TAGGER.candidates(text))
    document = TAGGER.document(text, text.encode(), len(found))
    return [
        text[each.start : each.end]
        for each in TAGGER.unsettled(text, found)
        if TAGGER.person(text, text.lower(), each, document.person) > 0.0
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
def test_judges(text: str, names: list[str]) -> None:
    assert judged(text) == names


def test_a_glance_never_misses_a_candidate() -> None:
    for text in ("Ottoline", "see Ottoline's note", "ask lena ekvall", "lena", "AT THE Brask HOUSE"):
        assert TAGGER.glance(text, [text]), text
        assert list(TAGGER.each_glimpse(text)), text
    assert not TAGGER.glance("what is the point of this?", ["what is the point of this?"])


@given(st.lists(st.text(alphabet="Anlea .'-\n", max_size=20), min_size=1, max_size=5))
def test_texts_together_are_seen_as_each_is_alone(texts: list[str]) -> None:
    together, starts = TAGGER.glance("\0".join(texts), texts), [0]
    for text in texts:
        starts.append(starts[-1] + len(text) + 1)
    assert together == [
        (start + at, run) for start, text in zip(starts, texts, strict=False) for at, run in TAGGER.each_glimpse(text)
    ]


def test_a_place_where_something_is_is_no_person() -> None:
    text = "We met in Lyon near Mr Lyon"
    first, second = (Candidate(at, at + 4, ("lyon",)) for at in (10, 23))
    assert TAGGER.unsettled(text, [first, second]) == [second]
    assert TAGGER.unsettled("in Anna", [Candidate(3, 7, ("anna",))])


@pytest.mark.parametrize(
    ("words", "settled"),
    [
        (("curie",), True),
        (("marie", "curie"), True),
        (("sherlock", "holmes"), True),
        (("holmes",), False),
        (("nancy", "holmes"), False),
        (("ottoline", "brask"), False),
    ],
)
def test_a_public_figure_is_no_private_person(words: tuple[str, ...], settled: bool) -> None:
    assert TAGGER.unsettled("", [Candidate(0, 0, words)]) == [Candidate(0, 0, words)] * (not settled)


def test_no_person_is_missed_because_nobody_looked_around() -> None:
    """Whoever is taken for no person without a look at what stands around, is none after it either."""
    weights = TAGGER.weights
    for row in list(generated())[::7]:
        view = view_of(row.text)
        found = list(TAGGER.candidates(view.text))
        person = TAGGER.document(view.text, view.data, len(found)).person
        for candidate in found:
            if TAGGER.person(view.text, view.lower, candidate, person) == NO:
                seen = looks(view.text, candidate, TAGGER.flags)
                own, about = weights.own(seen, TAGGER.words), around(view.lower, candidate.start, candidate.end)
                famous = len(candidate.words) > 1 and not TAGGER.telling(candidate)
                assert person + weights.score(seen, own, about) <= (3.0 if famous else 0.0)


def test_only_what_says_something_is_telling() -> None:
    assert TAGGER.telling(Candidate(0, 0, ("brask", "logistics")))
    for words in (("anna",), ("norway",), ("sherlock", "holmes"), ("shipping",)):
        assert not TAGGER.telling(Candidate(0, 0, words)), words


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 2_000_000
