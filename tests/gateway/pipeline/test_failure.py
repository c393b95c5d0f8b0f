"""If these fail, a client is blamed for an upstream's fault, or told an upstream's secrets."""

from __future__ import annotations

import json

import pytest

from gateway.egress.litellm_engine import WholeAnswer
from gateway.pipeline.failure import PassingRefusal, RequestRefused, error_in_answer, failure_of
from gateway.wire.errors import BadRequest, BodyTooLarge, GatewayError, TooManyRequests, UpstreamFailed, UpstreamRefused


async def refusal(status: int, body: object = b"", retry_after: int | None = None) -> GatewayError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        return await failure_of(WholeAnswer(status, data, retry_after))
    except RequestRefused as refused:
        return refused.error


def openai(message: object, param: object = None, code: object = None) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


@pytest.mark.parametrize("status", [401, 403, 404, 408, 409, 500, 502, 503, 504, 522, 524, 529])
async def test_what_is_between_us_and_the_upstream_is_not_the_clients(status: int) -> None:
    error = await refusal(status, openai("Your key sk-1234 has no access to project p."), 7)
    assert isinstance(error, UpstreamFailed)
    assert isinstance(error, PassingRefusal) == (status in {408, 500, 502, 503, 522, 529})
    assert isinstance(error, UpstreamRefused) == (status not in {504, 524})  # else nobody knows what is owed
    assert (error.status, error.retry_after) == (502, 7)
    assert "sk-1234" not in error.message


@pytest.mark.parametrize("status", [400, 415, 422])
async def test_what_is_wrong_with_the_request_is_told_as_it_was(status: int) -> None:
    error = await refusal(status, openai("`top_p` is too large.", "top_p", "too_large"))
    assert isinstance(error, BadRequest)
    assert (error.status, error.message, error.param, error.code) == (
        400,
        "`top_p` is too large.",
        "top_p",
        "too_large",
    )


async def test_too_large_stays_413() -> None:
    assert isinstance(await refusal(413, openai("Too long.")), BodyTooLarge)


async def test_a_rate_limit_says_when() -> None:
    error = await refusal(429, retry_after=7)
    assert isinstance(error, TooManyRequests)
    assert error.retry_after == 7


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", {"error": None}, {"error": "x"}, {"error": {}}, {"message": "x"}, [1]]
)
async def test_a_refusal_of_any_shape_is_one(body: object) -> None:
    error = await refusal(400, body)
    assert (error.status, error.message) == (400, "The model's server found the request invalid.")


async def test_odd_fields_become_openais_types_and_a_long_message_is_cut() -> None:
    error = await refusal(400, openai("x" * 10_000, param=["a"], code=7))
    assert (len(error.message), error.param) == (2000, None)
    assert error.code is None


def test_an_error_in_an_answer_repeats_nothing_of_it() -> None:
    assert "secret" not in str(error_in_answer({"message": "secret"}))
