"""Needs: what a request asks a deployment to be able to do, and by which parameter.

Most requests ask for nothing of the kind, and that is seen at a glance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from gateway.wire.call import Call
from gateway.wire.endpoint import CHAT, COMPLETIONS
from router.capability import NO_NEEDS, Needs
from router.content import Content

_Field = tuple[str, str, Callable[[object], bool]]  # a parameter, the capability, and whether a value of it asks for it


def needs_of(call: Call, content: Content) -> Needs:
    """Each capability with the first parameter that asks for it."""
    body = call.body
    if call.endpoint is CHAT:
        needs = {} if _ASKING.isdisjoint(body) else _asked(_CHAT_FIELDS, body)
        messages = body.get("messages")
        if isinstance(messages, list):
            _add_tool_messages(needs, messages)
            if content.opaque:
                _add_parts(needs, messages)
        return needs or NO_NEEDS
    if call.endpoint is COMPLETIONS:
        needs = {"completions": "model", **_asked(_COMPLETION_FIELDS, body)}
        prompts = body.get("prompt")
        if call.choices > 1 and "choices" not in needs and isinstance(prompts, list):
            needs["choices"] = "prompt"
        return needs
    return NO_NEEDS


def _asked(fields: Sequence[_Field], body: Mapping[str, object]) -> dict[str, str]:
    needs: dict[str, str] = {}
    for name, capability, asks in fields:
        if name in body and capability not in needs and asks(body[name]):
            needs[capability] = name
    return needs


def _add_tool_messages(needs: dict[str, str], messages: Sequence[object]) -> None:
    """A model that knows no tools makes nothing of calls and results in the conversation either."""
    if "tools" in needs:
        return
    for index, message in enumerate(messages):
        if isinstance(message, dict) and len(message) > 2 and any(message.get(name) for name in _TOOL_FIELDS):
            needs["tools"] = f"messages[{index}]"
            return


def _add_parts(needs: dict[str, str], messages: Sequence[object]) -> None:
    for index, message in enumerate(messages):
        parts = message.get("content") if isinstance(message, dict) else None
        for place, part in enumerate(parts if isinstance(parts, list) else ()):
            kind = part.get("type") if isinstance(part, dict) else None
            capability = _PARTS.get(kind) if isinstance(kind, str) else None
            if capability is not None:
                needs.setdefault(capability, f"messages[{index}].content[{place}]")


def _is_given(value: object) -> bool:
    return value is not None and value not in ("", [])


def _is_several(value: object) -> bool:
    return isinstance(value, int) and value > 1


def _is_schema(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") == "json_schema"


def _is_spoken(value: object) -> bool:
    return isinstance(value, list) and "audio" in value


def _is_counted(value: object) -> bool:
    """Log probabilities of a completion: 0 asks for those of the chosen tokens."""
    return value is not None and value is not False


def _thinks(value: object) -> bool:
    """Whether reasoning is asked for, and not declined."""
    if isinstance(value, dict):
        return value.get("enabled") is not False and value.get("type") != "disabled" and value.get("effort") != "none"
    return _is_given(value) and value not in (False, "none")


_SAMPLING_FIELDS: tuple[_Field, ...] = (
    ("n", "choices", _is_several),
    ("seed", "seed", _is_given),
    ("stop", "stop", _is_given),
)
_CHAT_FIELDS: tuple[_Field, ...] = (
    ("tools", "tools", bool),
    ("functions", "tools", bool),
    ("response_format", "json_schema", _is_schema),
    ("logprobs", "logprobs", bool),
    ("top_logprobs", "logprobs", bool),
    ("modalities", "audio", _is_spoken),
    ("audio", "audio", _is_given),
    ("reasoning_effort", "reasoning", _thinks),
    ("reasoning", "reasoning", _thinks),
    ("thinking", "reasoning", _thinks),
    *_SAMPLING_FIELDS,
)
_COMPLETION_FIELDS: tuple[_Field, ...] = (
    ("logprobs", "logprobs", _is_counted),
    ("best_of", "choices", _is_several),
    ("echo", "echo", bool),
    ("suffix", "suffix", _is_given),
    *_SAMPLING_FIELDS,
)
_ASKING: Final = frozenset(name for name, _, _ in _CHAT_FIELDS)
_TOOL_FIELDS: Final[tuple[str, ...]] = ("tool_calls", "tool_call_id", "function_call")
_PARTS: Final = {
    "image_url": "vision",
    "input_image": "vision",
    "image": "vision",
    "video_url": "vision",
    "input_video": "vision",
    "input_audio": "audio",
    "audio_url": "audio",
    "audio": "audio",
    "file": "files",
    "input_file": "files",
    "document": "files",
}
