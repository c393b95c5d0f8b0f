"""One POST to a webhook, over a connection of its own: rare enough that none is kept.

The address is what the settings say: no redirect is followed and no proxy variable heeded. Of the answer the status is
read, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from gateway.version import VERSION

_MAX_HEAD = 16 * 1024  # bytes
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: |\r)")


class Unreached(Exception):
    """Nobody answered in time, or not in HTTP. `kind`: `timeout`, `connection` or `answer`."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the webhook was not reached: {kind}")
        self.kind = kind


async def post(url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> int:
    """The status of the answer. Raises `Unreached`."""
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(url, headers, body)
    except TimeoutError as error:
        raise Unreached("timeout") from error
    except (OSError, ValueError) as error:  # TLS errors too, and names that DNS cannot be asked for
        raise Unreached("connection") from error
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Unreached("answer") from error


async def _exchange(url: str, headers: Mapping[str, str], body: bytes) -> int:
    parts = urlsplit(url)
    # In a thread: it reads the certificates of all authorities, some 20 ms.
    tls = await asyncio.to_thread(ssl.create_default_context) if parts.scheme == "https" else None
    host, port = parts.hostname or "", parts.port or (443 if tls else 80)
    reader, writer = await asyncio.open_connection(
        host, port, ssl=tls, server_hostname=host if tls else None, limit=_MAX_HEAD
    )
    try:
        writer.write(_head(url, headers, len(body)) + body)
        await writer.drain()
        while (status := _status(await reader.readuntil(b"\r\n\r\n"))) < 200:
            pass  # an interim answer, RFC 9110, section 15.2
        return status
    finally:
        writer.transport.abort()  # the status is all there is to know, and TLS would wait for the other's farewell
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _head(url: str, headers: Mapping[str, str], length: int) -> bytes:
    parts = urlsplit(url)
    authority = parts.netloc.rpartition("@")[2]
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    lines = [
        f"POST {target} HTTP/1.1",
        f"host: {authority}",
        f"user-agent: tidegate/{VERSION}",
        "content-type: application/json",
        f"content-length: {length}",
        "connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _status(head: bytes) -> int:
    match = _STATUS.match(head)
    if match is None:
        raise Unreached("answer")
    return int(match[1])
