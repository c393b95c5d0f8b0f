"""Dialects: how a client of each asks one thing, and what it makes of the bytes that it gets.

What is read is held to the dialect's own shape: an answer or an error that is none of it fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tests.harness.client import ERROR_KEYS

Json = dict[str, Any]
_LONGEST: Final = 200  # tokens of an answer, where a dialect wants a limit


class Heard(NamedTuple):
    """`text`: of the answer, as far as it came; `ended`: it says itself that it is complete; `error`: its type or its
    sentence, empty where there is none."""

    text: str
    ended: bool
    error: str = ""


class Dialect(NamedTuple):
    """`whole` reads the object of a good answer, `stream` the bytes of a streamed one, `error` a refusal."""

    name: str
    path: str
    asks: Callable[[str, str], Json]  # from a model and a text
    whole: Callable[[Json], str]
    stream: Callable[[str], Heard]
    error: Callable[[Json], str]

    def body(self, model: str, text: str, *, streamed: bool) -> Json:
        return {**self.asks(model, text), "stream": streamed}

    def heard(self, status: int, content_type: str, data: bytes, *, streamed: bool) -> Heard:
        """What a client makes of a reply. Raises `AssertionError` where no client of the dialect could read it."""
        text = data.decode()
        if status != 200:
            assert content_type.startswith("application/json"), content_type
            return Heard("", ended=False, error=self.error(json.loads(text)))
        if streamed:
            return self.stream(text)
        return Heard(self.whole(json.loads(text)), ended=True)


def _events(text: str) -> list[tuple[str, str]]:
    """Name and data of each event that is complete."""
    found = []
    for event in text.split("\n\n")[:-1]:
        lines = [line.partition(": ") for line in event.split("\n") if line and not line.startswith(":")]
        fields = {name: value for name, _, value in lines}
        if "data" in fields:
            found.append((fields.get("event", ""), fields["data"]))
    return found


def _openai_error(document: Json) -> str:
    assert document.keys() == {"error"}, document
    error = document["error"]
    assert error.keys() >= ERROR_KEYS, error
    return str(error["code"] or error["type"])


def _openai_stream(said: Callable[[Json], str]) -> Callable[[str], Heard]:
    def read(text: str) -> Heard:
        heard, finished = "", False
        events = [data for _, data in _events(text)]
        for data in events:
            if data == "[DONE]":
                assert finished, "[DONE] after no finish reason"
                assert data is events[-1], "something after [DONE]"
                return Heard(heard, ended=True)
            chunk = json.loads(data)
            if "error" in chunk:
                assert data is events[-1], "something after an error"
                return Heard(heard, ended=False, error=_openai_error(chunk))
            for choice in chunk["choices"]:
                heard += said(choice)
                finished = finished or bool(choice["finish_reason"])
        return Heard(heard, ended=False)

    return read


def _responses_text(document: Json) -> str:
    assert (document["object"], document["status"]) == ("response", "completed"), document
    return "".join(part["text"] for item in document["output"] for part in item.get("content", ()))


def _responses_stream(text: str) -> Heard:
    heard, error = "", ""
    for name, data in _events(text):
        event = json.loads(data)
        assert event["type"] == name, event
        if name == "response.output_text.delta":
            heard += event["delta"]
        elif name == "error":
            error = str(event["code"] or event["message"])
        elif name == "response.failed":
            error = error or str(event["response"]["error"]["code"])
        elif name == "response.completed":
            assert not error
            assert _responses_text(event["response"]) == heard
            return Heard(heard, ended=True)
    return Heard(heard, ended=False, error=error)


def _messages_error(document: Json) -> str:
    assert document["type"] == "error", document
    assert document["error"].keys() >= {"type", "message"}, document
    return str(document["error"]["type"])


def _messages_stream(text: str) -> Heard:
    heard = ""
    for name, data in _events(text):
        event = json.loads(data)
        assert event["type"] == name, event
        if name == "content_block_delta":
            heard += event["delta"]["text"]
        elif name == "message_stop":
            return Heard(heard, ended=True)
        elif name == "error":
            return Heard(heard, ended=False, error=_messages_error(event))
    return Heard(heard, ended=False)


def _ollama_error(document: Json) -> str:
    assert document.keys() == {"error"}, document
    assert isinstance(document["error"], str)
    return document["error"]


def _ollama_stream(said: Callable[[Json], str]) -> Callable[[str], Heard]:
    def read(text: str) -> Heard:
        heard = ""
        for line in text.split("\n")[:-1]:
            part = json.loads(line)
            if "error" in part:
                return Heard(heard, ended=False, error=_ollama_error(part))
            heard += said(part)
            if part["done"]:
                return Heard(heard, ended=True)
        return Heard(heard, ended=False)

    return read


def _messages(text: str) -> list[Json]:
    return [{"role": "user", "content": text}]


def _chat_text(choice: Json) -> str:
    """A message that did not end by itself may have no text."""
    message = choice["message"]
    text = message["content"] if choice.get("finish_reason") in (None, "stop") else message.get("content")
    assert text is None or isinstance(text, str), text
    return text or ""


def _chat_part(choice: Json) -> str:
    return str(choice["delta"].get("content") or "")


def _completion_part(choice: Json) -> str:
    return str(choice["text"])


def _ollama_chat(part: Json) -> str:
    return str(part["message"]["content"])


def _ollama_generated(part: Json) -> str:
    return str(part["response"])


CHAT: Final = Dialect(
    "OpenAI chat",
    "/v1/chat/completions",
    asks=lambda model, text: {"model": model, "messages": _messages(text)},
    whole=lambda document: _chat_text(document["choices"][0]),
    stream=_openai_stream(_chat_part),
    error=_openai_error,
)
RESPONSES: Final = Dialect(
    "OpenAI responses",
    "/v1/responses",
    asks=lambda model, text: {"model": model, "input": text},
    whole=_responses_text,
    stream=_responses_stream,
    error=_openai_error,
)
COMPLETIONS: Final = Dialect(
    "OpenAI completions",
    "/v1/completions",
    asks=lambda model, text: {"model": model, "prompt": text},
    whole=lambda document: str(document["choices"][0]["text"]),
    stream=_openai_stream(_completion_part),
    error=_openai_error,
)
MESSAGES: Final = Dialect(
    "Anthropic messages",
    "/v1/messages",
    asks=lambda model, text: {"model": model, "max_tokens": _LONGEST, "messages": _messages(text)},
    whole=lambda document: "".join(block["text"] for block in document["content"]),
    stream=_messages_stream,
    error=_messages_error,
)
OLLAMA_CHAT: Final = Dialect(
    "Ollama chat",
    "/api/chat",
    asks=lambda model, text: {"model": model, "messages": _messages(text)},
    whole=_ollama_chat,
    stream=_ollama_stream(_ollama_chat),
    error=_ollama_error,
)
OLLAMA_GENERATE: Final = Dialect(
    "Ollama generate",
    "/api/generate",
    asks=lambda model, text: {"model": model, "prompt": text},
    whole=_ollama_generated,
    stream=_ollama_stream(_ollama_generated),
    error=_ollama_error,
)
DIALECTS: Final[Sequence[Dialect]] = (CHAT, RESPONSES, COMPLETIONS, MESSAGES, OLLAMA_CHAT, OLLAMA_GENERATE)
BY_NAME: Final[Mapping[str, Dialect]] = {dialect.name: dialect for dialect in DIALECTS}
