"""A user loses: a question with numbers to work out is taken for one that is looked up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.shape import LONGEST, SHAPE_NAMES, parts_of, shape_of

EXAM = "Which metal is liquid at 20 degrees?\nA. iron\nB. mercury\nC. copper\nD. zinc\nAnswer:"


def shape(task: str, relations: int = 0) -> dict[str, float]:
    return dict(zip(SHAPE_NAMES, shape_of(task, task.encode("utf-8", "replace"), relations), strict=True))


@pytest.mark.parametrize("opening", ["A.", "A)", "A:", "(A)"])
def test_options_are_told_from_the_question(opening: str) -> None:
    task = EXAM
    for letter in "ABCD":
        task = task.replace(f"\n{letter}.", f"\n{opening.replace('A', letter)}")
    question, options = parts_of(task)
    assert question == "Which metal is liquid at 20 degrees?"
    assert [option.strip() for option in options] == ["iron", "mercury", "copper", "zinc"]


def test_of_a_prompt_with_examples_the_last_question_counts() -> None:
    task = f"What is 2 + 2?\nA. 4\nB. 5\nAnswer: A\n\n{EXAM}"
    question, options = parts_of(task)
    assert question.strip() == "Which metal is liquid at 20 degrees?"
    assert len(options) == 4
    assert shape(task) == shape(EXAM) | {"question_words": shape(task)["question_words"]}


def test_one_letter_is_no_list_of_options() -> None:
    assert parts_of("See the plan\nA. Smith wrote it.") == ("See the plan\nA. Smith wrote it.", [])


def test_lines_that_begin_with_an_a_are_passed_over_but_not_for_ever() -> None:
    listed = "Why?\nA. rain\nB. snow"
    assert len(parts_of(listed + "\nAnd so on" * 9)[1]) == 2
    assert parts_of(listed + "\nAnd so on" * 5000)[1] == []


def test_options_to_be_worked_out_are_seen() -> None:
    assert shape("How long?\nA. 3 m\nB. 7 m\nC. none\nD. 9 m")["options_with_numbers"] == 0.75
    assert shape(EXAM)["options_with_numbers"] == 0.0


def test_numbers_of_the_options_are_not_numbers_of_the_question() -> None:
    assert shape("How long?\nA. 3 m\nB. 7 m")["numbers"] == 0.0
    assert shape("Of 30 apples 1250 are red. How many?")["numbers"] > 1.0
    assert shape("Of 30 apples 1250 are red. How many?")["longest_number"] == 4.0
    assert shape("9" * 80)["longest_number"] == LONGEST


def test_more_sentences_and_relations_are_more() -> None:
    short, long = shape("Tom has a cat."), shape("Tom has a cat. It eats twice a day. How often a week?", relations=2)
    for name in ("sentences", "relations", "question_words"):
        assert long[name] > short[name]


@given(st.text(max_size=300) | st.text("AB.)(\n 1", max_size=60))
def test_any_text_gives_finite_numbers_of_a_question_or_its_options(task: str) -> None:
    found = shape(task)
    assert 0.0 <= found["options_with_numbers"] <= 1.0
    assert all(0.0 <= number < 20.0 for number in found.values())
