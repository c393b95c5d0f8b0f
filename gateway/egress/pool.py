"""A pool of connections to one target. A connection is never shared with another zone, key or address."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections import deque
from urllib.parse import urlsplit

from gateway.egress.connection import Connection, StaleConnection
from gateway.egress.engine import Unreachable, UnreachableInTime
from gateway.egress.http_answer import HttpAnswer
from gateway.egress.target import Patience, Target
from gateway.version import VERSION
from gateway.wire.errors import UpstreamTimedOut, because
from router.clearance import LOCAL_ZONE

MAX_CONNECTIONS = 1024
IDLE_SECONDS = 50.0  # most servers close a kept connection after 60 s or more; uvicorn after 5, which costs a retry


class Pool:
    """Opens connections when there is none free, at most `MAX_CONNECTIONS` at a time; the others wait their turn."""

    def __init__(self, target: Target) -> None:
        url = urlsplit(target.base_url)
        self._loop = asyncio.get_running_loop()
        self._target = target
        self._host = url.hostname or ""
        self._tls = _context() if url.scheme == "https" else None
        self.port = url.port or (443 if self._tls else 80)
        self._path = url.path
        authority = f"[{self._host}]" if ":" in self._host else self._host
        lines = [
            f"host: {authority}:{self.port}" if url.port else f"host: {authority}",
            "content-type: application/json",
            "accept-encoding: identity",
            f"user-agent: tidegate/{VERSION}",
        ]
        if target.api_key:
            lines.append(f"authorization: Bearer {target.api_key}")
        self._fixed = "\r\n".join(lines).encode("latin-1", "replace")
        self._heads: dict[str, bytes] = {}
        self._free: list[Connection] = []
        self._open = 0  # or just being opened
        self._ours: set[Connection] = set()
        self._closed = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def post(self, endpoint: str, body: bytes, patience: Patience, *, streamed: bool) -> HttpAnswer:
        """The answer, its status and headers there. Raises `UpstreamFailed`, `Unreachable`, `UpstreamTimedOut`."""
        first = patience.first_token if streamed else patience.total
        head = (self._heads.get(endpoint) or self._head(endpoint)) + b"%d\r\n\r\n" % len(body)
        return await self._ask(head, body, patience, first)

    async def get(self, path: str, patience: Patience) -> HttpAnswer:
        """What the server has to say at `path`, which begins where the address ends without its `/v1`. Raises alike."""
        root = self._path.removesuffix("/v1")
        head = b"GET %b HTTP/1.1\r\n%b\r\n\r\n" % ((root + path).encode("ascii"), self._fixed)
        return await self._ask(head, b"", patience, patience.total)

    async def _ask(self, head: bytes, body: bytes, patience: Patience, first: float) -> HttpAnswer:
        deadline = self._loop.time() + patience.total
        while True:
            connection = self._kept() or await self._new(patience)
            answer = connection.post(head, body, first=first, between=patience.between_chunks, deadline=deadline)
            try:
                await answer.head()
            except StaleConnection:
                continue  # each try uses up one kept connection, so this ends with a new one
            except BaseException:
                answer.close()
                raise
            return answer

    @property
    def free(self) -> int:
        """How many connections are kept for the next requests."""
        return len(self._free)

    def close(self) -> None:
        """Connections that are in use end with their answers."""
        self._closed = True
        for connection in tuple(self._free):
            connection.abort()
        self._free.clear()

    def _head(self, endpoint: str) -> bytes:
        head = b"POST %b HTTP/1.1\r\n%b\r\ncontent-length: " % ((self._path + endpoint).encode("ascii"), self._fixed)
        self._heads[endpoint] = head
        return head

    def _kept(self) -> Connection | None:
        """A connection that is free, the one used last."""
        while self._free:
            connection = self._free.pop()
            if connection.alive and self._loop.time() - connection.free_since < IDLE_SECONDS:
                return connection
            connection.abort()
        return None

    async def _new(self, patience: Patience) -> Connection:
        """A connection that was opened for this, or, where no more may be opened, one that was given back."""
        while True:
            if self._open < MAX_CONNECTIONS:
                return await self._connect(patience.connect)
            await self._turn(patience.first_token)
            if kept := self._kept():
                return kept

    async def _turn(self, seconds: float) -> None:
        """Waits until a connection is free or may be opened. Raises `UpstreamTimedOut` where that takes too long."""
        turn = self._loop.create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as stopped:
            if turn.done() and not turn.cancelled():
                self._next()  # it was our turn just as we left: somebody else's now
            if isinstance(stopped, TimeoutError):
                raise because(UpstreamTimedOut("The model's server has no connection free."), stopped)  # noqa: B904
            raise

    async def _connect(self, seconds: float) -> Connection:
        self._open += 1
        try:
            async with asyncio.timeout(seconds):
                connection = await self._connect_to_any(await self._addresses())
            if not connection.alive:
                raise ConnectionResetError
        except TimeoutError as error:
            self._gone()
            raise because(UnreachableInTime("The model's server could not be reached in time."), error)  # noqa: B904
        except OSError as error:
            self._gone()
            raise because(Unreachable("The model's server could not be reached."), error)  # noqa: B904
        except BaseException:
            self._gone()
            raise
        self._ours.add(connection)
        return connection

    async def _connect_to_any(self, addresses: list[tuple[socket.AddressFamily, str]]) -> Connection:
        """The first address that answers. Raises the last one's `OSError`."""
        failure = OSError("the name has no address")
        for family, address in addresses:
            try:
                return await self._connect_to(family, address)
            except OSError as error:
                failure = error
        try:
            raise failure
        finally:
            del failure  # its traceback holds this frame

    async def _connect_to(self, family: socket.AddressFamily, address: str) -> Connection:
        connection = Connection(self._loop, self._freed, self._lost)
        try:
            await self._loop.create_connection(
                connection.itself,
                address,
                self.port,
                family=family,
                ssl=self._tls,
                server_hostname=self._host if self._tls else None,
            )
        except BaseException:
            connection.let_go()
            raise
        return connection

    async def _addresses(self) -> list[tuple[socket.AddressFamily, str]]:
        """Where the host is. Looked up each time a connection is opened, so that a name cannot move unseen.

        Raises `OSError` where a deployment of zone `local` would be called at a public address.
        """
        found = await self._loop.getaddrinfo(self._host, self.port, type=socket.SOCK_STREAM)
        addresses: list[tuple[socket.AddressFamily, str]] = [
            (family, str(address[0])) for family, _, _, _, address in found
        ]
        if self._target.zone == LOCAL_ZONE and not self._target.trusted:
            for _, address in addresses:
                if ipaddress.ip_address(address.partition("%")[0]).is_global:
                    raise OSError(f"{self._host} has a public address, but its deployment claims zone {LOCAL_ZONE}")
        return addresses

    def _freed(self, connection: Connection) -> None:
        if self._closed:
            connection.abort()
            return
        connection.free_since = self._loop.time()
        self._free.append(connection)
        self._next()

    def _lost(self, connection: Connection) -> None:
        if connection in self._free:
            self._free.remove(connection)
        if connection in self._ours:  # else it was opened just as nobody wanted it any more, and has no place
            self._ours.remove(connection)
            self._gone()

    def _gone(self) -> None:
        self._open -= 1
        self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


def _context() -> ssl.SSLContext:
    """Certificates are verified, always; the system's authorities are trusted."""
    return ssl.create_default_context()
