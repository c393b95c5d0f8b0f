"""Messages: a conversation in Ollama's words becomes one in OpenAI's.

Ollama's calls of tools have arguments as objects and need no id; a result names the tool. OpenAI's have arguments as
text, and a result names the id of its call: the first of that tool's calls that has no result yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.dialects.ollama.fields import Json, items, mapping, text, wrong
from gateway.wire.json import serialise

# How base64 begins, by what the image begins with. Model servers want to be told which it is.
_KINDS = {
    "iVBORw0KGgo": "png",
    "/9j/": "jpeg",
    "R0lGOD": "gif",
    "UklGR": "webp",
    "Qk": "bmp",
}
_PNG = "png"  # of a kind that is not known here: whoever has to read it will say so


def chat_messages(messages: Sequence[object]) -> list[Json]:
    """Raises `BadRequest` naming the field that is wrong."""
    conversation = Conversation()
    for index, message in enumerate(messages):
        at = f"messages[{index}]"
        if not isinstance(message, dict):
            wrong(at, "must be an object")
        conversation.add(message, f"{at}.", index)
    return conversation.messages


class Conversation:
    """Messages so far, and the calls of tools that have no result yet, as pairs of name and id."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self._unanswered: list[tuple[str, str]] = []

    def add(self, message: Mapping[str, object], at: str, index: int) -> None:
        role = text(message, "role", at)
        if not role:
            wrong(f"{at}role", "is required", "missing_required_parameter")
        said: Json = {"role": role, "content": content_of(message, "content", at)}
        thoughts = text(message, "thinking", at)
        if thoughts:  # two names are in use; servers that know neither leave them out
            said["reasoning_content"] = said["reasoning"] = thoughts
        calls = [
            _call(item, f"{at}tool_calls[{place}]", f"call_{index}_{place}")
            for place, item in enumerate(items(message, "tool_calls", at))
        ]
        if calls:
            said["tool_calls"] = calls
            self._unanswered += [(call["function"]["name"], call["id"]) for call in calls]
        if role == "tool":
            said["tool_call_id"] = self._answered(message, at) or f"call_{index}"
        self.messages.append(said)

    def _answered(self, message: Mapping[str, object], at: str) -> str:
        """The id of the call that a tool's result belongs to; empty where no call is open."""
        given, tool = text(message, "tool_call_id", at), text(message, "tool_name", at) or text(message, "name", at)
        for place, (name, number) in enumerate(self._unanswered):
            if number == given or (not given and name == tool):
                return self._unanswered.pop(place)[1]
        if given or tool or not self._unanswered:
            return given
        return self._unanswered.pop(0)[1]  # older clients do not say which


def content_of(message: Mapping[str, object], field: str, at: str = "") -> str | list[Json]:
    """The text of a message, and its images where it has any."""
    said, images = text(message, field, at), items(message, "images", at)
    if not images:
        return said
    parts: list[Json] = [{"type": "text", "text": said}] if said else []
    for place, image in enumerate(images):
        parts.append({"type": "image_url", "image_url": {"url": _data_url(image, f"{at}images[{place}]")}})
    return parts


def _data_url(image: object, at: str) -> str:
    if not isinstance(image, str) or not image:
        wrong(at, "must be an image in base64")
    if image.startswith("data:"):
        return image
    if "://" in image[:16]:
        wrong(at, "must be an image in base64; addresses are not fetched", "invalid_value")
    data = "".join(image.split())  # base64 is often wrapped
    kind = next((kind for start, kind in _KINDS.items() if data.startswith(start)), _PNG)
    return f"data:image/{kind};base64,{data}"


def _call(item: object, at: str, number: str) -> Json:
    if not isinstance(item, dict):
        wrong(at, "must be an object")
    function = mapping(item, "function", f"{at}.")
    name = text(function, "name", f"{at}.function.")
    if not name:
        wrong(f"{at}.function.name", "is required", "missing_required_parameter")
    arguments = function.get("arguments")
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        wrong(f"{at}.function.arguments", "must be an object")
    given = text(item, "id", f"{at}.")
    written = serialise(arguments).decode()
    return {"id": given or number, "type": "function", "function": {"name": name, "arguments": written}}
