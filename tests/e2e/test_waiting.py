"""Long waits: comments while a model at home takes its time, limits that a route sets, and who is taken for dead."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.harness import anthropic_client
from tests.harness.client import Conversation, Wire, ask, assert_not_gathered, error_of, get, http, post, sdk, text_of
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.gateway import Gateway, bearer
from tests.harness.ledger import wait_for_row_of_route
from tests.harness.prompts import EASY
from tests.servers.upstream import Upstreams

COMMENT = 0.1  # seconds
PING = ": ping\n\n"


@pytest.fixture(scope="module")
def patient_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    local, cloud = upstreams_of_session.local, upstreams_of_session.cloud
    price: dict[str, Any] = {"price": {"tokens": CLOUD_PRICE}}
    settings = {
        "deployments": {
            "small": deployment(local, "local", **price),
            "cold": deployment(local, "local", timeouts={"first_token": 0.3}, **price),
            "large": deployment(cloud, "cloud", **price),
        },
        "routes": {
            "home": {"small": ["small"]},
            "both": {"small": ["cold"], "large": ["large"], "prefer": "small"},
            "hasty": {"small": ["small"], "timeouts": {"first_token": 0.3}},
            "brief": {"small": ["small"], "timeouts": {"total": 0.3}},
            "fluent": {"small": ["small"], "timeouts": {"between_chunks": 0.3}},
            "left": {"small": ["small"]},
        },
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "server": {"keep_alive_comment": COMMENT},
        "ledger": {"url": "sqlite:///tidegate.db"},
    }
    with Gateway(tmp_path_factory.mktemp("patient"), json.dumps(settings)) as gateway:
        yield gateway


@pytest.fixture
def patient(patient_of_module: Gateway, upstreams: Upstreams) -> Gateway:
    return patient_of_module


def test_a_client_hears_that_the_line_is_alive(patient: Gateway, upstreams: Upstreams) -> None:
    """Before the model has said a word; and then it gets the whole of the answer."""
    upstreams.local.next("hold:0")
    with Conversation(patient, ask(EASY, "home", stream=True)) as conversation:
        assert conversation.headers["content-type"].startswith("text/event-stream")
        assert "x-tidegate-deployment" not in conversation.headers
        conversation.read_until(3 * PING)
        upstreams.local.release()
        stream = conversation.read_to_end()
    stream.assert_clean()
    assert stream.text.startswith("local-model says")


def test_the_sdks_see_nothing_of_it(patient: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next(*["slow_first:0.5"] * 4)
    with sdk(patient) as client:
        chunks = list(client.chat.completions.create(**ask(EASY, "home"), stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks).startswith("local-model says")
        texts = client.completions.create(model="home", prompt=EASY, stream=True)
        assert "".join(chunk.choices[0].text for chunk in texts)
        with client.responses.stream(model="home", input=EASY) as events:
            assert events.get_final_response().output_text.startswith("local-model says")
    with anthropic_client.claude(patient) as client_of_anthropic:
        message = anthropic_client.answer(client_of_anthropic, anthropic_client.ask(EASY, "home"), stream=True)
    assert anthropic_client.said(message).startswith("local-model says")


def test_an_answer_in_anthropics_format_waits_too(patient: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("slow_first:0.5")
    body = anthropic_client.ask(EASY, "home", stream=True)
    with http() as client:
        answer = client.post(f"{patient.base_url}/messages", json=body, headers=bearer(patient.key))
    assert_not_gathered(answer)
    assert answer.headers["request-id"] == answer.headers["x-request-id"]
    assert answer.text.startswith(3 * PING)
    assert answer.text.replace(PING, "").startswith("event: message_start\n")
    assert answer.text.endswith('data: {"type":"message_stop"}\n\n')


def test_the_cloud_may_still_answer(patient: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("hang")
    answer = post(patient, ask(EASY, "both", stream=True))
    assert answer.text.startswith(PING)
    assert ": x-tidegate-deployment: large\n: x-tidegate-zone: cloud\n\n" in answer.text
    assert "cloud-model" in answer.text
    assert answer.text.endswith("data: [DONE]\n\n")


def test_a_failure_is_told_in_the_stream(patient: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("hang", "hang")
    upstreams.cloud.always("status:500")
    with sdk(patient) as client, pytest.raises(openai.APIError) as caught:
        list(client.chat.completions.create(**ask(EASY, "both"), stream=True))
    assert (caught.value.type, caught.value.code) == ("server_error", "upstream_failed")
    answer = post(patient, ask(EASY, "both", stream=True))
    assert answer.status_code == 200
    assert "[DONE]" not in answer.text


def test_a_client_that_leaves_while_it_waits(patient: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("hang")
    with Wire(patient) as wire:
        wire.post(ask(EASY, "left", stream=True))
        (exchange,) = upstreams.local.journal.wait_for_requests(1)
        wire.read_until(b": ping")
        left = time.monotonic()
    assert upstreams.local.journal.wait_until_closed(exchange) - left <= 1
    assert wait_for_row_of_route(patient, "left")["outcome"] == "cancelled"


@pytest.mark.parametrize(
    ("route", "directive", "stream"),
    [("hasty", "slow_first:1", True), ("brief", "slow_first:1", False), ("brief", "slow:0.1", True)],
)
def test_a_route_has_limits_of_its_own(
    patient: Gateway, upstreams: Upstreams, route: str, directive: str, stream: bool
) -> None:
    """For its own requests; the same deployment is waited for elsewhere."""
    upstreams.local.next(directive, directive)
    answer = post(patient, ask(EASY, route, stream=stream))
    if stream:
        assert "upstream_timeout" in answer.text
        assert "[DONE]" not in answer.text
        assert post(patient, ask(EASY, "home", stream=True)).text.endswith("data: [DONE]\n\n")
    else:
        assert answer.status_code == 504
        assert error_of(answer)["code"] == "upstream_timeout"
        assert text_of(post(patient, ask(EASY, "home"))).startswith("local-model says")


def test_silence_in_a_stream_has_a_limit_by_route(patient: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("stall:3", "hold:3")
    with Conversation(patient, ask(EASY, "fluent", stream=True)) as conversation:
        stream = conversation.read_to_end()
    stream.assert_cut()
    assert stream.errors[0]["code"] == "upstream_timeout"
    with Conversation(patient, ask(EASY, "home", stream=True)) as conversation:
        conversation.read_until("says: ")
        upstreams.local.release()
        conversation.read_to_end().assert_clean()


@pytest.mark.parametrize("stream", [False, True])
def test_a_cold_model_at_home_is_not_taken_for_dead(patient: Gateway, upstreams: Upstreams, stream: bool) -> None:
    """It loads many gigabytes first, as Ollama does. Others answer meanwhile; then it is asked first again."""
    upstreams.local.always("hang")
    for place in range(4):
        answer = post(patient, ask(f"{EASY} {place}", "both", stream=True))
        assert "cloud-model" in answer.text
    assert len(upstreams.local.journal.exchanges) == 4
    upstreams.local.always("ok")
    assert 'tidegate_deployment_up{deployment="cold",zone="local"} 1.0' in get(patient, "/metrics").text
    answer = post(patient, ask(EASY, "both", stream=stream))
    assert "local-model" in answer.text
