"""The error tree: everything a client can be told went wrong.

    GatewayError 500
    ├── BadRequest 400 ── BodyTooLarge 413, BodyTooSlow 408, ModelNotFound 404, NotFound 404, NotServed 404,
    │                     MethodNotAllowed 405, Unsupported 400, Blocked 400, Conflict 409
    ├── Unauthenticated 401 ── WrongKey 401
    ├── Forbidden 403
    ├── TooManyRequests 429
    ├── LimitReached 429 ── BudgetSpent 429
    ├── Unavailable 503 ── NoDeployment 503, BudgetUnavailable 503, Overloaded 503
    ├── UpstreamFailed 502 ── UpstreamRefused 502, UpstreamTimedOut 504 (egress and sse.py add their own)
    ├── NotCached 504
    ├── InternalError 500
    └── ClientGone (never sent: nobody is there to read it)

Raised deep, turned into a reply in one place by the dialect the request came in. Messages are for the caller: they say
what to do, and never hold content, a matched value, or a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

_Failure = TypeVar("_Failure", bound="GatewayError")


class GatewayError(Exception):
    """`status` is the HTTP status; `kind` and `code` are OpenAI's `type` and `code`; `param` is the field at fault."""

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "server_error"
    code: str | None = None

    def __init__(
        self, message: str, *, param: str | None = None, code: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after = retry_after  # seconds
        self.headers: list[tuple[bytes, bytes]] = []  # the receipt, as far as it got
        if code is not None:
            self.code = code


class BadRequest(GatewayError):
    """The request cannot be served as it is: change it."""

    status = 400
    kind = "invalid_request_error"


class BodyTooLarge(BadRequest):
    """Send a smaller body, or raise `server.max_body_bytes`."""

    status = 413
    code = "body_too_large"


class BodyTooSlow(BadRequest):
    """Send the body without pauses."""

    status = 408
    code = "body_too_slow"


class ModelNotFound(BadRequest):
    """No route of that name: see `GET /v1/models`."""

    status = 404
    code = "model_not_found"


class Unsupported(BadRequest):
    """No deployment that may see the content can do what `param` asks for: leave that out, or ask another model."""

    code = "unsupported_by_route"


class Blocked(BadRequest):
    """A policy wants such content refused: take out what the message names, by type and count."""

    code = "content_blocked"


class NotFound(BadRequest):
    """Nothing is kept under that id, or no longer, or not for this key."""

    status = 404


class Conflict(BadRequest):
    """What is there already does not go together with it."""

    status = 409
    code = "conflict"


class NotServed(BadRequest):
    """No such endpoint here."""

    status = 404
    code = "unknown_url"


class MethodNotAllowed(BadRequest):
    """`allowed` are the methods that are (RFC 9110, section 15.5.6, wants them named in the reply)."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(sorted(allowed))
        super().__init__(f"{method} is not allowed here; {self.allowed} is.")


class Unauthenticated(GatewayError):
    """Send a valid key."""

    status = 401
    kind = "invalid_request_error"
    code = "invalid_api_key"


class WrongKey(Unauthenticated):
    """It might be a guess."""


class Forbidden(GatewayError):
    """The key is good, but not for this."""

    status = 403
    kind = "permission_error"
    code = "forbidden"


class TooManyRequests(GatewayError):
    """Wait for `retry_after` seconds."""

    status = 429
    kind = "rate_limit_error"
    code = "rate_limit_exceeded"


class LimitReached(GatewayError):
    """A limit of the gateway's own: wait for `retry_after` seconds. Without them waiting does not help."""

    status = 429
    kind = "rate_limit_error"
    code = "rate_limit_exceeded"


class BudgetSpent(LimitReached):
    """A budget has not enough left for it: ask for less, or wait until the time that the message names."""

    kind = "insufficient_quota"
    code = "insufficient_quota"


class Unavailable(GatewayError):
    """Nothing is wrong with the request: try again."""

    status = 503
    kind = "server_error"
    code = "unavailable"


class Overloaded(Unavailable):
    """There is more to do than can be done: wait for `retry_after` seconds."""

    code = "overloaded"


class BudgetUnavailable(Unavailable):
    """Nobody can say now what is left of a budget, and its owner wants nothing spent meanwhile."""

    code = "budget_unavailable"


class NoDeployment(Unavailable):
    """No deployment that may see the content is up."""

    code = "no_deployment"


class UpstreamFailed(GatewayError):
    """The model's server refused, answered garbage or went away."""

    status = 502
    kind = "server_error"
    code = "upstream_failed"


class UpstreamRefused(UpstreamFailed):
    """It refused the connection, or the request with an error status: nothing was generated, so nothing is owed."""


class UpstreamTimedOut(UpstreamFailed):
    status = 504
    code = "upstream_timeout"


class NotCached(GatewayError):
    """The caller wants what is cached or nothing (RFC 9111, section 5.2.1.7): leave `only-if-cached` out to ask."""

    status = 504
    code = "not_cached"


class ClientGone(GatewayError):
    """The client closed its connection. What was used is settled; there is nobody to answer."""

    status = 499
    kind = "client_closed_request"


class InternalError(GatewayError):
    """A fault of the gateway itself. The log has its trace, under the request's id."""

    code = "internal_error"


def because(failure: _Failure, cause: BaseException) -> _Failure:
    """To be raised as `raise failure from cause` would, which loses the cause where it is compiled."""
    failure.__cause__ = cause
    return failure
