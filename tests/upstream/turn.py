"""A turn: one request to the script and the means to answer it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.upstream.answers import Answer, Json
from tests.upstream.http import Reply, Request

DONE = b"data: [DONE]\n\n"
LATER = 0.4  # seconds
FOREVER = 3600.0  # seconds: longer than any test waits


def frame(chunk: object) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


@dataclass(frozen=True, slots=True)
class Turn:
    request: Request
    answer: Answer
    reply: Reply
    args: tuple[str, ...]  # of the directive: `cut:3:rst` gives ("3", "rst")
    gate: asyncio.Event  # opened by `Upstream.release()`
    seen: set[str]  # what `once` has already failed

    @property
    def streaming(self) -> bool:
        return self.answer.streaming

    def arg(self, place: int, default: str) -> str:
        return self.args[place] if place < len(self.args) else default

    async def pause(self) -> None:
        """Before going wrong: with `gate` as the directive's last argument wait for `Upstream.release()`, with `later`
        for as long as it takes that what was sent is seen.
        """
        last = self.args[-1] if self.args else ""
        if last == "gate":
            await self.gate.wait()
        elif last == "later":
            await asyncio.sleep(LATER)

    def whole(self, text: str | None = None) -> Json:
        if self.request.path.endswith("/embeddings"):
            return self.answer.embeddings()
        if self.request.path.endswith("/moderations"):
            return self.answer.moderations()
        if self.request.path.endswith("/chat/completions"):
            return self.answer.whole(text)
        return self.answer.completion(text)

    def chunks(self, text: str | None = None) -> list[Json]:
        if self.request.path.endswith("/chat/completions"):
            return self.answer.chunks(text)
        return self.answer.completion_chunks(text)

    def frames(self, chunks: Iterable[Json] | None = None) -> list[bytes]:
        """A clean stream: the chunks, usage if it was asked for, `[DONE]`."""
        frames = [frame(chunk) for chunk in (self.chunks() if chunks is None else chunks)]
        if self.answer.wants_usage:
            chats = self.request.path.endswith("/chat/completions")
            frames.append(frame(self.answer.usage_chunk() if chats else self.answer.text_usage_chunk()))
        return [*frames, DONE]

    async def stream(self, frames: Iterable[bytes], headers: Mapping[str, str] | None = None) -> None:
        await self.reply.begin_stream(headers)
        for piece in frames:
            await self.reply.piece(piece)
        await self.reply.end_stream()

    async def error(self, status: int, code: str | None, headers: Mapping[str, str] | None = None) -> None:
        await self.reply.json(status, {"error": error(status, code)}, headers)

    async def forever(self) -> None:
        """Say nothing more. Ends when the other side leaves: that cancels the turn."""
        await asyncio.sleep(FOREVER)


def error(status: int, code: str | None) -> Json:
    """OpenAI's error object, with a text that names nothing a client sent."""
    kinds = {400: "invalid_request_error", 401: "invalid_request_error", 429: "rate_limit_error"}
    return {
        "message": f"scripted failure {status}",
        "type": kinds.get(status, "server_error"),
        "param": None,
        "code": code,
    }


Behaviour = Callable[[Turn], Awaitable[None]]
