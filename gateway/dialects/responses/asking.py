"""Asking: a Responses request as a chat request.

https://platform.openai.com/docs/api-reference/responses/create. What has no counterpart in chat and would change the
answer is refused, with its name. What only OpenAI's own servers could act on changes nothing here and stays behind;
what nobody knows may mean something to a local runtime, and is passed on. The result is all that travels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.dialects.responses import tools
from gateway.dialects.responses.fields import Json, flag, items, mapping, text, unsupported, whole, wrong
from gateway.dialects.responses.turns import Turns
from gateway.wire.errors import BadRequest

_UNSUPPORTED = {
    "background": "Responses in the background are not supported: stream instead.",
    "conversation": "Conversations are not supported: use `previous_response_id`.",
    "prompt": "Stored prompts are not supported: send the text.",
    "context_management": "Compaction is not supported.",
    "moderation": "Moderation along with a response is not supported.",
    "modalities": "Responses are text here.",
    "audio": "Responses are text here.",
}
_MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "functions": "tools",
    "function_call": "tool_choice",
    "logprobs": "top_logprobs",
    "n": "several requests: a response has one answer",
}
_NUMBERS = ("temperature", "top_p")
_TEXTS = ("user", "safety_identifier", "prompt_cache_key", "service_tier")
# Read here or by the dialect, of no meaning to a model, or refused: what else there is, is passed on as it is.
_WORDS = """
    model input instructions previous_response_id stream stream_options store tools tool_choice parallel_tool_calls
    text reasoning max_output_tokens top_logprobs include truncation metadata max_tool_calls
"""
_KNOWN = frozenset(_WORDS.split()) | _UNSUPPORTED.keys() | _MOVED.keys()
_LOGPROBS = "message.output_text.logprobs"
_MOST_PAIRS = 16  # of metadata; OpenAI's own limits
_LONGEST_NAME, _LONGEST_VALUE = 64, 512  # characters


@dataclass(frozen=True, slots=True)
class Asked:
    """`chat` is the chat body. `said` are the settings as they are in force, for the response to say back."""

    chat: Json
    said: Json


def asked(body: Mapping[str, Any], before: Sequence[Json], given: Sequence[Json]) -> Asked:
    """`before` are the items of the conversation so far, `given` those of this request, references resolved.

    Raises `BadRequest` naming what is wrong.
    """
    _refuse(body)
    chat: Json = {"model": text(body.get("model"), "model"), "messages": _messages(body, before, given)}
    chat |= {name: value for name, value in body.items() if name not in _KNOWN and value is not None}
    said: Json = {
        "instructions": body.get("instructions"),
        "metadata": _metadata(body.get("metadata")),
        "previous_response_id": body.get("previous_response_id"),
        "truncation": "disabled",
        **{name: _number(body.get(name), name) for name in _NUMBERS},
        **{name: _text_or_none(body.get(name), name) for name in _TEXTS},
    }
    _add_limits(chat, said, body)
    _add_tools(chat, said, body)
    _add_text(chat, said, body.get("text"))
    _add_reasoning(chat, said, body.get("reasoning"))
    if body.get("stream"):
        chat["stream"] = True
        chat["stream_options"] = {"include_usage": True}
    return Asked(chat, said)


def _refuse(body: Mapping[str, Any]) -> None:
    for name, why in _UNSUPPORTED.items():
        if body.get(name):
            unsupported(name, why)
    for name, place in _MOVED.items():
        if body.get(name) is not None:
            unsupported(name, f"Unsupported parameter: `{name}`. In the Responses API it has moved: use `{place}`.")


def _messages(body: Mapping[str, Any], before: Sequence[Json], given: Sequence[Json]) -> list[Json]:
    turns = Turns(_text_or_none(body.get("instructions"), "instructions"))
    turns.add(before, "previous_response_id")
    turns.add(given, "input")
    messages = turns.messages()
    if not messages:
        raise BadRequest("`input` must not be empty.", param="input", code="empty_array")
    return messages


def _add_limits(chat: Json, said: Json, body: Mapping[str, Any]) -> None:
    said["max_output_tokens"] = said["max_tool_calls"] = None
    if body.get("max_output_tokens") is not None:
        chat["max_tokens"] = said["max_output_tokens"] = whole(body["max_output_tokens"], "max_output_tokens", 1)
    if body.get("max_tool_calls") is not None:  # of tools that OpenAI itself runs: here are none
        said["max_tool_calls"] = whole(body["max_tool_calls"], "max_tool_calls", 1)
    alternatives = whole(body.get("top_logprobs") or 0, "top_logprobs")
    said["top_logprobs"] = alternatives
    included = items(body.get("include"), "include")
    if alternatives or _LOGPROBS in included:
        chat["logprobs"] = True
        if alternatives:
            chat["top_logprobs"] = alternatives


def _add_tools(chat: Json, said: Json, body: Mapping[str, Any]) -> None:
    """Chat takes a choice, and how many at once, only together with tools."""
    wanted, said["tools"] = tools.tools_of(body.get("tools"))
    choice, said["tool_choice"] = tools.tool_choice_of(body.get("tool_choice"), wanted)
    parallel = body.get("parallel_tool_calls")
    said["parallel_tool_calls"] = True if parallel is None else flag(parallel, "parallel_tool_calls")
    if wanted:
        chat["tools"] = wanted
        if choice is not None:
            chat["tool_choice"] = choice
        if parallel is not None:
            chat["parallel_tool_calls"] = parallel


def _add_text(chat: Json, said: Json, value: object) -> None:
    settings = {} if value is None else mapping(value, "text")
    form, said_form = tools.format_of(settings.get("format"))
    said["text"] = {"format": said_form}
    if form is not None:
        chat["response_format"] = form
    verbosity = settings.get("verbosity")
    if verbosity is not None:
        chat["verbosity"] = said["text"]["verbosity"] = text(verbosity, "text.verbosity")


def _add_reasoning(chat: Json, said: Json, value: object) -> None:
    settings = {} if value is None else mapping(value, "reasoning")
    effort = _text_or_none(settings.get("effort"), "reasoning.effort")
    if effort is not None:
        chat["reasoning_effort"] = effort
    said["reasoning"] = {"effort": effort, "summary": None}  # thoughts are shown whole, where a server shows them


def _metadata(value: object) -> dict[str, str]:
    given = {} if value is None else mapping(value, "metadata")
    if len(given) > _MOST_PAIRS:
        raise BadRequest(f"`metadata` holds at most {_MOST_PAIRS} pairs.", param="metadata", code="invalid_value")
    for name, entry in given.items():
        if not isinstance(entry, str) or len(entry) > _LONGEST_VALUE or len(name) > _LONGEST_NAME:
            raise BadRequest(
                f"`metadata` holds texts of at most {_LONGEST_VALUE} characters, under names of at most "
                f"{_LONGEST_NAME}.",
                param="metadata",
                code="invalid_value",
            )
    return given


def _number(value: object, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        wrong(where, "a number", value)
    return value


def _text_or_none(value: object, where: str) -> str | None:
    return None if value is None else text(value, where)
