"""litellm as a client: `completion` in OpenAI's dialect and in Anthropic's, whole and streamed, and `embedding`."""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version
from typing import Any

import litellm
import pydantic

from tests.clients.scripts.report import PROMPT, TOOL, Ask, Report, Seen, expect

REPORT = Report(version("litellm"))
LOOP = asyncio.Runner()  # one for all: connections are kept between requests
litellm.suppress_debug_info = True


class City(pydantic.BaseModel):
    city: str
    population: int


def body_of(ask: Ask, provider: str) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "tools": {"tools": [{"type": "function", "function": TOOL}]},
        "logprobs": {"logprobs": True},
        "schema": {"response_format": City},
    }
    base = REPORT.base_url if provider == "openai" else REPORT.root
    where = {"api_base": base, "api_key": REPORT.key, "timeout": 10.0, "max_tokens": 64}
    return {"model": f"{provider}/{ask.model}", "messages": ask.messages, **where, **more.get(ask.needs, {})}


def take(choice: Any, ask: Ask, seen: Seen) -> None:
    seen.text = choice.message.content or ""
    calls = choice.message.tool_calls or []
    seen.calls = [(call.function.name, json.loads(call.function.arguments)) for call in calls]
    logprobs = getattr(choice, "logprobs", None)
    seen.logprobs = len(logprobs.content) if logprobs else 0
    if ask.needs == "schema":
        seen.parsed = City.model_validate_json(seen.text).model_dump()


def whole(provider: str) -> Any:
    def way(ask: Ask, seen: Seen) -> None:
        take(litellm.completion(**body_of(ask, provider)).choices[0], ask, seen)

    return way


def streamed(provider: str) -> Any:
    def way(ask: Ask, seen: Seen) -> None:
        chunks = []
        for chunk in litellm.completion(**body_of(ask, provider), stream=True):
            chunks.append(chunk)
            seen.text += chunk.choices[0].delta.content or ""
        built: Any = litellm.stream_chunk_builder(chunks)
        take(built.choices[0], ask, seen)

    return way


def asynchronous(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        take((await litellm.acompletion(**body_of(ask, "openai"))).choices[0], ask, seen)

    LOOP.run(run())


def asynchronous_stream(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        async for chunk in await litellm.acompletion(**body_of(ask, "openai"), stream=True):
            seen.text += chunk.choices[0].delta.content or ""

    LOOP.run(run())


def embeddings() -> None:
    answer = litellm.embedding(
        model="openai/embed", input=["one text", "another"], api_base=REPORT.base_url, api_key=REPORT.key
    )
    assert [len(item["embedding"]) for item in answer.data] == [8, 8]


def errors() -> None:
    for name, key, error in (
        ("gpt-4o", REPORT.key, litellm.exceptions.NotFoundError),
        ("auto", "wrong", litellm.exceptions.AuthenticationError),
        ("auto", REPORT.embed_only_key, litellm.exceptions.APIError),
        ("refused", REPORT.key, litellm.exceptions.BadRequestError),
    ):
        expect(error, litellm.completion, **{**body_of(Ask(name, ""), "openai"), "api_key": key})


def usage() -> None:
    ask = Ask("auto", "")
    answer: Any = litellm.completion(**body_of(ask, "openai"))
    assert answer.usage.prompt_tokens == len(PROMPT.split())
    options = {"include_usage": True}
    chunks: Any = list(litellm.completion(**body_of(ask, "openai"), stream=True, stream_options=options))
    assert [chunk.usage.prompt_tokens for chunk in chunks if getattr(chunk, "usage", None)] == [6]


if __name__ == "__main__":
    chat, messages = "OpenAI chat", "Anthropic Messages"
    REPORT.way("openai/ completion", chat, whole("openai"))
    REPORT.way("openai/ completion, stream=True", chat, streamed("openai"), streamed=True, lacks=["logprobs"])
    REPORT.way("openai/ acompletion", chat, asynchronous, lacks=["tools", "schema"])
    less = ["tools", "schema", "logprobs"]
    REPORT.way("openai/ acompletion, stream=True", chat, asynchronous_stream, streamed=True, lacks=less)
    less = ["logprobs", "429-once"]  # here it does not try again
    REPORT.way("anthropic/ completion", messages, whole("anthropic"), lacks=less)
    REPORT.way("anthropic/ completion, stream=True", messages, streamed("anthropic"), streamed=True, lacks=less)
    REPORT.check("errors, each in its class", errors)
    REPORT.check("usage", usage)
    REPORT.check("embeddings", embeddings)
