"""A whole answer: read, checked to be one, settled, and only then given to the client, byte for byte as it came.

But for usage that is none: clients trip over it, and get the estimate instead that stands in the ledger.
"""

from __future__ import annotations

from typing import Final

import orjson

from gateway.accounting.usage import Usage, estimated_usage, totals_of, usage_of
from gateway.egress.engine import Answer
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import error_in_answer
from gateway.wire.call import Call
from gateway.wire.errors import UpstreamFailed

_NO_ANSWER: Final = "The model's server answered with something that is not an answer."


async def read_whole(attempt: Attempt, answer: Answer, call: Call) -> tuple[bytes, dict[str, object]]:
    """The body for the client and what it says. Raises `UpstreamFailed` for anything that is no answer to the call."""
    body = await answer.body()
    attempt.first_token()
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UpstreamFailed("The model's server answered with something that is not JSON.") from None
    if not isinstance(said, dict):
        raise UpstreamFailed(_NO_ANSWER)
    if said.get("error") is not None:
        raise error_in_answer(said["error"])
    if not call.endpoint.is_answer(said, call.choices):
        raise UpstreamFailed(_NO_ANSWER)
    return call.endpoint.delivered(body, said, call.body), said


def usage_in(said: dict[str, object], exchange: Exchange) -> Usage:
    """What the upstream counted, else an estimate from the characters."""
    raw = said.get("usage")
    tier = said.get("service_tier")
    usage = usage_of(raw, tier) if isinstance(raw, dict) else None
    return usage or estimated_usage(exchange.characters, exchange.call.endpoint.characters(said), tier)


def with_usage(body: bytes, usage: Usage, call: Call) -> bytes:
    """The body with usage that a client can read: as it came, if the upstream counted."""
    counts = call.endpoint.counts
    if not usage.estimated or not counts:
        return body
    totals = totals_of(usage)
    return orjson.dumps({**orjson.loads(body), "usage": {name: totals[name] for name in counts}})
