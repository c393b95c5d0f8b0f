"""If these fail, tools that complete text instead of chatting get no answer here, or one that was never paid for."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.openai_completions import OpenAICompletions, call_of
from gateway.wire.call import Call
from gateway.wire.errors import BadRequest, NoDeployment, Unsupported, UpstreamFailed
from gateway.wire.http import Reply, Request
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, House, call, header, read, settings
from tests.servers.upstream import Upstreams

PROMPT = "Once upon a time"
USAGE: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}


def request(headers: Mapping[str, str] | None = None, **fields: Any) -> Request:
    body = {"model": "home", "prompt": PROMPT, **fields}
    raw = {name.encode(): value.encode() for name, value in (headers or {}).items()}
    return Request("POST", "/v1/completions", raw, json.dumps(body).encode(), "req_1")


async def ask(house: House, headers: Mapping[str, str] | None = None, **fields: Any) -> Reply:
    return await OpenAICompletions().answer(request(headers, **fields), house.pipeline, DEVELOPER)


def events(body: bytes) -> list[dict[str, Any]]:
    *chunks, done, nothing = body.split(b"\n\n")
    assert (done, nothing) == (b"data: [DONE]", b"")
    return [json.loads(chunk.removeprefix(b"data: ")) for chunk in chunks]


def test_a_request_becomes_a_call_with_nothing_taken_out() -> None:
    fields = {"suffix": "end", "echo": True, "logprobs": 2, "n": 2, "best_of": 3, "anything": [None]}
    found = call_of(request({"x-tidegate-locality": "local", "cache-control": "no-store"}, **fields))
    assert found.body == {"model": "home", "prompt": PROMPT, **fields}
    assert (found.route, found.request_id, found.endpoint.path) == ("home", "req_1", "/completions")
    assert (found.localities, found.cache_control) == (("local",), "no-store")


@pytest.mark.parametrize(
    ("fields", "choices", "tokens"),
    [
        ({}, 1, 0),
        ({"prompt": ""}, 1, 0),
        ({"prompt": None}, 1, 0),
        ({"prompt": ["a", "b"], "n": 3}, 6, 0),
        ({"prompt": [1, 2, 3]}, 1, 3),
        ({"prompt": [[1, 2], [3]]}, 2, 3),
        ({"n": 2, "best_of": 4}, 2, 0),
    ],
)
def test_it_is_known_how_many_answers_and_tokens_there_are(fields: dict[str, Any], choices: int, tokens: int) -> None:
    found = call_of(request(**fields))
    assert (found.choices, found.tokens) == (choices, tokens)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": None}, "model"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": {"text": "x"}}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": ["a", 5]}, "prompt[1]"),
        ({"prompt": [1, "a"]}, "prompt[0]"),
        ({"prompt": [[1], []]}, "prompt[1]"),
        ({"prompt": [[1], [1.5]]}, "prompt[1]"),
        ({"prompt": [True]}, "prompt[0]"),
        ({"prompt": [-1]}, "prompt[0]"),
        ({"stream": 1}, "stream"),
        ({"stream_options": "x"}, "stream_options"),
        ({"n": 0}, "n"),
        ({"best_of": "2"}, "best_of"),
        ({"n": 3, "best_of": 2}, "best_of"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        call_of(request(**fields))
    assert (caught.value.param, caught.value.status) == (param, 400)


def test_a_prompt_that_was_left_out_is_a_mistake() -> None:
    with pytest.raises(BadRequest) as caught:
        call_of(Request("POST", "/v1/completions", {}, b'{"model": "home"}', "r"))
    assert (caught.value.param, caught.value.code) == ("prompt", "missing_required_parameter")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(values | st.dictionaries(st.sampled_from(["model", "prompt", "stream", "n", "best_of", "metadata"]), values))
def test_any_json_is_a_call_or_a_bad_request(body: object) -> None:
    with contextlib.suppress(BadRequest):
        assert isinstance(call_of(Request("POST", "/", {}, json.dumps(body).encode(), "r")), Call)


async def test_an_answer_passes_as_it_came_with_its_receipt_and_its_cost(house: House, upstreams: Upstreams) -> None:
    reply = await ask(house, model="away", echo=True, logprobs=1, suffix="end")
    said = json.loads(reply.body)
    assert said["object"] == "text_completion"
    assert said["choices"][0]["text"].startswith(f"{PROMPT} cloud-model says")
    assert "".join(said["choices"][0]["logprobs"]["tokens"]) == said["choices"][0]["text"]
    asked = upstreams.cloud.journal.last
    assert (asked.path, asked.json()["model"], asked.json()["suffix"]) == ("/v1/completions", "cloud-model", "end")
    (settlement,) = house.settlements()
    usage = said["usage"]
    assert settlement.usage is not None
    assert settlement.usage.completion_tokens == usage["completion_tokens"]
    cost = Decimal("2.50") * usage["prompt_tokens"] + 10 * usage["completion_tokens"]
    assert settlement.cost == cost / 1_000_000
    assert header(reply, "x-tidegate-deployment") == "large"
    assert Decimal(header(reply, "x-tidegate-cost-usd") or "") == settlement.cost


@pytest.mark.parametrize("usage", [False, True])
async def test_a_stream_is_relayed_settled_and_ended_once(house: House, upstreams: Upstreams, usage: bool) -> None:
    reply = await ask(house, model="away", **(USAGE if usage else {"stream": True}))
    chunks = events(await read(reply))
    assert {chunk["object"] for chunk in chunks} == {"text_completion"}
    text = "".join(choice["text"] for chunk in chunks for choice in chunk["choices"])
    assert text.startswith("cloud-model says")
    assert [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]][-1] == "stop"
    if usage:
        assert chunks[-1]["choices"] == []
        assert chunks[-1]["usage"]["prompt_tokens"] == 4
    else:
        assert all("usage" not in chunk for chunk in chunks)
    assert upstreams.cloud.journal.last.json()["stream_options"] == {"include_usage": True}
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.streamed) == ("ok", True)
    assert settlement.usage is not None
    assert not settlement.usage.estimated


async def test_several_prompts_in_a_stream_all_have_to_finish(house: House, upstreams: Upstreams) -> None:
    chunks = events(await read(await ask(house, prompt=["one", "two"], n=2, stream=True)))
    assert {choice["index"] for chunk in chunks for choice in chunk["choices"]} == {0, 1, 2, 3}
    upstreams.local.next("cut:3:clean")
    body = await read(await ask(house, prompt=["one", "two"], n=2, stream=True))
    assert b"[DONE]" not in body
    assert json.loads(body.split(b"\n\n")[-2].removeprefix(b"data: "))["error"]["code"]
    assert [settlement.outcome for settlement in house.settlements()] == ["ok", "cut"]


@pytest.mark.parametrize("stream", [False, True])
async def test_usage_that_nobody_counted_is_estimated(house: House, upstreams: Upstreams, stream: bool) -> None:
    upstreams.cloud.next("usage_missing")
    body = await read(await ask(house, model="away", **(USAGE if stream else {})))
    (settlement,) = house.settlements()
    assert settlement.usage is not None
    assert settlement.usage.estimated
    assert settlement.usage.completion_tokens > 5
    if stream:
        last = events(body)[-1]
        assert (last["object"], last["choices"]) == ("text_completion", [])
        assert last["usage"]["completion_tokens"] == settlement.usage.completion_tokens


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": CARD},
        {"prompt": ["Hello", CARD]},
        {"suffix": CARD},
        {"user": "4970 1000 0000 0154"},
        {"unknown": {"deep": [CARD]}},
        {"stop": [CARD]},
        {"prompt": [4970, 1000]},
        {"prompt": [[4970, 1000]]},
    ],
)
async def test_what_is_sensitive_or_cannot_be_read_stays(
    house: House, upstreams: Upstreams, fields: dict[str, Any], stream: bool
) -> None:
    reply = await ask(house, model="cloud", stream=stream, **fields)
    await read(reply)
    assert header(reply, "x-tidegate-zone") == "local"
    with pytest.raises(NoDeployment):
        await ask(house, model="away", stream=stream, **fields)
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("then", [False, True])
async def test_streamed_or_not_a_second_answer_is_the_first(
    open_house: OpenHouse, upstreams: Upstreams, first: bool, then: bool
) -> None:
    house = open_house(cache={"enabled": True})
    said = []
    for stream in (first, then):
        reply = await ask(house, stream=stream, logprobs=1, stream_options={"include_usage": True})
        body = await read(reply)
        await house.pipeline.parts.background.drained()
        chunks = events(body) if stream else [json.loads(body)]
        choices = [choice for chunk in chunks for choice in chunk["choices"]]
        tokens = [token for choice in choices for token in (choice["logprobs"] or {"tokens": []})["tokens"]]
        said.append(("".join(choice["text"] for choice in choices), tokens, chunks[-1]["usage"]))
    assert said[0] == said[1]
    assert header(reply, "x-tidegate-cache") == "hit"
    assert len(upstreams.local.journal.exchanges) == 1
    assert [settlement.outcome for settlement in house.settlements()] == ["ok", "hit"]


async def test_another_endpoint_is_another_question(open_house: OpenHouse) -> None:
    """The same words, asked as a chat and as a completion."""
    house = open_house(cache={"enabled": True})
    chat = call("Hi", "home", prompt=PROMPT)
    fields: dict[str, Any] = {"messages": chat.body["messages"]}
    assert call_of(request(**fields)).body == chat.body
    await ask(house, **fields)
    await house.pipeline.parts.background.drained()
    assert header(await house.ask(chat), "x-tidegate-cache") == "miss"
    assert header(await ask(house, **fields), "x-tidegate-cache") == "hit"


async def test_a_deployment_without_completions_is_passed_over_or_the_client_told(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    deployments = settings(upstreams)["deployments"]
    house = open_house(deployments={**deployments, "small": {**deployments["small"], "completions": False}})
    assert header(await ask(house, model="auto"), "x-tidegate-deployment") == "large"
    with pytest.raises(Unsupported) as caught:
        await ask(house, model="home")
    assert (caught.value.param, caught.value.code) == ("model", "unsupported_by_route")


@pytest.mark.parametrize("directive", ["garbage_json", "wrong_json:list", "wrong_json:empty", "wrong_json:choice"])
async def test_what_is_no_completion_is_the_upstreams_failure(
    house: House, upstreams: Upstreams, directive: str
) -> None:
    upstreams.cloud.next(directive)
    with pytest.raises(UpstreamFailed):
        await ask(house, model="away")
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("error", None)


def test_nobody_is_let_in_without_a_key() -> None:
    assert not OpenAICompletions().open_to_all
    assert OpenAICompletions().credential({b"authorization": b"Bearer x"}) == b"Bearer x"
