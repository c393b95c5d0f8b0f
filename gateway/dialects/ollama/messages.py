"""Messages: a conversation in Ollama's words becomes one in OpenAI's.

Ollama's calls of tools have arguments as objects and need no id; a result names the tool. OpenAI's have arguments as
text, and a result names the id of its call: the first of that tool's calls that has no result yet. Thoughts are sent
while a turn is in progress, between a call and its result: later nobody wants them, and some servers refuse them.
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
    asked_at = max((index for index, message in enumerate(messages) if _is_asked(message)), default=-1)
    conversation = Conversation()
    for index, message in enumerate(messages):
        at = f"messages[{index}]"
        if not isinstance(message, dict):
            wrong(at, "must be an object")
        conversation.add(message, f"{at}.", shows_thoughts=index > asked_at)
    return conversation.messages


class Conversation:
    """Messages so far, and the calls of tools that have no result yet: name, id of the client's, id.

    Ids are given anew. They tie a result to its call and say nothing else, and random letters look like a secret to the
    scanner, which would keep the whole conversation at home.
    """

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self._unanswered: list[tuple[str, str, str]] = []
        self._count = 0

    def add(self, message: Mapping[str, object], at: str, *, shows_thoughts: bool) -> None:
        role = text(message, "role", at)
        if not role:
            wrong(f"{at}role", "is required", "missing_required_parameter")
        said: Json = {"role": role, "content": content_of(message, "content", at)}
        thoughts = text(message, "thinking", at)
        if thoughts and shows_thoughts:  # two names are in use
            said["reasoning_content"] = said["reasoning"] = thoughts
        calls = [self._call(item, f"{at}tool_calls[{i}]") for i, item in enumerate(items(message, "tool_calls", at))]
        if calls:
            said["tool_calls"] = calls
        if role == "tool":
            said["tool_call_id"] = self._answered(message, at) or self._id()
        self.messages.append(said)

    def _call(self, item: object, at: str) -> Json:
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
        number = self._id()
        self._unanswered.append((name, text(item, "id", f"{at}."), number))
        written = serialise(arguments).decode()
        return {"id": number, "type": "function", "function": {"name": name, "arguments": written}}

    def _answered(self, message: Mapping[str, object], at: str) -> str:
        """The id of the call that a tool's result belongs to; empty where there is none."""
        given, tool = text(message, "tool_call_id", at), text(message, "tool_name", at) or text(message, "name", at)
        for place, (name, of_client, number) in enumerate(self._unanswered):
            if (of_client == given) if given else (name == tool or not tool):  # older clients do not say which
                del self._unanswered[place]
                return number
        return ""

    def _id(self) -> str:
        """Nine letters and digits, which every server takes."""
        self._count += 1
        return f"call{self._count:05}"


def _is_asked(message: object) -> bool:
    return isinstance(message, dict) and message.get("role") == "user"


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
