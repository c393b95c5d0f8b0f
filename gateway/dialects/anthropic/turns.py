"""Turns: Anthropic's system prompt and messages as chat messages.

A turn holds blocks of many kinds; in chat a tool's result is a message of its own, and so is each role. Ids of tool
calls are given anew, in order: they tie a result to its call and mean nothing else, no two vendors agree on their
form, and random letters look like a secret to whoever scans them.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.dialects.anthropic.fields import Json, flag, kind_of, mapping, mappings, name, not_carried, text, wrong
from gateway.wire.errors import BadRequest
from gateway.wire.json import serialise

_SEE_BELOW = "(The image follows below.)"


def chat_messages(system: object, messages: object) -> list[Json]:
    """Raises `BadRequest` naming the block that is wrong or cannot be carried."""
    turns = _Turns()
    if system is not None:
        turns.add("system", _texts(system, "system"))
    said = mappings(messages, "messages")
    if not said:
        raise BadRequest("`messages` must not be empty.", param="messages", code="empty_array")
    in_progress = _turn_in_progress(said)
    for number, message in enumerate(said):
        turns.take(message, f"messages[{number}]", keeps_thoughts=number > in_progress)
    return turns.told()


def _turn_in_progress(messages: Sequence[Json]) -> int:
    """The last message in which a person spoke. What was thought before it is over: models are not shown it again, by
    Anthropic and by the templates of open models alike; between a call and its result it has to be kept."""
    for number in range(len(messages) - 1, -1, -1):
        content = messages[number].get("content")
        if messages[number].get("role") == "user" and not (
            isinstance(content, list)
            and any(isinstance(block, dict) and block.get("type") == "tool_result" for block in content)
        ):
            return number
    return -1


class _Turns:
    def __init__(self) -> None:
        self._messages: list[Json] = []  # their content in parts, until all is told
        self._ids: dict[str, str] = {}

    def told(self) -> list[Json]:
        for message in self._messages:
            if isinstance(message["content"], list):
                message["content"] = _content(message["content"])
        return self._messages

    def take(self, message: Json, where: str, *, keeps_thoughts: bool) -> None:
        role, content, at = message.get("role"), message.get("content"), f"{where}.content"
        if role == "system":
            self.add("system", _texts(content, at))
        elif role != "user" and role != "assistant":
            wrong(f"{where}.role", "user, assistant or system", role)
        elif isinstance(content, str):
            self.add(role, [_text_part(content)])
        elif role == "user":
            self._user(mappings(content, at), at)
        else:
            self._assistant(mappings(content, at), at, keeps_thoughts=keeps_thoughts)

    def add(self, role: str, parts: list[Json]) -> None:
        """One message. Two of a user in a row are one, as for Anthropic: many chat templates want them to alternate."""
        if role == "user" and self._messages and self._messages[-1]["role"] == role:
            self._messages[-1]["content"] += parts
        else:
            self._messages.append({"role": role, "content": parts})

    def _user(self, blocks: Sequence[Json], where: str) -> None:
        """Results first, whatever the order: in chat they stand right behind the calls."""
        shown: list[Json] = []
        parts: list[Json] = []
        results = 0
        for number, block in enumerate(blocks):
            at = f"{where}[{number}]"
            if kind_of(block, at) == "tool_result":
                results += 1
                said, images = _result(block, at)
                call_id = self._call_id(block, "tool_use_id", at)
                self._messages.append({"role": "tool", "tool_call_id": call_id, "content": said})
                shown += images
            else:
                parts.append(_part(block, at))
        if shown or parts or not results:
            self.add("user", [*shown, *parts])

    def _assistant(self, blocks: Sequence[Json], where: str, *, keeps_thoughts: bool) -> None:
        texts: list[Json] = []
        calls: list[Json] = []
        thoughts: list[str] = []
        for number, block in enumerate(blocks):
            at = f"{where}[{number}]"
            kind = kind_of(block, at)
            if kind == "text":
                texts.append(_part(block, at))
            elif kind == "tool_use":
                calls.append(self._call(block, at))
            elif kind == "thinking":
                thoughts.append(text(block.get("thinking"), f"{at}.thinking"))
            elif kind != "redacted_thinking":  # which nobody can read but the model that wrote it
                not_carried(at, f"content of type `{kind}`")
        message: Json = {"role": "assistant", "content": texts if texts or not calls else None}
        if keeps_thoughts and any(thoughts):
            # llama.cpp, SGLang and DeepSeek read the first name, Ollama and vLLM the second.
            message["reasoning_content"] = message["reasoning"] = "\n".join(thoughts)
        if calls:
            message["tool_calls"] = calls
        self._messages.append(message)

    def _call(self, block: Json, where: str) -> Json:
        arguments = serialise(mapping(block.get("input"), f"{where}.input")).decode()
        function = {"name": name(block.get("name"), f"{where}.name"), "arguments": arguments}
        return {"id": self._call_id(block, "id", where), "type": "function", "function": function}

    def _call_id(self, block: Json, field: str, where: str) -> str:
        given = name(block.get(field), f"{where}.{field}")
        return self._ids.setdefault(given, f"call{len(self._ids) + 1:05d}")  # Mistral wants nine letters or digits


def _texts(content: object, where: str) -> list[Json]:
    """Parts of a prompt that can hold nothing but text."""
    if isinstance(content, str):
        return [_text_part(content)]
    parts = []
    for number, block in enumerate(mappings(content, where)):
        at = f"{where}[{number}]"
        if (kind := kind_of(block, at)) != "text":
            not_carried(at, f"content of type `{kind}` in a system prompt")
        parts.append(_part(block, at))
    return parts


def _result(block: Json, where: str) -> tuple[str, list[Json]]:
    """What a tool said, as text, and the images that it showed: a tool's message in chat has no room for those."""
    content = block.get("content")
    if content is None or isinstance(content, str):
        parts = [_text_part(content or "")]
    else:
        at = f"{where}.content"
        parts = [_part(part, f"{at}[{number}]") for number, part in enumerate(mappings(content, at))]
    images = [part for part in parts if part["type"] == "image_url"]
    said = "\n".join(part["text"] if part["type"] == "text" else _SEE_BELOW for part in parts)
    if flag(block.get("is_error"), f"{where}.is_error"):
        said = f"Error: {said}" if said else "Error"
    return said, images


def _part(block: Json, where: str) -> Json:
    kind = kind_of(block, where)
    if kind == "text":
        return _text_part(text(block.get("text"), f"{where}.text"))
    if kind != "image":
        not_carried(where, f"content of type `{kind}`")
    source = mapping(block.get("source"), f"{where}.source")
    stored = kind_of(source, f"{where}.source")
    if stored == "base64":
        media_type = name(source.get("media_type"), f"{where}.source.media_type")
        url = f"data:{media_type};base64,{name(source.get('data'), f'{where}.source.data')}"
    elif stored == "url":
        url = name(source.get("url"), f"{where}.source.url")
    else:
        not_carried(f"{where}.source", f"an image of type `{stored}`")
    return {"type": "image_url", "image_url": {"url": url}}


def _text_part(said: str) -> Json:
    return {"type": "text", "text": said}


def _content(parts: list[Json]) -> str | list[Json]:
    """Text alone is one string: not every local runtime reads lists of parts."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts
