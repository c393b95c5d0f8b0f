"""Endpoints: what is asked of a deployment, and how its whole answers are read. One for each path of a model server.

Streams need no telling apart: events of chat and of completions differ in what their choices hold, and in nothing else.
"""

from __future__ import annotations

import base64
import sys
from array import array
from collections.abc import Mapping
from typing import Any, Final, Protocol

import orjson

from gateway.wire.errors import UpstreamFailed

# What a message may hold instead of `content`: OpenAI's fields, and those of vLLM, llama.cpp and OpenRouter.
_BESIDES_CONTENT: Final = (
    *("tool_calls", "function_call", "refusal", "audio"),
    *("reasoning_content", "reasoning", "reasoning_details", "images"),
)
TEXT: Final = ""  # what routes are for unless they list deployments for something else

Answered = dict[str, Any]


class Endpoint(Protocol):
    """`path` follows the deployment's address. `purpose` says which deployments of a route serve it: those for text,
    or a list of their own. `service` is the word for messages. `counts` are the totals that stand in the `usage` of its
    answers; none for answers that have no usage.
    """

    path: str
    purpose: str
    service: str
    counts: tuple[str, ...]

    def is_answer(self, said: Answered, count: int) -> bool:
        """Whether this is an answer at all; `count` is how many parts were asked for."""
        ...

    def is_complete(self, said: Answered) -> bool:
        """Whether it may be given again."""
        ...

    def characters(self, said: Answered) -> int:
        """How much was written, for an estimate where the deployment counted nothing."""
        ...

    def delivered(self, body: bytes, said: Answered, asked: Mapping[str, object]) -> bytes:
        """The body for the client: as it came, but for a form that was asked for and not given."""
        ...


class _Plain:
    """What holds unless an endpoint says otherwise: an answer is whole, nothing is written, it passes as it came."""

    purpose = TEXT
    counts: tuple[str, ...] = ("prompt_tokens", "completion_tokens", "total_tokens")

    def is_complete(self, said: Answered) -> bool:  # noqa: ARG002
        return True

    def characters(self, said: Answered) -> int:  # noqa: ARG002
        return 0

    def delivered(self, body: bytes, said: Answered, asked: Mapping[str, object]) -> bytes:  # noqa: ARG002
        return body


class Chat(_Plain):
    path = "/chat/completions"
    service = "chat"

    def is_answer(self, said: Answered, count: int) -> bool:  # noqa: ARG002  # runtimes that ignore n still answer
        if not _are_objects(said.get("choices"), "message", dict):
            return False
        for choice in said["choices"]:  # a generator costs twice as much
            if not isinstance(choice["message"].get("content"), str) and not _says_something(choice):
                return False
        return True

    def is_complete(self, said: Answered) -> bool:
        return _all_finished(said)

    def characters(self, said: Answered) -> int:
        total = 0
        for choice in said["choices"]:
            message = choice["message"]
            total += sum(len(part) for name, part in message.items() if isinstance(part, str) and name != "role")
            calls = message.get("tool_calls")
            if calls:
                total += len(orjson.dumps(calls))
        return total


class Completions(_Plain):
    path = "/completions"
    service = "completions"

    def is_answer(self, said: Answered, count: int) -> bool:  # noqa: ARG002  # as for chat
        return _are_objects(said.get("choices"), "text", str)

    def is_complete(self, said: Answered) -> bool:
        return _all_finished(said)

    def characters(self, said: Answered) -> int:
        return sum(len(choice["text"]) for choice in said["choices"])


class Embeddings(_Plain):
    path = "/embeddings"
    purpose = "embeddings"
    service = "embeddings"
    counts: tuple[str, ...] = ("prompt_tokens", "total_tokens")

    def is_answer(self, said: Answered, count: int) -> bool:
        """One vector for each input: with fewer, a client would take one text's vector for another's."""
        data = said.get("data")
        if not _are_objects(data, "embedding", list | str) or len(said["data"]) != count:
            return False
        return all(item["embedding"] for item in said["data"])

    def delivered(self, body: bytes, said: Answered, asked: Mapping[str, object]) -> bytes:
        """Numbers become base64 where that was asked for. SDKs ask for it unless told otherwise, and some take a list
        of numbers for base64 and decode it to a vector of a quarter the length. Raises `UpstreamFailed`: no numbers.
        """
        if asked.get("encoding_format") != "base64" or all(isinstance(item["embedding"], str) for item in said["data"]):
            return body
        data = [
            item if isinstance(item["embedding"], str) else {**item, "embedding": _packed(item["embedding"])}
            for item in said["data"]
        ]
        return orjson.dumps({**said, "data": data})


class Moderations(_Plain):
    path = "/moderations"
    purpose = "moderations"
    service = "moderations"
    counts: tuple[str, ...] = ()

    def is_answer(self, said: Answered, count: int) -> bool:
        return _are_objects(said.get("results"), "flagged", bool) and len(said["results"]) == count


CHAT: Final[Endpoint] = Chat()
COMPLETIONS: Final[Endpoint] = Completions()
EMBEDDINGS: Final[Endpoint] = Embeddings()
MODERATIONS: Final[Endpoint] = Moderations()


def _are_objects(items: object, field: str, kind: Any) -> bool:
    """Whether this is a list, not empty, of objects with a `field` of that kind."""
    if not isinstance(items, list) or not items:
        return False
    for item in items:  # noqa: SIM110  # a generator costs twice as much
        if not isinstance(item, dict) or not isinstance(item.get(field), kind):
            return False
    return True


def _says_something(choice: Answered) -> bool:
    """Of a message without a text: by another field, or by ending before there was any, as where a model used up its
    tokens in thinking. One that ended well and has nothing in it is taken for garbled."""
    message = choice["message"]
    content = message.get("content")
    if content is not None and not isinstance(content, list):
        return False
    if "content" in message or choice.get("finish_reason") not in (None, "stop"):
        return True
    return any(message.get(name) for name in _BESIDES_CONTENT)


def _all_finished(said: Answered) -> bool:
    return all(choice.get("finish_reason") for choice in said["choices"])


def _packed(vector: list[object]) -> str:
    """Single precision, little-endian, as OpenAI writes it."""
    try:
        numbers = array("f", vector)  # type: ignore[type-var]  # what is no number is caught
    except (TypeError, OverflowError):
        raise UpstreamFailed("The model's server answered with vectors that are not numbers.") from None
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode("ascii")
