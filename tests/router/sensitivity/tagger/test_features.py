"""Features are the same for the same text, and look at the right words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.tagger.candidates import candidates
from router.sensitivity.tagger.features import (
    INTEGER_SLOTS,
    MARK_KINDS,
    MARKS,
    SLOTS,
    around,
    document_marks,
    document_words,
    features,
    word_flags,
)


def of(text: str) -> tuple[str | int, ...]:
    (candidate,) = candidates(text, frozenset())
    return features(text, text.lower(), candidate, word_flags(), frozenset({"bank"}))


def marks(text: str, count: int) -> set[str]:
    return {MARKS[mark] for mark in document_marks(text, text.encode(), count)}


def test_one_value_a_slot() -> None:
    values = of("my friend Ida Ekvall said so")
    assert len(values) == SLOTS
    assert all(isinstance(value, int) for value in values[:INTEGER_SLOTS])
    assert all(isinstance(value, str) for value in values[INTEGER_SLOTS:])


def test_names_do_not_speak_for_themselves_but_common_words_do() -> None:
    assert "idalotte" not in of("my friend Idalotte Ekvall said so")
    assert "bank" in of("at the Ekvall Bank today")


def test_neighbours() -> None:
    values = of("my friend Ida Ekvall said so")
    assert {"friend", "said", "my friend"} <= set(values)


def test_a_document_is_its_words_and_marks() -> None:
    text = "Why 12? Ask Ida."
    assert document_words(text.encode()) == ["why", "ask", "ida"]
    assert "#question" in marks(text, 1)
    assert "#question" not in marks("Hello", 0)


@given(st.text(alphabet="aB1?@{\n. ", max_size=300), st.integers(0, 200))
def test_one_mark_of_each_kind(text: str, count: int) -> None:
    said = marks(text, count)
    assert len(said) == len(MARK_KINDS)
    assert all(len(said & set(kind)) == 1 for kind in MARK_KINDS)


def neighbours(text: str) -> tuple[object, ...]:
    """Two words to the left, and what touches on either side."""
    start = text.index("Ida")
    _, _, left_2, left_1, touch_left, touch_right, _, _ = around(text.lower(), start, start + 3)
    return left_2, left_1, touch_left, touch_right


def test_a_field_is_told_by_its_key_however_it_is_written() -> None:
    assert neighbours('{"first_name": "Ida", "age": 7}') == ("first", "name:", '"', '",')
    assert neighbours('{"town":"x","name":"Ida"}')[1:3] == ("name:", '"')
    assert neighbours("Town: Ulm\nName: Ida\nAge: 7") == ("\n", "name:", "", "\n")
    assert neighbours("book(name='Ida')")[1:] == ("name:", "'", "')")


def test_the_line_before_is_another_matter() -> None:
    assert neighbours("we went home\nThen Ida came")[:2] == ("\n", "then")
    assert neighbours("bread and milk\nIda came")[2] == "\n"


def test_marks_of_puzzles_and_records() -> None:
    assert {"#blank", "#options"} <= marks("Ida thanked Tom because _ was ill. A) Ida B) Tom", 2)
    assert "#record" in marks('{"name": "Ida"}', 1)
    assert {"#no blank", "#no options", "#prose"} <= marks("Ida is ill", 1)
