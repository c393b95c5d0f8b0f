"""If these fail, half an answer or the call of a tool is given to another question."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.cache.semantic.answer import says_something


def body(finish: str | None = "stop", **message: Any) -> bytes:
    return json.dumps({"choices": [{"finish_reason": finish, "message": {"role": "assistant", **message}}]}).encode()


def test_a_text_that_came_to_its_end_does() -> None:
    assert says_something(body(content="Paris."))


@pytest.mark.parametrize(
    "given",
    [
        body("length", content="Par"),
        body("content_filter", content="Par"),
        body("tool_calls", content=None, tool_calls=[{"id": "1"}]),
        body(content="x", tool_calls=[{"id": "1"}]),
        body(content=None),
        body(content="  "),
        body(content=None, refusal="No."),
        body(content="No.", refusal="No."),
        b'{"choices": []}',
        b'{"choices": [{"message": null, "finish_reason": "stop"}]}',
        b"[]",
        b"no json",
    ],
)
def test_nothing_else_does(given: bytes) -> None:
    assert not says_something(given)
