"""A user loses: a head that is handed other numbers than it was fitted on."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from router.cascade.answer import Answer, Question, Token
from router.cascade.features import FEATURE_NAMES, features

TOKENS = (Token("It", -0.1, -3.0), Token(" is", -0.2, -2.0), Token(" 17", -1.0, -1.5), Token(".", -0.3, -2.3))


def named(question: Question, answer: Answer) -> dict[str, float]:
    return dict(zip(FEATURE_NAMES, features(question, answer), strict=True))


def test_confidence_is_that_of_the_tokens() -> None:
    found = named(Question("What?"), Answer("It is 17.", tokens=TOKENS))
    assert found["mean_logprob"] == -0.4
    assert found["min_logprob"] == -1.0
    assert found["low_share"] == 0.25
    assert found["min_margin"] == 0.5
    assert found["first_logprob"] == -0.1
    assert found["digit_min"] == -1.0
    assert found["digit_margin"] == 0.5
    assert found["new_min"] == -1.0


def test_what_the_question_says_is_not_news() -> None:
    found = named(Question("Is it 17?"), Answer("It is 17.", tokens=TOKENS))
    assert math.isnan(found["new_min"])
    assert found["digit_min"] == -1.0


def test_what_cannot_be_seen_is_no_number() -> None:
    found = named(Question("What is 3 + 4?"), Answer("Seven."))
    unknown = {name for name, value in found.items() if math.isnan(value)}
    assert unknown == {*FEATURE_NAMES[:12], "log_tokens", "says_asked", "again_same", "again_overlap", "difficulty"}


def test_without_runners_up_there_are_no_margins() -> None:
    tokens = tuple(token._replace(second=None) for token in TOKENS)
    found = named(Question("What?"), Answer("It is 17.", tokens=tokens))
    assert math.isnan(found["min_margin"])
    assert math.isnan(found["digit_margin"])
    assert found["min_logprob"] == -1.0


def test_what_is_known_of_the_answer() -> None:
    question = Question("What is 3 + 14?", difficulty=0.5)
    found = named(question, Answer("3 + 14 = 17", "length", again="It is 18"))
    assert (found["is_cut"], found["says_asked"], found["again_same"]) == (1.0, 1.0, 0.0)
    assert found["difficulty"] == 0.0
    assert named(Question("Who?"), Answer("I'm sorry, I can't."))["is_refusal"] == 1.0


@settings(deadline=None)
@given(st.text(max_size=100), st.text(max_size=200), st.floats(0, 1))
def test_there_is_one_for_each_name(prompt: str, text: str, difficulty: float) -> None:
    found = features(Question(prompt, difficulty=difficulty), Answer(text))
    assert len(found) == len(FEATURE_NAMES)
    assert not any(math.isinf(value) for value in found)
