"""The Anthropic SDK as its users use it: the base URL changed and nothing else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import anthropic
import httpx2
import pydantic
import pytest

from tests.harness.anthropic_client import LOOK, answer, ask, claude, said
from tests.harness.client import TIMEOUT, post
from tests.harness.gateway import EMBED_ONLY_KEY, NO_TLS, Gateway, bearer
from tests.harness.prompts import CARD, EASY
from tests.servers.upstream import Upstreams
from tests.upstream.manners import BAD_ARGUMENTS, REFUSAL, THOUGHTS, WORDS

THINKING: dict[str, Any] = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


def test_whole(gateway: Gateway) -> None:
    with claude(gateway) as client:
        message = client.messages.create(**ask(EASY))
    assert said(message).startswith("local-model says: read 6 words")
    assert (message.type, message.role, message.model) == ("message", "assistant", "auto")
    assert (message.stop_reason, message.stop_sequence) == ("end_turn", None)
    assert (message.usage.input_tokens, message.usage.output_tokens) == (6, 7)
    assert message.id.startswith("msg_")
    assert message._request_id == f"req_{message.id.removeprefix('msg_')}"


def test_streamed_as_events(gateway: Gateway) -> None:
    with claude(gateway) as client:
        events = list(client.messages.create(**ask(EASY), stream=True))
    kinds = [event.type for event in events]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert len(kinds) > 8  # as the model spoke, not in one piece


def test_the_stream_helper(gateway: Gateway) -> None:
    with claude(gateway) as client, client.messages.stream(**ask(EASY)) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert text == said(message)
    assert text.startswith("local-model says")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (6, 7)
    assert stream.request_id is not None


async def test_asynchronous(gateway: Gateway) -> None:
    http_client = httpx2.AsyncClient(trust_env=False, verify=NO_TLS)
    options: dict[str, Any] = {"api_key": gateway.key, "max_retries": 0, "timeout": TIMEOUT}
    async with anthropic.AsyncAnthropic(base_url=gateway.root, http_client=http_client, **options) as client:
        messages = await asyncio.gather(*(client.messages.create(**ask(f"{EASY} {i}")) for i in range(20)))
        assert len({message.id for message in messages}) == 20
        async with client.messages.stream(**ask(EASY)) as stream:
            assert (await stream.get_final_text()).startswith("local-model says")


def test_a_bearer_token_and_the_beta_client(gateway: Gateway) -> None:
    with claude(gateway, api_key=None, auth_token=gateway.key) as client:
        assert said(client.messages.create(**ask(EASY)))
        beta = client.beta.messages.create(**ask(EASY), betas=["interleaved-thinking-2025-05-14"])
    assert beta.content[0].type == "text"


def test_the_raw_response_has_the_receipt(gateway: Gateway) -> None:
    with claude(gateway) as client:
        raw = client.messages.with_raw_response.create(**ask(EASY, "cloud"))
    assert raw.headers["x-tidegate-deployment"] == "large"
    assert raw.headers["x-tidegate-cost-usd"]
    assert raw.headers["request-id"] == raw.headers["x-request-id"]


def test_models(gateway: Gateway) -> None:
    with claude(gateway) as client:
        listed = [model.id for model in client.models.list()]
        one = client.models.retrieve("vendor/model-1")
        with pytest.raises(anthropic.NotFoundError):
            client.models.retrieve("claude-opus-4-6")
    assert {"auto", "cloud", "vendor/model-1"} <= set(listed)
    assert (one.id, one.type, one.lifecycle) == ("vendor/model-1", "model", "active")
    with claude(gateway, EMBED_ONLY_KEY) as client:
        assert [model.id for model in client.models.list()] == ["embed"]


def test_tokens_are_estimated_without_asking(gateway: Gateway, upstreams: Upstreams) -> None:
    messages: list[Any] = [{"role": "user", "content": CARD}]
    with claude(gateway) as client:
        few = client.messages.count_tokens(model="cloud", messages=messages)
        tools: list[Any] = [LOOK]
        more = client.messages.count_tokens(model="cloud", messages=messages, system="Be brief.", tools=tools)
    assert 10 < few.input_tokens < more.input_tokens
    assert upstreams.local.journal.raw == upstreams.cloud.journal.raw == b""


@pytest.mark.parametrize("stream", [False, True])
def test_a_loop_of_tools(gateway: Gateway, upstreams: Upstreams, stream: bool) -> None:
    body = ask("What is the weather?", "small", tools=[LOOK], tool_choice={"type": "any"}, system="Be brief.")
    upstreams.local.next("parallel_tool_calls")
    with claude(gateway) as client:
        first = answer(client, body, stream=stream)
        calls = [block for block in first.content if block.type == "tool_use"]
        assert first.stop_reason == "tool_use"
        assert [call.input for call in calls] == [{"city": f"City {number}"} for number in range(3)]
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"Sun {call.id}"} for call in calls]
        body["messages"] += [first.to_param(), {"role": "user", "content": results}]
        last = answer(client, body, stream=stream)
    assert last.stop_reason == "end_turn"
    sent = upstreams.local.journal.last.json()
    roles = [message["role"] for message in sent["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "tool"]
    assert sent["tool_choice"] == "required"
    made = [call["id"] for call in sent["messages"][2]["tool_calls"]]
    assert [message["tool_call_id"] for message in sent["messages"][3:]] == made
    assert [message["content"] for message in sent["messages"][3:]] == [f"Sun {call.id}" for call in calls]


def test_calls_through_each_other_are_heard_one_by_one(gateway: Gateway, upstreams: Upstreams) -> None:
    heard = []
    with claude(gateway) as client:
        for stream in (False, True):
            upstreams.local.next("interleaved_calls")
            heard.append(answer(client, ask(EASY, "small", tools=[LOOK]), stream=stream))
    whole, streamed = heard
    assert [block.model_dump() for block in streamed.content] == [block.model_dump() for block in whole.content]
    assert [block.type for block in whole.content] == ["text", "tool_use", "tool_use"]


@pytest.mark.parametrize("eager", [False, True])
def test_arguments_that_are_no_json(gateway: Gateway, upstreams: Upstreams, eager: bool) -> None:
    tool = {**LOOK, "name": "tool_0", "eager_input_streaming": eager}
    body = ask(EASY, "small", tools=[tool])
    upstreams.local.always("bad_arguments")
    with claude(gateway) as client:
        whole = answer(client, body, stream=False)
        events = list(client.messages.create(**body, stream=True))
    deltas = [event.delta for event in events if event.type == "content_block_delta"]
    raw = "".join(delta.partial_json for delta in deltas if delta.type == "input_json_delta")
    assert whole.content[0].type == "tool_use"
    assert whole.content[0].input == {"INVALID_JSON": BAD_ARGUMENTS}
    if eager:
        assert raw == BAD_ARGUMENTS  # as Anthropic does with tools that ask for it
    else:
        assert json.loads(raw) == {"INVALID_JSON": BAD_ARGUMENTS}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thoughts(gateway: Gateway, upstreams: Upstreams, field: str, stream: bool) -> None:
    upstreams.local.always(f"thoughts:{field}")
    with claude(gateway) as client:
        asked = answer(client, ask(EASY, "small", **THINKING, max_tokens=2048), stream=stream)
        unasked = answer(client, ask(EASY, "small"), stream=stream)
    assert asked.content[0].type == "thinking"
    assert asked.content[0].thinking == THOUGHTS
    assert said(asked) == said(unasked) == WORDS
    assert [block.type for block in unasked.content] == ["text"]
    assert "reasoning_effort" not in upstreams.local.journal.last.json()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("directive", "reason", "sequence", "words"),
    [
        ("finish:length", "max_tokens", None, WORDS),
        ("finish:stop:END", "stop_sequence", "END", WORDS),
        ("finish:content_filter", "refusal", None, WORDS),
        ("refusal", "refusal", None, REFUSAL),
    ],
)
def test_why_it_ended(
    gateway: Gateway,
    upstreams: Upstreams,
    directive: str,
    reason: str,
    sequence: str | None,
    words: str,
    stream: bool,
) -> None:
    upstreams.local.next(directive)
    with claude(gateway) as client:
        message = answer(client, ask(EASY, "small", stop_sequences=["END"]), stream=stream)
    assert (message.stop_reason, message.stop_sequence, said(message)) == (reason, sequence, words)
    assert upstreams.local.journal.last.json()["stop"] == ["END"]


@pytest.mark.parametrize("stream", [False, True])
def test_usage_is_told_as_anthropic_counts(gateway: Gateway, upstreams: Upstreams, stream: bool) -> None:
    upstreams.local.next("usage_details")
    with claude(gateway) as client:
        usage = answer(client, ask(EASY, "small"), stream=stream).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (30, 60, 10)
    assert usage.output_tokens == 30
    assert usage.output_tokens_details is not None
    assert usage.output_tokens_details.thinking_tokens == 20


def test_a_client_that_leaves_closes_the_upstream(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("stall:4")
    with claude(gateway) as client:
        with client.messages.stream(**ask(EASY, "small")) as stream:
            assert next(iter(stream.text_stream)) == "local-model "
        (exchange,) = upstreams.local.journal.exchanges
        upstreams.local.journal.wait_until_closed(exchange)


class City(pydantic.BaseModel):
    city: str


def test_a_format_is_carried(gateway: Gateway, upstreams: Upstreams) -> None:
    config: Any = {"format": {"type": "json_schema", "schema": City.model_json_schema()}, "effort": "low"}
    with claude(gateway) as client:
        client.messages.create(**ask(EASY, "small"), output_config=config)
    sent = upstreams.local.journal.last.json()
    assert sent["response_format"]["json_schema"]["schema"]["properties"]["city"]["type"] == "string"
    assert sent["reasoning_effort"] == "low"


def test_what_is_sent_is_chat(gateway: Gateway, upstreams: Upstreams) -> None:
    with claude(gateway) as client:
        client.messages.create(
            **ask(EASY, "small", metadata={"user_id": "u-1"}, service_tier="auto"),
            extra_body={"temperature": 0.5, "top_k": 5, "min_p": 0.1},
            extra_headers={"anthropic-beta": "prompt-caching-2024-07-31"},
        )
    exchange = upstreams.local.journal.last
    assert exchange.json() == {
        "model": "local-model",
        "messages": [{"role": "user", "content": EASY}],
        "max_tokens": 64,
        "temperature": 0.5,
        "top_k": 5,
        "user": "u-1",
        "min_p": 0.1,
    }
    assert "anthropic" not in str(exchange.headers).lower()


def test_a_small_model_without_tools_is_passed_over(gateway: Gateway) -> None:
    with claude(gateway) as client:
        assert said(client.messages.create(**ask(EASY, "tools", tools=[LOOK]))).startswith("cloud-model")
        assert said(client.messages.create(**ask(EASY, "tools"))).startswith("local-model")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"x"', b"{", b'{"model": "auto"}', b"\xff", json.dumps(ask("\\ud800")).encode()[:-3]],
)
def test_bad_bodies_are_told_in_anthropics_shape(gateway: Gateway, body: bytes) -> None:
    with httpx2.Client(trust_env=False, verify=NO_TLS) as client:
        for path in ("/v1/messages", "/v1/messages/count_tokens"):
            reply = client.post(gateway.root + path, content=body, headers=bearer(gateway.key))
            assert reply.status_code == 400
            assert reply.json()["type"] == "error"
            assert reply.json()["error"]["type"] == "invalid_request_error"
            assert reply.json()["request_id"] == reply.headers["request-id"]


def test_other_paths_and_methods(gateway: Gateway) -> None:
    with claude(gateway) as client:
        with pytest.raises(anthropic.NotFoundError) as missing:
            client.messages.batches.list()
        with pytest.raises(anthropic.APIStatusError) as wrong:
            client.get("/v1/messages", cast_to=object)
    assert missing.value.type == "not_found_error"
    assert (wrong.value.status_code, wrong.value.type) == (405, "invalid_request_error")


def test_the_openai_dialect_is_as_it_was(gateway: Gateway) -> None:
    reply = post(gateway, {"model": "auto", "messages": [{"role": "user", "content": EASY}]})
    assert reply.json()["object"] == "chat.completion"
    assert "request-id" not in reply.headers
