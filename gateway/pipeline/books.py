"""Books: what a request writes into the journal. The same lines are the ledger's and the audit's.

Every decision has a line before anything is sent: an attempt's intent, or `decline` where it comes to no attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.record import Declined, Intent, Refusal, Role, Settlement
from gateway.accounting.usage import CHARACTERS_PER_TOKEN
from gateway.egress.target import Target
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts


def write_down(parts: Parts, record: Intent | Settlement | Declined) -> None:
    """A line in the journal. Raises `JournalUnavailable`, and counts it: the operator has to hear of a full disk."""
    journal = parts.journal
    try:
        if isinstance(record, Intent):
            journal.intent(record)
        elif isinstance(record, Settlement):
            journal.settled(record)
        else:
            journal.declined(record)
    except JournalUnavailable:
        parts.metrics.journal_fault()
        raise


def intent_of(
    parts: Parts,
    exchange: Exchange,
    attempt_id: str,
    target: Target | None,
    masked: Mapping[str, int] = MappingProxyType({}),
    role: Role = "answer",
    at: float | None = None,
    held: Decimal | None = None,
) -> Intent:
    """What has been decided, and for which deployment; None: for none. `masked` counts by type what goes out masked.

    `at`: when it begins, if that is not now. `held`: dollars.
    """
    decision = exchange.decision
    if decision is None:
        raise AssertionError("an intent needs a decision")
    return Intent(
        attempt_id=attempt_id,
        request_id=exchange.call.request_id,
        at=parts.clocks.wall() if at is None else at,
        key=exchange.principal.name,
        team=exchange.principal.team,
        route=exchange.route.name,
        deployment=target.name if target else "",
        zone=target.zone if target else "",
        model=target.model if target else "",
        clearance=str(decision.clearance),
        reason=decision.reason,
        difficulty=decision.difficulty,
        prompt_estimate=exchange.characters // CHARACTERS_PER_TOKEN,
        findings=exchange.finding_counts,
        masked=dict(masked),
        more=decision.more,
        role=role,
        tags=in_order(exchange.tags),
        held=held,
    )


def in_order(tags: frozenset[str]) -> tuple[str, ...]:
    """As the books have them."""
    return tuple(sorted(tags)) if tags else ()


def decline(parts: Parts, exchange: Exchange, outcome: Refusal) -> None:
    """Writes down a decision after which nothing is sent. Raises `JournalUnavailable`."""
    write_down(parts, Declined(intent_of(parts, exchange, exchange.next_attempt_id(), None), outcome))
