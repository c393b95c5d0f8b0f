"""The decision's place in the way: inline for ordinary prompts, in a thread for those that would hold up all others."""

from __future__ import annotations

from gateway.accounting.usage import CHARACTERS_PER_TOKEN
from gateway.pipeline.admit import labels_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.needs import needs_of
from gateway.pipeline.parts import Parts
from gateway.wire.errors import Unsupported
from router.capability import Needs
from router.content import content_of
from router.decision import Decision

INLINE_BYTES = 16 * 1024  # about a millisecond of scanning; what a chat stream in the same worker does not notice


async def decide(parts: Parts, exchange: Exchange) -> Decision:
    """Scan, policy, difficulty, strategy. Fills the receipt in, and counts.

    Raises `Unsupported` where deployments may see the content, but none can do what is asked.
    """
    if exchange.call.size <= INLINE_BYTES and not parts.scan_waits:
        if parts.occupancy.count > 1:
            decision, needs = await parts.rounds.run(_read, parts, exchange)
        else:  # nobody to share a round with: no time is lost
            decision, needs = _read(parts, exchange)
    else:
        decision, needs = await parts.large_prompts.run(lambda: _read(parts, exchange))
    exchange.decision = decision
    receipt, metrics = exchange.receipt, parts.metrics
    receipt.clearance, receipt.difficulty, receipt.reasons = decision.clearance, decision.difficulty, decision.reasons
    for reason in decision.reasons:
        metrics.decided(exchange.route.name, reason.code)
    if decision.findings:
        metrics.found(finding.type for finding in decision.findings)
    if not decision.candidates and (lacking := decision.reasons[-1]).code == "capability":
        raise _unsupported(exchange.route.name, needs[lacking.detail])
    return decision


def _read(parts: Parts, exchange: Exchange) -> tuple[Decision, Needs]:
    call = exchange.call
    content = content_of(call.body)
    exchange.characters = sum(len(segment.text) for segment in content.segments) + call.tokens * CHARACTERS_PER_TOKEN
    needs = needs_of(call, content)
    labels = labels_of(exchange)
    return parts.router.decide(exchange.route, content, parts.fleet.view(), labels=labels, needs=needs), needs


def _unsupported(route: str, param: str) -> Unsupported:
    return Unsupported(
        f"The model `{route}` has no deployment that may see this content and can do what `{param}` asks for.",
        param=param,
    )
