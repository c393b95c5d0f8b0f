"""Upstreams that fail: the next permitted deployment answers, or the client is told in OpenAI's shape.

Never a second try once the client has seen a byte.
"""

from __future__ import annotations

import openai
import pytest

from tests.harness.client import Conversation, ask, error_of, post, read_stream, sdk, text_of
from tests.harness.configs import slug
from tests.harness.faults import BEFORE_ANSWER, BEFORE_STREAM, IN_BODY, IN_STREAM, RATE_LIMITED, REFUSED
from tests.harness.gateway import Gateway
from tests.harness.prompts import CARD, EASY
from tests.servers.upstream import Upstreams

BEFORE = [(fault, stream) for fault in BEFORE_ANSWER for stream in (False, True)]
BEFORE += [(fault, True) for fault in BEFORE_STREAM] + [(fault, False) for fault in IN_BODY]
LATE = {"hang", "hang_first", "stall:3"}


@pytest.mark.parametrize(("fault", "stream"), BEFORE)
def test_alone_it_is_an_error(gateway: Gateway, upstreams: Upstreams, fault: str, stream: bool) -> None:
    answer = post(gateway, ask(EASY, f"only-{slug(fault)}", stream=stream))
    assert answer.status_code == (504 if fault in LATE else 502)
    error = error_of(answer)
    assert error["type"] == "server_error"
    assert "scripted" not in answer.text
    assert answer.headers["x-should-retry"] == "false"  # there was nobody else to ask
    assert "retry-after" not in answer.headers
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize(("fault", "stream"), BEFORE)
def test_another_deployment_answers(gateway: Gateway, upstreams: Upstreams, fault: str, stream: bool) -> None:
    answer = post(gateway, ask(EASY, f"then-{slug(fault)}", stream=stream))
    if stream:
        events = read_stream(answer)
        events.assert_clean()
        assert events.text.startswith("cloud-model says")
    else:
        assert text_of(answer).startswith("cloud-model says")
    assert answer.headers["x-tidegate-deployment"] == "large"
    assert len(upstreams.local.journal.exchanges) == 1
    assert len(upstreams.cloud.journal.exchanges) == 1


@pytest.mark.parametrize(("fault", "stream"), [(fault, stream) for fault, stream in BEFORE if fault not in LATE])
def test_what_is_sensitive_has_no_other(gateway: Gateway, upstreams: Upstreams, fault: str, stream: bool) -> None:
    answer = post(gateway, ask(CARD, f"then-{slug(fault)}", stream=stream))
    assert answer.status_code == 503
    assert error_of(answer)["code"] == "no_deployment"
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("fault", IN_STREAM)
@pytest.mark.parametrize("kind", ["only", "then"])
def test_a_cut_stream_says_so_and_is_not_tried_again(
    gateway: Gateway, upstreams: Upstreams, fault: str, kind: str
) -> None:
    with Conversation(gateway, ask(EASY, f"{kind}-{slug(fault)}", stream=True)) as conversation:
        conversation.read_until("says: ")
        upstreams.local.release()
        stream = conversation.read_to_end()
    stream.assert_cut()
    assert stream.text == "local-model says: "
    assert "scripted" not in str(stream.errors)
    assert len(upstreams.local.journal.exchanges) == 1
    upstreams.assert_cloud_saw_nothing()


def test_the_sdk_raises_on_a_cut_stream(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("cut:4:clean")
    said: list[str] = []
    with sdk(gateway) as client:
        stream = client.chat.completions.create(**ask(EASY, "small"), stream=True)
        with pytest.raises(openai.APIError):
            said.extend(chunk.choices[0].delta.content or "" for chunk in stream)
    assert "".join(said).startswith("local-model")


@pytest.mark.parametrize("stream", [False, True])
def test_a_rate_limit_alone_is_passed_on(gateway: Gateway, stream: bool) -> None:
    (fault,) = RATE_LIMITED
    answer = post(gateway, ask(EASY, f"only-{slug(fault)}", stream=stream))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert error_of(answer)["type"] == "rate_limit_error"


@pytest.mark.parametrize("stream", [False, True])
def test_a_rate_limit_with_another_deployment_is_not(gateway: Gateway, stream: bool) -> None:
    (fault,) = RATE_LIMITED
    answer = post(gateway, ask(EASY, f"then-{slug(fault)}", stream=stream))
    assert answer.status_code == 200
    assert answer.headers["x-tidegate-deployment"] == "large"


def test_the_sdk_does_not_repeat_what_was_tried_elsewhere(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.always("status:500")
    upstreams.cloud.always("status:503")
    with sdk(gateway, max_retries=2) as client, pytest.raises(openai.InternalServerError):
        client.chat.completions.create(**ask(EASY, "cloud"))
    assert (len(upstreams.cloud.journal.exchanges), len(upstreams.local.journal.exchanges)) == (1, 1)


@pytest.mark.parametrize("stream", [False, True])
def test_a_retry_after_that_no_sdk_would_heed_is_shortened(
    gateway: Gateway, upstreams: Upstreams, stream: bool
) -> None:
    upstreams.local.next("status:429:86400")
    answer = post(gateway, ask(EASY, "busy", stream=stream))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) < 120


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_wrong_with_the_request_is_the_clients_to_know(
    gateway: Gateway, upstreams: Upstreams, stream: bool, fault: str
) -> None:
    """No other deployment is asked: it would say the same."""
    answer = post(gateway, ask(EASY, f"then-{slug(fault)}", stream=stream))
    assert answer.status_code == 400
    error = error_of(answer)
    assert error["type"] == "invalid_request_error"
    assert error["message"] == f"scripted failure {fault.removeprefix('status:')}"
    upstreams.assert_cloud_saw_nothing()


def test_500_once_is_not_held_against_it(gateway: Gateway, upstreams: Upstreams) -> None:
    body = ask(EASY, "only-once-500-only")
    assert post(gateway, body).status_code in {200, 502}
    assert post(gateway, body).status_code == 200


def test_an_upstreams_401_is_not_the_clients(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("status:401")
    with sdk(gateway) as client, pytest.raises(openai.InternalServerError):
        client.chat.completions.create(**ask(EASY, "small"))


def test_after_a_failure_the_next_request_is_served(gateway: Gateway, upstreams: Upstreams) -> None:
    for fault in ("garbage", "reset", "cut:3:rst", "status:500"):
        upstreams.local.next(fault)
        post(gateway, ask(EASY, "small"))
        assert text_of(post(gateway, ask(EASY, "small"))).startswith("local-model says")


@pytest.mark.parametrize("fault", ["huge:80000000", "endless_line"])
def test_an_answer_without_end_is_given_up(gateway: Gateway, upstreams: Upstreams, fault: str) -> None:
    upstreams.local.next(fault)
    answer = post(gateway, ask(EASY, "small", stream=fault == "endless_line"))
    assert answer.status_code == 502
    error_of(answer)
    upstreams.local.journal.wait_until_closed(upstreams.local.journal.last)


def test_a_port_that_refuses(gateway: Gateway, upstreams: Upstreams) -> None:
    with upstreams.cloud.down():
        answer = post(gateway, ask(EASY, "only-cloud"))
        assert answer.status_code == 502
        error_of(answer)
        assert text_of(post(gateway, ask(EASY, "cloud"))).startswith("local-model says")
    assert text_of(post(gateway, ask(EASY, "only-cloud"))).startswith("cloud-model says")
