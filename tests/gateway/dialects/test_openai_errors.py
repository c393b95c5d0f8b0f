"""If these fail, an OpenAI client does not understand what went wrong, or retries what it should not."""

from __future__ import annotations

import json

import pytest

from gateway.dialects.openai_errors import failure
from gateway.wire import errors
from gateway.wire.errors import (
    BadRequest,
    BodyTooSlow,
    GatewayError,
    MethodNotAllowed,
    TooManyRequests,
    Unauthenticated,
)
from gateway.wire.http import Reply


def kinds(kind: type[GatewayError] = GatewayError) -> list[type[GatewayError]]:
    below = [found for sub in kind.__subclasses__() if sub.__module__ == errors.__name__ for found in kinds(sub)]
    return [kind, *below]


def headers(reply: Reply) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in reply.headers}


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind is not MethodNotAllowed])
def test_every_error_has_openais_four_keys_and_an_id(kind: type[GatewayError]) -> None:
    reply = failure(kind("Words for the caller."), "req_1")
    assert reply.status == kind.status
    error = json.loads(reply.body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"] == "Words for the caller."
    assert isinstance(error["type"], str)
    assert headers(reply)["x-request-id"] == headers(reply)["x-tidegate-request-id"] == "req_1"
    assert headers(reply)["content-type"] == "application/json"


def test_the_field_at_fault_and_the_code_are_passed_on() -> None:
    error = json.loads(failure(BadRequest("No.", param="n", code="invalid_value"), "r").body)["error"]
    assert (error["param"], error["code"], error["type"]) == ("n", "invalid_value", "invalid_request_error")


def test_what_the_gateway_has_tried_elsewhere_is_not_repeated_by_the_sdk() -> None:
    assert headers(failure(errors.UpstreamFailed("x"), "r"))["x-should-retry"] == "false"
    limited = headers(failure(TooManyRequests("x", retry_after=7), "r"))
    assert limited["retry-after"] == "7"
    assert "x-should-retry" not in limited
    assert "x-should-retry" not in headers(failure(BadRequest("x"), "r"))


def test_the_receipt_goes_along_as_far_as_it_got() -> None:
    error = errors.NoDeployment("x")
    error.headers = [(b"x-request-id", b"r"), (b"x-tidegate-clearance", b"local")]
    found = failure(error, "r").headers
    assert (b"x-tidegate-clearance", b"local") in found
    assert [name for name, _ in found].count(b"x-request-id") == 1


def test_the_status_brings_what_http_wants_with_it() -> None:
    assert headers(failure(Unauthenticated("x"), "r"))["www-authenticate"] == "Bearer"
    assert headers(failure(MethodNotAllowed("PUT", {"POST", "GET"}), "r"))["allow"] == "GET, POST"
    assert headers(failure(BodyTooSlow("x"), "r"))["connection"] == "close"
