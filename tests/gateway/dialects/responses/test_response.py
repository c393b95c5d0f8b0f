"""The object that the SDKs read: in progress, answered, cut short, broken off."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.responses import Response

from gateway.dialects.responses import response
from gateway.dialects.responses.asking import asked
from gateway.dialects.responses.items import items_of
from gateway.dialects.responses.output import message_item, text_part

Json = dict[str, Any]
OUTPUT = [message_item("msg_07_0", [text_part("Hello")], "completed")]
USAGE: Json = {
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "total_tokens": 15,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 2},
}


def opened(**more: Any) -> Json:
    body = {"model": "auto", "input": "Hi", **more}
    return response.opened(asked(body, (), items_of(body)).said, "auto", "resp_07", 1_800_000_000, store=True)


def read(value: Json) -> Response:
    return Response.model_validate(value, strict=True)


def test_it_opens_with_what_is_in_force() -> None:
    tool: Json = {"type": "function", "name": "now", "parameters": {}, "strict": None}
    form = {"type": "json_schema", "name": "a", "schema": {"type": "object"}}
    found = read(opened(tools=[tool], text={"format": form}, tool_choice={"type": "function", "name": "now"}))
    assert (found.id, found.status, found.output, found.error, found.usage) == (
        "resp_07",
        "in_progress",
        [],
        None,
        None,
    )
    assert found.created_at == 1_800_000_000


def test_it_closes_with_the_answer_and_its_usage() -> None:
    closed = response.closed(opened(), OUTPUT, "stop", USAGE, 1_800_000_002)
    found = read(closed)
    assert (found.status, found.output_text, found.completed_at) == ("completed", "Hello", 1_800_000_002)
    assert found.usage is not None
    assert found.usage.to_dict() == {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 15,
    }


@pytest.mark.parametrize(("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_an_answer_that_was_cut_short_says_why(finish: str, reason: str) -> None:
    found = read(response.closed(opened(), OUTPUT, finish, None, 1_800_000_002))
    assert (found.status, found.completed_at) == ("incomplete", None)
    assert found.incomplete_details is not None
    assert found.incomplete_details.reason == reason


@pytest.mark.parametrize("finish", ["stop", "tool_calls", None, 5, "something new"])
def test_any_other_end_is_a_whole_answer(finish: object) -> None:
    assert read(response.closed(opened(), OUTPUT, finish, USAGE, 1)).status == "completed"


@pytest.mark.parametrize(
    "usage",
    [None, 5, [], {}, {"prompt_tokens": "5", "completion_tokens": "x"}, {"prompt_tokens": -5, "completion_tokens": 1}],
)
def test_a_usage_that_is_none_is_unknown(usage: object) -> None:
    assert response.closed(opened(), OUTPUT, "stop", usage, 1)["usage"] is None


def test_one_that_was_broken_off_says_so_and_is_not_kept() -> None:
    found = read(response.failed(opened(), OUTPUT, "The answer was cut off."))
    assert (found.status, found.output_text) == ("failed", "Hello")
    assert found.error is not None
    assert (found.error.code, found.error.message) == ("server_error", "The answer was cut off.")
    assert response.failed(opened(), OUTPUT, "")["store"] is False
