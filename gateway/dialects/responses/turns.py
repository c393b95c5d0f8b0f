"""Turns: the items of a conversation as chat messages.

What is read here is all of an item that travels. What an item holds that cannot be carried is refused, with its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.dialects.responses.fields import Json, items, kind_of, mapping, text, unsupported, wrong

_ROLES = frozenset({"user", "assistant", "system", "developer"})
_TEXT = frozenset({"input_text", "output_text", "text"})
_THOUGHTS = ("reasoning_content", "reasoning")  # the one is read by llama.cpp, SGLang and DeepSeek, the other by vLLM


class Turns:
    """Collects messages. Reasoning and calls of one turn become one message with what was said in it."""

    def __init__(self, instructions: str | None) -> None:
        self._messages: list[Json] = []
        self._thoughts: list[str] = []  # waiting for what they led to
        if instructions:
            self._messages.append({"role": "system", "content": instructions})

    def add(self, given: Iterable[Json], where: str) -> None:
        for number, item in enumerate(given):
            at = f"{where}[{number}]"
            kind = kind_of(item) or ("message" if "role" in item else "")
            if kind == "message":
                self._message(item, at)
            elif kind == "function_call":
                self._call(item, at)
            elif kind == "function_call_output":
                self._result(item, at)
            elif kind == "reasoning":
                self._thoughts += _readable(item, at)
            else:
                unsupported(f"{at}.type", f"Items of type `{kind}` are not supported here.")

    def messages(self) -> list[Json]:
        """Thoughts of earlier turns are left out: models are trained without them, and some servers refuse them. Those
        that led to the calls whose results have just come are what the model goes on with.
        """
        last = max((number for number, message in enumerate(self._messages) if message["role"] == "user"), default=-1)
        return [
            message if number > last else {name: value for name, value in message.items() if name not in _THOUGHTS}
            for number, message in enumerate(self._messages)
        ]

    def _message(self, item: Json, where: str) -> None:
        role, content = item.get("role"), item.get("content")
        if not isinstance(role, str) or role not in _ROLES:
            wrong(f"{where}.role", "user, assistant, system or developer", role)
        if not isinstance(content, str):
            content = _content(_parts(content, f"{where}.content"), "" if role == "assistant" else "\n")
        if role == "assistant":
            self._messages.append({"role": role, "content": content})
            self._add_thoughts(self._messages[-1])
            return
        self._thoughts.clear()
        last = self._messages[-1] if self._messages else None
        if role == "user":
            self._messages.append({"role": role, "content": content})
        elif not isinstance(content, str):
            unsupported(f"{where}.content", f"A {role} message holds text only here.")
        elif last is not None and last["role"] == "system":  # many chat templates take one, and only at the top
            last["content"] = f"{last['content']}\n\n{content}"
        else:
            self._messages.append({"role": "system", "content": content})  # small models know no developer

    def _call(self, item: Json, where: str) -> None:
        function = {
            "name": text(item.get("name"), f"{where}.name"),
            "arguments": text(item.get("arguments"), f"{where}.arguments"),
        }
        call = {"id": text(item.get("call_id"), f"{where}.call_id"), "type": "function", "function": function}
        last = self._messages[-1] if self._messages else None
        if last is None or last["role"] != "assistant":
            last = {"role": "assistant", "content": None}
            self._messages.append(last)
        self._add_thoughts(last)
        last.setdefault("tool_calls", []).append(call)

    def _result(self, item: Json, where: str) -> None:
        output = item.get("output")
        if not isinstance(output, str):
            output = _content(_parts(output, f"{where}.output"), "\n")
            if not isinstance(output, str):
                unsupported(f"{where}.output", "A tool's result is text here.")
        call_id = text(item.get("call_id"), f"{where}.call_id")
        self._messages.append({"role": "tool", "tool_call_id": call_id, "content": output})

    def _add_thoughts(self, message: Json) -> None:
        if self._thoughts:
            before = message.get(_THOUGHTS[0])
            thoughts = "\n".join([before, *self._thoughts] if before else self._thoughts)
            message.update(dict.fromkeys(_THOUGHTS, thoughts))
            self._thoughts.clear()


def _parts(value: object, where: str) -> list[Json]:
    if not isinstance(value, list):
        wrong(where, "a string or a list of parts", value)
    return [_part(part, f"{where}[{number}]") for number, part in enumerate(value)]


def _content(parts: Sequence[Json], between: str) -> str | list[Json]:
    """Texts are put together: many local runtimes read lists of parts badly."""
    if all(part["type"] == "text" for part in parts):
        return between.join(part["text"] for part in parts)
    return list(parts)


def _part(value: object, where: str) -> Json:
    part = mapping(value, where)
    kind = kind_of(part)
    if kind in _TEXT:
        return {"type": "text", "text": text(part.get("text"), f"{where}.text")}
    if kind == "refusal":
        return {"type": "text", "text": text(part.get("refusal"), f"{where}.refusal")}
    if kind == "input_image":
        return {"type": "image_url", "image_url": _image(part, where)}
    if kind == "input_audio":
        return {"type": "input_audio", "input_audio": mapping(part.get("input_audio"), f"{where}.input_audio")}
    if kind == "input_file":
        return {"type": "file", "file": _file(part, where)}
    return unsupported(f"{where}.type", f"Content of type `{kind}` is not supported here.")


def _image(part: Json, where: str) -> Json:
    if part.get("image_url") is None and part.get("file_id") is not None:
        unsupported(f"{where}.file_id", "Files are not kept here: send the image as `image_url`, a URL or a data URL.")
    image: Json = {"url": text(part.get("image_url"), f"{where}.image_url")}
    detail = part.get("detail")
    if detail is not None:
        image["detail"] = "high" if detail == "original" else text(detail, f"{where}.detail")
    return image


def _file(part: Json, where: str) -> Json:
    for field in ("file_id", "file_url"):
        if part.get(field) is not None:
            unsupported(f"{where}.{field}", "Files are neither kept nor fetched here: send `file_data`.")
    name = part.get("filename")
    return {
        "file_data": text(part.get("file_data"), f"{where}.file_data"),
        "filename": "file" if name is None else text(name, f"{where}.filename"),
    }


def _readable(item: Json, where: str) -> list[str]:
    """What is encrypted says nothing to another model, and is left out."""
    parts = [*items(item.get("content"), f"{where}.content"), *items(item.get("summary"), f"{where}.summary")]
    return [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
