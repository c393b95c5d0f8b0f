"""Content: what the router looks at — the text segments of a request and where each came from.

Every string leaf of the parsed body is a segment, and every object key that is not a word of the protocol; so is a
number long enough to be an identifier. What cannot be read as text (image, audio, file, encrypted blob, nesting
without end) is `Opaque`. Nothing here raises, whatever the JSON value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from router.blobs import BLOB_FROM, holds_blob, is_blob


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


class Segment(NamedTuple):
    """One string leaf (or object key) of the body. `path` is a JSON path such as `messages[0].content`.

    A path quotes keys of the body, so it is content too: it must not be logged.
    """

    path: str
    origin: Origin
    text: str


class Opaque(NamedTuple):
    """A part that cannot be read as text.

    `kind` is `image`, `audio`, `video`, `file`, `tokens`, `encrypted`, `blob` (base64 or the like that stands in a text
    without saying what it is) or `deep`.
    """

    path: str
    kind: str


class Content(NamedTuple):
    """All that a scan and a difficulty model see of a request."""

    segments: tuple[Segment, ...]
    opaque: tuple[Opaque, ...] = ()


MAX_DEPTH: Final = 48
"""Levels of nesting that are read. JSON Schemas of real tools reach about twenty."""

_IDENTIFIER_FROM: Final = 10_000_000_000  # the smallest number of 11 digits: national ids, cards and phones start here
_SMALL_FROM: Final = -_IDENTIFIER_FROM
_OTHER: Final = Origin.OTHER
_SILENT: Final = frozenset({int, float, bool, type(None)})  # types of values that hold text only where they are large

_ROLE_ORIGIN: Final = {
    "system": Origin.SYSTEM,
    "developer": Origin.SYSTEM,
    "user": Origin.USER,
    "assistant": Origin.ASSISTANT,
    "tool": Origin.TOOL_RESULT,
    "function": Origin.TOOL_RESULT,
}
_KEY_ORIGIN: Final = {
    "system": Origin.SYSTEM,
    "instructions": Origin.SYSTEM,
    "prompt": Origin.USER,
    "input": Origin.USER,
    "prediction": Origin.ASSISTANT,
    "tools": Origin.TOOL_DEFINITION,
    "functions": Origin.TOOL_DEFINITION,
    "tool_choice": Origin.TOOL_DEFINITION,
    "tool_calls": Origin.TOOL_ARGUMENTS,
    "function_call": Origin.TOOL_ARGUMENTS,
    "metadata": Origin.METADATA,
    "user": Origin.METADATA,
    "safety_identifier": Origin.METADATA,
    "prompt_cache_key": Origin.METADATA,
}
_TYPE_ORIGIN: Final = {
    "tool_use": Origin.TOOL_ARGUMENTS,
    "function_call": Origin.TOOL_ARGUMENTS,
    "tool_result": Origin.TOOL_RESULT,
    "function_call_output": Origin.TOOL_RESULT,
}

_PROTOCOL_WORDS = """
    messages role content type text model stream temperature top_p top_k n max_tokens max_completion_tokens stop seed
    presence_penalty frequency_penalty logit_bias logprobs top_logprobs user metadata tools tool_choice functions
    function function_call tool_calls tool_call_id id name arguments parameters description strict response_format
    json_schema schema properties required items enum additionalProperties anyOf oneOf allOf not format default
    minimum maximum minLength maxLength minItems maxItems pattern title const examples $ref $defs $schema definitions
    stream_options include_usage parallel_tool_calls service_tier store modalities audio voice prediction
    reasoning_effort reasoning effort summary verbosity image_url url detail input_audio data file file_data file_id
    filename refusal input instructions prompt suffix echo best_of encoding_format dimensions previous_response_id
    include truncation max_output_tokens background conversation system source media_type cache_control thinking
    budget_tokens signature tool_use_id input_schema is_error output call_id status encrypted_content options
    keep_alive images raw template num_predict num_ctx index safety_identifier prompt_cache_key web_search_options
    extra_body guided_json guided_regex guided_choice chat_template_kwargs enable_thinking min_p
    repetition_penalty stop_sequences annotations container mcp_servers betas reasoning_content
"""
_ENUM_FIELDS = """
    role type object detail format encoding_format reasoning_effort effort summary verbosity service_tier truncation
    tool_choice status voice
"""
_ENUM_WORDS = """
    system developer user assistant tool function text image_url input_text output_text input_image input_audio
    input_file file message json_object json_schema string object array number integer boolean null auto none required
    any low medium high minimal xhigh concise detailed default flex priority scale standard_only float base64
    tool_use tool_result image document thinking redacted_thinking function_call function_call_output reasoning
    ephemeral enabled disabled adaptive custom content refusal completed in_progress incomplete date date-time time
    email uri uuid wav mp3 flac opus pcm16 alloy ash ballad coral echo fable nova onyx sage shimmer verse
"""
_PROTOCOL_KEYS: Final = frozenset(_PROTOCOL_WORDS.split())
_ENUM_KEYS: Final = frozenset(_ENUM_FIELDS.split())
_ENUM_VALUES: Final = frozenset(_ENUM_WORDS.split())
_OPAQUE_TYPES: Final = {
    "image_url": "image",
    "input_image": "image",
    "image": "image",
    "input_audio": "audio",
    "audio": "audio",
    "audio_url": "audio",
    "video_url": "video",
    "input_video": "video",
    "file": "file",
    "input_file": "file",
    "document": "file",
    "redacted_thinking": "encrypted",
}
# Where media are handed over whatever the part calls itself, as text or as an object that holds one of `_HANDED_OVER`.
_MEDIA_KEYS: Final = {
    "image_url": "image",
    "video_url": "video",
    "audio_url": "audio",
    "input_audio": "audio",
    "document_url": "file",
    "file_url": "file",
    "file_data": "file",
}
_MEDIA_NAMES: Final = frozenset(_MEDIA_KEYS)
_HANDED_OVER: Final = frozenset({"url", "data", "file_id", "file_data"})
_ENCRYPTED_KEYS: Final = frozenset({"encrypted_content", "signature"})
# Where a prompt may stand as numbers, which mean something to one model's tokenizer and to nobody else.
_TOKEN_KEYS: Final = frozenset({"prompt", "input", "prompt_token_ids", "context"})
_MEDIA: Final = frozenset({"image", "audio", "video"})
_TELLING_KEYS: Final = _ENUM_KEYS | _ENCRYPTED_KEYS  # of values that are not always text
_OPAQUE_KEYS: Final = {"image_url": "image", "input_audio": "audio", "file_data": "file", "images": "image"}
# What a plain message spends its time on is building things, so the short way has its paths ready.
_CONTENT_PATHS: Final = tuple(f"messages[{index}].content" for index in range(64))
_new: Final = tuple.__new__  # a NamedTuple's own constructor costs twice as much
_DATA_URL: Final = re.compile(r"data:(image|audio|video|[a-z]{1,20})/[\w.+-]{1,80}[;,]", re.IGNORECASE)


class _Walk:
    """One pass over a body; collects as it goes."""

    __slots__ = ("opaque", "segments")

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.opaque: list[Opaque] = []

    def value(self, value: object, path: str, origin: Origin, depth: int, key: str = "") -> None:
        """Any JSON value; `key` is the object key it stood under, if any."""
        if isinstance(value, str):
            self.text(value, path, origin, key)
        elif value is None or isinstance(value, bool):
            return
        elif isinstance(value, int | float):
            self.number(value, path, origin)
        elif depth >= MAX_DEPTH:
            self.opaque.append(Opaque(path, "deep"))
        elif isinstance(value, dict):
            self.mapping(value, path, origin, depth)
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                self.value(item, f"{path}[{index}]", origin, depth + 1, key)
        else:
            self.opaque.append(Opaque(path, "blob"))  # not JSON: whatever it is, it cannot be read

    def text(self, text: str, path: str, origin: Origin, key: str) -> None:
        if not text or (key in _ENUM_KEYS and text in _ENUM_VALUES):
            return
        if key in _ENCRYPTED_KEYS:
            self.opaque.append(Opaque(path, "encrypted"))
            return
        if len(text) >= BLOB_FROM and is_blob(text):
            known = "audio" if path.endswith(".input_audio.data") else _OPAQUE_KEYS.get(key, "blob")
            self.opaque.append(Opaque(path, known))
            return
        if len(text) >= BLOB_FROM and holds_blob(text):
            self.opaque.append(Opaque(path, "blob"))
        data_url = _DATA_URL.search(text) if ":" in text and "data:" in text.lower() else None
        if data_url is not None:
            kind = data_url.group(1).lower()
            self.opaque.append(Opaque(path, kind if kind in _MEDIA else "file"))
            head, _, rest = text.partition(",")
            if data_url.start() == 0 and head.endswith(";base64") and len(rest) >= BLOB_FROM and is_blob(rest):
                return  # what is not base64 through and through can be read, as an SVG can, and may not go unread
        self.segments.append(Segment(path, origin, text))

    def number(self, value: int | float, path: str, origin: Origin) -> None:
        """`int | float`, though one says the other: compiled, an identifier would become a `float`, and another."""
        if -_IDENTIFIER_FROM < value < _IDENTIFIER_FROM or value != value or value in (float("inf"), float("-inf")):
            return
        if isinstance(value, int):
            # Python refuses to print integers of more than 4,300 digits. That is no identifier, but no text either.
            if value.bit_length() > 4096:
                self.opaque.append(Opaque(path, "blob"))
                return
            self.segments.append(Segment(path, origin, str(value)))
        elif value < 1e25:
            self.segments.append(Segment(path, origin, f"{value:.0f}"))

    def mapping(self, value: Mapping[object, object], path: str, origin: Origin, depth: int) -> None:
        kind, role = value.get("type"), value.get("role")
        if isinstance(role, str) and origin is not Origin.TOOL_DEFINITION:
            origin = _ROLE_ORIGIN.get(role, origin)
        if isinstance(kind, str):
            origin = _TYPE_ORIGIN.get(kind, origin)
        if (isinstance(kind, str) and kind in _OPAQUE_TYPES) or not _MEDIA_NAMES.isdisjoint(value):
            media = _media_of(value, kind)
            if media is not None:
                self.opaque.append(Opaque(path, media))
        for key, item in value.items():
            name = key if isinstance(key, str) else str(key)
            here = f"{path}.{name}" if path else name
            if name not in _PROTOCOL_KEYS:
                self.segments.append(Segment(here, origin, name))
            self.value(item, here, _KEY_ORIGIN.get(name, origin), depth + 1, name)

    def messages(self, messages: object, path: str) -> None:
        """The list of a chat."""
        if not isinstance(messages, list | tuple):
            self.value(messages, path, Origin.USER, 1, "content")
            return
        add = self.segments.append
        for index, message in enumerate(cast("Sequence[object]", messages)):
            if isinstance(message, dict):
                text, role = message.get("content"), message.get("role")
                origin = _ROLE_ORIGIN.get(role, _OTHER) if role.__class__ is str else _OTHER
                # Plain messages, by far the most, take the short way.
                if len(message) == 2 and text.__class__ is str and origin is not _OTHER and index < 64:
                    if 0 < len(text) < BLOB_FROM and ":" not in text:
                        add(_new(Segment, (_CONTENT_PATHS[index], origin, text)))
                    else:
                        self.text(text, _CONTENT_PATHS[index], origin, "content")
                else:
                    self.mapping(message, f"{path}[{index}]", origin, 2)
            else:
                self.value(message, f"{path}[{index}]", Origin.USER, 2, "content")

    def content(self) -> Content:
        return _new(Content, (tuple(self.segments), tuple(self.opaque)))


def _holds_numbers(items: list[object], depth: int = 1) -> bool:
    """Whether numbers stand in this list, or in lists in it."""
    for item in items:
        kind = item.__class__
        if kind is int or kind is float:
            return True
        if kind is list and depth < MAX_DEPTH and _holds_numbers(cast("list[object]", item), depth + 1):
            return True
    return False


def _media_of(part: Mapping[object, object], kind: object) -> str | None:
    """The kind of media that a content part is by its type or by what it holds; None for everything else.

    A JSON Schema may say `"type": "file"` as well, or have a property called `image_url`. Schemas say what they
    describe, and hand nothing over.
    """
    for key, named in _MEDIA_KEYS.items():
        if key in part and _is_handed_over(part[key]):
            return named
    media = _OPAQUE_TYPES.get(kind) if isinstance(kind, str) else None
    if media is None or not ("properties" in part or "description" in part):
        return media
    handed_over = any(_is_handed_over(item) for item in part.values() if isinstance(item, dict))
    return media if handed_over or not _HANDED_OVER.isdisjoint(part) else None


def _is_handed_over(value: object) -> bool:
    if isinstance(value, dict):
        return not _HANDED_OVER.isdisjoint(value)
    return isinstance(value, str) and bool(value)


def content_of(body: Mapping[str, object]) -> Content:
    """All text of a parsed JSON request body, in the order in which it stands there. Never raises."""
    walk = _Walk()
    # Plain values, by far the most, take the short way, as plain messages do.
    for key, value in cast("Mapping[str, Any]", body).items():
        if value.__class__ is list and key in _TOKEN_KEYS and _holds_numbers(value):
            walk.opaque.append(Opaque(key, "tokens"))
        if key == "messages":
            walk.messages(value, key)
        elif key in _PROTOCOL_KEYS:
            kind = value.__class__
            if kind in _SILENT:
                if value and not _SMALL_FROM < value < _IDENTIFIER_FROM:
                    walk.number(value, key, _KEY_ORIGIN.get(key, _OTHER))
            elif kind is str and 0 < len(value) < BLOB_FROM and ":" not in value and key not in _TELLING_KEYS:
                walk.segments.append(_new(Segment, (key, _KEY_ORIGIN.get(key, _OTHER), value)))
            else:
                walk.value(value, key, _KEY_ORIGIN.get(key, _OTHER), 1, key)
        else:
            name = str(key)
            walk.segments.append(Segment(name, _OTHER, name))
            walk.value(value, name, _OTHER, 1, name)
    return walk.content()


def content_of_text(text: str) -> Content:
    """One user segment."""
    return Content((Segment("text", Origin.USER, text),))


def content_of_messages(messages: Iterable[object]) -> Content:
    """The content of a bare list of chat messages. Paths read as if it stood in a body."""
    walk = _Walk()
    walk.messages(list(messages), "messages")
    return walk.content()
