"""Errors in OpenAI's shape: an object with `message`, `type`, `param` and `code`, all four, always."""

from __future__ import annotations

import orjson

from gateway.wire.errors import GatewayError, LimitReached, MethodNotAllowed
from gateway.wire.http import JSON, Headers, Reply


def failure(error: GatewayError, request_id: str | None = None) -> Reply:
    """`x-should-retry: false` keeps the SDKs from repeating what the gateway has already tried elsewhere, and what no
    repetition helps.

    `request_id`: None where somebody else puts it on the answer.
    """
    headers: Headers = [(b"content-type", JSON)]
    if error.headers:
        headers += error.headers
    elif request_id is not None:
        number = request_id.encode()
        headers += [(b"x-request-id", number), (b"x-tidegate-request-id", number)]
    if error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % error.retry_after))
    elif error.status >= 500 or isinstance(error, LimitReached):  # a limit that waiting does not help against
        headers.append((b"x-should-retry", b"false"))
    if error.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", error.allowed.encode()))
    if error.status == 408:  # RFC 9110, section 15.5.9: the rest of the request is not waited for
        headers.append((b"connection", b"close"))
    return Reply(error.status, headers, body_of(error))


def body_of(error: GatewayError) -> bytes:
    body = {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}
    return orjson.dumps({"error": body})
