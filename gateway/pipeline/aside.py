"""Aside: a call that answers no client. It passes the guard, the journal and the prices like any other, and its answer
is read whole.
"""

from __future__ import annotations

from typing import Any

from gateway.egress.engine import Answer
from gateway.pipeline.attempt import Attempt, Written
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import RequestRefused, failure_of, left_alone
from gateway.pipeline.parts import Parts
from gateway.pipeline.receipt import Receipt
from gateway.pipeline.tab import Beyond
from gateway.pipeline.whole import read_whole, usage_in
from gateway.wire.call import Call
from gateway.wire.errors import GatewayError, TooManyRequests, UpstreamFailed
from router.decision import Decision


def beside(parts: Parts, exchange: Exchange, call: Call, decision: Decision) -> Exchange:
    """An exchange of its own for a call on behalf of a request that has been answered. Its attempts are numbered on."""
    made = Exchange(
        call,
        exchange.principal,
        exchange.route,
        Receipt(request_id=call.request_id, route=exchange.route.name),
        parts.clocks.steady(),
        reference=exchange.reference,
        narrowed=exchange.narrowed,
        asker=exchange.asker,
        tags=exchange.tags,
    )
    made.decision = decision
    made.characters, made.media = exchange.characters, exchange.media
    made.tab = None if exchange.tab is None else exchange.tab.aside()
    made.attempts = exchange.attempts
    return made


async def ask(
    parts: Parts, exchange: Exchange, attempt: Attempt, written: Written, *, longest: int | None = None
) -> dict[str, Any]:
    """What the attempt's target says to the body of the exchange. Raises a `GatewayError` if that is no answer, or if
    it wants to be left alone.

    `longest`: as for `Attempt.begin`.
    """
    if seconds := parts.fleet.cool_for(attempt.target.name):
        raise left_alone(seconds)
    try:
        permit, body = await attempt.begin(written, longest=longest)
    except Beyond as beyond:
        raise beyond.error from None
    call, target = exchange.call, attempt.target
    answer: Answer | None = None
    try:
        answer = await parts.engines[target.engine].send(permit, call.endpoint.path, body, streamed=False)
        if answer.status != 200:
            raise await failure_of(answer)
        _, said = await read_whole(attempt, answer, call)
        attempt.settle("ok", usage_in(said, exchange))
    except RequestRefused as refusal:
        attempt.refused(status=refusal.error.status)
        raise refusal.error from None
    except (UpstreamFailed, TooManyRequests) as error:
        attempt.failed(error)
        raise
    except GatewayError as error:
        attempt.unsent(status=error.status)
        raise
    except BaseException:  # the process is ending: the books are closed all the same
        attempt.abandoned()
        raise
    finally:
        if answer is not None:
            answer.close()
    return said
