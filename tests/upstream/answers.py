"""Answers: what a well-behaved OpenAI-shaped server would say, as plain dictionaries.

Deterministic: text and usage follow from the request. A token is a word.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
DIMENSIONS = 8
MOST_DIMENSIONS = 4096


def strings(value: object) -> Iterator[str]:
    """Every string in a piece of JSON, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def tokens(text: str) -> list[str]:
    """The words of a text, each with the blanks after it: joined, they are the text."""
    return re.findall(r"\S+\s*|\s+", text)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of server `name` to `body`; `serial` counts its answers, so that two calls never share an id."""

    name: str
    body: Mapping[str, Any]
    serial: int

    @property
    def prompt(self) -> str:
        for key in ("messages", "prompt", "input"):
            if key in self.body:
                value = self.body[key]
                if key == "messages" and isinstance(value, list):
                    value = [item.get("content") for item in value if isinstance(item, dict)]
                return " ".join(strings(value))
        return ""

    @property
    def text(self) -> str:
        digest = hashlib.sha256(self.prompt.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"{self.name} says: read {len(self.prompt.split())} words, digest {digest}."

    @property
    def streaming(self) -> bool:
        return self.body.get("stream") is True

    @property
    def wants_usage(self) -> bool:
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def count(self) -> int:
        n = self.body.get("n", 1)
        return n if isinstance(n, int) else 1

    @property
    def inputs(self) -> list[Any]:
        """The prompts of a completion, or the inputs of an embedding; a list of numbers or of parts is one."""
        given = self.body.get("input", self.body.get("prompt", ""))
        return given if isinstance(given, list) and not isinstance(given[0], int | dict) else [given]

    def usage(self, text: str | None = None) -> Json:
        prompt = len(self.prompt.split())
        completion = self.count * len(tokens(self.text if text is None else text))
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def head(self, kind: str) -> Json:
        prefix = "cmpl" if kind == "text_completion" else "chatcmpl"
        return {
            "id": f"{prefix}-{self.name}-{self.serial}",
            "object": kind,
            "created": int(time.time()),
            "model": self.body.get("model", self.name),
            "system_fingerprint": "fp_scripted",
        }

    def logprobs(self, text: str) -> Json | None:
        if not self.body.get("logprobs"):
            return None
        items = [{"token": t, "logprob": -0.5, "bytes": list(t.encode())} for t in tokens(text)]
        items = [{**item, "top_logprobs": [item] if self.body.get("top_logprobs") else []} for item in items]
        return {"content": items, "refusal": None}

    def whole(self, text: str | None = None, message: Json | None = None) -> Json:
        """An unstreamed chat completion."""
        said = self.text if text is None else text
        choices = [
            {
                "index": index,
                "message": message or {"role": "assistant", "content": said, "refusal": None},
                "logprobs": self.logprobs(said),
                "finish_reason": "tool_calls" if message and message.get("tool_calls") else "stop",
            }
            for index in range(self.count)
        ]
        return {**self.head("chat.completion"), "choices": choices, "usage": self.usage(said)}

    def chunk(self, delta: Json, *, index: int = 0, finish: str | None = None, logprobs: Json | None = None) -> Json:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        chunk = {**self.head("chat.completion.chunk"), "choices": [choice]}
        return {**chunk, "usage": None} if self.wants_usage else chunk

    def chunks(self, text: str | None = None) -> list[Json]:
        """A streamed chat completion up to and with `finish_reason`, without the usage chunk."""
        said = self.text if text is None else text
        indexes = range(self.count)
        parts = [self.chunk({"role": "assistant", "content": ""}, index=index) for index in indexes]
        for piece in tokens(said):
            parts += [self.chunk({"content": piece}, index=i, logprobs=self.logprobs(piece)) for i in indexes]
        return [*parts, *(self.chunk({}, index=index, finish="stop") for index in indexes)]

    def usage_chunk(self, usage: Json | None = None) -> Json:
        return {**self.head("chat.completion.chunk"), "choices": [], "usage": usage or self.usage()}

    def completion(self, text: str | None = None) -> Json:
        """`n` choices for each prompt; what is said of one names it."""
        choices = [self._text_choice(index, said, "stop") for index, said in enumerate(self._texts(text))]
        return {**self.head("text_completion"), "choices": choices, "usage": self._text_usage(text)}

    def completion_chunks(self, text: str | None = None) -> list[Json]:
        head = self.head("text_completion")
        choices = [
            self._text_choice(index, piece, None)
            for index, said in enumerate(self._texts(text))
            for piece in tokens(said)
        ]
        choices += [self._text_choice(index, "", "stop") for index in range(len(self._texts(text)))]
        unused = {"usage": None} if self.wants_usage else {}
        return [{**head, "choices": [choice], **unused} for choice in choices]

    def text_usage_chunk(self) -> Json:
        return {**self.head("text_completion"), "choices": [], "usage": self._text_usage(None)}

    def _texts(self, text: str | None) -> list[str]:
        echoed = [f"{item} " if self.body.get("echo") else "" for item in self.inputs]
        return [f"{echo}{text or self.text}" for echo in echoed for _ in range(self.count)]

    def _text_usage(self, text: str | None) -> Json:
        prompt = sum(len(item) if isinstance(item, list) else len(str(item).split()) for item in self.inputs)
        completion = sum(len(tokens(said)) for said in self._texts(text))
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def _text_choice(self, index: int, text: str, finish: str | None) -> Json:
        logprobs = None
        if self.body.get("logprobs") is not None:
            pieces = tokens(text)
            logprobs = {
                "tokens": pieces,
                "token_logprobs": [-0.5 for _ in pieces],
                "top_logprobs": [{piece: -0.5} for piece in pieces],
                "text_offset": [0 for _ in pieces],
            }
        return {"text": text, "index": index, "logprobs": logprobs, "finish_reason": finish}

    def moderations(self) -> Json:
        """Flags what has the word `bad` in it."""
        results = [{"flagged": "bad" in str(item), "categories": {}, "category_scores": {}} for item in self.inputs]
        return {"id": f"modr-{self.serial}", "model": self.name, "results": results}

    def embeddings(self) -> Json:
        inputs = self.inputs
        size = min(self.body.get("dimensions") or DIMENSIONS, MOST_DIMENSIONS)
        data = [
            {"object": "embedding", "index": index, "embedding": self._vector(str(item), size)}
            for index, item in enumerate(inputs)
        ]
        words = sum(len(item) if isinstance(item, list) else len(str(item).split()) for item in inputs)
        usage = {"prompt_tokens": words, "total_tokens": words}
        return {"object": "list", "data": data, "model": self.body.get("model", self.name), "usage": usage}

    def _vector(self, text: str, size: int) -> list[float] | str:
        seed = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        values = [(seed[i % len(seed)] - 128) / 128 for i in range(size)]
        if self.body.get("encoding_format") == "base64":
            return base64.b64encode(struct.pack(f"<{size}f", *values)).decode()
        return values
