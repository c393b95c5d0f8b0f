"""Upstreams that fail or answer oddly, as the Anthropic SDK sees it: whole and streamed alike, or its own errors."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from tests.harness.anthropic_client import LOOK, answer, ask, claude, said
from tests.harness.configs import MAX_BODY_BYTES, slug
from tests.harness.faults import BEFORE_ANSWER, BEFORE_STREAM, IN_BODY, IN_STREAM
from tests.harness.gateway import EMBED_ONLY_KEY, Gateway
from tests.harness.prompts import CARD, EASY
from tests.servers.upstream import Upstreams

BEFORE = [(fault, stream) for fault in BEFORE_ANSWER for stream in (False, True)]
BEFORE += [(fault, True) for fault in BEFORE_STREAM] + [(fault, False) for fault in IN_BODY]
LATE = {"hang", "hang_first", "stall:3"}
IN_STREAMS = (
    *("empty_choices", "ping", "crlf", "no_space", "event_fields", "multi_line", "one_write", "usage_on:first"),
    *("usage_on:every", "no_done", "done_twice", "after_done", "stall_after_finish", "json_for_stream"),
)
EITHER = (
    *("unicode:1", "unicode:3", "long_line:1048576", "drip", "byte_chunks", "tool_calls:1", "tool_calls:3", "thoughts"),
    *("finish:length", "refusal", "interleaved_calls", "bad_arguments", "usage_details", "slow_first:0.2"),
)
USAGE = (
    "usage_missing",
    *(f"usage_odd:{kind}" for kind in ("negative", "text", "float", "huge", "null", "list", "empty")),
)


def in_short(message: anthropic.types.Message) -> list[dict[str, Any]]:
    return [{**block.model_dump(exclude_none=True), "id": None} for block in message.content]


def request_id(error: anthropic.APIStatusError) -> str:
    """As the body tells it."""
    assert isinstance(error.body, dict)
    return str(error.body["request_id"])


@pytest.mark.parametrize("directive", [*IN_STREAMS, *EITHER])
def test_in_whatever_shape_it_comes_a_stream_says_what_a_whole_answer_says(
    gateway: Gateway, upstreams: Upstreams, directive: str
) -> None:
    body = ask(EASY, "small", tools=[LOOK])
    with claude(gateway) as client:
        upstreams.local.next("ok" if directive in IN_STREAMS else directive)
        whole = answer(client, body, stream=False)
        upstreams.local.next(directive)
        streamed = answer(client, body, stream=True)
    assert in_short(streamed) == in_short(whole)
    assert (streamed.stop_reason, streamed.stop_sequence) == (whole.stop_reason, whole.stop_sequence)
    assert streamed.usage.output_tokens > 0
    assert whole.usage.output_tokens > 0


@pytest.mark.parametrize("directive", USAGE)
@pytest.mark.parametrize("stream", [False, True])
def test_usage_that_is_none_is_estimated(gateway: Gateway, upstreams: Upstreams, directive: str, stream: bool) -> None:
    upstreams.local.next(directive)
    with claude(gateway) as client:
        usage = answer(client, ask(EASY, "small"), stream=stream).usage
    assert 0 < usage.input_tokens < 40
    assert 0 < usage.output_tokens < 40


@pytest.mark.parametrize(("fault", "stream"), BEFORE)
def test_before_the_answer_it_is_an_error_with_a_status(
    gateway: Gateway, upstreams: Upstreams, fault: str, stream: bool
) -> None:
    expected = anthropic.GatewayTimeoutError if fault in LATE else anthropic.InternalServerError
    with claude(gateway) as client, pytest.raises(expected) as caught:
        answer(client, ask(EASY, f"only-{slug(fault)}"), stream=stream)
    assert caught.value.status_code == (504 if fault in LATE else 502)
    assert caught.value.type == ("timeout_error" if fault in LATE else "api_error")
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert caught.value.request_id
    assert "scripted" not in str(caught.value)
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("fault", ["reset", "status:500", "garbage", "error_frame:0", "hang"])
def test_another_deployment_answers(gateway: Gateway, fault: str) -> None:
    with claude(gateway) as client:
        message = answer(client, ask(EASY, f"then-{slug(fault)}"), stream=True)
    assert said(message).startswith("cloud-model says")


@pytest.mark.parametrize("fault", IN_STREAM)
def test_in_the_middle_of_a_stream_it_is_an_error_event(gateway: Gateway, upstreams: Upstreams, fault: str) -> None:
    heard = ""

    def listen(stream: anthropic.MessageStream) -> None:
        nonlocal heard
        for text in stream.text_stream:
            heard += text
            if heard.endswith("says: "):
                upstreams.local.release()

    with claude(gateway) as client, client.messages.stream(**ask(EASY, f"only-{slug(fault)}")) as stream:
        with pytest.raises(anthropic.APIStatusError) as caught:
            listen(stream)
        assert request_id(caught.value) == stream.request_id
    assert heard == "local-model says: "
    assert caught.value.type == ("timeout_error" if fault == "stall:3" else "api_error")
    assert "scripted" not in str(caught.value)
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("directive", "error", "status", "kind"),
    [
        ("status:400", anthropic.BadRequestError, 400, "invalid_request_error"),
        ("status:413", anthropic.ContentTooLargeError, 413, "request_too_large"),
        ("status:422", anthropic.BadRequestError, 400, "invalid_request_error"),
        ("status:429", anthropic.RateLimitError, 429, "rate_limit_error"),
        ("status:500", anthropic.InternalServerError, 502, "api_error"),
    ],
)
def test_an_upstreams_refusals(
    gateway: Gateway,
    upstreams: Upstreams,
    directive: str,
    error: type[anthropic.APIStatusError],
    status: int,
    kind: str,
    stream: bool,
) -> None:
    upstreams.local.next(directive)
    with claude(gateway) as client, pytest.raises(error) as caught:
        answer(client, ask(EASY, "small"), stream=stream)
    assert (caught.value.status_code, caught.value.type) == (status, kind)
    assert "retry-after" not in caught.value.response.headers


@pytest.mark.parametrize("stream", [False, True])
def test_a_server_that_wants_to_be_left_alone_says_for_how_long(gateway: Gateway, stream: bool) -> None:
    with claude(gateway) as client, pytest.raises(anthropic.RateLimitError) as caught:
        answer(client, ask(EASY, "only-status-429-7"), stream=stream)
    assert 1 <= int(caught.value.response.headers["retry-after"]) <= 7


@pytest.mark.parametrize(
    ("body", "key", "error", "kind"),
    [
        (ask(EASY, "claude-opus-4-6"), None, anthropic.NotFoundError, "not_found_error"),
        (ask(EASY), "wrong", anthropic.AuthenticationError, "authentication_error"),
        (ask(EASY), EMBED_ONLY_KEY, anthropic.PermissionDeniedError, "permission_error"),
        (ask("x" * MAX_BODY_BYTES), None, anthropic.ContentTooLargeError, "request_too_large"),
        (ask(CARD, "only-cloud"), None, anthropic.ServiceUnavailableError, "api_error"),
        (
            ask(EASY, tools=[{"type": "web_search_20250305", "name": "web_search"}]),
            None,
            anthropic.BadRequestError,
            None,
        ),
        (ask(EASY, max_tokens=0), None, anthropic.BadRequestError, "invalid_request_error"),
    ],
)
def test_the_gateways_own_refusals(
    gateway: Gateway, body: dict[str, Any], key: str | None, error: type[anthropic.APIStatusError], kind: str | None
) -> None:
    with claude(gateway, key) as client, pytest.raises(error) as caught:
        client.messages.create(**body)
    assert caught.value.type == (kind or "invalid_request_error")
    assert caught.value.request_id == request_id(caught.value)


def test_the_sdks_own_retries_get_an_answer(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("status:429:1")
    with claude(gateway, max_retries=1) as client:
        assert said(client.messages.create(**ask(EASY, "small")))
    assert len(upstreams.local.journal.exchanges) == 2


def test_what_was_tried_elsewhere_is_not_tried_again(gateway: Gateway, upstreams: Upstreams) -> None:
    with claude(gateway, max_retries=2) as client, pytest.raises(anthropic.InternalServerError):
        client.messages.create(**ask(EASY, "only-reset"))
    assert len(upstreams.local.journal.exchanges) == 1
