"""What the cascade looks at, read from the wire: the question from a body, the answer from another or from a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import orjson

from router.cascade.answer import Answer, Question, Token, ToolCall


def question_of(body: Mapping[str, Any], difficulty: float | None) -> Question:
    """What the body of a chat asks for. Whatever is not as it should be asks for nothing."""
    form = body.get("response_format")
    kind = form.get("type") if isinstance(form, dict) else None
    schema = None
    if kind == "json_schema" and isinstance(form, dict) and isinstance(form.get("json_schema"), dict):
        schema = form["json_schema"].get("schema")
    return Question(
        prompt=_last_words(body.get("messages")),
        schema=schema if isinstance(schema, dict) else None,
        wants_object=kind == "json_object",
        tools=_tools(body.get("tools")),
        must_call=_must_call(body.get("tool_choice")),
        difficulty=difficulty,
    )


def answer_of(said: Mapping[str, Any], logprobs: Iterable[bytes] = (), again: str | None = None) -> Answer:
    """A whole completion. `logprobs` is what was taken out of it."""
    return _Growing.of(said, "message").answer(logprobs, is_whole=True, again=again)


def answer_so_far(
    payloads: Iterable[bytes], logprobs: Iterable[bytes] = (), again: str | None = None, *, is_whole: bool
) -> Answer:
    """What a stream's events say together. What was let through unread may be no JSON, and says nothing."""
    growing = _Growing()
    for text in payloads:
        with suppress(orjson.JSONDecodeError):
            growing.add(orjson.loads(text), "delta")
    return growing.answer(logprobs, is_whole=is_whole, again=again)


def text_of(said: object) -> str | None:
    """The text of a whole completion; `None` where there is none."""
    return _Growing.of(said, "message").answer((), is_whole=True, again=None).text or None


class _Growing:
    """The first choice of an answer, put together from pieces."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.calls: dict[int, list[str]] = {}
        self.tokens: list[Token] = []
        self.finish = ""

    @classmethod
    def of(cls, said: object, name: str) -> _Growing:
        growing = cls()
        growing.add(said, name)
        return growing

    def add(self, said: object, name: str) -> None:
        choices = said.get("choices") if isinstance(said, dict) else None
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        message = choice.get(name)
        if isinstance(message, dict):
            content = message.get("content")
            if isinstance(content, str):
                self.text.append(content)
            calls = message.get("tool_calls")
            for place, call in enumerate(calls if isinstance(calls, list) else ()):
                self._add_call(place, call)
        if isinstance(choice.get("finish_reason"), str):
            self.finish = choice["finish_reason"]
        self.tokens += _tokens(choice.get("logprobs"))

    def _add_call(self, place: int, call: object) -> None:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(call, dict) or not isinstance(function, dict):
            return
        index = call.get("index")
        known = self.calls.setdefault(index if isinstance(index, int) else place, ["", ""])
        name, arguments = function.get("name"), function.get("arguments")
        if isinstance(name, str):
            known[0] = name
        if isinstance(arguments, str):
            known[1] += arguments

    def answer(self, logprobs: Iterable[bytes], *, is_whole: bool, again: str | None) -> Answer:
        tokens = [*self.tokens, *(token for value in logprobs for token in _parsed(value))]
        calls = tuple(ToolCall(name, arguments) for _, (name, arguments) in sorted(self.calls.items()))
        return Answer("".join(self.text), self.finish, tuple(tokens), calls, is_whole, again)


def _parsed(value: bytes) -> list[Token]:
    try:
        return _tokens(orjson.loads(value))
    except orjson.JSONDecodeError:
        return []


def _tokens(logprobs: object) -> list[Token]:
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    found = [_token(item) for item in (content if isinstance(content, list) else ())]
    return [token for token in found if token is not None]


def _token(item: object) -> Token | None:
    if not isinstance(item, dict):
        return None
    text, logprob = item.get("token"), item.get("logprob")
    if not isinstance(text, str) or not isinstance(logprob, int | float):
        return None
    others = item.get("top_logprobs")
    rest = [
        float(other["logprob"])
        for other in (others if isinstance(others, list) else ())
        if isinstance(other, dict) and other.get("token") != text and isinstance(other.get("logprob"), int | float)
    ]
    return Token(text, float(logprob), max(rest) if rest else None)


def _last_words(messages: object) -> str:
    """The text of the user's last turn."""
    turns: list[Any] = messages if isinstance(messages, list) else []
    for message in reversed(turns):
        if isinstance(message, dict) and message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, str):
                return content
            parts: list[Any] = content if isinstance(content, list) else []
            texts = (part.get("text") for part in parts if isinstance(part, dict))
            return "\n".join(text for text in texts if isinstance(text, str))
    return ""


def _tools(tools: object) -> dict[str, dict[str, Any]] | None:
    """The functions by name, each with the schema of its arguments. None where there is a tool of another kind: then
    not all is known that may be called.
    """
    if not isinstance(tools, list) or not tools:
        return None
    known: dict[str, dict[str, Any]] = {}
    for tool in tools:
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            return None
        parameters = function.get("parameters")
        known[function["name"]] = parameters if isinstance(parameters, dict) else {}
    return known


def _must_call(choice: object) -> str | None:
    if choice == "required":
        return ""
    function = choice.get("function") if isinstance(choice, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else None
