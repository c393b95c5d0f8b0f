"""If these fail, an upstream is asked for something else than the client asked for, or is handed what is ours."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.dialects.responses.asking import asked
from gateway.dialects.responses.items import items_of
from gateway.wire.errors import BadRequest

Json = dict[str, Any]
TOOL = {"type": "function", "name": "now", "parameters": {}}


def ask(**more: Any) -> Json:
    return {"model": "auto", "input": "Hi", **more}


def chat(**more: Any) -> Json:
    body = ask(**more)
    return asked(body, (), items_of(body)).chat


def said(**more: Any) -> Json:
    body = ask(**more)
    return asked(body, (), items_of(body)).said


def test_a_plain_request_is_a_plain_chat() -> None:
    assert chat() == {"model": "auto", "messages": [{"role": "user", "content": "Hi"}]}
    assert chat(instructions="Short.")["messages"][0] == {"role": "system", "content": "Short."}


def test_what_was_said_before_comes_first() -> None:
    before = [
        {"type": "message", "role": "user", "content": "a"},
        {"type": "message", "role": "assistant", "content": "b"},
    ]
    found = asked(ask(instructions="New."), before, items_of(ask())).chat
    assert [message["content"] for message in found["messages"]] == ["New.", "a", "b", "Hi"]


def test_what_chat_has_under_another_name() -> None:
    found = chat(
        max_output_tokens=50,
        reasoning={"effort": "low", "summary": "auto"},
        text={"format": {"type": "json_object"}, "verbosity": "low"},
        top_logprobs=2,
        stream=True,
    )
    assert {name: value for name, value in found.items() if name != "messages"} == {
        "model": "auto",
        "max_tokens": 50,
        "reasoning_effort": "low",
        "response_format": {"type": "json_object"},
        "verbosity": "low",
        "logprobs": True,
        "top_logprobs": 2,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_log_probabilities_can_be_included_without_alternatives() -> None:
    found = chat(include=["message.output_text.logprobs", "reasoning.encrypted_content"])
    assert found["logprobs"] is True
    assert "top_logprobs" not in found
    assert "include" not in found


def test_tools_and_how_to_use_them_go_together() -> None:
    found = chat(tools=[TOOL], tool_choice="required", parallel_tool_calls=False)
    assert (found["tool_choice"], found["parallel_tool_calls"], len(found["tools"])) == ("required", False, 1)
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & set(chat(tool_choice="auto", parallel_tool_calls=True))


def test_what_only_openai_could_act_on_stays_behind() -> None:
    """Above all `store` and what belongs to it: upstreams keep nothing."""
    found = chat(
        store=True, metadata={"a": "b"}, previous_response_id="resp_1", truncation="auto", max_tool_calls=3,
        include=[], stream_options={"include_obfuscation": False}, background=False, conversation=None,
    )  # fmt: skip
    assert found.keys() == {"model", "messages"}


def test_what_nobody_here_knows_may_mean_something_to_a_runtime() -> None:
    more = {"temperature": 0.5, "top_p": 1, "user": "u", "seed": 7, "top_k": 40, "chat_template_kwargs": {"a": [1]}}
    found = chat(**more, nothing=None)
    assert {name: found[name] for name in more} == more
    assert "nothing" not in found


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"context_management": [{"type": "compaction"}]}, "context_management"),
        ({"moderation": {"model": "m"}}, "moderation"),
        ({"modalities": ["audio"]}, "modalities"),
        ({"messages": []}, "messages"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"max_tokens": 5}, "max_tokens"),
        ({"max_completion_tokens": 5}, "max_completion_tokens"),
        ({"reasoning_effort": "low"}, "reasoning_effort"),
        ({"functions": []}, "functions"),
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"model": None}, "model"),
        ({"model": 5}, "model"),
        ({"input": []}, "input"),
        ({"instructions": ["a"]}, "instructions"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"max_output_tokens": "5"}, "max_output_tokens"),
        ({"max_tool_calls": 0.5}, "max_tool_calls"),
        ({"top_logprobs": "2"}, "top_logprobs"),
        ({"include": "all"}, "include"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": True}, "top_p"),
        ({"user": 5}, "user"),
        ({"service_tier": 1}, "service_tier"),
        ({"text": "json"}, "text"),
        ({"text": {"verbosity": 1}}, "text.verbosity"),
        ({"reasoning": "low"}, "reasoning"),
        ({"reasoning": {"effort": 1}}, "reasoning.effort"),
        ({"parallel_tool_calls": "no"}, "parallel_tool_calls"),
        ({"tools": [TOOL], "parallel_tool_calls": 1}, "parallel_tool_calls"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"metadata": {"a": "b" * 513}}, "metadata"),
        ({"metadata": {"a" * 65: "b"}}, "metadata"),
        ({"metadata": {str(number): "a" for number in range(17)}}, "metadata"),
    ],
)
def test_what_cannot_be_carried_is_named(more: Json, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chat(**more)
    assert caught.value.param == param


def test_the_response_says_back_what_is_in_force() -> None:
    assert said() == {
        "instructions": None,
        "metadata": {},
        "previous_response_id": None,
        "truncation": "disabled",
        "temperature": None,
        "top_p": None,
        "user": None,
        "safety_identifier": None,
        "prompt_cache_key": None,
        "service_tier": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "top_logprobs": 0,
        "tools": [],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "text": {"format": {"type": "text"}},
        "reasoning": {"effort": None, "summary": None},
    }
    found = said(truncation="auto", temperature=0.5, metadata={"a": "b"}, tools=[TOOL], text={"verbosity": "low"})
    assert (found["truncation"], found["temperature"], found["metadata"]) == ("disabled", 0.5, {"a": "b"})
    assert found["tools"][0]["name"] == "now"
    assert found["text"] == {"format": {"type": "text"}, "verbosity": "low"}
