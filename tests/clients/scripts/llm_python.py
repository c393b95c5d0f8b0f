"""Simon Willison's llm: prompts, tools, schemas, streamed and not, with the models of extra-openai-models.yaml."""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version
from typing import Any

import llm

from tests.clients.scripts.report import CITY_SCHEMA, PROMPT, Ask, Report, Seen

REPORT = Report(version("llm"))
LOOP = asyncio.Runner()  # one for all: connections are kept between requests


def configure() -> None:
    """A model for each route; JSON is YAML."""
    models = [
        {
            "model_id": f"tidegate/{name}",
            "model_name": name,
            "api_base": REPORT.base_url,
            "api_key_name": "tidegate",
            "supports_tools": True,
            "supports_schema": True,
        }
        for name in REPORT.routes
    ]
    llm.user_dir().mkdir(parents=True, exist_ok=True)
    (llm.user_dir() / "extra-openai-models.yaml").write_text(json.dumps(models))


def look(city: str) -> str:
    """Looks a city up."""
    return city


def prompt(ask: Ask, *, stream: bool) -> Any:
    more: dict[str, dict[str, Any]] = {"tools": {"tools": [look]}, "schema": {"schema": CITY_SCHEMA}}
    return llm.get_model(f"tidegate/{ask.model}").prompt(
        PROMPT, stream=stream, key=REPORT.key, **more.get(ask.needs, {})
    )


def take(response: Any, ask: Ask, seen: Seen) -> None:
    seen.calls = [(call.name, call.arguments) for call in response.tool_calls()]
    if ask.needs == "schema":
        seen.parsed = json.loads(response.text())
    else:
        seen.text = response.text()


def whole(ask: Ask, seen: Seen) -> None:
    take(prompt(ask, stream=False), ask, seen)


def streamed(ask: Ask, seen: Seen) -> None:
    response = prompt(ask, stream=True)
    for piece in response:
        seen.text += piece
    take(response, ask, seen)


def asynchronous_stream(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        model = llm.get_async_model(f"tidegate/{ask.model}")
        async for piece in model.prompt(PROMPT, key=REPORT.key):
            seen.text += piece

    LOOP.run(run())


def usage() -> None:
    for stream in (False, True):
        response = prompt(Ask("auto", ""), stream=stream)
        response.text()
        assert response.usage().input == 6


def a_chain_of_tools() -> None:
    model: Any = llm.get_model("tidegate/tool")
    assert model.chain(PROMPT, tools=[look], key=REPORT.key).text().startswith("local-model says")


if __name__ == "__main__":
    configure()
    dialect = "OpenAI chat"
    REPORT.way("prompt, stream=False", dialect, whole, lacks=["logprobs"])
    REPORT.way("prompt", dialect, streamed, streamed=True, lacks=["logprobs"])
    less = ["tools", "schema", "logprobs"]
    REPORT.way("async prompt", dialect, asynchronous_stream, streamed=True, lacks=less)
    REPORT.check("usage", usage)
    REPORT.check("a chain of tools", a_chain_of_tools)
