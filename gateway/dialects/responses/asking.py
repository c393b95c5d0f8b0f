"""Asking: a Responses request as a chat request.

https://platform.openai.com/docs/api-reference/responses/create. What has no counterpart in chat and would change the
answer is refused, with its name; what only OpenAI's own servers could act on (`include`, `truncation`, `service_tier`…)
changes nothing here and stays behind. What is read here is all that travels, and so all that has to be scanned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from gateway.wire.errors import BadRequest

Json = dict[str, Any]

_SAME = ("temperature", "top_p", "parallel_tool_calls", "user", "metadata", "seed", "stop")
_UNSUPPORTED = {
    "background": "Responses in the background are not supported: stream instead.",
    "conversation": "Conversations are not supported: use `previous_response_id`.",
    "prompt": "Stored prompts are not supported: send the text.",
    "context_management": "Compaction is not supported.",
}
_ROLES = frozenset({"user", "assistant", "system", "developer"})
_TEXT = frozenset({"input_text", "output_text", "text"})


def chat_of(body: Mapping[str, Any], before: Sequence[Json]) -> Json:
    """The chat body. `before`: the messages of the conversation so far. Raises `BadRequest` naming what is wrong."""
    for name, why in _UNSUPPORTED.items():
        if body.get(name):
            raise BadRequest(why, param=name, code="unsupported_parameter")
    chat: Json = {"model": body["model"], "messages": _messages(body, before)}
    for name in _SAME:
        if body.get(name) is not None:
            chat[name] = body[name]
    if body.get("max_output_tokens") is not None:
        chat["max_tokens"] = _whole(body["max_output_tokens"], "max_output_tokens")
    _add_reasoning(chat, body.get("reasoning"))
    _add_text(chat, body.get("text"))
    if body.get("top_logprobs"):
        chat["logprobs"], chat["top_logprobs"] = True, _whole(body["top_logprobs"], "top_logprobs")
    if tools := _list(body.get("tools"), "tools"):
        chat["tools"] = [_tool(tool, f"tools[{number}]") for number, tool in enumerate(tools)]
    if (choice := body.get("tool_choice")) is not None:
        chat["tool_choice"] = _tool_choice(choice)
    if body.get("stream"):
        chat["stream"] = True
        chat["stream_options"] = {"include_usage": True}
    return chat


def items_of(body: Mapping[str, Any]) -> list[Json]:
    """The input as a list of items, a plain text as the message it is short for."""
    given = body.get("input")
    if given is None:
        raise BadRequest("`input` is required.", param="input", code="missing_required_parameter")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": given}]}]
    items = _list(given, "input")
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            _wrong(f"input[{number}]", "must be an object")
    return items


def messages_of(items: Sequence[Json]) -> list[Json]:
    """Input items, or items of an earlier output, as chat messages. Calls of one turn are one message."""
    messages: list[Json] = []
    for number, item in enumerate(items):
        where = f"input[{number}]"
        kind = item.get("type", "message" if "role" in item else None)
        if kind == "message":
            messages.append(_message(item, where))
        elif kind == "function_call":
            _add_call(messages, item, where)
        elif kind == "function_call_output":
            messages.append(_tool_result(item, where))
        elif kind == "reasoning":
            _add_thought(messages, item, where)
        else:
            raise BadRequest(
                f"Items of type `{str(kind)[:60]}` are not supported here.",
                param=f"{where}.type",
                code="unsupported_item",
            )
    return [message for message in messages if len(message) > 1]


def _messages(body: Mapping[str, Any], before: Sequence[Json]) -> list[Json]:
    messages = [*before, *messages_of(items_of(body))]
    instructions = body.get("instructions")
    if instructions is not None:
        if not isinstance(instructions, str):
            _wrong("instructions", "must be a string")
        messages.insert(0, {"role": "system", "content": instructions})
    if not messages:
        raise BadRequest("`input` must not be empty.", param="input", code="empty_array")
    return messages


def _message(item: Json, where: str) -> Json:
    role, content = item.get("role"), item.get("content")
    if role not in _ROLES:
        _wrong(f"{where}.role", "must be user, assistant, system or developer")
    role = "system" if role == "developer" else role  # small models know no other
    if isinstance(content, str):
        return {"role": role, "content": content}
    parts = [
        _part(part, f"{where}.content[{number}]") for number, part in enumerate(_list(content, f"{where}.content"))
    ]
    if all(part["type"] == "text" for part in parts):
        return {"role": role, "content": "".join(part["text"] for part in parts) if len(parts) == 1 else _joined(parts)}
    return {"role": role, "content": parts}


def _joined(parts: Sequence[Json]) -> str:
    """One text: many local runtimes read lists of parts badly, and a list of texts says no more than their lines."""
    return "\n".join(part["text"] for part in parts)


def _part(part: object, where: str) -> Json:
    if not isinstance(part, dict):
        _wrong(where, "must be an object")
    kind = part.get("type")
    if kind in _TEXT:
        return {"type": "text", "text": _text(part.get("text"), f"{where}.text")}
    if kind == "refusal":
        return {"type": "text", "text": _text(part.get("refusal"), f"{where}.refusal")}
    if kind == "input_image":
        url = part.get("image_url")
        if not isinstance(url, str) or not url:
            raise BadRequest(
                "Images are sent as `image_url`, with a URL or a data URL; files are not kept here.",
                param=f"{where}.image_url",
                code="unsupported_parameter",
            )
        image = {"url": url}
        if part.get("detail") in ("low", "high", "auto"):
            image["detail"] = part["detail"]
        return {"type": "image_url", "image_url": image}
    if kind == "input_audio" and isinstance(part.get("input_audio"), dict):
        return {"type": "input_audio", "input_audio": part["input_audio"]}
    if kind == "input_file" and isinstance(part.get("file_data"), str):
        file = {"file_data": part["file_data"], "filename": part.get("filename") or "file"}
        return {"type": "file", "file": file}
    raise BadRequest(
        f"Content of type `{str(kind)[:60]}` is not supported here.", param=f"{where}.type", code="unsupported_content"
    )


def _add_call(messages: list[Json], item: Json, where: str) -> None:
    call = {
        "id": _text(item.get("call_id"), f"{where}.call_id"),
        "type": "function",
        "function": {
            "name": _text(item.get("name"), f"{where}.name"),
            "arguments": _text(item.get("arguments"), f"{where}.arguments"),
        },
    }
    last = messages[-1] if messages else None
    if last is None or last["role"] != "assistant":
        last = {"role": "assistant", "content": None}
        messages.append(last)
    last.setdefault("tool_calls", []).append(call)


def _add_thought(messages: list[Json], item: Json, where: str) -> None:
    """Only what is readable of it is carried; what a zone has encrypted says nothing to another model."""
    parts = [*_list(item.get("content"), f"{where}.content"), *_list(item.get("summary"), f"{where}.summary")]
    texts = [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    if texts:
        messages.append({"role": "assistant", "content": None, "reasoning_content": "\n".join(texts)})


def _tool_result(item: Json, where: str) -> Json:
    output = item.get("output")
    if not isinstance(output, str):
        parts = _list(output, f"{where}.output")
        output = _joined([_only_text(part, f"{where}.output[{number}]") for number, part in enumerate(parts)])
    return {"role": "tool", "tool_call_id": _text(item.get("call_id"), f"{where}.call_id"), "content": output}


def _only_text(part: object, where: str) -> Json:
    found = _part(part, where)
    if found["type"] != "text":
        raise BadRequest("A tool's result is text here.", param=where, code="unsupported_content")
    return found


def _tool(tool: object, where: str) -> Json:
    if not isinstance(tool, dict):
        _wrong(where, "must be an object")
    if tool.get("type") != "function":
        raise BadRequest(
            f"Tools of type `{str(tool.get('type'))[:60]}` run on OpenAI's servers, not here. Use functions.",
            param=f"{where}.type",
            code="unsupported_tool",
        )
    function: Json = {"name": _text(tool.get("name"), f"{where}.name")}
    for name in ("description", "parameters", "strict"):
        if tool.get(name) is not None:
            function[name] = tool[name]
    return {"type": "function", "function": function}


def _tool_choice(choice: object) -> object:
    if choice in ("auto", "none", "required"):
        return choice
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"type": "function", "function": {"name": _text(choice.get("name"), "tool_choice.name")}}
    raise BadRequest("This `tool_choice` is not supported here.", param="tool_choice", code="unsupported_parameter")


def _add_reasoning(chat: Json, reasoning: object) -> None:
    if reasoning is None:
        return
    if not isinstance(reasoning, dict):
        _wrong("reasoning", "must be an object")
    if reasoning.get("effort") is not None:
        chat["reasoning_effort"] = _text(reasoning["effort"], "reasoning.effort")


def _add_text(chat: Json, text: object) -> None:
    if text is None:
        return
    if not isinstance(text, dict):
        _wrong("text", "must be an object")
    if text.get("verbosity") is not None:
        chat["verbosity"] = text["verbosity"]
    form = text.get("format")
    if form is None:
        return
    kind = form.get("type") if isinstance(form, dict) else None
    if kind == "json_schema":
        schema = {
            name: form[name] for name in ("name", "schema", "strict", "description") if form.get(name) is not None
        }
        chat["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif kind == "json_object":
        chat["response_format"] = {"type": "json_object"}
    elif kind != "text":
        raise BadRequest("This format is not supported.", param="text.format", code="unsupported_parameter")


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        _wrong(where, "must be a string")
    return value


def _whole(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        _wrong(where, "must be a whole number")
    return value


def _list(value: object, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        _wrong(where, "must be a list")
    return value


def _wrong(where: str, how: str) -> NoReturn:
    raise BadRequest(f"`{where}` {how}.", param=where, code="invalid_type")
