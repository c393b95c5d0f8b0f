"""If these fail, an Anthropic client does not understand what went wrong, or tries again what it should not."""

from __future__ import annotations

import asyncio
import json

import anthropic
import httpx2
import pytest

from gateway.accounting.fault import JournalUnavailable
from gateway.dialects.anthropic.errors import error_event, failure
from gateway.wire import errors
from gateway.wire.errors import (
    BadRequest,
    GatewayError,
    MethodNotAllowed,
    Overloaded,
    TooManyRequests,
    Unavailable,
)
from gateway.wire.http import Reply
from tests.gateway.raw_server import request_of, serving
from tests.harness.gateway import NO_TLS
from tests.upstream.http import Reply as Wire

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "invalid_request_error",
    409: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    499: "invalid_request_error",
    500: "api_error",
    502: "api_error",
    503: "api_error",
    504: "timeout_error",
}


def kinds(kind: type[GatewayError] = GatewayError) -> list[type[GatewayError]]:
    below = [found for sub in kind.__subclasses__() if sub.__module__ == errors.__name__ for found in kinds(sub)]
    return [kind, *below]


def headers(reply: Reply) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in reply.headers}


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind is not MethodNotAllowed])
def test_every_error_is_told_in_anthropics_shape(kind: type[GatewayError]) -> None:
    reply = failure(kind("Words for the caller."), "req_1")
    assert reply.status == kind.status
    assert json.loads(reply.body) == {
        "type": "error",
        "error": {"type": KINDS[kind.status], "message": "Words for the caller."},
        "request_id": "req_1",
    }
    assert headers(reply)["request-id"] == headers(reply)["x-request-id"] == "req_1"
    assert headers(reply)["content-type"] == "application/json"


@pytest.mark.parametrize("error", [Overloaded("Later.", retry_after=1), Unavailable("Stopping.", retry_after=1)])
def test_what_passes_is_an_overload(error: GatewayError) -> None:
    reply = failure(error, "r")
    assert reply.status == 529
    assert json.loads(reply.body)["error"]["type"] == "overloaded_error"
    assert headers(reply)["retry-after"] == "1"
    assert "x-should-retry" not in headers(reply)
    assert failure(JournalUnavailable("The disk is full."), "r").status == 503


def test_what_the_gateway_has_tried_elsewhere_is_not_repeated_by_the_sdk() -> None:
    assert headers(failure(errors.UpstreamFailed("x"), "r"))["x-should-retry"] == "false"
    limited = headers(failure(TooManyRequests("x", retry_after=7), "r"))
    assert limited["retry-after"] == "7"
    assert "x-should-retry" not in limited


def test_the_field_at_fault_is_in_the_message() -> None:
    def told(message: str) -> str:
        return str(json.loads(failure(BadRequest(message, param="top_k"), "r").body)["error"]["message"])

    assert told("Not so.") == "`top_k`: Not so."
    assert told("`top_k` is not known.") == "`top_k` is not known."


def test_the_receipt_and_the_allowed_methods_go_along() -> None:
    error = errors.NoDeployment("x")
    error.headers = [(b"x-request-id", b"r"), (b"x-tidegate-clearance", b"local")]
    assert headers(failure(error, "r"))["x-tidegate-clearance"] == "local"
    assert headers(failure(MethodNotAllowed("GET", {"POST"}), "r"))["allow"] == "POST"


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("server_error", "upstream_failed", "api_error"),
        ("server_error", "upstream_timeout", "timeout_error"),
        ("server_error", "unavailable", "overloaded_error"),
        ("rate_limit_error", "rate_limit_exceeded", "rate_limit_error"),
        ("server_error", None, "api_error"),
    ],
)
def test_an_error_in_a_stream(kind: str, code: str | None, expected: str) -> None:
    event = error_event({"message": "It broke.", "type": kind, "param": None, "code": code}, "req_1")
    name, data = event.decode().removesuffix("\n\n").split("\n")
    assert name == "event: error"
    assert json.loads(data.removeprefix("data: ")) == {
        "type": "error",
        "error": {"type": expected, "message": "It broke."},
        "request_id": "req_1",
    }


CLASSES = {
    400: anthropic.BadRequestError,
    401: anthropic.AuthenticationError,
    403: anthropic.PermissionDeniedError,
    404: anthropic.NotFoundError,
    405: anthropic.APIStatusError,
    408: anthropic.RequestTimeoutError,
    409: anthropic.ConflictError,
    413: anthropic.ContentTooLargeError,
    429: anthropic.RateLimitError,
    499: anthropic.ClientClosedRequestError,
    500: anthropic.InternalServerError,
    502: anthropic.InternalServerError,
    503: anthropic.ServiceUnavailableError,
    504: anthropic.GatewayTimeoutError,
    529: anthropic.OverloadedError,
}
SAID = [kind("Words.") for kind in kinds() if kind is not MethodNotAllowed]
SAID += [MethodNotAllowed("GET", {"POST"}), Unavailable("Stopping.", retry_after=1)]


@pytest.mark.parametrize("error", SAID, ids=lambda error: type(error).__name__)
async def test_the_sdk_raises_a_class_of_its_own_for_each(error: GatewayError) -> None:
    reply = failure(error, "req_1")

    async def conversation(number: int, reader: asyncio.StreamReader, wire: Wire) -> None:
        await request_of(reader)
        fields = [*headers(reply).items(), ("content-length", str(len(reply.body)))]
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        await wire.raw(f"HTTP/1.1 {reply.status} \r\n{head}\r\n".encode() + reply.body)

    async with serving(conversation) as address, httpx2.AsyncClient(trust_env=False, verify=NO_TLS) as http_client:
        address = address.removesuffix("/v1")
        client = anthropic.AsyncAnthropic(base_url=address, api_key="k", max_retries=0, http_client=http_client)
        with pytest.raises(CLASSES[reply.status]) as caught:
            await client.messages.create(model="auto", max_tokens=1, messages=[{"role": "user", "content": "Hi"}])
    assert type(caught.value) is CLASSES[reply.status]
    assert caught.value.request_id == "req_1"
    assert caught.value.type == json.loads(reply.body)["error"]["type"]
