"""The litellm engine against a real server: what holds for every other deployment holds for these too."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.client import Conversation, Wire, ask, error_of, post, read_stream, text_of
from tests.harness.configs import CLOUD_PRICE
from tests.harness.gateway import CLOUD_KEY, Gateway
from tests.harness.ledger import wait_for_row_of_route
from tests.harness.prompts import CARD, EASY
from tests.servers.upstream import Upstreams

PATIENCE = 1.0  # seconds


@pytest.fixture(scope="module")
def foreign_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    def deployment(directive: str = "", **more: Any) -> dict[str, Any]:
        model = f"openai/cloud-model!{directive}" if directive else "openai/cloud-model"
        base = {"zone": "cloud", "engine": "litellm", "base_url": upstreams_of_session.cloud.base_url, "model": model}
        return {**base, "api_key": "${CLOUD_KEY}", "price": {"tokens": CLOUD_PRICE}, **more}

    impatient = {"first_token": PATIENCE, "between_chunks": PATIENCE, "total": 2 * PATIENCE}
    anthropic = {"model": "anthropic/claude-scripted", "base_url": upstreams_of_session.cloud.base_url[: -len("/v1")]}
    names = {
        "plain": deployment(),
        "anthropic": deployment(**anthropic),
        "hangs": deployment("hang", timeouts=impatient),
        "left": deployment("stall:3"),
        "busy": deployment(),
    }
    settings = {
        "deployments": names,
        "routes": {name: {"large": [name], "retries": {"per_attempt": 0}} for name in names},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "ledger": {"url": "sqlite:///tidegate.db"},
    }
    with Gateway(tmp_path_factory.mktemp("foreign"), json.dumps(settings)) as gateway:
        post(gateway, ask(EASY, "plain"))  # the first call imports litellm
        yield gateway


@pytest.fixture
def foreign(foreign_of_module: Gateway, upstreams: Upstreams) -> Gateway:
    """One deployment, called through litellm."""
    return foreign_of_module


def test_an_answer(foreign: Gateway, upstreams: Upstreams) -> None:
    answer = post(foreign, ask(EASY, "plain", temperature=0.1))
    assert text_of(answer).startswith("cloud-model says: read 6 words")
    assert answer.json()["usage"]["prompt_tokens"] == 6
    assert float(answer.headers["x-tidegate-cost-usd"]) > 0
    asked = upstreams.cloud.journal.last
    assert asked.header("authorization") == f"Bearer {CLOUD_KEY}"
    assert asked.json()["temperature"] == 0.1
    assert foreign.key.encode() not in upstreams.cloud.journal.raw


@pytest.mark.parametrize("usage", [False, True])
def test_a_stream(foreign: Gateway, usage: bool) -> None:
    stream = read_stream(post(foreign, ask(EASY, "plain", stream=True, stream_options={"include_usage": usage})))
    stream.assert_clean()
    assert stream.text.startswith("cloud-model says: read 6 words")
    assert len(stream.usage) == usage


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls(foreign: Gateway, upstreams: Upstreams, stream: bool) -> None:
    upstreams.cloud.next("tool_calls:2")
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
    answer = post(foreign, ask("Weather?", "plain", tools=tools, stream=stream))
    arguments: dict[int, str] = {}
    if stream:
        events = read_stream(answer)
        events.assert_clean()
        for chunk in events.chunks:
            for choice in chunk["choices"]:
                for call in choice["delta"].get("tool_calls") or ():
                    arguments[call["index"]] = arguments.get(call["index"], "") + call["function"]["arguments"]
    else:
        calls = answer.json()["choices"][0]["message"]["tool_calls"]
        arguments = {place: call["function"]["arguments"] for place, call in enumerate(calls)}
    assert [json.loads(text)["city"] for text in arguments.values()] == ["City 0", "City 1"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        *(("status:500", 502), ("status:401", 502), ("status:404", 502), ("status:400", 400), ("status:429", 429)),
        *(("reset", 502), ("garbage", 502), ("garbage_json", 502), ("close", 502)),
    ],
)
def test_errors(foreign: Gateway, upstreams: Upstreams, fault: str, status: int, stream: bool) -> None:
    upstreams.cloud.next(fault)
    answer = post(foreign, ask(EASY, "plain", stream=stream))
    assert answer.status_code == status, answer.text
    error = error_of(answer)
    assert CLOUD_KEY not in answer.text
    assert "litellm" not in str(error).lower()
    assert len(upstreams.cloud.journal.exchanges) == 1  # it does not retry by itself


def test_a_server_that_wants_to_be_left_alone_is(foreign: Gateway, upstreams: Upstreams) -> None:
    upstreams.cloud.next("status:429:60")
    for _ in range(2):
        answer = post(foreign, ask(EASY, "busy"))
        assert answer.status_code == 429
        assert 50 <= int(answer.headers["retry-after"]) <= 60
    assert len(upstreams.cloud.journal.exchanges) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_silence(foreign: Gateway, stream: bool) -> None:
    began = time.monotonic()
    answer = post(foreign, ask(EASY, "hangs", stream=stream))
    assert answer.status_code == 504
    error_of(answer)
    assert time.monotonic() - began < 4 * PATIENCE


@pytest.mark.parametrize("fault", ["cut:3:clean:gate", "cut:3:fin:gate", "cut:3:rst:gate", "error_frame:3:gate"])
def test_a_cut_stream_says_so(foreign: Gateway, upstreams: Upstreams, fault: str) -> None:
    upstreams.cloud.next(fault)
    with Conversation(foreign, ask(EASY, "plain", stream=True)) as conversation:
        conversation.read_until("says: ")
        upstreams.cloud.release()
        conversation.read_to_end().assert_cut()


@pytest.mark.parametrize("route", ["plain", "anthropic"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_redirect_is_not_followed(foreign: Gateway, upstreams: Upstreams, route: str, stream: bool) -> None:
    upstreams.cloud.next(f"redirect:127.0.0.1:{upstreams.local.port}")
    answer = post(foreign, ask(EASY, route, stream=stream))
    assert len(upstreams.cloud.journal.exchanges) == 1
    assert upstreams.local.journal.raw == b""
    assert answer.status_code == 502
    error_of(answer)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        *("base_url", "api_base", "fallbacks", "context_window_fallback_dict", "model_list", "litellm_params"),
        *("custom_llm_provider", "mock_response", "extra_headers", "headers", "api_key", "organization", "client"),
        *("timeout", "max_retries", "num_retries", "callbacks", "success_callback", "metadata", "hf_model_name"),
    ],
)
def test_a_body_cannot_steer_litellm(foreign: Gateway, upstreams: Upstreams, name: str, stream: bool) -> None:
    """Fields of the body that litellm would take for orders of its own: where to send it, with whose key, what next."""
    elsewhere = upstreams.local.base_url
    other = {"model": "openai/local-model", "api_base": elsewhere, "api_key": "x"}
    orders: dict[str, Any] = {
        **dict.fromkeys(("base_url", "api_base"), elsewhere),
        "fallbacks": [other],
        "context_window_fallback_dict": {"openai/cloud-model": "openai/local-model"},
        "model_list": [{"model_name": "x", "litellm_params": other}],
        "litellm_params": other,
        "custom_llm_provider": "anthropic",
        "mock_response": "mocked",
        "api_key": "the-clients-own",
        "extra_headers": {"x-stolen": "1"},
        "headers": {"x-stolen": "1"},
        "organization": "the-clients-own",
        "client": "x",
        "timeout": 0.001,
        "max_retries": 5,
        "num_retries": 5,
        "callbacks": ["langfuse"],
        "success_callback": ["langfuse"],
        "metadata": {"api_base": elsewhere},
        "hf_model_name": "x",
    }
    answer = post(foreign, {**ask(EASY, "plain", stream=stream), name: orders[name]})
    said = read_stream(answer).text if stream else text_of(answer)
    assert said.startswith("cloud-model says: read 6 words")
    assert upstreams.local.journal.raw == b""
    (asked,) = upstreams.cloud.journal.exchanges
    assert asked.header("authorization") == f"Bearer {CLOUD_KEY}"
    assert asked.header("x-stolen") is None
    assert asked.header("openai-organization") is None


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_sensitive_stays(foreign: Gateway, upstreams: Upstreams, stream: bool) -> None:
    assert post(foreign, ask(CARD, "plain", stream=stream)).status_code == 503
    upstreams.assert_cloud_saw_nothing()


def test_a_client_that_leaves_takes_the_connection_along(foreign: Gateway, upstreams: Upstreams) -> None:
    with Wire(foreign) as wire:
        wire.post(ask(EASY, "left", stream=True))
        (exchange,) = upstreams.cloud.journal.wait_for_requests(1)
        wire.read_until(b"says: ")
        left = time.monotonic()
    assert upstreams.cloud.journal.wait_until_closed(exchange) - left <= 1
    assert wait_for_row_of_route(foreign, "left")["outcome"] == "cancelled"
