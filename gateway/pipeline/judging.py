"""Judging: a deployment is asked which of two answers is better. What it is shown is decided on anew.

The request was cleared for where it went; the answers were not. So the body for the judge is scanned like any other,
and bound by the request's clearance besides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from gateway.egress.target import Target
from gateway.learning.judge import Comparison, Scores, Verdict, judge_body, scores_of, verdict_of
from gateway.pipeline.admit import labels_of
from gateway.pipeline.aside import ask, beside
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.decide import INLINE_BYTES
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.wire.call import MAX_TOKENS, Call
from router.content import content_of
from router.decision import Decision
from router.router import Label

PURPOSE: Final = "judge"  # of the plan, and so the reason in the books
_SCHEMA: Final = "json_schema"  # the capability


class JudgeForbidden(Exception):
    """What would be shown to the judge may not go there, or the judge is down."""


@dataclass(slots=True)
class Judgement:
    """What came of it so far: verdicts, each with whether the small deployment's answer stood first, and all attempts
    that were made."""

    verdicts: list[tuple[Verdict, bool]]
    attempts: list[Attempt]

    @property
    def scores(self) -> Scores | None:
        """None where any verdict cannot be read."""
        return scores_of(self.verdicts) if len(self.verdicts) == len(self.attempts) else None


async def judge(
    parts: Parts,
    exchange: Exchange,
    judge: Target,
    comparison: Comparison,
    *,
    orders: tuple[bool, ...],
    code: str,
    max_tokens: int,
    judgement: Judgement,
) -> None:
    """Compares in each of `orders`: with whether the first text of `comparison`, the small deployment's, stands first.

    `judgement` is filled as it goes, so that what was spent is known however it ends. Raises `JudgeForbidden`, and a
    `GatewayError` where the judge gives no answer.
    """
    schema = _SCHEMA not in parts.fleet.view()[judge.name].lacks
    for weak_first in orders:
        shown = comparison if weak_first else comparison.swapped
        body: dict[str, object] = judge_body(shown, code, max_tokens=max_tokens, schema=schema)
        if judge.limit_name == MAX_TOKENS:  # models that think refuse it
            body["temperature"] = 0
        decision = await _decided(parts, exchange, judge, body, shown.size)
        call = Call(body, exchange.call.route, exchange.call.request_id, is_translated=True)
        own = beside(parts, exchange, call, decision)
        own.characters = len(comparison.request) + len(comparison.first) + len(comparison.second)
        attempt = Attempt(parts, own, judge, "judge")
        exchange.attempts = own.attempts
        judgement.attempts.append(attempt)
        said = await ask(parts, own, attempt, partial(_written, call, judge))
        verdict = verdict_of(said)
        parts.metrics.judged(judge.name, verdict or "unreadable")
        if verdict is None:
            return
        judgement.verdicts.append((verdict, weak_first))


def _written(call: Call, judge: Target, body: object) -> bytes:
    return call.upstream_body(judge.model, judge.limit_name, body if isinstance(body, dict) else None)


async def _decided(parts: Parts, exchange: Exchange, judge: Target, body: dict[str, object], size: int) -> Decision:
    """Raises `JudgeForbidden`."""
    before = exchange.decision
    if before is None:
        raise AssertionError("only what was decided on is judged")
    plan = replace(
        exchange.route, small=(judge.name,), large=(), prefer="auto", purpose=PURPOSE, rules=(), specialists=None
    )
    labels = (*labels_of(exchange), Label("request", before.clearance))

    def read() -> Decision:
        content, fleet = content_of(body), parts.fleet.view()
        return parts.router.decide(plan, content, fleet, body=body, labels=labels, asker=exchange.asker)

    small_enough = size <= INLINE_BYTES and not parts.scan_waits
    work: Callable[[], Decision] = read
    decision = work() if small_enough else await parts.large_prompts.run(work)
    if judge.name not in decision.candidates or not decision.clearance.permits(judge.zone):
        raise JudgeForbidden
    return decision
