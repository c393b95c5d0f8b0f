"""Budget counts: limits, budgets and alerts as numbers of one worker. Of `counts.py`, which see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from prometheus_client import CollectorRegistry

from gateway.telemetry import budget_families
from gateway.telemetry.families import gauge
from gateway.telemetry.family import Family
from gateway.telemetry.sums import Tally

MOST_BUDGETS = 500  # of single keys, teams and routes, that have series of their own


class BudgetCounts:
    """Methods take names of the configuration, of keys and of teams, and fixed words; amounts are dollars."""

    def __init__(self, tally: Callable[[Family], Tally], registry: CollectorRegistry) -> None:
        self._limited = tally(budget_families.LIMITED)
        self._budget_amount = gauge(budget_families.BUDGET_AMOUNT, registry)
        self._budget_spent = gauge(budget_families.BUDGET_SPENT, registry)
        self._budget_held = gauge(budget_families.BUDGET_HELD, registry)
        self._budget_share = gauge(budget_families.BUDGET_SHARE, registry)
        self._budget_unknown = tally(budget_families.BUDGET_UNKNOWN)
        self._reservations = gauge(budget_families.RESERVATIONS, registry)[()]
        self._alerts = tally(budget_families.ALERTS)
        self._webhook_tries = tally(budget_families.WEBHOOK_TRIES)
        self._alerts_lost = tally(budget_families.ALERTS_LOST)

    def declare(self, budgets: Iterable[str], webhooks: Iterable[str]) -> None:
        """Shows the series of configured names at 0, so that the first event is an increase and can raise an alert."""
        for scope in ("key", "team", "route"):
            for kind in ("requests", "tokens", "concurrent", "budget"):
                self._limited.add((scope, kind), 0)
        for scope in ("tag", "total"):
            self._limited.add((scope, "budget"), 0)
        for budget in budgets:
            self._budget_unknown.add((budget,), 0)
            for kind in ("budget.share", "budget.limit"):
                self._alerts.add((budget, kind), 0)
        for webhook in webhooks:
            self._webhook_tries.add((webhook, "told"), 0)
            for reason in ("refused", "gave_up", "full"):
                self._alerts_lost.add((f"webhook:{webhook}", reason), 0)

    def limited(self, scope: str, kind: str) -> None:
        """`scope`: whose limit or budget it is; `kind`: what it bounds."""
        self._limited.add((scope, kind))

    def stands(self, budget: str, whose: str, amount: Decimal, spent: Decimal, held: Decimal) -> None:
        """Dollars; how it stands."""
        labels = (budget, whose)
        if labels not in self._budget_spent and len(self._budget_spent) >= MOST_BUDGETS:
            return  # a gauge that stood for all others together would say nothing
        self._budget_amount[labels].set(float(amount))
        self._budget_spent[labels].set(float(spent))
        self._budget_held[labels].set(float(held))
        if amount:
            self._budget_share[labels].set(float(spent / amount))

    def unknown(self, budget: str) -> None:
        self._budget_unknown.add((budget,))

    def reserved(self, count: int) -> None:
        self._reservations.set(count)

    def alerted(self, budget: str, kind: str) -> None:
        """`kind`: one of `gateway.config.alerts.Kind`."""
        self._alerts.add((budget, kind))

    def webhook_tried(self, webhook: str, result: str) -> None:
        self._webhook_tries.add((webhook, result))

    def alert_lost(self, sink: str, reason: str) -> None:
        """`sink`: `log`, or `webhook:` and a name; `reason`: `refused`, `gave_up` or `full`."""
        self._alerts_lost.add((sink, reason))
