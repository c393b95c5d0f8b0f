"""The OpenAI SDK at the Responses API, as its users use it: the base URL changed and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import Response, ResponseFunctionToolCall
from pydantic import BaseModel

from tests.harness.client import TIMEOUT, post, sdk
from tests.harness.configs import MAX_BODY_BYTES, rich, standard
from tests.harness.gateway import EMBED_ONLY_KEY, NO_TLS, OTHER_KEY, Gateway
from tests.harness.prompts import CARD, EASY, SENSITIVE
from tests.servers.gateway import StartGateway
from tests.servers.postgres import PostgresServer
from tests.servers.upstream import Upstreams

STATE_KEY = "0123456789abcdef" * 4


class Weather(BaseModel):
    city: str
    degrees: int


class GetWeather(BaseModel):
    """The weather in a city."""

    city: str


@pytest.fixture
def client(gateway: Gateway) -> Iterator[openai.OpenAI]:
    with sdk(gateway) as opened:
        yield opened


def test_unstreamed(client: openai.OpenAI) -> None:
    answer = client.responses.create(model="auto", input=EASY, instructions="Be brief.")
    assert answer.output_text.startswith("local-model says: read 8 words")
    assert (answer.status, answer.error, answer.instructions) == ("completed", None, "Be brief.")
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (8, 7)
    assert answer._request_id is not None


def test_streamed(client: openai.OpenAI) -> None:
    events = list(client.responses.create(model="auto", input=EASY, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    last = events[-1]
    assert last.type == "response.completed"
    assert said == last.response.output_text
    assert last.response.usage is not None
    assert client.responses.retrieve(last.response.id).output_text == said


def test_the_stream_helper(client: openai.OpenAI) -> None:
    with client.responses.stream(model="auto", input=EASY) as stream:
        snapshots = [event.snapshot for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert snapshots[-1] == final.output_text


async def test_asynchronous(gateway: Gateway) -> None:
    http_client = httpx.AsyncClient(trust_env=False, verify=NO_TLS)
    options: dict[str, Any] = {"base_url": gateway.base_url, "api_key": gateway.key, "max_retries": 0}
    async with openai.AsyncOpenAI(**options, timeout=TIMEOUT, http_client=http_client) as client:
        asked = (client.responses.create(model="auto", input=f"{EASY} {number}") for number in range(10))
        answers = await asyncio.gather(*asked)
        assert len({answer.id for answer in answers}) == 10
        found = await asyncio.gather(*(client.responses.retrieve(answer.id) for answer in answers))
        assert [one.output_text for one in found] == [one.output_text for one in answers]


def test_an_answer_in_a_schema(client: openai.OpenAI, upstreams: Upstreams) -> None:
    upstreams.local.next("echo", "echo")
    said = json.dumps({"city": "Oslo", "degrees": 7})
    answer = client.responses.parse(model="small", input=said, text_format=Weather)
    assert answer.output_parsed == Weather(city="Oslo", degrees=7)
    asked = upstreams.local.journal.last.json()["response_format"]
    assert (asked["type"], asked["json_schema"]["name"], asked["json_schema"]["strict"]) == (
        "json_schema",
        "Weather",
        True,
    )
    with client.responses.stream(model="small", input=said, text_format=Weather) as stream:
        assert stream.get_final_response().output_parsed == Weather(city="Oslo", degrees=7)


@pytest.mark.parametrize("stream", [False, True])
def test_a_round_of_tools(client: openai.OpenAI, upstreams: Upstreams, stream: bool) -> None:
    upstreams.local.next("parallel_tool_calls")
    tools: Any = [openai.pydantic_function_tool(GetWeather)]
    if stream:
        with client.responses.stream(model="small", input="Weather?", tools=tools) as events:
            deltas = [event.snapshot for event in events if event.type == "response.function_call_arguments.delta"]
            first = events.get_final_response()
        assert deltas[-1] == '{"city": "City 2"}'
    else:
        first = client.responses.parse(model="small", input="Weather?", tools=tools)
    calls = [item for item in first.output if item.type == "function_call"]
    assert [call.parsed_arguments for call in calls] == [GetWeather(city=f"City {number}") for number in range(3)]
    results: Any = [
        {"type": "function_call_output", "call_id": call.call_id, "output": f"{place} degrees"}
        for place, call in enumerate(calls)
    ]
    second = client.responses.parse(model="small", input=results, previous_response_id=first.id, tools=tools)
    assert second.status == "completed"
    sent = upstreams.local.journal.last.json()["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool", "tool"]
    assert [call["id"] for call in sent[1]["tool_calls"]] == [message["tool_call_id"] for message in sent[2:]]


def test_a_client_that_keeps_its_conversation_itself(client: openai.OpenAI, upstreams: Upstreams) -> None:
    """The output is sent back as it came, which is how OpenAI's own documentation does it."""
    upstreams.local.next("tool_calls:1")
    conversation: list[Any] = [{"role": "user", "content": "Weather?"}]
    tools: Any = [{"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": False}]
    first = client.responses.create(model="small", input=conversation, tools=tools, store=False)
    (call,) = first.output
    assert isinstance(call, ResponseFunctionToolCall)
    conversation += [*first.output, {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}]
    second = client.responses.create(model="small", input=conversation, tools=tools, store=False)
    conversation += [*second.output, {"role": "user", "content": "And tomorrow?"}]
    assert client.responses.create(model="small", input=conversation, tools=tools, store=False).output_text
    sent = upstreams.local.journal.last.json()["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "assistant", "user"]
    assert sent[3]["content"] == second.output_text


def test_what_is_kept_is_retrieved_listed_and_deleted(client: openai.OpenAI) -> None:
    first = client.responses.create(model="auto", input="One", metadata={"a": "b"})
    second = client.responses.create(model="auto", input="Two", previous_response_id=first.id)
    found = client.responses.retrieve(second.id)
    assert found.to_dict() == second.to_dict()
    assert client.responses.retrieve(first.id).metadata == {"a": "b"}

    listed: list[Any] = list(client.responses.input_items.list(second.id, limit=1))  # page by page
    assert [item.content[0].text for item in listed] == ["Two", first.output_text, "One"]
    oldest: list[Any] = client.responses.input_items.list(second.id, order="asc").data
    assert [item.role for item in oldest] == ["user", "assistant", "user"]

    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.delete(first.id)
    with pytest.raises(openai.BadRequestError) as gone:
        client.responses.create(model="auto", input="Three", previous_response_id=first.id)
    assert (gone.value.code, gone.value.param) == ("previous_response_not_found", "previous_response_id")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(second.id)
    with pytest.raises(openai.BadRequestError):
        client.responses.retrieve(second.id, stream=True)


def test_tokens_are_counted_without_a_model(client: openai.OpenAI) -> None:
    counted = client.responses.input_tokens.count(model="auto", input="x" * 400)
    assert (counted.object, counted.input_tokens) == ("response.input_tokens", 101)


def test_another_key_finds_nothing(gateway: Gateway, client: openai.OpenAI) -> None:
    first = client.responses.create(model="auto", input="One")
    with sdk(gateway, OTHER_KEY) as other:
        with pytest.raises(openai.NotFoundError):
            other.responses.retrieve(first.id)
        with pytest.raises(openai.NotFoundError):
            other.responses.delete(first.id)
        with pytest.raises(openai.BadRequestError) as refused:
            other.responses.create(model="auto", input="Two", previous_response_id=first.id)
    assert refused.value.code == "previous_response_not_found"
    assert client.responses.retrieve(first.id).id == first.id


@pytest.mark.parametrize(
    ("directive", "error", "status"),
    [
        ("status:400", openai.BadRequestError, 400),
        ("status:429", openai.RateLimitError, 429),
        ("status:500", openai.InternalServerError, 502),
        ("garbage", openai.InternalServerError, 502),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_upstreams_errors(
    client: openai.OpenAI,
    upstreams: Upstreams,
    directive: str,
    error: type[openai.APIStatusError],
    status: int,
    stream: bool,
) -> None:
    upstreams.local.next(directive)
    with pytest.raises(error) as caught:
        client.responses.create(model="small", input=EASY, stream=stream)
    assert caught.value.status_code == status
    assert caught.value.request_id


@pytest.mark.parametrize(
    ("body", "key", "error", "code"),
    [
        ({"model": "gpt-4o"}, None, openai.NotFoundError, "model_not_found"),
        ({}, "wrong", openai.AuthenticationError, "invalid_api_key"),
        ({}, EMBED_ONLY_KEY, openai.PermissionDeniedError, "forbidden"),
        ({"input": "x" * MAX_BODY_BYTES}, None, openai.APIStatusError, "body_too_large"),
        ({"model": "only-cloud", "input": CARD}, None, openai.InternalServerError, "no_deployment"),
        ({"input": []}, None, openai.BadRequestError, "empty_array"),
        ({"background": True}, None, openai.BadRequestError, "unsupported_parameter"),
        ({"tools": [{"type": "web_search"}]}, None, openai.BadRequestError, "unsupported_parameter"),
    ],
)
def test_the_gateways_own_errors(
    gateway: Gateway, body: dict[str, Any], key: str | None, error: type[openai.APIStatusError], code: str
) -> None:
    with sdk(gateway, key) as client, pytest.raises(error) as caught:
        client.responses.create(**{"model": "auto", "input": EASY, **body})
    assert caught.value.code == code
    assert caught.value.type
    assert caught.value.request_id


@pytest.mark.parametrize("directive", ["cut:3:fin", "cut:3:rst"])
def test_a_stream_that_is_cut_is_not_taken_for_an_answer(
    gateway: Gateway, client: openai.OpenAI, upstreams: Upstreams, directive: str
) -> None:
    """The SDK raises where it stands; whoever reads the events themselves sees the response fail."""
    upstreams.local.next(directive, directive)
    said: list[Any] = []

    def read() -> None:
        said.extend(client.responses.create(model="small", input=EASY, stream=True))

    with pytest.raises(openai.APIError) as caught:
        read()
    assert caught.value.code == "upstream_failed"
    assert [event.type for event in said][:2] == ["response.created", "response.in_progress"]
    raw = post(gateway, {"model": "small", "input": EASY, "stream": True}, path="/v1/responses").text
    last = json.loads(raw.strip().rpartition("data: ")[2])
    assert last["type"] == "response.failed"
    assert Response.model_validate(last["response"], strict=True).status == "failed"


# Conversations and what must not leave


@pytest.mark.parametrize("prompt", SENSITIVE)
@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_comes_home_with_its_second_turn(
    client: openai.OpenAI, upstreams: Upstreams, prompt: str, stream: bool
) -> None:
    first = client.responses.create(model="cloud", input=EASY)
    assert first.output_text.startswith("cloud-model")
    seen = upstreams.cloud.journal.raw
    second: Response
    if stream:
        with client.responses.stream(model="cloud", input=prompt, previous_response_id=first.id) as events:
            second = events.get_final_response()
    else:
        second = client.responses.create(model="cloud", input=prompt, previous_response_id=first.id)
    third = client.responses.create(model="cloud", input="And now?", previous_response_id=second.id)
    assert second.output_text.startswith("local-model")
    assert third.output_text.startswith("local-model")
    assert upstreams.cloud.journal.raw == seen


def test_a_conversation_that_began_at_home_stays_there_at_every_worker(pair: Gateway, upstreams: Upstreams) -> None:
    """Each turn on a connection of its own, so at either worker."""
    said = []
    previous: str | None = None
    for number, text in enumerate([CARD, *(f"And then {number}?" for number in range(9))]):
        with sdk(pair) as client:
            answer = client.responses.create(model="cloud", input=text, previous_response_id=previous)
            assert client.responses.retrieve(answer.id).output_text == answer.output_text
        said.append(answer.output_text)
        previous = answer.id
        assert len(upstreams.local.journal.last.json()["messages"]) == 2 * number + 1
    assert [text.startswith("local-model") for text in said] == [True] * 10
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("kill", [False, True])
def test_a_restart_changes_nothing(start_gateway: StartGateway, upstreams: Upstreams, kill: bool) -> None:
    """Nor does it when the processes are killed the moment the answer is out."""
    gateway = start_gateway()
    with sdk(gateway) as client:
        first = client.responses.create(model="cloud", input=CARD)
    gateway.kill() if kill else gateway.stop()
    gateway.start()
    with sdk(gateway) as client:
        assert client.responses.retrieve(first.id).output_text == first.output_text
        second = client.responses.create(model="cloud", input=EASY, previous_response_id=first.id)
    assert second.output_text.startswith("local-model")
    upstreams.assert_cloud_saw_nothing()


def test_replicas_on_one_postgresql_share_conversations_with_the_key_only(
    start_gateway: StartGateway, upstreams: Upstreams, postgres: PostgresServer
) -> None:
    changes = {"ledger": {"url": postgres.database()}, "responses": {"key": "${STATE_KEY}"}}
    config = rich(upstreams.local, upstreams.cloud, (), changes)
    one, other, stranger = (
        start_gateway(config, environment={"STATE_KEY": key}) for key in (STATE_KEY, STATE_KEY, STATE_KEY[::-1])
    )
    with sdk(one) as client:
        first = client.responses.create(model="cloud", input=CARD)
    with sdk(stranger) as client, pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)
    with sdk(other) as client:
        second = client.responses.create(model="cloud", input=EASY, previous_response_id=first.id)
        client.responses.delete(first.id)
    assert second.output_text.startswith("local-model")
    with sdk(one) as client:
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(first.id)
        assert client.responses.retrieve(second.id).output_text == second.output_text
    upstreams.assert_cloud_saw_nothing()


def test_nothing_of_a_conversation_lies_about(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """Not in a file, not in what is printed; with the log at its loudest."""
    text = standard(upstreams.local, upstreams.cloud) + "log: {level: debug, requests: true}\n"
    gateway = start_gateway(text)
    upstreams.local.always("echo")
    with sdk(gateway) as client:
        first = client.responses.create(model="cloud", input=f"{CARD} Ilsebill", metadata={"note": "Butt-42-XK"})
        with client.responses.stream(model="cloud", input="salzte nach", previous_response_id=first.id) as events:
            assert "Ilsebill" in events.get_final_response().output_text
        client.responses.retrieve(first.id)
    for phase in ("running", "stopped"):
        if phase == "stopped":
            gateway.stop()
        files = [file for file in gateway.directory.rglob("*") if file.is_file()]
        assert any(file.name == "responses.db" for file in files)
        for planted in ("4970 1000 0000 0154", "Ilsebill", "Butt-42-XK", "salzte nach"):
            assert [file for file in files if planted.encode() in file.read_bytes()] == []
            assert planted not in gateway.output
