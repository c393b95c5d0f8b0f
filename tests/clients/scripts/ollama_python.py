"""ollama for Python: chat and generate, whole and streamed, sync and async, tools, formats, embeddings, models."""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version
from typing import Any

import ollama

from tests.clients.scripts.report import CITY_SCHEMA, PROMPT, TOOL, Ask, Report, Seen, expect

REPORT = Report(version("ollama"))
OPTIONS: dict[str, Any] = {"host": REPORT.root, "headers": {"authorization": f"Bearer {REPORT.key}"}, "timeout": 10.0}
CLIENT: Any = ollama.Client(**OPTIONS)
LOOP = asyncio.Runner()


def body_of(ask: Ask) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "tools": {"tools": [{"type": "function", "function": TOOL}]},
        "schema": {"format": CITY_SCHEMA},
        "logprobs": {"logprobs": True},
    }
    return {"model": ask.model, "messages": ask.messages, **more.get(ask.needs, {})}


def prompt_of(ask: Ask) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {"schema": {"format": CITY_SCHEMA}, "logprobs": {"logprobs": True}}
    return {"model": ask.model, "prompt": PROMPT, **more.get(ask.needs, {})}


def take(part: Any, seen: Seen) -> None:
    """One answer, or one part of a stream."""
    message = getattr(part, "message", None)
    seen.text += part.response if message is None else message.content or ""
    calls = [] if message is None else message.tool_calls or []
    seen.calls += [(call.function.name, dict(call.function.arguments)) for call in calls]
    seen.logprobs += len(part.logprobs or [])


def finish(ask: Ask, seen: Seen) -> None:
    if ask.needs == "schema":
        seen.parsed, seen.text = json.loads(seen.text), ""


def whole(ask: Ask, seen: Seen) -> None:
    take(CLIENT.chat(**body_of(ask)), seen)
    finish(ask, seen)


def streamed(ask: Ask, seen: Seen) -> None:
    for part in CLIENT.chat(**body_of(ask), stream=True):
        take(part, seen)
    finish(ask, seen)


def generated(ask: Ask, seen: Seen) -> None:
    take(CLIENT.generate(**prompt_of(ask)), seen)
    finish(ask, seen)


def generated_stream(ask: Ask, seen: Seen) -> None:
    for part in CLIENT.generate(**prompt_of(ask), stream=True):
        take(part, seen)
    finish(ask, seen)


def asynchronous_stream(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        client: Any = ollama.AsyncClient(**OPTIONS)
        async for part in await client.chat(**body_of(ask), stream=True):
            take(part, seen)

    LOOP.run(run())
    finish(ask, seen)


def errors() -> None:
    def ask(model: str, key: str = REPORT.key) -> Any:
        client: Any = ollama.Client(host=REPORT.root, headers={"authorization": f"Bearer {key}"})
        return client.chat(model=model, messages=[{"role": "user", "content": PROMPT}])

    missing = expect(ollama.ResponseError, ask, "llama9")
    assert (missing.status_code, missing.error) == (404, "model 'llama9' not found")
    assert expect(ollama.ResponseError, ask, "auto", "wrong").status_code == 401
    assert expect(ollama.ResponseError, ask, "auto", REPORT.embed_only_key).status_code == 403
    assert expect(ollama.ResponseError, ask, "refused").error == "scripted failure 400"
    assert expect(ollama.ResponseError, ask, "limited").status_code == 429


def counts() -> None:
    for part in (CLIENT.generate(model="auto", prompt=PROMPT), [*CLIENT.generate("auto", PROMPT, stream=True)][-1]):
        assert part.done
        assert (part.done_reason, part.prompt_eval_count) == ("stop", 6)
        assert part.total_duration > 0


def thoughts() -> None:
    message = CLIENT.chat(model="thoughts", messages=[{"role": "user", "content": PROMPT}], think=True).message
    assert message.thinking.startswith("The user asks.")
    assert message.content == "Here is the answer."


def models() -> None:
    assert "auto" in [model.model for model in CLIENT.list().models]
    assert "completion" in CLIENT.show("auto").capabilities
    assert "auto" in [model.model for model in CLIENT.ps().models]
    assert CLIENT.pull("auto").status == "success"


def embeddings() -> None:
    assert [len(vector) for vector in CLIENT.embed(model="embed", input=["one text", "another"]).embeddings] == [8, 8]
    assert len(CLIENT.embeddings(model="embed", prompt="one").embedding) == 8


if __name__ == "__main__":
    dialect = "Ollama"
    REPORT.way("chat", dialect, whole)
    REPORT.way("chat, stream=True", dialect, streamed, streamed=True)
    REPORT.way("generate", dialect, generated, lacks=["tools"])
    REPORT.way("generate, stream=True", dialect, generated_stream, streamed=True, lacks=["tools"])
    REPORT.way("async chat, stream=True", dialect, asynchronous_stream, streamed=True)
    REPORT.check("errors, each with its status", errors)
    REPORT.check("counts and durations", counts)
    REPORT.check("thinking", thoughts)
    REPORT.check("models", models)
    REPORT.check("embeddings", embeddings)
