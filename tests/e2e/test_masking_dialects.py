"""Masking for clients of Anthropic's, Ollama's and OpenAI's newer API: they never hear of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.test_masking import ODD, RULES, TEXT, assert_cloud_saw_no_value
from tests.harness.anthropic_client import LOOK, answer, claude, said
from tests.harness.anthropic_client import ask as ask_claude
from tests.harness.client import post, sdk
from tests.harness.configs import rich
from tests.harness.gateway import Gateway
from tests.servers.upstream import Upstreams


@pytest.fixture(scope="module")
def gateway_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    changes = {"policy": {"rules": RULES}}
    config = rich(upstreams_of_session.local, upstreams_of_session.cloud, (), changes)
    with Gateway(tmp_path_factory.mktemp("masking"), config) as gateway:
        yield gateway


@pytest.fixture
def masking(gateway_of_module: Gateway, upstreams: Upstreams) -> Iterator[Gateway]:
    yield gateway_of_module
    assert_cloud_saw_no_value(upstreams)


@pytest.mark.parametrize("text", [TEXT, ODD])
@pytest.mark.parametrize("stream", [False, True])
def test_anthropic(masking: Gateway, upstreams: Upstreams, text: str, stream: bool) -> None:
    with claude(masking) as client:
        upstreams.cloud.next("parrot:content:2")
        assert said(answer(client, ask_claude(text, "cloud"), stream=stream)) == text
        upstreams.cloud.next("parrot:mixed:3")
        message = answer(client, ask_claude(text, "cloud", tools=[LOOK]), stream=stream)
    assert said(message) == text
    assert [block.input for block in message.content if block.type == "tool_use"] == [{"said": text}] * 2


@pytest.mark.parametrize("text", [TEXT, ODD])
@pytest.mark.parametrize("stream", [False, True])
def test_responses(masking: Gateway, upstreams: Upstreams, text: str, stream: bool) -> None:
    """What is kept of the conversation are the client's own words, with their clearance."""
    options: dict[str, Any] = {"model": "cloud", "stream": stream}
    with sdk(masking) as client:
        upstreams.cloud.next("parrot:content:2", "parrot:content:2")
        first = _final(client.responses.create(input=text, **options), stream=stream)
        assert first.output_text == text
        again = client.responses.create(input="And again?", previous_response_id=first.id, **options)
        assert _final(again, stream=stream).output_text == f"{text} {text} And again?"


def _final(result: Any, *, stream: bool) -> Any:
    return next(event for event in result if event.type == "response.completed").response if stream else result


@pytest.mark.parametrize("stream", [False, True])
def test_ollama(masking: Gateway, upstreams: Upstreams, stream: bool) -> None:
    upstreams.cloud.next("parrot:content:2")
    body = {"model": "cloud", "stream": stream, "messages": [{"role": "user", "content": TEXT}]}
    lines = post(masking, body, path="/api/chat").text.splitlines()
    assert "".join(json.loads(line)["message"]["content"] for line in lines) == TEXT
