"""Content: what the router looks at — the text segments of a request and where each came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Who wrote a segment, or what part of the request it stands in."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL_DEFINITION = "tool_definition"
    TOOL_ARGUMENTS = "tool_arguments"
    TOOL_RESULT = "tool_result"
    METADATA = "metadata"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Segment:
    """One string leaf (or object key) of the body. `path` is a JSON path such as `messages[0].content`."""

    path: str
    origin: Origin
    text: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """A part that cannot be read as text; `kind` is `image`, `audio`, `file`, `encrypted` or `deep`."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Content:
    segments: tuple[Segment, ...]
    opaque: tuple[Opaque, ...] = ()
