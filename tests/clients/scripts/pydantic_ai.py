"""pydantic-ai: agents that answer, call tools and give objects, whole and streamed."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

import pydantic
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.scripts.report import PROMPT, Ask, Report, Seen, raised

REPORT = Report(version("pydantic-ai-slim"))
LOOP = asyncio.Runner()  # one for all: connections are kept between requests
LOGPROBS: Any = {"openai_logprobs": True}


class City(pydantic.BaseModel):
    city: str
    population: int


def model_of(name: str, key: str | None = None) -> OpenAIChatModel:
    return OpenAIChatModel(name, provider=OpenAIProvider(base_url=REPORT.base_url, api_key=key or REPORT.key))


def agent_for(ask: Ask, seen: Seen) -> Any:
    agent: Any = Agent(model_of(ask.model), output_type=NativeOutput(City) if ask.needs == "schema" else str)
    if ask.needs == "tools":

        def look(city: str) -> str:
            seen.calls.append(("look", {"city": city}))
            return "a city"

        agent.tool_plain(look)
    return agent


def settings_for(ask: Ask) -> Any:
    return LOGPROBS if ask.needs == "logprobs" else None


def take(result: Any, ask: Ask, seen: Seen) -> None:
    seen.calls.sort(key=str)  # tools run at the same time
    if ask.needs == "schema":
        seen.parsed = result.output.model_dump()
        return
    seen.text = result.output
    details = result.response.provider_details or {}
    seen.logprobs = len(details.get("logprobs") or [])


def whole(ask: Ask, seen: Seen) -> None:
    take(agent_for(ask, seen).run_sync(PROMPT, model_settings=settings_for(ask)), ask, seen)


def streamed(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        async with agent_for(ask, seen).run_stream(PROMPT, model_settings=settings_for(ask)) as result:
            if ask.needs == "schema":
                seen.parsed = (await result.get_output()).model_dump()
                return
            async for delta in result.stream_text(delta=True, debounce_by=None):
                seen.text += delta
        seen.calls.sort(key=str)

    LOOP.run(run())


def usage() -> None:
    result = Agent(model_of("auto")).run_sync(PROMPT)
    assert result.usage.input_tokens == 6


def output_by_tool() -> None:
    result: Any = Agent(model_of("schema"), output_type=ToolOutput(City)).run_sync(PROMPT)
    assert result.output == City(city="Paris", population=2100000)


def thoughts() -> None:
    (response,) = [
        item for item in Agent(model_of("thoughts")).run_sync(PROMPT).all_messages() if item.kind == "response"
    ]
    assert [part.part_kind for part in response.parts] == ["thinking", "text"]


def errors() -> None:
    for status, model in (
        (404, model_of("gpt-4o")),
        (401, model_of("auto", "wrong")),
        (403, model_of("auto", REPORT.embed_only_key)),
        (400, model_of("refused")),
    ):
        assert raised(ModelHTTPError, Agent(model).run_sync, PROMPT).status_code == status


if __name__ == "__main__":
    dialect = "OpenAI chat"
    REPORT.way("run_sync", dialect, whole)
    REPORT.way("run_stream", dialect, streamed, streamed=True, lacks=["logprobs"])
    REPORT.check("usage", usage)
    REPORT.check("output as a tool", output_by_tool)
    REPORT.check("reasoning", thoughts)
    REPORT.check("errors, each with its status", errors)
