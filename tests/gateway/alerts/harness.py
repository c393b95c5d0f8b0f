"""Events and budgets for the tests of this directory, and a clock that stands still."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from gateway.alerts.crossing import Watched
from gateway.alerts.event import Event, Term
from gateway.config.alerts import Webhook
from gateway.config.shape import settings_of
from tests.servers.webhooks import SECRET

AT = 1_795_000_000.0  # 2026-11-18 10:13:20 UTC
BEGINS, ENDS = 1_793_491_200, 1_796_083_200  # November 2026
MONTH = Term("month", BEGINS, ENDS)
DAY = Term("24h")
PICO = 10**12  # to a dollar

EVENT = Event(
    kind="budget.share",
    budget="research",
    scope="team",
    whose="lab",
    term=MONTH,
    amount=Decimal(200),
    spent=Decimal("161.25"),
    share=Decimal("0.8"),
    at_limit="refuse",
    at=AT,
)
LIMIT = replace(EVENT, kind="budget.limit", share=None)


def watched(**changes: Any) -> Watched:
    """A month's 200 $ of a team, told of at 50, 80 and 100 %."""
    plain = Watched(
        budget="research",
        scope="team",
        whose="lab",
        term=MONTH,
        amount=Decimal(200),
        alerts=(Decimal("0.5"), Decimal("0.8"), Decimal(1)),
        at_limit="refuse",
    )
    return replace(plain, **changes)


def webhook(url: str, **more: Any) -> Webhook:
    return settings_of(Webhook, {"url": url, "secret": SECRET, **more})
