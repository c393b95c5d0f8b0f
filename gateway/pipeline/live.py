"""A live stream: relayed as it arrives, settled before its end is let through.

The first event is seen before anything is promised to the client. A stream that was cut says so in a last event, and
`[DONE]` follows a clean end only. A client that goes away closes the upstream, and what was used is still settled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Final

import orjson
from msgspec.structs import replace

from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.usage import Usage, estimated_usage, totals_of, usage_of
from gateway.cache.assemble import assemble
from gateway.cache.flight import Ending
from gateway.egress.engine import Answer
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import error_in_answer
from gateway.wire.chat_stream import ChatStream, GarbledStream, cut_frame
from gateway.wire.errors import GatewayError, UpstreamFailed
from gateway.wire.sse import EventSplitter, payload

END_GRACE = 2.0  # seconds a stream may dawdle between its last finish reason and its end
_KEEP: Final = 4 * 1024 * 1024  # bytes of a stream kept for the cache and for estimates

Complete = Callable[[bytes, Usage], None]


class LiveStream:
    """A `ByteStream`. `on_complete(completion, usage)` is called once, after a clean end that was kept whole."""

    __slots__ = ("_answer", "_attempt", "_chat", "_exchange", "_first", "_on_complete", "ended", "ending")

    def __init__(self, attempt: Attempt, exchange: Exchange, answer: Answer, on_complete: Complete | None) -> None:
        call = exchange.call
        self._attempt = attempt
        self._exchange = exchange
        self._answer = answer
        self._on_complete = on_complete
        self._chat = ChatStream(
            choices=call.choices, wants_usage=call.wants_usage, keep=_KEEP, with_tools="tools" in call.body
        )
        self._first = b""
        self.ended = False
        self.ending: Ending | None = None  # how it did

    async def prime(self) -> None:
        """Waits for the first event of the answer. Raises `UpstreamFailed` if it is none, or none comes."""
        chat = self._chat
        out = [self._first] if self._first else []
        try:
            while not chat.started:
                data = await self._answer.chunk()
                if not data:
                    raise UpstreamFailed("The model's server ended the stream before it began.")
                out.append(chat.feed(data))
                if chat.error is not None:
                    raise error_in_answer(chat.error)
                if chat.done and not chat.started:
                    raise UpstreamFailed("The model's server sent an empty stream.")
        except GarbledStream:
            raise UpstreamFailed("The model's server answered with something that is no such stream.") from None
        self._attempt.first_token()
        self._first = b"".join(out)

    async def hold(self, read: Callable[[], Awaitable[bytes | None]]) -> None:
        """Reads on, with nothing let through, until the answer is there or `read` gives None. Raises `UpstreamFailed`
        where it breaks off: nobody has seen anything of it.
        """
        chat = self._chat
        out = [self._first]
        try:
            while not chat.done:
                data = await read()
                if data is None or (not data and chat.complete):
                    break
                if not data:
                    raise UpstreamFailed("The answer was cut off.")
                out.append(chat.feed(data))
                if chat.error is not None:
                    raise error_in_answer(chat.error)
                if chat.started:
                    self._attempt.first_token()
        except GarbledStream:
            raise UpstreamFailed("The model's server answered with something that is no such stream.") from None
        self._first = b"".join(out)

    @property
    def attempt(self) -> Attempt:
        return self._attempt

    @property
    def is_whole(self) -> bool:
        """Whether every choice has finished."""
        return self._chat.complete

    @property
    def has_begun(self) -> bool:
        return self._chat.started

    def so_far(self) -> list[bytes]:
        """What has come, event by event."""
        return self._payloads()

    def complete_with(self, on_complete: Complete | None) -> None:
        """What is told of a clean end."""
        self._on_complete = on_complete

    def forget_completion(self) -> None:
        """It is not to be given again."""
        self._on_complete = None

    def discard(self) -> Decimal | None:
        """Nobody is to have it: closed, and settled. What it cost, or None where that is unknown."""
        self.ended = True
        self._answer.finish() if self._chat.done else self._answer.close()
        return self._attempt.settle("ok" if self._chat.complete else "cancelled", self._usage())

    async def next(self) -> bytes:
        """What came at once leaves at once, the end too, if it was there."""
        if self.ended:
            return b""
        out = await self.part()
        return out if self.ending is None else out + self.tail(self.ending)

    async def part(self) -> bytes:
        """As `next`, without the end: by then it is settled, and `ending` says how it ended."""
        out, self._first = self._first, b""
        chat = self._chat
        while not chat.done:
            if out:
                return out
            try:
                data = await (self._answer.chunk() if not chat.complete else self._last_chunks())
                if not data:
                    if chat.complete:
                        break
                    self._cut(UpstreamFailed("The answer was cut off."))
                    return b""
                out = chat.feed(data)
            except GarbledStream as garbled:
                self._cut(UpstreamFailed("The model's server garbled its stream."))
                return garbled.before
            except GatewayError as error:
                self._cut(error)
                return b""
            if chat.error is not None:
                self._cut(error_in_answer(chat.error))
                return out
        try:
            self._end()
        except JournalUnavailable as error:  # what cannot be written down is not completed
            self._cut(error)
        return out

    def tail(self, ending: Ending) -> bytes:
        """The end, as this client wants it."""
        call, (_, usage, error) = self._exchange.call, ending
        if error is not None:
            return self.broken_off(error)
        if not call.wants_usage or usage is None:
            return self._chat.tail(None)
        return self._chat.tail({**usage, "tidegate": self._exchange.receipt.summary()} if call.wants_receipt else usage)

    def let_through(self) -> bytes | None:
        """What `part` has given so far, comments left out; None where that was too much to be kept."""
        chat = self._chat
        if self._first:
            return b""
        if chat.overflowed:
            return None
        relayed = b"".join(chat.kept)
        return relayed[: len(relayed) - len(chat.held)]

    def close(self) -> None:
        """Called in any case, last. Not settled by now means that the client left."""
        if self._chat.done:
            self._answer.finish()
        else:
            self._answer.close()
        if not self._attempt.is_settled:
            with suppress(JournalUnavailable):  # counted; nobody is there to be told
                self._attempt.settle("cancelled", self._usage())

    async def _last_chunks(self) -> bytes:
        try:
            async with asyncio.timeout(END_GRACE):
                return await self._answer.chunk()
        except TimeoutError:
            self._answer.close()
            return b""

    def _end(self) -> None:
        """Settles. Then the end may be let through: held-back events, usage where asked for, the closing marker."""
        self.ended = True
        chat, call = self._chat, self._exchange.call
        usage = self._usage()
        self._exchange.receipt.cost = self._exchange.charged(self._attempt.settle("ok", usage))
        counted = None if usage.estimated else chat.usage_event
        if counted is None and (call.wants_usage or self._on_complete is not None):
            counted = self._usage_event(usage)
        if self._on_complete is not None and not chat.overflowed and chat.complete:
            completion = assemble([*self._payloads(), orjson.dumps(counted)])
            if completion is not None:
                self._on_complete(completion, usage)
        self.ending = Ending(chat.held, counted)

    def _cut(self, error: GatewayError) -> None:
        self.ended = True
        self._answer.close()
        with suppress(JournalUnavailable):  # counted; the client is told of the cut in any case
            self._attempt.settle("cut", self._usage())
        self.ending = Ending(error=error.with_traceback(None))  # which holds us

    def broken_off(self, error: GatewayError) -> bytes:
        return cut_frame(error)

    def _usage(self) -> Usage:
        """What the upstream counted, else an estimate. Where it went on to answer after it had counted, and wrote more
        than that, the answer is estimated.
        """
        chat = self._chat
        usage = usage_of(chat.usage, chat.tier) if chat.usage is not None else None
        if usage is not None and (chat.kept_bytes == chat.usage_until or not self._wrote_on()):
            return usage
        characters = _characters(self._payloads(), chat.kept_bytes)
        estimate = estimated_usage(self._exchange.characters, characters, chat.tier)
        if usage is None:
            return estimate
        if estimate.completion_tokens <= usage.completion_tokens:
            return usage
        return replace(usage, completion_tokens=estimate.completion_tokens, estimated=True)

    def _wrote_on(self) -> bool:
        """Whether any of the answer came after the last usage."""
        chat = self._chat
        return chat.overflowed or _characters(_payloads_in(b"".join(chat.kept)[chat.usage_until :]), 0) > 0

    def _payloads(self) -> list[bytes]:
        """What was relayed, event by event, without the usage chunk."""
        return _payloads_in(b"".join(self._chat.kept))

    def _usage_event(self, usage: Usage) -> dict[str, object]:
        """The upstream counted nothing that makes sense: the estimate, in the shape the client expects, tied to the
        stream's own id.
        """
        first = orjson.loads(next(iter(self._payloads()), b"{}"))
        return {
            "id": first.get("id", ""),
            "object": first.get("object", "chat.completion.chunk"),
            "created": first.get("created", 0),
            "model": first.get("model", ""),
            "choices": [],
            "usage": totals_of(usage),
        }


def _payloads_in(relayed: bytes) -> list[bytes]:
    return [text for event in EventSplitter().feed(relayed) if (text := payload(event)) is not None]


def _characters(payloads: Sequence[bytes], relayed_bytes: int) -> int:
    """Characters of answer in what was kept; where more was relayed than kept, in proportion."""
    total = kept = 0
    for text in payloads:
        kept += len(text)
        for choice in _choices(text):
            said = choice if isinstance(choice, dict) else {}
            if isinstance(said.get("text"), str):  # a completion's
                total += len(said["text"])
            delta = said.get("delta")
            if isinstance(delta, dict):
                total += sum(len(part) for name, part in delta.items() if isinstance(part, str) and name != "role")
                calls = delta.get("tool_calls")
                if calls:
                    total += len(orjson.dumps(calls))
    return total * relayed_bytes // kept if kept and relayed_bytes > kept * 2 else total


def _choices(text: bytes) -> Sequence[object]:
    """The choices of a chunk. What was let through unread may be none: the books are closed all the same."""
    try:
        chunk = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ()
    choices = chunk.get("choices") if isinstance(chunk, dict) else None
    return choices if isinstance(choices, list) else ()
