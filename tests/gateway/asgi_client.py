"""Client: one request on an ASGI connection, and what came back on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.wire.http import Message
from tests.gateway.house import EASY, KEY, House

CHAT = "/v1/chat/completions"


@dataclass
class Client:
    """One request on an ASGI connection. It leaves when `left` is set, or where it `leaves_at` the Nth message."""

    house: House
    leaves_at: int = -1
    peer: tuple[str, int] = ("203.0.113.7", 50_000)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[Message] = field(default_factory=list)
    _bodies: list[Message] = field(default_factory=list)

    async def ask(
        self,
        path: str = CHAT,
        body: object = None,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
        key: str | None = KEY,
        query: bytes = b"",
    ) -> Client:
        pairs = list(headers.items()) if isinstance(headers, Mapping) else headers or []
        if key is not None:
            pairs.append(("authorization", f"Bearer {key}"))
        raw = [(name.encode(), value.encode()) for name, value in pairs]
        scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": raw}
        scope |= {"http_version": "1.1", "client": self.peer}
        data = body if isinstance(body, bytes) else json.dumps(body or ask()).encode()
        self._bodies = [{"type": "http.request", "body": data, "more_body": False}]
        await self.house.gateway.asgi(scope, self.receive, self.send)
        return self

    async def receive(self) -> Message:
        if self._bodies:
            return self._bodies.pop()
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if len(self.sent) == self.leaves_at:
            self.left.set()
            await asyncio.sleep(0)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = json.loads(self.body)["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        assert self.headers["x-request-id"]
        return error


def ask(text: str = EASY, model: str = "auto", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}
