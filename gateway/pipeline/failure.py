"""What a deployment's refusal means: whose fault it is, whether another deployment may be asked, what the client hears.

Nothing of an upstream's internals is passed on but the message of a 400, which is about the client's own request.
"""

from __future__ import annotations

import math

import orjson

from gateway.egress.engine import Answer, BrokenOff
from gateway.wire.errors import BadRequest, BodyTooLarge, GatewayError, TooManyRequests, UpstreamFailed, UpstreamRefused

_PASSING = frozenset({408, 500, 502, 503, 520, 522, 529})  # the last ones are Cloudflare's, and Anthropic's
_GIVEN_UP_ON = frozenset({504, 524})  # by somebody on the way: the model may be at it all the same
# The request itself is at fault: every deployment would say the same, so none other is asked.
_ABOUT_THE_REQUEST = frozenset({400, 413, 415, 422})
_LONGEST_MESSAGE = 2000  # characters


class RequestRefused(Exception):
    """The deployment found fault with the request. `error` is for the client."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__(error.message)
        self.error = error


class PassingRefusal(UpstreamRefused):
    """It refused for a reason of its own, which may be gone the next time."""


async def failure_of(answer: Answer) -> UpstreamFailed | TooManyRequests:
    """The error for an answer whose status is not 200. Raises `RequestRefused` where the request is at fault."""
    status = answer.status
    if status in _ABOUT_THE_REQUEST:
        raise RequestRefused(_passed_on(status, await answer.body()))
    answer.close()
    if status == 429:
        return TooManyRequests(
            "The model's server is over its rate limit.", code="upstream_rate_limited", retry_after=answer.retry_after
        )
    kind: type[UpstreamFailed] = PassingRefusal if status in _PASSING else UpstreamRefused
    if status in _GIVEN_UP_ON:
        kind = BrokenOff
    return kind(f"The model's server answered with status {status}.", retry_after=answer.retry_after)


def left_alone(seconds: float) -> TooManyRequests:
    """Nobody is asked, because the server wants it so for this long."""
    return TooManyRequests(
        "The model's server asks to be left alone for a while.",
        code="upstream_rate_limited",
        retry_after=math.ceil(seconds),
    )


def _passed_on(status: int, body: bytes) -> GatewayError:
    message, param, code = "The model's server found the request invalid.", None, None
    try:
        error = orjson.loads(body)["error"]
        message = str(error["message"])[:_LONGEST_MESSAGE]
        param, code = error.get("param"), error.get("code")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        pass  # not OpenAI's shape: the plain sentence stands
    kind = BodyTooLarge if status == 413 else BadRequest
    return kind(
        message, param=param if isinstance(param, str) else None, code=code if isinstance(code, str) else kind.code
    )


def error_in_answer(error: object) -> UpstreamFailed:
    """An error object where an answer should be: inside a 200, or as the first event of a stream."""
    del error  # may quote the upstream's internals
    return UpstreamFailed("The model's server reported an error instead of an answer.", code="upstream_error")
