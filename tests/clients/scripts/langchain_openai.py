"""langchain-openai: `ChatOpenAI` and `OpenAIEmbeddings`, invoke, stream, async, tools, structured output."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

import pydantic
from langchain_core.exceptions import ModelRateLimitError
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from tests.clients.scripts.report import PROMPT, TOOL, Ask, Report, Seen, raised

REPORT = Report(version("langchain-openai"))
LOOP = asyncio.Runner()  # one for all: connections are kept between requests
OPTIONS: dict[str, Any] = {"base_url": REPORT.base_url, "api_key": REPORT.key, "timeout": 10.0}


class City(pydantic.BaseModel):
    """A city."""

    city: str
    population: int


def model_for(ask: Ask) -> Any:
    more: dict[str, Any] = {"logprobs": True} if ask.needs == "logprobs" else {}
    model: Any = ChatOpenAI(model=ask.model, **OPTIONS, **more)
    if ask.needs == "tools":
        return model.bind_tools([{"type": "function", "function": TOOL}])
    return model.with_structured_output(City) if ask.needs == "schema" else model


def take(message: Any, seen: Seen) -> None:
    seen.text += message.content
    seen.calls += [(call["name"], call["args"]) for call in message.tool_calls]
    seen.logprobs += len((message.response_metadata.get("logprobs") or {}).get("content") or [])


def whole(ask: Ask, seen: Seen) -> None:
    answer = model_for(ask).invoke(PROMPT)
    if ask.needs == "schema":
        seen.parsed = answer.model_dump()
    else:
        take(answer, seen)


def streamed(ask: Ask, seen: Seen) -> None:
    message: Any = None
    for chunk in model_for(ask).stream(PROMPT):
        if ask.needs == "schema":
            seen.parsed = chunk.model_dump()
            continue
        seen.text += chunk.content
        message = chunk if message is None else message + chunk
    if message is not None:
        seen.text = ""
        take(message, seen)


def asynchronous(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        take(await model_for(ask).ainvoke(PROMPT), seen)

    LOOP.run(run())


def asynchronous_stream(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        async for chunk in model_for(ask).astream(PROMPT):
            seen.text += chunk.content

    LOOP.run(run())


def usage() -> None:
    model = ChatOpenAI(model="auto", stream_usage=True, **OPTIONS)
    assert model.invoke(PROMPT).usage_metadata["input_tokens"] == 6
    message: Any = None
    for chunk in model.stream(PROMPT):
        message = chunk if message is None else message + chunk
    assert message.usage_metadata["input_tokens"] == 6
    assert message.response_metadata["finish_reason"] == "stop"


def embeddings() -> None:
    """With texts, not token numbers: see docs/endpoints.md."""
    model = OpenAIEmbeddings(model="embed", check_embedding_ctx_length=False, **OPTIONS)
    assert [len(vector) for vector in model.embed_documents(["one text", "another"])] == [8, 8]
    assert len(model.embed_query("one")) == 8


def limited() -> None:
    model = ChatOpenAI(model="limited", max_retries=0, **OPTIONS)
    assert raised(ModelRateLimitError, model.invoke, PROMPT).status_code == 429


def both_methods() -> None:
    model = ChatOpenAI(model="schema", **OPTIONS)
    for method in ("json_schema", "function_calling", "json_mode"):
        answer: Any = model.with_structured_output(City, method=method).invoke(PROMPT)
        assert answer == City(city="Paris", population=2100000), method


if __name__ == "__main__":
    dialect = "OpenAI chat"
    REPORT.way("invoke", dialect, whole)
    REPORT.way("stream", dialect, streamed, streamed=True)
    REPORT.way("ainvoke", dialect, asynchronous, lacks=["schema"])
    REPORT.way("astream", dialect, asynchronous_stream, streamed=True, lacks=["schema", "tools", "logprobs"])
    REPORT.check("usage", usage)
    REPORT.check("embeddings", embeddings)
    REPORT.check("rate limit", limited)
    REPORT.check("structured output by each method", both_methods)
