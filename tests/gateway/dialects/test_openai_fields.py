"""If these fail, one endpoint refuses what another takes, or says something else about the same mistake."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.openai_fields import choices_of, missing, model_of, streaming_of, text_of, texts_of
from gateway.wire.errors import BadRequest


@pytest.mark.parametrize(("value", "code"), [(None, "missing_required_parameter"), (5, "invalid_type")])
def test_what_is_missing_is_told_from_what_is_wrong(value: object, code: str) -> None:
    assert missing(value) == code
    with pytest.raises(BadRequest) as caught:
        model_of({"model": value})
    assert (caught.value.param, caught.value.code) == ("model", code)


@pytest.mark.parametrize(
    ("body", "streaming"),
    [
        ({}, (False, False)),
        ({"stream": None, "stream_options": None}, (False, False)),
        ({"stream": True}, (True, False)),
        ({"stream": True, "stream_options": {"include_usage": True}}, (True, True)),
        ({"stream": False, "stream_options": {"include_usage": True}}, (False, False)),
    ],
)
def test_usage_comes_with_a_stream_only(body: dict[str, Any], streaming: tuple[bool, bool]) -> None:
    assert streaming_of(body) == streaming


@given(st.none() | st.integers() | st.booleans() | st.floats() | st.text())
def test_a_number_of_choices_is_a_whole_number_within_openais_limit(value: object) -> None:
    body = {"best_of": value}
    if value is None or (type(value) is int and 1 <= value <= 128):
        assert choices_of(body, "best_of") == (value or 1)
        return
    with pytest.raises(BadRequest) as caught:
        choices_of(body, "best_of")
    assert caught.value.param == "best_of"


tokens = st.lists(st.integers(0, 2**31), min_size=1, max_size=5)


@given(st.lists(st.text() | tokens, min_size=1, max_size=5))
def test_texts_and_tokens_are_counted_one_by_one(items: list[str | list[int]]) -> None:
    numbers = sum(len(item) for item in items if isinstance(item, list))
    assert texts_of({"input": items}, "input") == (len(items), numbers)


@given(tokens)
def test_a_bare_list_of_tokens_is_one_text(items: list[int]) -> None:
    assert texts_of({"input": items}, "input") == (1, len(items))


def test_a_header_is_text_whatever_its_bytes() -> None:
    assert text_of(None) is None
    assert text_of(b"no-store\xff") == "no-store\xff"
