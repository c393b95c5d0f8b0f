"""Translation: a chat answer said in another dialect's words, whole or as it streams.

The pipeline speaks OpenAI's chat format. A dialect with a format of its own turns its requests into chat calls, and
gives the answer here with a `Translator` that knows its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import orjson

from gateway.wire.errors import GatewayError, UpstreamFailed
from gateway.wire.http import ByteStream, Reply
from gateway.wire.sse import PING, EventSplitter, payload

Json = dict[str, Any]
_DONE = b"[DONE]"


class Translator(Protocol):
    """One answer on its way into another format. Each method gives the bytes to send, which may be none."""

    def whole(self, completion: Mapping[str, Any]) -> bytes:
        """The body for a chat completion that was not streamed."""
        ...

    def chunk(self, chunk: Mapping[str, Any]) -> bytes:
        """What a chat chunk becomes; the one with `usage` comes last and has no choices."""
        ...

    def end(self) -> bytes:
        """The stream ended cleanly: every choice has its finish reason, and the usage was seen."""
        ...

    def broken_off(self, error: Mapping[str, Any]) -> bytes:
        """The stream was cut; `error` is OpenAI's error object (`message`, `type`, `param`, `code`)."""
        ...


class TranslatedStream:
    """A `ByteStream` over the pipeline's stream."""

    __slots__ = ("_has_begun", "_keep_alive", "_splitter", "_stream", "_translator", "ended")

    def __init__(self, stream: ByteStream, translator: Translator, keep_alive: bytes = b"") -> None:
        self._stream = stream
        self._translator = translator
        self._keep_alive = keep_alive
        self._splitter = EventSplitter()
        self._has_begun = False
        self.ended = False

    async def next(self) -> bytes:
        while not self.ended:
            data = await self._stream.next()
            out = self._translated(data) if data else b""
            if not data and not self.ended:  # cannot be: the pipeline ends a stream with a marker or an error
                self.ended = True
                return self._translator.broken_off(error_object(GatewayError("The answer was cut off.")))
            if out:
                return out
        return b""

    def _translated(self, data: bytes) -> bytes:
        parts = []
        for event in self._splitter.feed(data):
            text = payload(event)
            if text is None:  # a comment
                if self._keep_alive:
                    parts.append(self._keep_alive if self._has_begun else PING)
                continue
            if text == _DONE:
                self.ended = True
                parts.append(self._translator.end())
                break
            chunk = _object(text)
            if chunk.get("error") is not None:
                self.ended = True
                parts.append(self._translator.broken_off(chunk["error"]))
                break
            self._has_begun = True
            parts.append(self._translator.chunk(chunk))
        return b"".join(parts)

    def broken_off(self, error: GatewayError) -> bytes:
        return self._translator.broken_off(error_object(error))

    def close(self) -> None:
        self._stream.close()


def translated(reply: Reply, translator: Translator, content_type: bytes, *, keep_alive: bytes = b"") -> Reply:
    """The pipeline's reply in other words, with its receipt. `content_type`: of a stream in that dialect;
    `keep_alive`: what is sent there where a server sends a comment, once the stream has begun; until then it is one.
    None at all in a format that has no comments."""
    if reply.stream is not None:
        headers = [(b"content-type", content_type), *_without_content_type(reply)]
        stream = TranslatedStream(reply.stream, translator, keep_alive)
        return Reply(reply.status, headers, stream=stream, over=reply.over)
    return Reply(reply.status, reply.headers, told_whole(reply, translator.whole), over=reply.over)


def told_whole(reply: Reply, tell: Callable[[Mapping[str, Any]], bytes]) -> bytes:
    """The body of a whole answer in other words. Where that cannot be told, the request is over all the same: what it
    has taken of limits is given back."""
    try:
        return tell(orjson.loads(reply.body))
    except BaseException:
        if reply.over is not None:
            reply.over()
        raise


def error_object(error: GatewayError) -> Json:
    return {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}


def _object(text: bytes) -> Json:
    """A chunk. One that the pipeline let through unread may be none, and is then the end of the stream."""
    try:
        chunk = orjson.loads(text)
    except orjson.JSONDecodeError:
        chunk = None
    if isinstance(chunk, dict):
        return chunk
    return {"error": error_object(UpstreamFailed("The model's server garbled its stream."))}


def _without_content_type(reply: Reply) -> list[tuple[bytes, bytes]]:
    return [field for field in reply.headers if field[0] != b"content-type"]
