"""Bare passthroughs: what the framework and the client cost by themselves. Settings, from the environment:

PASSTHROUGH_UPSTREAM   http://127.0.0.1:PORT
PASSTHROUGH_FRAMEWORK  asgi (none), starlette or fastapi
PASSTHROUGH_CLIENT     raw (httptools), aiohttp or httpx
PASSTHROUGH_WORK       1: also what any gateway does, see `work.py`

All of them parse the request's JSON, as whoever routes must, and pass streams on chunk by chunk.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bench.load.apps import clients
from bench.load.apps.work import Work

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
Handled = tuple[int, str, bytes | AsyncIterator[bytes], list[tuple[bytes, bytes]]]
Handler = Callable[[bytes | None, bytes], Awaitable[Handled]]


def bare(client: clients.Client) -> Handler:
    async def handle(_authorization: bytes | None, body: bytes) -> Handled:
        streamed = orjson.loads(body).get("stream") is True
        status, kind, answer = await client.call(body, streamed=streamed)
        return status, kind, answer, []

    return handle


async def read(receive: Receive) -> bytes:
    message = await receive()
    parts = [message.get("body", b"")]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def plain(client: clients.Client, handle: Handler) -> App:
    """ASGI without a framework."""

    async def lifespan(receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await client.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        authorization = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        status, kind, answer, more = await handle(authorization, await read(receive))
        headers = [(b"content-type", kind.encode()), *more]
        if isinstance(answer, bytes):
            headers.append((b"content-length", b"%d" % len(answer)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if isinstance(answer, bytes):
            await send({"type": "http.response.body", "body": answer})
            return
        async for chunk in answer:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


def framed(framework: str, client: clients.Client, handle: Handler) -> App:
    """Starlette or FastAPI."""

    @asynccontextmanager
    async def life(_: Any) -> AsyncIterator[None]:
        await client.start()
        yield

    async def chat(request: Request) -> Response:
        authorization = request.headers.get("authorization")
        status, kind, answer, more = await handle(
            authorization.encode() if authorization else None, await request.body()
        )
        headers = {name.decode(): value.decode() for name, value in more}
        if isinstance(answer, bytes):
            return Response(answer, status, headers, media_type=kind)
        return StreamingResponse(answer, status, headers, media_type=kind)

    if framework == "starlette":
        return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])], lifespan=life)
    from fastapi import FastAPI

    app = FastAPI(lifespan=life)
    app.post("/v1/chat/completions", response_model=None)(chat)
    return app


def made(settings: MutableMapping[str, str]) -> App:
    client = clients.client(settings["PASSTHROUGH_CLIENT"], settings["PASSTHROUGH_UPSTREAM"])
    handle = Work(client).handle if settings["PASSTHROUGH_WORK"] == "1" else bare(client)
    framework = settings["PASSTHROUGH_FRAMEWORK"]
    return plain(client, handle) if framework == "asgi" else framed(framework, client, handle)


app = made(os.environ)
