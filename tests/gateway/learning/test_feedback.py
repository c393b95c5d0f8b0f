"""If these fail, a slip of the pen counts as an opinion, or an opinion counts against the wrong model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.learning.feedback import MOST_CHARACTERS, Feedback, feedback_of, label_of, preference_of
from gateway.learning.note import opened
from gateway.stores.seal import LEARNING, Seal
from gateway.wire.errors import BadRequest
from router.difficulty.features import read
from router.difficulty.sample import pack
from router.difficulty.view import view_of_text
from tests.gateway.learning.samples import NOW, sample

SEAL = Seal("0123456789abcdef" * 4, LEARNING)


@pytest.mark.parametrize(
    ("said", "source", "score"),
    [
        ({"thumbs": "up"}, "thumbs", 1.0),
        ({"thumbs": "down", "comment": {"anything": "goes"}}, "thumbs", 0.0),
        ({"score": 0.25}, "score", 0.25),
        ({"score": 1, "thumbs": None}, "score", 1.0),
        ({"correction": "It is Paris."}, "correction", 0.0),
        ({"preferred": "req_2"}, "preferred", 0.0),
    ],
)
def test_what_may_be_said(said: dict[str, Any], source: str, score: float) -> None:
    feedback = feedback_of({"request_id": "req_1", **said})
    assert (feedback.request_id, feedback.source, feedback.score) == ("req_1", source, score)


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"thumbs": "up"}, "request_id", "missing_required_parameter"),
        ({"request_id": 7, "thumbs": "up"}, "request_id", "invalid_type"),
        ({"request_id": "req_1"}, None, "missing_required_parameter"),
        ({"request_id": "req_1", "comment": "so so"}, None, "missing_required_parameter"),
        ({"request_id": "req_1", "thumbs": "up", "score": 1}, None, "missing_required_parameter"),
        ({"request_id": "req_1", "thumb": "up"}, None, "unknown_field"),
        ({"request_id": "req_1", "thumbs": "UP"}, "thumbs", "invalid_value"),
        ({"request_id": "req_1", "thumbs": True}, "thumbs", "invalid_value"),
        ({"request_id": "req_1", "thumbs": ["up"]}, "thumbs", "invalid_value"),
        ({"request_id": "req_1", "score": 1.01}, "score", "invalid_value"),
        ({"request_id": "req_1", "score": -1}, "score", "invalid_value"),
        ({"request_id": "req_1", "score": True}, "score", "invalid_value"),
        ({"request_id": "req_1", "score": "0.5"}, "score", "invalid_value"),
        ({"request_id": "req_1", "correction": "  "}, "correction", "invalid_value"),
        ({"request_id": "req_1", "correction": "x" * (MOST_CHARACTERS + 1)}, "correction", "invalid_value"),
        ({"request_id": "req_1", "preferred": 1}, "preferred", "invalid_value"),
    ],
)
def test_what_may_not(body: dict[str, Any], param: str | None, code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        feedback_of(body)
    assert (caught.value.param, caught.value.code) == (param, code)


@given(st.dictionaries(st.text("äöü€", min_size=3) | st.just("score"), st.text("äöü€", min_size=3), min_size=1))
def test_what_is_wrong_is_told_without_quoting_it(body: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as caught:
        feedback_of({"request_id": "req_1", **body})
    assert caught.value.message.isascii()


@pytest.mark.parametrize(("went", "weak", "strong"), [("small", 0.25, None), ("large", None, 0.25)])
def test_it_is_about_the_answer_that_was_delivered(went: str, weak: float | None, strong: float | None) -> None:
    label = label_of(Feedback("req_1", "score", 0.25), sample(went=went), "ops", NOW)
    assert (label.weak, label.strong, label.key, label.source, label.weight) == (weak, strong, "ops", "score", 1.0)


def test_the_words_of_a_correction_are_kept_sealed_or_not_at_all() -> None:
    feedback = feedback_of({"request_id": "req_1", "correction": "It is Paris."})
    assert label_of(feedback, sample(), "dev", NOW).text is None
    text = label_of(feedback, sample(), "dev", NOW, seal=SEAL).text
    assert text is not None
    assert b"Paris" not in text
    assert opened(SEAL, sample(), text) == b"It is Paris."


def test_a_preference_says_something_of_both() -> None:
    small, large = sample("req_1"), sample("req_2", went="large")
    assert preference_of(small, large, "dev", NOW)[0:6] == ("req_1", NOW, "preferred", "dev", 0.0, 1.0)
    assert preference_of(large, small, "dev", NOW)[0:6] == ("req_2", NOW, "preferred", "dev", 1.0, 0.0)


@pytest.mark.parametrize(
    "other",
    [
        sample("req_1"),
        sample("req_2"),
        sample("req_2", went="large", route="faq"),
        sample("req_2", went="large", features=pack(read(view_of_text("Something else?")))),
    ],
)
def test_what_cannot_be_compared_is_no_preference(other: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        preference_of(sample("req_1"), other, "dev", NOW)
    assert (caught.value.param, caught.value.code) == ("preferred", "not_comparable")
