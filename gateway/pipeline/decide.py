"""The decision's place in the way: inline for ordinary prompts, in a thread for those that would hold up all others."""

from __future__ import annotations

from gateway.pipeline.admit import labels_of, needs_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from router.content import content_of
from router.decision import Decision

INLINE_BYTES = 16 * 1024  # about a millisecond of scanning; what a chat stream in the same worker does not notice


async def decide(parts: Parts, exchange: Exchange) -> Decision:
    """Scan, policy, difficulty, strategy. Fills the receipt in, and counts."""
    if exchange.call.size <= INLINE_BYTES:
        if parts.occupancy.count > 1:
            decision = await parts.rounds.run(_read, parts, exchange)
        else:  # nobody to share a round with: no time is lost
            decision = _read(parts, exchange)
    else:
        decision = await parts.large_prompts.run(lambda: _read(parts, exchange))
    exchange.decision = decision
    receipt, metrics = exchange.receipt, parts.metrics
    receipt.clearance, receipt.difficulty, receipt.reasons = decision.clearance, decision.difficulty, decision.reasons
    for reason in decision.reasons:
        metrics.decided(exchange.route.name, reason.code)
    if decision.findings:
        metrics.found(finding.type for finding in decision.findings)
    return decision


def _read(parts: Parts, exchange: Exchange) -> Decision:
    body = exchange.call.body
    content = content_of(body)
    exchange.characters = sum(len(segment.text) for segment in content.segments)
    return parts.router.decide(
        exchange.route, content, parts.fleet.view(), labels=labels_of(exchange), needs=needs_of(body, content)
    )
