"""llama-index: `OpenAILike` and `OpenAILikeEmbedding`, chat, stream, async, tools, structured output."""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version
from typing import Any

import openai
import pydantic
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike

from tests.clients.scripts.report import PROMPT, TOOL, Ask, Report, Seen, expect

REPORT = Report(version("llama-index-llms-openai-like"))
LOOP = asyncio.Runner()  # one for all: connections are kept between requests
HELLO = [ChatMessage(role="user", content=PROMPT)]


class City(pydantic.BaseModel):
    """A city."""

    city: str
    population: int


def look(city: str) -> str:
    """Looks a city up."""
    return city


LOOK = FunctionTool.from_defaults(look, name=str(TOOL["name"]))


def llm_for(ask: Ask) -> Any:
    more: dict[str, Any] = {"logprobs": True, "top_logprobs": 1} if ask.needs == "logprobs" else {}
    # It knows nothing of x-should-retry, and would try everything three times.
    more["max_retries"] = 2 if ask.model == "429-once" else 1
    return OpenAILike(
        model=ask.model,
        api_base=REPORT.base_url,
        api_key=REPORT.key,
        is_chat_model=True,
        is_function_calling_model=True,
        should_use_structured_outputs=True,
        timeout=10.0,
        **more,
    )


def take(response: Any, ask: Ask, seen: Seen) -> None:
    seen.text = response.message.content or ""
    calls = response.message.additional_kwargs.get("tool_calls") or []
    seen.calls = [(call.function.name, json.loads(call.function.arguments)) for call in calls]
    seen.logprobs = len(response.logprobs or [])
    if ask.needs == "schema":
        seen.parsed = response.raw.model_dump()


def whole(ask: Ask, seen: Seen) -> None:
    llm = llm_for(ask)
    if ask.needs == "tools":
        take(llm.chat_with_tools([LOOK], chat_history=HELLO, allow_parallel_tool_calls=True), ask, seen)
    elif ask.needs == "schema":
        take(llm.as_structured_llm(City).chat(HELLO), ask, seen)
    else:
        take(llm.chat(HELLO), ask, seen)


def streamed(ask: Ask, seen: Seen) -> None:
    llm = llm_for(ask)
    if ask.needs == "tools":
        stream = llm.stream_chat_with_tools([LOOK], chat_history=HELLO, allow_parallel_tool_calls=True)
    else:
        stream = llm.stream_chat(HELLO)
    last: Any = None
    for last in stream:
        seen.text = last.message.content or ""
    take(last, ask, seen)


def asynchronous(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        take(await llm_for(ask).achat(HELLO), ask, seen)

    LOOP.run(run())


def asynchronous_stream(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        async for response in await llm_for(ask).astream_chat(HELLO):
            seen.text = response.message.content or ""

    LOOP.run(run())


def stubbornness() -> None:
    """What it does by itself with an error that it should not repeat."""
    before = REPORT.requests()
    llm = OpenAILike(model="500", api_base=REPORT.base_url, api_key=REPORT.key, is_chat_model=True)
    expect(openai.InternalServerError, lambda: llm.chat(HELLO))
    assert REPORT.requests() - before == 3


def complete() -> None:
    assert str(llm_for(Ask("auto", "")).complete(PROMPT)).startswith("local-model says: read 6 words")


def embeddings() -> None:
    model = OpenAILikeEmbedding(model_name="embed", api_base=REPORT.base_url, api_key=REPORT.key)
    assert [len(vector) for vector in model.get_text_embedding_batch(["one text", "another"])] == [8, 8]


if __name__ == "__main__":
    dialect = "OpenAI chat"
    REPORT.way("chat", dialect, whole)
    REPORT.way("stream_chat", dialect, streamed, streamed=True, lacks=["schema", "logprobs"])
    REPORT.way("achat", dialect, asynchronous, lacks=["schema", "tools"])
    REPORT.way("astream_chat", dialect, asynchronous_stream, streamed=True, lacks=["schema", "tools", "logprobs"])
    REPORT.check("it tries three times, whatever it is told", stubbornness)
    REPORT.check("complete", complete)
    REPORT.check("embeddings", embeddings)
