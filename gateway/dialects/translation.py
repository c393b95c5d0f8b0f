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
from gateway.wire.sse import EventSplitter, payload

Json = dict[str, Any]
_DONE = b"[DONE]"


class Translator(Protocol):
    """One answer on its way into another format. Each method gives the bytes to send, which may be none, or raises a
    `GatewayError` for what cannot be said in that format.
    """

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

    __slots__ = ("_ended", "_splitter", "_stream", "_translator")

    def __init__(self, stream: ByteStream, translator: Translator) -> None:
        self._stream = stream
        self._translator = translator
        self._splitter = EventSplitter()
        self._ended = False

    async def next(self) -> bytes:
        while not self._ended:
            data = await self._stream.next()
            out = self._translated(data) if data else b""
            if not data and not self._ended:  # cannot be: the pipeline ends a stream with a marker or an error
                self._ended = True
                return self._translator.broken_off(error_object(GatewayError("The answer was cut off.")))
            if out:
                return out
        return b""

    def _translated(self, data: bytes) -> bytes:
        parts = []
        try:
            for event in self._splitter.feed(data):
                parts.append(self._event(payload(event)))  # what came before a bad one is kept
                if self._ended:
                    break
        except GatewayError as error:
            self._ended = True
            parts.append(self._translator.broken_off(error_object(error)))
        return b"".join(parts)

    def _event(self, text: bytes | None) -> bytes:
        if text is None:
            return b""  # a comment: there is none in most other formats, and none is needed
        if text == _DONE:
            self._ended = True
            return self._translator.end()
        try:
            chunk = orjson.loads(text)
        except orjson.JSONDecodeError:  # the pipeline lets through unread what looks whole
            chunk = None
        if not isinstance(chunk, dict):
            raise UpstreamFailed("The model's server garbled its stream.")
        error = chunk.get("error")
        if error is not None:
            if not isinstance(error, dict) or not isinstance(error.get("message"), str):
                raise UpstreamFailed("The model's server reported an error.")
            self._ended = True
            return self._translator.broken_off(error)
        return self._translator.chunk(chunk)

    def broken_off(self, error: GatewayError) -> bytes:
        return self._translator.broken_off(error_object(error))

    def close(self) -> None:
        self._stream.close()


def translated(reply: Reply, translator: Translator, content_type: bytes) -> Reply:
    """The pipeline's reply in other words, with its receipt. `content_type`: of a stream in that dialect."""
    if reply.stream is not None:
        headers = [(b"content-type", content_type), *_without_content_type(reply)]
        return Reply(reply.status, headers, stream=TranslatedStream(reply.stream, translator), over=reply.over)
    return retold(reply, translator.whole)


def retold(reply: Reply, tell: Callable[[Mapping[str, Any]], bytes]) -> Reply:
    """A whole answer in other words."""
    try:
        body = tell(orjson.loads(reply.body))
    except GatewayError as error:
        error.headers = _without_content_type(reply)
        if reply.over is not None:
            reply.over()
        raise
    return Reply(reply.status, reply.headers, body, over=reply.over)


def error_object(error: GatewayError) -> Json:
    return {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}


def _without_content_type(reply: Reply) -> list[tuple[bytes, bytes]]:
    return [field for field in reply.headers if field[0] != b"content-type"]
