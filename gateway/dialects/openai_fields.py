"""Fields that OpenAI's endpoints share. Each reader raises `BadRequest` naming the field that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.wire.errors import BadRequest

_MOST_CHOICES: Final = 128  # OpenAI's own limit for n

Body = Mapping[str, object]


def model_of(body: Body) -> str:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequest("`model` is required and must be a string.", param="model", code=missing(model))
    return model


def streaming_of(body: Body) -> tuple[bool, bool]:
    """Whether to stream, and whether with usage."""
    streamed = body.get("stream")
    if streamed is not None and not isinstance(streamed, bool):
        raise BadRequest("`stream` must be true or false.", param="stream", code="invalid_type")
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise BadRequest("`stream_options` must be an object.", param="stream_options", code="invalid_type")
    return bool(streamed), bool(streamed and options and options.get("include_usage"))


def choices_of(body: Body, name: str = "n") -> int:
    choices = body.get(name)
    if choices is None:
        return 1
    if not isinstance(choices, int) or isinstance(choices, bool) or not 1 <= choices <= _MOST_CHOICES:
        raise BadRequest(
            f"`{name}` must be a whole number from 1 to {_MOST_CHOICES}.", param=name, code="invalid_value"
        )
    return choices


def texts_of(body: Body, name: str) -> tuple[int, int]:
    """A text or token numbers, or a list of either: how many there are, and how many tokens came as numbers."""
    value = body.get(name)
    if isinstance(value, str):
        return 1, 0
    if not isinstance(value, list):
        kinds = f"`{name}` is required and must be a string, token numbers, or a list of either."
        raise BadRequest(kinds, param=name, code=missing(value))
    if not value:
        raise BadRequest(f"`{name}` must not be empty.", param=name, code="empty_array")
    if _are_tokens(value):
        return 1, len(value)
    tokens = 0
    for index, item in enumerate(value):
        if isinstance(item, list) and item and _are_tokens(item):
            tokens += len(item)
        elif not isinstance(item, str):
            where = f"{name}[{index}]"
            raise BadRequest(
                f"`{where}` must be a string or a list of token numbers.", param=where, code="invalid_type"
            )
    return len(value), tokens


def missing(value: object) -> str:
    return "missing_required_parameter" if value is None else "invalid_type"


def text_of(value: bytes | None) -> str | None:
    """A header's value."""
    return None if value is None else value.decode("latin-1")


def _are_tokens(items: list[object]) -> bool:
    return all(type(item) is int and item >= 0 for item in items)
