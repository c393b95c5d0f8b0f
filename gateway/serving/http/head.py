"""A request's head: what it must be before anything is served, beyond what llhttp sees to, and the target in it.

llhttp, whose leniencies stay off, refuses by itself: bare line feeds and carriage returns, folded lines, white space
before a colon, control characters, a second or odd content-length, and one beside a transfer-encoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import httptools

from gateway.serving.http.refusal import Refusal

MOST_HEAD_BYTES: Final = 64 * 1024  # of a request line and all header fields
_FIELD_BYTES: Final = 4  # around each name and value: colon, space, end of the line

Headers = Sequence[tuple[bytes, bytes]]


def check_size(target: bytes, headers: Headers) -> None:
    size = len(target) + sum(len(name) + len(value) + _FIELD_BYTES for name, value in headers)
    if size > MOST_HEAD_BYTES:
        raise Refusal(431, "The request's header fields are too large.")


def check(version: str, headers: Headers) -> None:
    """Raises `Refusal`. A head of HTTP/1.1 that names its host, repeats no field and has no transfer-encoding is fine,
    and need not be checked."""
    if version not in {"1.1", "1.0"}:
        raise Refusal(505, "This server speaks HTTP/1.1.")
    hosts = sum(name == b"host" for name, _ in headers)
    if hosts > 1 or (hosts == 0 and version == "1.1"):  # RFC 9112, section 3.2
        raise Refusal(400, "A request names its host once.")
    codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    if not codings:
        return
    # RFC 9112, section 6.1. What another server on the way read as another length could be a request of its own.
    if version == "1.0":
        raise Refusal(400, "HTTP/1.0 has no transfer-encoding.")
    if any(name == b"content-length" for name, _ in headers):
        raise Refusal(400, "A request has a content-length or a transfer-encoding, not both.")
    if codings != [b"chunked"]:
        raise Refusal(501, "The only transfer-encoding served is chunked.")


def target_of(url: bytes) -> tuple[bytes, bytes]:
    """Path and query. A proxy may send the absolute form (RFC 9112, section 3.2.2)."""
    if not url.startswith(b"/"):
        try:
            parsed: Any = httptools.parse_url(url)  # which says that nothing is None
        except httptools.HttpParserInvalidURLError:
            return url, b""
        return parsed.path or b"/", parsed.query or b""
    path, _, query = url.partition(b"?")
    return path, query


def without_offer(method: str, url: bytes, version: str, headers: Headers) -> bytes:
    """The same head, but that it does not offer to go over to another protocol."""
    lines = b"".join(b"%b: %b\r\n" % pair for pair in headers if pair[0] != b"upgrade")
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method.encode(), url, version.encode(), lines)
