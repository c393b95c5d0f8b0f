"""Asking: one request of any dialect on a shared session, and everything that its client got, however it ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp

from tests.harness.dialects import Dialect, Heard
from tests.harness.gateway import Gateway, bearer

KEPT = 2.0  # seconds that a connection is kept for the next request: less than a gateway keeps it


class Said(NamedTuple):
    """`status` is 0 where no reply began. `broken`: what ended the connection within the reply; `left`: we did."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    data: bytes
    broken: str
    left: bool
    seconds: float

    @property
    def request_id(self) -> str:
        return self.headers.get("x-request-id", "")

    def read(self, dialect: Dialect, *, streamed: bool) -> tuple[Heard, str]:
        """What a client makes of it, and why it cannot, which is empty where it can."""
        try:
            return dialect.heard(self.status, self.headers.get("content-type", ""), self.data, streamed=streamed), ""
        except (AssertionError, ValueError, LookupError, TypeError) as error:
            return Heard("", ended=False), f"{type(error).__name__}: {error}"[:200]


def open_session(limit: float) -> aiohttp.ClientSession:
    """`limit`: seconds for any one request."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT)
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=limit), trust_env=False)


async def say(
    session: aiohttp.ClientSession,
    gateway: Gateway,
    path: str,
    body: Mapping[str, Any],
    *,
    key: str = "",
    leave_at: bytes = b"",
) -> Said:
    """`leave_at`: the client goes away once it has that of an answer."""
    status, data, broken, left = 0, b"", "", False
    headers: Mapping[str, str] = {}
    began = time.monotonic()
    try:
        async with session.post(gateway.root + path, json=body, headers=bearer(key or gateway.key)) as reply:
            status, headers = reply.status, {name.lower(): value for name, value in reply.headers.items()}
            async for piece in reply.content.iter_any():
                data += piece
                if leave_at and status == 200 and leave_at in data:
                    left = True
                    reply.close()
                    break
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        broken = type(error).__name__
    return Said(status, headers, data, broken, left, time.monotonic() - began)
