"""The server: a port, one thread with its own event loop, a journal and a script."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator
from typing import Self

from tests.upstream.answers import Answer
from tests.upstream.http import Reply, Request, read_request
from tests.upstream.journal import Exchange, Journal, Visit
from tests.upstream.script import Script, parse
from tests.upstream.turn import Turn

MODEL_PATHS = frozenset(
    {"/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/moderations", "/v1/messages"}
)
CONTROL_PATHS = frozenset({"/stats", "/received", "/control"})


class Connection(asyncio.StreamReaderProtocol):
    """One connection. Bytes are written down as they arrive; when the other side leaves, the turn is cancelled."""

    def __init__(self, upstream: Upstream) -> None:
        self._reader = asyncio.StreamReader(limit=2**26)
        super().__init__(self._reader)
        self._upstream = upstream
        self._visit: Visit | None = None
        self._conversation: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self._visit = self._upstream.journal.opened()
        loop = asyncio.get_running_loop()
        writer = asyncio.StreamWriter(transport, self, self._reader, loop)
        self._conversation = loop.create_task(self._upstream.converse(self._visit, self._reader, writer))
        self._upstream.began(self._conversation)

    def data_received(self, data: bytes) -> None:
        assert self._visit is not None
        self._upstream.journal.received(self._visit, data)
        super().data_received(data)

    def eof_received(self) -> bool:
        super().eof_received()
        return False  # a client that closes has left: close too

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        assert self._visit is not None
        self._upstream.journal.closed(self._visit)
        if self._conversation is not None:
            self._conversation.cancel()


class Upstream:
    """An OpenAI-shaped server called `name`. `start()` and `stop()`, or `with Upstream(…) as upstream`.

    It listens at the address `host`, which clients call `known_as`.
    """

    def __init__(self, name: str, port: int = 0, host: str = "127.0.0.1", known_as: str | None = None) -> None:
        self.name = name
        self.host = host
        self.known_as = known_as or host
        self.journal = Journal()
        self._script = Script(name)
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"upstream-{name}", daemon=True)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._conversations: set[asyncio.Task[None]] = set()
        self._serial = itertools.count(1)
        self._seen: set[str] = set()
        self._gate = asyncio.Event()
        self.stumbles: list[BaseException] = []  # errors of the script itself: a test that sees one is void

    @property
    def base_url(self) -> str:
        return f"http://{self.known_as}:{self.port}/v1"

    # Life

    def start(self) -> None:
        self._thread.start()
        self._call(self._listen())

    def stop(self) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._socket.close()

    def discard(self) -> None:
        """Let go of the port of an upstream that was never started."""
        self._loop.close()
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """The port refuses connections, and those that were open are closed; it stays ours meanwhile."""
        self._call(self._close())
        try:
            yield
        finally:
            self._call(self._listen())

    # Script

    def next(self, *directives: str) -> None:
        """What the next model calls get, in this order, before anything else is asked."""
        self._script.next(*directives)

    def always(self, directive: str) -> None:
        """What a model call gets that nothing else decides; at first `ok`."""
        self._script.always(directive)

    def release(self) -> None:
        """Let every answer that is on `hold` go on."""
        self._call(self._open_gate())

    def reset(self) -> None:
        """Forget script and journal; what is on hold goes on."""
        self._script.clear()
        self._seen.clear()
        self.release()
        self.journal.clear()

    # In the server's thread

    def _call(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(lambda: Connection(self), sock=self._socket, backlog=1024)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._writers):
            writer.transport.abort()
        if self._conversations:
            await asyncio.wait(self._conversations, timeout=5)
        self._socket = _bound(self.host, self.port)

    async def _open_gate(self) -> None:
        held, self._gate = self._gate, asyncio.Event()
        held.set()

    async def converse(self, visit: Visit, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Request after request until the connection ends."""
        reply = Reply(writer)
        self._writers.add(writer)
        try:
            while reply.keep_alive and (request := await read_request(reader)) is not None:
                if request.path in CONTROL_PATHS:
                    await self._control(visit, request, reply)
                else:
                    await self._answer(visit, request, reply)
        except (ConnectionError, asyncio.CancelledError):
            return  # the other side has left
        finally:
            self._writers.discard(writer)
            writer.close()

    def began(self, conversation: asyncio.Task[None]) -> None:
        self._conversations.add(conversation)
        conversation.add_done_callback(self._ended)

    def _ended(self, conversation: asyncio.Task[None]) -> None:
        self._conversations.discard(conversation)
        if not conversation.cancelled() and (stumble := conversation.exception()) is not None:
            self.stumbles.append(stumble)

    async def _answer(self, visit: Visit, request: Request, reply: Reply) -> None:
        exchange = Exchange(visit, request.method, request.path, request.headers, request.body, _now())
        if request.method == "GET":
            self.journal.looked(exchange)
            await self._other(request, reply)
            return
        body = request.json()
        if request.method == "POST" and request.path in MODEL_PATHS:
            exchange.behaviour = self._script.choose(request, body)
            behaviour, args = parse(exchange.behaviour)
            answer = Answer(self.name, body, next(self._serial))
            turn = Turn(request, answer, reply, args, self._gate, self._seen)
            self.journal.requested(exchange)
            await behaviour(turn)
        else:
            self.journal.requested(exchange)
            await self._other(request, reply)
        self.journal.finished(exchange)

    async def _other(self, request: Request, reply: Reply) -> None:
        if request.path == "/v1/models":
            model = {"id": self.name, "object": "model", "created": 0, "owned_by": "script"}
            await reply.json(200, {"object": "list", "data": [model]})
        else:
            failure = {"message": "no such page", "type": "invalid_request_error", "param": None, "code": "unknown_url"}
            await reply.json(404, {"error": failure})

    async def _control(self, visit: Visit, request: Request, reply: Reply) -> None:
        self.journal.forget(visit)
        if request.path == "/control":
            orders = request.json()
            self._script.next(*orders.get("next", []))
            self._script.always(orders.get("always", "ok"))
            if orders.get("forget"):  # what `once` has already failed
                self._seen.clear()
            await reply.json(200, {})
        elif request.path == "/stats":
            visits = self.journal.visits
            numbers = {
                "name": self.name,
                "requests": len(self.journal.exchanges),
                "bytes": self.journal.bytes_received,
                "connections": len(visits),
                "open": sum(visit.closed is None for visit in visits),
            }
            await reply.json(200, numbers)
        else:
            await reply.json(200, {"received": [_shown(exchange) for exchange in self.journal.exchanges]})


def _shown(exchange: Exchange) -> dict[str, object]:
    return {
        "method": exchange.method,
        "path": exchange.path,
        "headers": dict(exchange.headers),
        "body": exchange.body.decode("utf-8", "replace"),
        "behaviour": exchange.behaviour,
    }


def _now() -> float:
    return asyncio.get_running_loop().time()  # the same clock as time.monotonic()


def _bound(host: str, port: int) -> socket.socket:
    """A socket that has the port but does not listen: whoever connects is refused."""
    # The protocol is named, since asyncio sends small pieces at once (TCP_NODELAY) only where it knows that it is TCP.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound
