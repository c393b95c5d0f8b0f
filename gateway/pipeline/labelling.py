"""Labelling: a prompt of a file is put to the small and to the large deployment, and to a judge where nobody knows what
is right. What the policy keeps from any of the three is put to none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

from gateway.access.principal import Principal
from gateway.egress.target import Target
from gateway.learning.exact import is_right
from gateway.learning.judge import BYTES_PER_TOKEN, OVERHEAD_BYTES, Comparison, Scores, answer_of, request_of
from gateway.learning.note import is_kept
from gateway.pipeline.admit import admit
from gateway.pipeline.aside import ask, beside
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.decide import decide
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.judging import JudgeForbidden, Judgement, judge
from gateway.pipeline.parts import Parts
from gateway.wire.call import MAX_TOKENS, Call
from gateway.wire.errors import Blocked, Unsupported
from gateway.wire.json import serialise

_EXACT_WEIGHT: Final = 1.0


class Kept(Exception):
    """The policy keeps the prompt from one who would have to see it. It was sent to nobody."""


class Unlike(Exception):
    """It, or an answer to it, is nothing that can be compared."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """Whom a prompt is put to. `judge` is None where right answers are known throughout."""

    small: Target
    large: Target
    judge: Target | None
    both_orders: bool
    max_tokens: int
    verdict_tokens: int

    def most(self, parts: Parts, body: Mapping[str, object], *, judged: bool) -> Decimal | None:
        """What one prompt can cost at the most, in dollars; None where a price is unknown."""
        size = len(serialise(body)) + OVERHEAD_BYTES
        prices = parts.prices
        each = [
            prices.most(target.name, size, self.max_tokens, target.patience.total)
            for target in (self.small, self.large)
        ]
        if judged and self.judge is not None:
            read = self.compared(size) + OVERHEAD_BYTES
            verdict = prices.most(self.judge.name, read, self.verdict_tokens, self.judge.patience.total)
            each += [verdict] * (2 if self.both_orders else 1)
        known = [amount for amount in each if amount is not None]
        return sum(known, Decimal(0)) if len(known) == len(each) else None

    def compared(self, size: int) -> int:
        """Bytes that a judge is shown at the most of a request of `size`, and of two answers."""
        return size + 2 * BYTES_PER_TOKEN * self.max_tokens


class Costs(NamedTuple):
    """Dollars; None where it is unknown."""

    weak: Decimal | None
    strong: Decimal | None
    judge: Decimal | None


@dataclass(slots=True)
class Bill:
    """The attempts that were made for a prompt, however it ended."""

    weak: Attempt | None = None
    strong: Attempt | None = None
    judgement: Judgement | None = None

    @property
    def costs(self) -> Costs:
        judged = [attempt.cost for attempt in self.judgement.attempts] if self.judgement else []
        return Costs(_sum([self.weak.cost] if self.weak else []), _sum([self.strong.cost] if self.strong else []),
                     _sum(judged))  # fmt: skip

    @property
    def total(self) -> Decimal | None:
        return _sum(list(self.costs))


async def label(
    parts: Parts, call: Call, principal: Principal, labelling: Labelling, *, answer: str | None, code: str, bill: Bill
) -> Scores:
    """How good both answers were. `answer` is the right one, where it is known; `bill` is filled as it goes.

    Raises `Kept`, `Unlike`, and a `GatewayError` where one of them gives no answer.
    """
    exchange = admit(parts, call, principal)
    request = request_of(call.body)
    if request is None or any(call.body.get(name) for name in ("tools", "functions")):
        raise Unlike
    try:
        decision = await decide(parts, exchange)
    except (Blocked, Unsupported):
        raise Kept from None
    asked = [labelling.small, labelling.large, *([labelling.judge] if answer is None and labelling.judge else [])]
    if not all(decision.clearance.permits(target.zone) for target in asked):
        raise Kept
    own = [beside(parts, exchange, call, decision) for _ in range(2)]
    own[1].attempts += 1
    exchange.attempts += 2
    bill.weak = Attempt(parts, own[0], labelling.small, "shadow")
    bill.strong = Attempt(parts, own[1], labelling.large, "shadow")
    weak, strong = await asyncio.gather(
        *(_text(parts, each, attempt, labelling) for each, attempt in zip(own, (bill.weak, bill.strong), strict=True)),
        return_exceptions=True,  # what one fails to say, the other has cost all the same
    )
    if isinstance(weak, BaseException):
        raise weak
    if isinstance(strong, BaseException):
        raise strong
    if answer is not None:
        return Scores(float(is_right(weak, answer)), float(is_right(strong, answer)), _EXACT_WEIGHT)
    shown = Comparison(request, weak, strong)
    if labelling.judge is None or shown.size > labelling.compared(len(serialise(call.body))):
        raise Unlike
    bill.judgement = Judgement([], [])
    try:
        await judge(
            parts, exchange, labelling.judge, shown,
            orders=(True, False) if labelling.both_orders else (is_kept(call.request_id[::-1], 0.5),),
            code=code, max_tokens=labelling.verdict_tokens, judgement=bill.judgement,
        )  # fmt: skip
    except JudgeForbidden:
        raise Kept from None
    scores = bill.judgement.scores
    if scores is None:
        raise Unlike
    return scores


async def _text(parts: Parts, exchange: Exchange, attempt: Attempt, labelling: Labelling) -> str:
    said = await ask(parts, exchange, attempt, partial(_written, attempt.target, labelling.max_tokens))
    text = answer_of(said)
    if text is None:
        raise Unlike
    return text


def _written(target: Target, max_tokens: int, body: Mapping[str, Any]) -> bytes:
    sent = {name: value for name, value in body.items() if name != MAX_TOKENS}
    return serialise({**sent, "model": target.model, target.limit_name: max_tokens})


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
