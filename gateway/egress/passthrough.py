"""The passthrough engine: OpenAI-shaped servers (Ollama, vLLM, llama.cpp, OpenAI), bytes in, bytes out.

A zone is a claim, so it is held to: redirects are not followed, proxy variables are ignored, and a name that resolves
to a public address is refused in zone `local` unless the operator vouched for it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.egress.guard import Permit
from gateway.egress.target import Target
from gateway.egress.watchdog import Watchdog
from gateway.version import VERSION
from gateway.wire.errors import UpstreamFailed, UpstreamTimedOut
from router.clearance import LOCAL_ZONE

MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_RETRY_AFTER = 119  # seconds; SDKs ignore 120 and more
_CONNECTIONS = 1024


class AnswerTooLarge(UpstreamFailed):
    code = "upstream_answer_too_large"


class HomeResolver(AbstractResolver):
    """Resolves names for zone `local`, and refuses those that lead to a public address."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if any(ipaddress.ip_address(entry["host"].partition("%")[0]).is_global for entry in found):
            raise OSError(f"{host} has a public address, but its deployment claims zone {LOCAL_ZONE}")
        return found

    async def close(self) -> None:
        await self._inner.close()


class HttpAnswer:
    """An answer whose body is still on the wire."""

    __slots__ = ("_response", "_silent", "_timeouts", "_watchdog", "content_type", "retry_after", "status")

    def __init__(self, response: aiohttp.ClientResponse, target: Target, deadline: float, *, streamed: bool) -> None:
        self._response = response
        self._timeouts = target.timeouts
        self._silent = False
        patience = target.timeouts.first_token if streamed else target.timeouts.total
        self._watchdog = Watchdog(patience, deadline, self._on_silence)
        self.status = response.status
        self.content_type = response.headers.get("content-type", "")
        self.retry_after = _seconds(response.headers)

    async def body(self) -> bytes:
        parts = []
        size = 0
        while part := await self.chunk():
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                self.close()
                raise AnswerTooLarge("The model's answer is larger than the gateway takes in.")
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def chunk(self) -> bytes:
        try:
            data = await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            self.close()
            if self._silent:
                raise UpstreamTimedOut("The model's server stopped sending.") from error
            raise UpstreamFailed("The model's server broke off its answer.") from error
        if data:
            self._watchdog.fed(self._timeouts.between_chunks)
        else:
            self._watchdog.stop()
            self._response.release()
        return data

    def close(self) -> None:
        self._watchdog.stop()
        self._response.close()

    def _on_silence(self) -> None:
        self._silent = True
        self._response.content.set_exception(aiohttp.ServerTimeoutError("silence"))
        self._response.close()


class Passthrough:
    """One client session per target, made on first use: its connections are never shared with another zone."""

    def __init__(self) -> None:
        self._sessions: dict[Target, aiohttp.ClientSession] = {}

    async def send(self, permit: Permit, endpoint: str, body: bytes, *, streamed: bool) -> HttpAnswer:
        target = permit.target
        session = self._sessions.get(target) or self._open(target)
        limits = target.timeouts
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limits.total
        try:
            async with asyncio.timeout(limits.first_token if streamed else limits.total):
                response = await session.post(target.base_url + endpoint, data=body, allow_redirects=False)
        except TimeoutError as error:  # aiohttp's own time-outs are subclasses
            raise UpstreamTimedOut("The model's server did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamFailed("The model's server could not be reached.") from error
        if 300 <= response.status < 400:
            response.close()
            raise UpstreamFailed("The model's server redirects; redirects are not followed.")
        return HttpAnswer(response, target, deadline, streamed=streamed)

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _open(self, target: Target) -> aiohttp.ClientSession:
        resolver: AbstractResolver = aiohttp.ThreadedResolver()
        if target.zone == LOCAL_ZONE and not target.trusted:
            resolver = HomeResolver(resolver)
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": f"tidegate/{VERSION}",
        }
        if target.api_key:
            headers["authorization"] = f"Bearer {target.api_key}"
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS, resolver=resolver, ttl_dns_cache=10),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=target.timeouts.connect),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=2**18,
        )
        self._sessions[target] = session
        return session


def _seconds(headers: Mapping[str, str]) -> int | None:
    value = headers.get("retry-after", "")
    return min(int(value), MAX_RETRY_AFTER) if value.isdecimal() and len(value) < 9 else None
