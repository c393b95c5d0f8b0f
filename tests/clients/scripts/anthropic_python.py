"""anthropic for Python: Messages, whole and streamed, sync and async, and every error class."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import anthropic

from tests.clients.scripts.report import CITY_SCHEMA, PROMPT, TOOL, Ask, Report, Seen, expect

REPORT = Report(anthropic.__version__)
OPTIONS: dict[str, Any] = {"base_url": REPORT.root, "api_key": REPORT.key, "timeout": 10.0}
CLIENT = anthropic.Anthropic(**OPTIONS)
HELLO: Any = [{"role": "user", "content": PROMPT}]
LOOK = {"name": TOOL["name"], "description": TOOL["description"], "input_schema": TOOL["parameters"]}


def body_of(ask: Ask) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "tools": {"tools": [LOOK]},
        "schema": {"output_config": {"format": {"type": "json_schema", "schema": CITY_SCHEMA}}},
    }
    return {"model": ask.model, "max_tokens": 64, "messages": ask.messages, **more.get(ask.needs, {})}


def take(message: Any, ask: Ask, seen: Seen) -> None:
    seen.text = "".join(block.text for block in message.content if block.type == "text")
    seen.calls = [(block.name, block.input) for block in message.content if block.type == "tool_use"]
    if ask.needs == "schema":
        seen.parsed, seen.text = json.loads(seen.text), ""


def whole(ask: Ask, seen: Seen) -> None:
    take(CLIENT.messages.create(**body_of(ask)), ask, seen)


def streamed(ask: Ask, seen: Seen) -> None:
    with CLIENT.messages.stream(**body_of(ask)) as events:
        for text in events.text_stream:
            seen.text += text
        take(events.get_final_message(), ask, seen)


def events(ask: Ask, seen: Seen) -> None:
    """The events as they come, put together by hand."""

    arguments: dict[int, list[str]] = {}
    with CLIENT.messages.create(**body_of(ask), stream=True) as stream:
        for event in stream:
            if event.type == "content_block_start" and event.content_block.type == "tool_use":
                arguments[event.index] = [event.content_block.name, ""]
            elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                seen.text += event.delta.text
            elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                arguments[event.index][1] += event.delta.partial_json
    seen.calls = [(name, json.loads(said)) for _, (name, said) in sorted(arguments.items())]


def asynchronous(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        async with anthropic.AsyncAnthropic(**OPTIONS) as client:
            take(await client.messages.create(**body_of(ask)), ask, seen)

    asyncio.run(run())


def asynchronous_stream(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        async with anthropic.AsyncAnthropic(**OPTIONS) as client, client.messages.stream(**body_of(ask)) as events:
            async for text in events.text_stream:
                seen.text += text
            take(await events.get_final_message(), ask, seen)

    asyncio.run(run())


def ask(model: str, **more: Any) -> Any:
    client = CLIENT.with_options(max_retries=0, **more)
    return client.messages.create(model=model, max_tokens=64, messages=HELLO)


def the_gateways_errors() -> None:
    bad: Any = {"model": "auto", "max_tokens": 64, "messages": []}
    assert (
        "messages" in expect(anthropic.BadRequestError, lambda: CLIENT.messages.create(**bad)).body["error"]["message"]
    )
    assert expect(anthropic.NotFoundError, lambda: ask("claude-x")).body["error"]["type"] == "not_found_error"
    wrong = expect(anthropic.AuthenticationError, lambda: ask("auto", api_key="wrong"))
    assert wrong.body["error"]["type"] == "authentication_error"
    forbidden = expect(anthropic.PermissionDeniedError, lambda: ask("auto", api_key=REPORT.embed_only_key))
    assert forbidden.body["error"]["type"] == "permission_error"
    assert forbidden.request_id == forbidden.body["request_id"]


def the_upstreams_errors() -> None:
    assert expect(anthropic.BadRequestError, lambda: ask("refused")).body["error"]["message"] == "scripted failure 400"
    limited = expect(anthropic.RateLimitError, lambda: ask("limited"))
    assert limited.response.headers["retry-after"] == "1"
    failed = expect(anthropic.InternalServerError, lambda: ask("500"))
    assert failed.response.headers["x-should-retry"] == "false"


def no_answer() -> None:
    started = time.monotonic()
    expect(anthropic.APITimeoutError, lambda: ask("never", timeout=0.2))
    assert time.monotonic() - started < 3
    expect(anthropic.APIConnectionError, lambda: ask("auto", base_url="http://127.0.0.1:9"))


def usage() -> None:
    message = CLIENT.messages.create(model="auto", max_tokens=64, messages=HELLO)
    assert (message.usage.input_tokens, message.model, message.stop_reason) == (6, "auto", "end_turn")
    with CLIENT.messages.stream(model="auto", max_tokens=64, messages=HELLO) as stream:
        assert stream.get_final_message().usage.output_tokens == message.usage.output_tokens


def thoughts() -> None:
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    first, second = CLIENT.messages.create(model="thoughts", max_tokens=2048, messages=HELLO, thinking=thinking).content
    assert (first.type, second.type) == ("thinking", "text")


def counts_and_models() -> None:
    assert CLIENT.messages.count_tokens(model="auto", messages=HELLO).input_tokens > 0
    assert "auto" in [model.id for model in CLIENT.models.list()]
    assert CLIENT.models.retrieve("auto").id == "auto"


def raw() -> None:
    response = CLIENT.messages.with_raw_response.create(model="auto", max_tokens=64, messages=HELLO)
    assert response.headers["x-tidegate-route"] == "auto"
    assert response.headers["request-id"] == response.parse()._request_id


if __name__ == "__main__":
    dialect = "Anthropic Messages"
    REPORT.way("create", dialect, whole, lacks=["logprobs"])
    REPORT.way("stream()", dialect, streamed, streamed=True, lacks=["logprobs"])
    REPORT.way("create, stream=True", dialect, events, streamed=True, lacks=["logprobs", "schema"])
    REPORT.way("async create", dialect, asynchronous, lacks=["logprobs"])
    REPORT.way("async stream()", dialect, asynchronous_stream, streamed=True, lacks=["logprobs"])
    REPORT.check("errors of the gateway, each in its class", the_gateways_errors)
    REPORT.check("errors of the upstream, each in its class", the_upstreams_errors)
    REPORT.check("time limit and refused connection", no_answer)
    REPORT.check("usage", usage)
    REPORT.check("thinking", thoughts)
    REPORT.check("count_tokens and models", counts_and_models)
    REPORT.check("raw response", raw)
