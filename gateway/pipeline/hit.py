"""A hit: an answer given again. Authenticated, counted and written down like any other; nothing leaves the house."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import orjson

from gateway.accounting.record import Declined, Intent, Settlement
from gateway.accounting.usage import Usage
from gateway.cache.entry import Entry
from gateway.cache.replay import replay
from gateway.masking.answer import restored_answer
from gateway.pipeline.books import in_order, write_down
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.pipeline.tab import Tab
from gateway.wire.chat_stream import cut_frame
from gateway.wire.errors import GatewayError, LimitReached
from gateway.wire.http import JSON, STREAMED, Reply
from router.decision import Reason
from router.masking.proof import MaskedBody

_AT_ONCE: Final = 256  # frames in one write, about 40 KB: a write costs more than making ten frames
_NOTHING: Final = Decimal(0)
_REASONS: Final = (Reason("cache"),)
_STALE: Final = (Reason("cache", "stale"),)


class FrameStream:
    """A `ByteStream` of frames that are already there: no reader waits for the first, so they go many at once."""

    def __init__(self, frames: Sequence[bytes]) -> None:
        self._pieces = [b"".join(frames[at : at + _AT_ONCE]) for at in range(0, len(frames), _AT_ONCE)]
        self._pieces.reverse()
        self.ended = not self._pieces

    async def next(self) -> bytes:
        if self.ended:
            return b""
        piece = self._pieces.pop()
        self.ended = not self._pieces
        return piece

    def broken_off(self, error: GatewayError) -> bytes:
        return cut_frame(error)

    def close(self) -> None:
        """Nothing is open."""


async def admit_hit(parts: Parts, exchange: Exchange, tab: Tab, entry: Entry) -> None:
    """It counts as a request. Raises `LimitReached`, which is written down: no other decision is."""
    intent = intent_of_hit(parts, exchange, entry)
    try:
        await tab.hit(intent.attempt_id, intent.at)
    except LimitReached:
        write_down(parts, Declined(intent, "limited"))
        raise
    finally:
        exchange.receipt.limits = tab.headers


def hit(
    parts: Parts,
    exchange: Exchange,
    entry: Entry,
    age: float,
    masking: MaskedBody | None = None,
    *,
    is_stale: bool = False,
) -> Reply:
    """The stored answer, whole or streamed as the client asked. `masking` is the asker's, where it was masked;
    `is_stale`: it is older than answers are to be."""
    call = exchange.call
    fill_in(exchange, entry, age, masking, is_stale=is_stale)
    settle_hit(parts, exchange, entry)
    body = entry.body
    if masking is not None:
        body = restored_answer(body, masking)
    headers = exchange.receipt.headers()
    if not call.streamed:
        return Reply(200, [(b"content-type", JSON), *headers], body)
    return Reply(200, [*STREAMED, *headers], stream=FrameStream(frames_of(exchange, body)))


def fill_in(
    exchange: Exchange, entry: Entry, age: float, masking: MaskedBody | None = None, *, is_stale: bool = False
) -> None:
    """The receipt of a hit."""
    receipt = exchange.receipt
    exchange.cache_use = receipt.cache = "stale" if is_stale else "hit"
    receipt.cache_age = int(age)
    receipt.deployment, receipt.zone, receipt.clearance = entry.deployment, entry.zone, entry.clearance
    receipt.reasons = _STALE if is_stale else _REASONS
    receipt.cost = _NOTHING
    receipt.masked = "" if masking is None else masking.counts


def frames_of(exchange: Exchange, body: bytes) -> list[bytes]:
    """A whole completion as the stream the client asked for, with the receipt in its usage chunk if wanted."""
    call = exchange.call
    frames = replay(body, include_usage=call.wants_usage)
    if call.wants_usage and call.wants_receipt and len(frames) >= 2:
        event = orjson.loads(frames[-2].removeprefix(b"data: "))
        event["tidegate"] = exchange.receipt.summary()
        frames[-2] = b"data: " + orjson.dumps(event) + b"\n\n"
    return frames


def settle_hit(parts: Parts, exchange: Exchange, entry: Entry, *, status: int = 200) -> None:
    """Cost nothing; the counterfactual is what the reference would have charged for the same tokens.

    One line: no call is made, so there is none to announce. How long a machine would have taken is unknown, and so is
    what that would have cost. What did not come to its end (`status`) has saved nothing. Raises `JournalUnavailable`.
    """
    principal, route = exchange.principal, exchange.route.name
    usage: Usage | None = None
    counterfactual: Decimal | None = _NOTHING
    intent = intent_of_hit(parts, exchange, entry)
    if status == 200:
        usage = Usage(entry.prompt_tokens, entry.completion_tokens, entry.cached_tokens, estimated=entry.estimated)
        reference = exchange.reference
        counterfactual = parts.prices.cost(reference, usage, None, at=intent.at) if reference else None
    settlement = Settlement(
        intent=intent,
        at=intent.at,
        outcome="hit",
        status=status,
        usage=usage,
        cost=_NOTHING,
        counterfactual=counterfactual,
        latency=parts.clocks.steady() - exchange.started,
        first_token=None,
        cache=exchange.cache_use,
        streamed=exchange.call.streamed,
    )
    write_down(parts, settlement)
    parts.metrics.spent(route, "cache", principal.name, principal.team, _NOTHING, counterfactual)


def intent_of_hit(parts: Parts, exchange: Exchange, entry: Entry) -> Intent:
    return Intent(
        attempt_id=exchange.next_attempt_id(),
        request_id=exchange.call.request_id,
        at=parts.clocks.wall(),
        key=exchange.principal.name,
        team=exchange.principal.team,
        route=exchange.route.name,
        deployment="",
        zone=entry.zone,
        model=entry.model,
        clearance=entry.clearance,
        reason="cache",
        difficulty=None,
        prompt_estimate=entry.prompt_tokens,
        findings={},
        tags=in_order(exchange.tags),
    )
