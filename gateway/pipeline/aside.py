"""Aside: a call that answers no client. It passes the guard, the journal and the prices like any other, and its answer
is read whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from gateway.accounting.usage import Usage
from gateway.egress.engine import Answer
from gateway.egress.target import Target
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import RequestRefused, failure_of
from gateway.pipeline.parts import Parts
from gateway.pipeline.receipt import Receipt
from gateway.pipeline.whole import read_whole, usage_in
from gateway.wire.call import Call
from gateway.wire.errors import GatewayError, TooManyRequests, UpstreamFailed
from router.decision import Decision

Written = Callable[[Mapping[str, object]], bytes]
"""From the body that the target may see to the one that is sent."""


def beside(parts: Parts, exchange: Exchange, call: Call, decision: Decision) -> Exchange:
    """An exchange of its own for a call on behalf of a request that has been answered. Its attempts are numbered on."""
    return Exchange(
        call=call,
        principal=exchange.principal,
        route=exchange.route,
        receipt=Receipt(request_id=call.request_id, route=exchange.route.name),
        started=parts.clocks.steady(),
        reference=exchange.reference,
        narrowed=exchange.narrowed,
        asker=exchange.asker,
        tags=exchange.tags,
        decision=decision,
        characters=exchange.characters,
        attempts=exchange.attempts,
    )


async def ask(parts: Parts, exchange: Exchange, attempt: Attempt, written: Written) -> dict[str, Any]:
    """What the attempt's target says to the body of the exchange. Raises a `GatewayError` if that is no answer."""
    permit = attempt.permit()
    call, target = exchange.call, attempt.target
    answer: Answer | None = None
    try:
        body = written(call.body if permit.masking is None else permit.masking.body)
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
        attempt.refused(status=error.status)
        raise
    except BaseException:  # the process is ending: the books are closed all the same
        if not attempt.is_settled:
            attempt.settle("cancelled", Usage(exchange.characters // 4, 0, estimated=True), status=499)
        raise
    finally:
        if answer is not None:
            answer.close()
    return said


def most(parts: Parts, target: Target, prompt_bytes: int, max_tokens: int) -> Decimal | None:
    """What a call can cost at the most, in dollars; None where its price is unknown. No token is less than a byte."""
    usage = Usage(prompt_bytes, max_tokens)
    return parts.prices.cost(target.name, usage, Decimal(str(target.patience.total)))
