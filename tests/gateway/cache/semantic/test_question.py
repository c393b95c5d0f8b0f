"""If these fail, more than the last question may be put in other words."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.cache.semantic.question import question_of

ASKED = {"role": "user", "content": "What is it?"}


def test_the_question_is_taken_out_of_the_body() -> None:
    body = {"model": "m", "temperature": 0, "stream": True, "messages": [{"role": "system", "content": "s"}, ASKED]}
    found = question_of(body, 300)
    assert found is not None
    assert found.text == "What is it?"
    assert found.rest == {
        "model": "m",
        "temperature": 0,
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": None}],
    }
    assert body["messages"][-1] == ASKED  # type: ignore[index]


def test_a_single_part_of_text_is_a_text() -> None:
    found = question_of({"messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"}]}]}, 300)
    assert found is not None
    assert found.text == "What is it?"


@pytest.mark.parametrize(
    "messages",
    [
        None,
        [],
        "text",
        [{"role": "assistant", "content": "What?"}],
        [ASKED, {"role": "tool", "content": "What?", "tool_call_id": "1"}],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": "x" * 301}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}],
        [{"role": "user", "content": [{"type": "text", "text": "a", "more": 1}]}],
    ],
)
def test_whatever_else_it_ends_with_is_no_question(messages: Any) -> None:
    assert question_of({"messages": messages}, 300) is None
