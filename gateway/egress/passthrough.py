"""The passthrough engine: OpenAI-shaped servers (Ollama, vLLM, llama.cpp, OpenAI), bytes in, bytes out.

A zone is a claim, so it is held to: redirects are not followed, proxy variables are ignored, and a name that resolves
to a public address is refused in zone `local` unless the operator vouched for it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.config.home import is_home
from gateway.egress.guard import Permit
from gateway.egress.target import Target
from gateway.egress.watchdog import Watchdog
from gateway.version import VERSION
from gateway.wire.errors import UpstreamFailed, UpstreamRefused, UpstreamTimedOut
from router.clearance import LOCAL_ZONE

MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_RETRY_AFTER = 119  # seconds; SDKs ignore 120 and more
STALE_SECONDS = 1.0  # a connection that was closed while it was idle says so at once; later it is another fault
RUN_OUT_SECONDS = 2.0  # what comes after `[DONE]` is the end of the body, a few bytes
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
        if not all(is_home(entry["host"]) for entry in found):
            raise OSError(f"{host} has a public address, but its deployment claims zone {LOCAL_ZONE}")
        return found

    async def close(self) -> None:
        await self._inner.close()


class HttpAnswer:
    """An answer whose body is still on the wire."""

    __slots__ = ("_between_chunks", "_response", "_silent", "_watchdog", "content_type", "retry_after", "status")

    def __init__(
        self, response: aiohttp.ClientResponse, *, patience: float, between_chunks: float, deadline: float
    ) -> None:
        self._response = response
        self._between_chunks = between_chunks
        self._silent = False
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
            self._watchdog.fed(self._between_chunks)
        else:
            self._watchdog.stop()
            self._response.release()
        return data

    def finish(self) -> None:
        if self._response.content.is_eof():
            self.close()  # the connection is back in the pool already
        else:
            self._watchdog.fed(RUN_OUT_SECONDS)  # and on silence it is cut

    def close(self) -> None:
        self._watchdog.stop()
        self._response.close()

    def _on_silence(self) -> None:
        self._silent = True
        self._response.content.set_exception(aiohttp.ServerTimeoutError("silence"))
        self._response.close()


@dataclass(slots=True)
class Way:
    """How a request went: `kept` is whether it took up a connection that had been kept from an earlier one."""

    kept: bool = False


class Passthrough:
    """One client session per target, made on first use: its connections are never shared with another zone."""

    def __init__(self) -> None:
        self._sessions: dict[Target, aiohttp.ClientSession] = {}

    async def send(self, permit: Permit, endpoint: str, body: bytes, *, streamed: bool) -> HttpAnswer:
        target = permit.target
        session = self._sessions.get(target) or self._open(target)
        limits = target.timeouts
        loop = asyncio.get_running_loop()
        started = loop.time()
        deadline = started + limits.total
        try:
            async with asyncio.timeout(limits.first_token if streamed else limits.total):
                response = await self._post(session, target.base_url + endpoint, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UpstreamRefused("The model's server could not be reached.") from error
        except TimeoutError as error:
            raise UpstreamTimedOut("The model's server did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamFailed("The model's server broke off before it answered.") from error
        if 300 <= response.status < 400:
            response.close()
            raise UpstreamRefused("The model's server redirects; redirects are not followed.")
        patience = limits.first_token + started - loop.time() if streamed else limits.total
        return HttpAnswer(response, patience=patience, between_chunks=limits.between_chunks, deadline=deadline)

    async def _post(self, session: aiohttp.ClientSession, url: str, body: bytes) -> aiohttp.ClientResponse:
        """Again, where the server closed a kept connection just as it was taken up: it has not seen the request."""
        clock = asyncio.get_running_loop().time
        while True:
            way, started = Way(), clock()
            try:
                return await session.post(url, data=body, allow_redirects=False, trace_request_ctx=way)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not way.kept or clock() - started > STALE_SECONDS:
                    raise

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
            trace_configs=[_tracing()],
            read_bufsize=2**18,
        )
        self._sessions[target] = session
        return session


def _tracing() -> aiohttp.TraceConfig:
    async def kept(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
        context.trace_request_ctx.kept = True

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_reuseconn.append(kept)
    return tracing


def _seconds(headers: Mapping[str, str]) -> int | None:
    value = headers.get("retry-after", "")
    return min(int(value), MAX_RETRY_AFTER) if value.isdecimal() and len(value) < 9 else None
