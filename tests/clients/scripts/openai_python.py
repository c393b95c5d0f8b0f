"""openai for Python, 2.x and 3.x: sync and async, chat, completions, `.parse()`, stream helpers, every error class."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import openai
import pydantic

from tests.clients.scripts.report import PROMPT, TOOL, Ask, Report, Seen, expect

REPORT = Report(openai.__version__)
OPTIONS: dict[str, Any] = {"base_url": REPORT.base_url, "api_key": REPORT.key, "timeout": 10.0}
CLIENT = openai.OpenAI(**OPTIONS)
CHAT = CLIENT.chat.completions
HELLO: Any = [{"role": "user", "content": PROMPT}]


class City(pydantic.BaseModel):
    city: str
    population: int


def body_of(ask: Ask) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "tools": {"tools": [{"type": "function", "function": TOOL}]},
        "logprobs": {"logprobs": True},
        "schema": {"response_format": City},
    }
    return {"model": ask.model, "messages": ask.messages, **more.get(ask.needs, {})}


def take(message: Any, logprobs: Any, seen: Seen) -> None:
    seen.text += message.content or ""
    seen.calls += [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
    seen.parsed = message.parsed.model_dump() if getattr(message, "parsed", None) else None
    seen.logprobs = len(logprobs.content) if logprobs else 0


def whole(ask: Ask, seen: Seen) -> None:
    answer = CHAT.parse(**body_of(ask)) if ask.needs == "schema" else CHAT.create(**body_of(ask))
    take(answer.choices[0].message, answer.choices[0].logprobs, seen)


def add(chunk: Any, seen: Seen, pieces: dict[int, list[str]]) -> None:
    """Puts the calls of a stream together as a user without the helper does."""
    for choice in chunk.choices:
        seen.text += choice.delta.content or ""
        seen.logprobs += len(choice.logprobs.content) if choice.logprobs else 0
        for call in choice.delta.tool_calls or []:
            piece = pieces.setdefault(call.index, [call.function.name, ""])
            piece[1] += call.function.arguments or ""


def streamed(ask: Ask, seen: Seen) -> None:
    pieces: dict[int, list[str]] = {}
    with CHAT.create(**body_of(ask), stream=True) as stream:
        for chunk in stream:
            add(chunk, seen, pieces)
    seen.calls = [(name, json.loads(arguments)) for _, (name, arguments) in sorted(pieces.items())]


def helper(ask: Ask, seen: Seen) -> None:
    with CHAT.stream(**body_of(ask)) as events:
        for event in events:
            if event.type == "content.delta":
                seen.text += event.delta
        choice = events.get_final_completion().choices[0]
    seen.text = ""
    take(choice.message, choice.logprobs, seen)


def asynchronous(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        async with openai.AsyncOpenAI(**OPTIONS) as client:
            chat = client.chat.completions
            body = body_of(ask)
            answer = await (chat.parse(**body) if ask.needs == "schema" else chat.create(**body))
            take(answer.choices[0].message, answer.choices[0].logprobs, seen)

    asyncio.run(run())


def asynchronous_stream(ask: Ask, seen: Seen) -> None:
    async def run() -> None:
        pieces: dict[int, list[str]] = {}
        async with openai.AsyncOpenAI(**OPTIONS) as client:
            stream: Any = await client.chat.completions.create(**body_of(ask), stream=True)
            async for chunk in stream:
                add(chunk, seen, pieces)
        seen.calls = [(name, json.loads(arguments)) for _, (name, arguments) in sorted(pieces.items())]

    asyncio.run(run())


def raw(ask: Ask, seen: Seen) -> None:
    body = body_of(ask)
    body.pop("response_format", None)
    response: Any = CHAT.with_raw_response.create(**body)
    assert response.headers["x-tidegate-route"] == ask.model
    assert response.headers["x-request-id"] == response.parse()._request_id
    choice = response.parse().choices[0]
    take(choice.message, choice.logprobs, seen)


def completion(ask: Ask, seen: Seen) -> None:
    more: dict[str, Any] = {"logprobs": 1} if ask.needs else {}
    choice = CLIENT.completions.create(model=ask.model, prompt=PROMPT, **more).choices[0]
    seen.text += choice.text
    seen.logprobs = len(choice.logprobs.tokens or []) if choice.logprobs else 0


def completion_stream(ask: Ask, seen: Seen) -> None:
    more: dict[str, Any] = {"logprobs": 1} if ask.needs else {}
    with CLIENT.completions.create(model=ask.model, prompt=PROMPT, stream=True, **more) as stream:
        for chunk in stream:
            for choice in chunk.choices:
                seen.text += choice.text
                seen.logprobs += len(choice.logprobs.tokens or []) if choice.logprobs else 0


def respond(ask: Ask) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "tools": {"tools": [{"type": "function", **TOOL, "strict": False}]},
        "logprobs": {"include": ["message.output_text.logprobs"]},
        "schema": {"text_format": City},
    }
    return {"model": ask.model, "input": PROMPT, **more.get(ask.needs, {})}


def take_response(response: Any, seen: Seen) -> None:
    assert response.status == "completed", response.status
    seen.text = response.output_text
    calls = [item for item in response.output if item.type == "function_call"]
    seen.calls = [(call.name, json.loads(call.arguments)) for call in calls]
    parsed = getattr(response, "output_parsed", None)
    seen.parsed = parsed.model_dump() if parsed else None
    parts = [part for item in response.output if item.type == "message" for part in item.content]
    seen.logprobs = sum(len(part.logprobs or []) for part in parts)


def response(ask: Ask, seen: Seen) -> None:
    responses: Any = CLIENT.responses
    take_response(responses.parse(**respond(ask)) if ask.needs == "schema" else responses.create(**respond(ask)), seen)


def response_stream(ask: Ask, seen: Seen) -> None:
    number = 0
    with CLIENT.responses.create(**respond(ask), stream=True) as stream:
        for event in stream:
            assert event.sequence_number == number, event
            number += 1
            if event.type == "response.output_text.delta":
                seen.text += event.delta
            elif event.type == "response.completed":
                take_response(event.response, seen)


def response_helper(ask: Ask, seen: Seen) -> None:
    with CLIENT.responses.stream(**respond(ask)) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                seen.text += event.delta
        take_response(stream.get_final_response(), seen)


def conversation() -> None:
    first = CLIENT.responses.create(model="auto", input=PROMPT)
    second = CLIENT.responses.create(model="auto", input="And of Spain?", previous_response_id=first.id)
    items = CLIENT.responses.input_items.list(second.id).data
    assert [item.type for item in items] == ["message"] * 3
    assert CLIENT.responses.retrieve(first.id).output_text == first.output_text
    CLIENT.responses.delete(first.id)
    expect(openai.NotFoundError, CLIENT.responses.retrieve, first.id)


def ask(model: str, **more: Any) -> Any:
    client = CLIENT.with_options(max_retries=0, **more)
    return client.chat.completions.create(model=model, messages=HELLO)


def the_gateways_errors() -> None:
    bad: Any = {"model": "auto", "messages": []}
    refused = expect(openai.BadRequestError, lambda: CHAT.create(**bad))
    assert (refused.status_code, refused.param, refused.code) == (400, "messages", "empty_array")
    assert expect(openai.NotFoundError, lambda: ask("gpt-4o")).code == "model_not_found"
    assert expect(openai.AuthenticationError, lambda: ask("auto", api_key="wrong")).code == "invalid_api_key"
    forbidden = expect(openai.PermissionDeniedError, lambda: ask("auto", api_key=REPORT.embed_only_key))
    assert forbidden.type == "permission_error"
    assert forbidden.request_id


def the_upstreams_errors() -> None:
    refused = expect(openai.BadRequestError, lambda: ask("refused"))
    assert refused.body["message"] == "scripted failure 400"
    limited = expect(openai.RateLimitError, lambda: ask("limited"))
    assert limited.response.headers["retry-after"] == "1"
    assert "x-should-retry" not in limited.response.headers
    failed = expect(openai.InternalServerError, lambda: ask("500"))
    assert (failed.status_code, failed.type) == (502, "server_error")
    assert failed.response.headers["x-should-retry"] == "false"


def no_answer() -> None:
    started = time.monotonic()
    expect(openai.APITimeoutError, lambda: ask("never", timeout=0.2))
    assert time.monotonic() - started < 3
    expect(openai.APIConnectionError, lambda: ask("auto", base_url="http://127.0.0.1:9/v1"))


def ends_that_parse_refuses() -> None:
    expect(openai.LengthFinishReasonError, lambda: CHAT.parse(model="length", messages=HELLO, response_format=City))
    expect(
        openai.ContentFilterFinishReasonError,
        lambda: CHAT.parse(model="filtered", messages=HELLO, response_format=City),
    )
    refusal = CHAT.parse(model="refusal", messages=HELLO, response_format=City).choices[0].message
    assert (refusal.parsed, refusal.refusal) == (None, "I cannot help with that.")


def usage() -> None:
    answer: Any = CHAT.create(model="auto", messages=HELLO)
    assert answer.usage.prompt_tokens == 6
    options: Any = {"include_usage": True}
    chunks: Any = list(CHAT.create(model="auto", messages=HELLO, stream=True, stream_options=options))
    assert [bool(chunk.usage) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert (chunks[-1].choices, chunks[-1].usage) == ([], answer.usage)
    assert [bool(chunk.usage) for chunk in CHAT.create(model="auto", messages=HELLO, stream=True)].count(True) == 0
    assert {chunk.id for chunk in chunks} == {chunks[0].id}


def several_choices() -> None:
    answer: Any = CHAT.create(model="auto", messages=HELLO, n=3)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    texts = {0: "", 1: "", 2: ""}
    roles: list[int] = []
    for chunk in CHAT.create(model="auto", messages=HELLO, n=3, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            roles += [choice.index] * (choice.delta.role is not None)
    assert set(texts.values()) == {answer.choices[0].message.content}
    assert sorted(roles) == [0, 1, 2]


def models() -> None:
    names = [model.id for model in CLIENT.models.list()]
    assert {"auto", "embed", "vendor/model-1"} <= set(names)
    assert CLIENT.models.retrieve("vendor/model-1").id == "vendor/model-1"
    assert expect(openai.NotFoundError, lambda: CLIENT.models.retrieve("gpt-4o")).code == "model_not_found"


def embeddings() -> None:
    packed = CLIENT.embeddings.create(model="embed", input=["one text", "another"]).data
    plain = CLIENT.embeddings.create(model="embed", input=["one text", "another"], encoding_format="float").data
    assert [item.index for item in packed] == [0, 1]
    near = [
        abs(a - b) < 1e-6
        for one, two in zip(packed, plain, strict=True)
        for a, b in zip(one.embedding, two.embedding, strict=True)
    ]
    assert all(near)
    assert len(CLIENT.embeddings.create(model="embed", input="one", dimensions=4).data[0].embedding) == 4


def moderations() -> None:
    first, second = CLIENT.moderations.create(input=["Hello there.", "My card is 4970 1000 0000 0154."]).results
    assert (first.flagged, second.flagged) == (False, True)


def not_served() -> None:
    unserved: Any = expect(openai.NotFoundError, lambda: CLIENT.images.generate(prompt="a cat", model="auto"))
    assert unserved.code == "unknown_url"


def streaming_response() -> None:
    with CHAT.with_streaming_response.create(model="auto", messages=HELLO, stream=True) as response:
        lines = [line for line in response.iter_lines() if line]
    assert response.headers["content-type"].startswith("text/event-stream")
    assert lines[-1] == "data: [DONE]"
    assert lines.count("data: [DONE]") == 1


if __name__ == "__main__":
    chat, text = "OpenAI chat", "OpenAI completions"
    only_chat = ("tools", "schema", "empty-choices")
    REPORT.way("create", chat, whole)
    REPORT.way("create, stream=True", chat, streamed, streamed=True, lacks=["schema"])
    REPORT.way("stream()", chat, helper, streamed=True)
    REPORT.way("async create", chat, asynchronous)
    REPORT.way("async create, stream=True", chat, asynchronous_stream, streamed=True, lacks=["schema"])
    REPORT.way("raw response", chat, raw, lacks=["schema"])
    REPORT.way("completions", text, completion, lacks=only_chat)
    REPORT.way("completions, stream=True", text, completion_stream, streamed=True, lacks=only_chat)
    answers = "OpenAI Responses"
    REPORT.way("responses", answers, response)
    REPORT.way("responses, stream=True", answers, response_stream, streamed=True, lacks=["schema"])
    REPORT.way("responses.stream()", answers, response_helper, streamed=True)
    REPORT.check("a conversation that the gateway keeps", conversation)
    REPORT.check("errors of the gateway, each in its class", the_gateways_errors)
    REPORT.check("errors of the upstream, each in its class", the_upstreams_errors)
    REPORT.check("time limit and refused connection", no_answer)
    REPORT.check("parse: length, content filter, refusal", ends_that_parse_refuses)
    REPORT.check("usage, where it is asked for", usage)
    REPORT.check("n = 3", several_choices)
    REPORT.check("models", models)
    REPORT.check("embeddings", embeddings)
    REPORT.check("moderations", moderations)
    REPORT.check("images are not served", not_served)
    REPORT.check("streaming response", streaming_response)
