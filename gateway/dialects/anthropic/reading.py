"""Reading: what stands in a chat message, or in a delta of one, whatever else a server puts there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

ENDS_OF_AN_OBJECT = ("}", "\n", "\r", "\t", " ")
_INVALID = "INVALID_JSON"  # the key that Anthropic's documentation wraps such input in


class CallPart(NamedTuple):
    """A tool call or a piece of one. `number` is its index, None where the server gave none."""

    number: int | None
    id: str
    name: str
    arguments: str


def first_choice(completion: Mapping[str, Any]) -> Mapping[str, Any]:
    """The choice 0 of a completion or a chunk, empty where it has none."""
    choices = completion.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and choice.get("index", 0) in (0, None):
            return choice
    return {}


def part_of(choice: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = choice.get(name)
    return found if isinstance(found, dict) else {}


def thoughts_in(message: Mapping[str, Any]) -> str:
    """Two names are in use; a server that says both says the same in both."""
    return _string(message.get("reasoning_content")) or _string(message.get("reasoning"))


def words_in(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):  # some servers answer in parts
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(_string(part.get("text")) for part in parts)
    return _string(content)


def refusal_in(message: Mapping[str, Any]) -> str:
    return _string(message.get("refusal"))


def calls_in(message: Mapping[str, Any]) -> list[CallPart]:
    calls = message.get("tool_calls")
    found = []
    for call in calls if isinstance(calls, list) else ():
        if not isinstance(call, dict):
            continue
        function = part_of(call, "function")
        arguments = function.get("arguments")
        if isinstance(arguments, dict):  # as some servers have it
            arguments = _written(arguments)
        index = call.get("index")
        found.append(
            CallPart(
                index if isinstance(index, int) else None,
                _string(call.get("id")),
                _string(function.get("name")),
                _string(arguments),
            )
        )
    return found


def is_object(arguments: str) -> bool:
    """Whether this is JSON, and an object: nothing can come after it."""
    if not arguments.endswith(ENDS_OF_AN_OBJECT):
        return False
    try:
        return isinstance(orjson.loads(arguments), dict)
    except orjson.JSONDecodeError:
        return False


def input_of(arguments: str) -> bytes:
    """A tool's input as a JSON object: the arguments as they were written, where they are one."""
    if not arguments.strip():
        return b"{}"
    if is_object(arguments):
        return arguments.encode()
    return orjson.dumps({_INVALID: arguments})


def _written(arguments: object) -> str:
    try:
        return orjson.dumps(arguments).decode()
    except orjson.JSONEncodeError:  # nested deeper than can be written
        return ""


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
