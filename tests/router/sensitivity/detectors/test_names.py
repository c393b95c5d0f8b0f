"""A private person's name stays; a famous one, a character's or a pupil's in arithmetic may go."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.content import Origin, Segment
from router.sensitivity.budget import Budget
from router.sensitivity.detectors.names import NAMES
from router.sensitivity.thresholds import threshold
from router.sensitivity.view import label_of, view_of


def names(text: str) -> list[str]:
    view = view_of(text)
    return [text[s.start : s.end] for s in NAMES.find(view, [0]) if s.confidence >= threshold(s.type)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My name is Ottilie Krähwinkel and I need help", "Ottilie Krähwinkel"),
        ("Je m'appelle Thérèse Lavigne.", "Thérèse Lavigne"),
        ("Ich heiße Jürgen Weidemann.", "Jürgen Weidemann"),
        ("Me llamo Ramón Etxeberria.", "Ramón Etxeberria"),
        ("Write a reminder to Mrs. Okonjo about the rent", "Okonjo"),
        ("Schreibe eine Mahnung an Herrn Brettschneider", "Brettschneider"),
        ("Patient: Lucía Fernández, seen today", "Lucía Fernández"),
        ("Treatment for a 60-year-old male, Harold K., with gout?", "Harold K."),
        ("my colleague Fatou is ill", "Fatou"),
        ('{"patient": "Kowalczyk", "ward": 3}', "Kowalczyk"),
        ("Ward: 3\nName: Ainhoa Goikoetxea\nAge: 41", "Ainhoa Goikoetxea"),
        ("first_name=Thandiwe&town=Leeds", "Thandiwe"),
    ],
)
def test_finds(text: str, name: str) -> None:
    assert names(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Peter has 5 apples and Anna has 3. How many apples do they have together?",
        "Marie a 12 billes, Paul en a 7. Combien de billes ont-ils ?",
        "Who was Marie Curie?",
        "Explain Isaac Newton's laws of motion.",
        "Summarise the novel by Jane Austen.",
        "Write a function in Julia that parses JSON.",
        "What is the weather like in Paris in May?",
        '{"city": "Paris"}',
        '{"title": "Silent Harbour"}',
        '{"product": "Galaxy Fold", "price": 900}',
        '{"brand": "Mercedes"}',
        '{"country": "Jordan"}',
        '{"unit": "Celsius"}',
        "Karen paid for Susan because _ had lost her purse. A) Karen B) Susan",
        "The University of Notre Dame was founded in 1842 by Edward Sorin.",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert names(text) == []


WORDS = st.sampled_from(
    [
        "Anna",
        "tom",
        "lena ekvall",
        "Lyon",
        "in Lyon",
        "Dear Mr. Smith",
        "my colleague Fatou is ill",
        "The Plan",
        "\n",
        ". ",
        " ",
    ]
)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(WORDS, max_size=6).map(" ".join), st.sampled_from(["text", "metadata.tom"])), min_size=1
    )
)
def test_texts_together_hold_what_each_holds(some: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in some]
    segments = [Segment(path, Origin.USER, text) for text, path in some]
    together = NAMES.find_in(segments, texts, "\0".join(texts), Budget(0))
    for index, (text, path) in enumerate(some):
        alone = NAMES.find(view_of(text, label_of(path)), [])
        assert list(together.get(index, ())) == list(alone)


def test_the_name_of_a_field_may_be_a_name() -> None:
    (span, *_) = NAMES.find(view_of("tom is ill", "patient tom"), [])
    assert (span.start, span.type) == (0, "PERSON")
