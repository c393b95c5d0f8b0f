"""The decision's place in the way: inline for ordinary prompts, in a thread for those that would hold up all others."""

from __future__ import annotations

from collections import Counter
from typing import Final

from gateway.accounting.usage import CHARACTERS_PER_TOKEN
from gateway.pipeline.admit import labels_of
from gateway.pipeline.books import decline
from gateway.pipeline.bound import media_of
from gateway.pipeline.dial import heed
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.needs import needs_of
from gateway.pipeline.parts import Parts
from gateway.wire.errors import Blocked, Unsupported
from router.capability import Needs
from router.content import content_of
from router.decision import Decision, Reason
from router.masking.proof import MaskedBody
from router.occasion import NO_OCCASION, Occasion

_CROWD: Final = 8  # requests in flight; of fewer, hardly two come as far in the same round
INLINE_BYTES = 16 * 1024  # about a millisecond of scanning; what a chat stream in the same worker does not notice


async def decide(parts: Parts, exchange: Exchange) -> Decision:
    """Scan, policy, rules, difficulty, strategy. Fills the receipt in, and counts.

    Raises `Blocked` where a policy wants it refused, `Unsupported` where deployments may see the content, but none can
    do what is asked, and `JournalUnavailable` where either cannot be written down.
    """
    if exchange.call.size <= INLINE_BYTES and not parts.scan_waits:
        if parts.occupancy.count >= _CROWD:
            decision, needs = await parts.rounds.run(_read_and_heed, parts, exchange)
        else:  # rarely anybody to share a round with: no time is lost
            decision, needs = _read_and_heed(parts, exchange)
    else:
        decision, needs = await parts.large_prompts.run(lambda: _read(parts, exchange))
        heed(parts, exchange, decision)
    exchange.decision = decision
    receipt, metrics = exchange.receipt, parts.metrics
    receipt.clearance, receipt.difficulty, receipt.reasons = decision.clearance, decision.difficulty, decision.reasons
    if decision.head:
        receipt.head = parts.heads.get(decision.head, decision.head)
    if parts.trials and decision.difficulty is not None and (trial := parts.trials.get(exchange.route.name)):
        trial.heed(exchange.content, decision.difficulty)
    for reason in decision.reasons:
        metrics.decided(exchange.route.name, reason.code)
    if decision.findings:
        metrics.found(finding.type for finding in decision.findings)
    if decision.is_blocked:
        decline(parts, exchange, "blocked")
        raise _blocked(decision)
    if not decision.candidates and (lacking := decision.reasons[-1]).code == "capability":
        decline(parts, exchange, "no_deployment")
        raise _unsupported(exchange.route.name, needs[lacking.detail])
    return decision


def _read_and_heed(parts: Parts, exchange: Exchange) -> tuple[Decision, Needs]:
    """On the event loop: a dial has heard of each request before the next one is decided."""
    found = _read(parts, exchange)
    heed(parts, exchange, found[0])
    return found


def _read(parts: Parts, exchange: Exchange) -> tuple[Decision, Needs]:
    call = exchange.call
    content = content_of(call.body)
    exchange.characters = sum(len(segment.text) for segment in content.segments) + call.tokens * CHARACTERS_PER_TOKEN
    needs = needs_of(call, content)
    if content.opaque or "audio" in needs:
        exchange.media = media_of(content, needs)
    if parts.learning and exchange.route.name in parts.learning and not exchange.route.purpose:
        exchange.content = content
    labels = labels_of(exchange)
    knob = exchange.knob
    threshold = None
    if knob is not None:
        threshold = knob.threshold
        exchange.receipt.dial = str(knob)
    decision = parts.router.decide(
        exchange.route,
        content,
        parts.fleet.view(),
        body=call.body,
        labels=labels,
        needs=needs,
        asker=exchange.asker,
        occasion=Occasion(parts.clocks.wall(), exchange.tags) if exchange.route.rules else NO_OCCASION,
        threshold=threshold,
    )
    return decision, needs


def passed_over(parts: Parts, exchange: Exchange, budget: str) -> None:
    """A budget lets a deployment not be asked: the books and the receipt say so."""
    reason, decision, receipt = Reason("budget", budget), exchange.decision, exchange.receipt
    if decision is not None and reason not in decision.reasons:
        exchange.decision = decision._replace(reasons=(*decision.reasons, reason))
        parts.metrics.decided(exchange.route.name, reason.code)
    if reason not in receipt.reasons:
        receipt.reasons = (*receipt.reasons, reason)


async def masking_of(parts: Parts, exchange: Exchange) -> MaskedBody | None:
    """What a decision would have masked, for an answer that is there already and has placeholders in it."""
    call, asker = exchange.call, exchange.asker

    def read() -> MaskedBody | None:
        content = content_of(call.body)
        return parts.router.masking(exchange.route, content, call.body, labels=labels_of(exchange), asker=asker)

    if call.size <= INLINE_BYTES and not parts.scan_waits:
        return read()
    return await parts.large_prompts.run(read)


def _blocked(decision: Decision) -> Blocked:
    """Names types and counts of what blocks; where that is not what was found but who asks, or a label, it says so."""
    rulings = [ruling for ruling in decision.rulings if ruling.clearance.is_nowhere]
    if any(ruling.is_whole for ruling in rulings):
        why = "of its label or of who asks"
    else:
        counts = Counter[str]()
        for ruling in rulings:
            counts |= Counter(dict(ruling.counts))
        why = "it holds " + ", ".join(f"{kind} ({count})" for kind, count in sorted(counts.items()))
    return Blocked(f"This gateway's policy refuses this content because {why}. It was not sent anywhere.")


def _unsupported(route: str, param: str) -> Unsupported:
    return Unsupported(
        f"The model `{route}` has no deployment that may see this content and can do what `{param}` asks for.",
        param=param,
    )
