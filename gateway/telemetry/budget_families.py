"""Budget families: the metrics of limits, budgets and alerts. Labels as in `catalogue.py`."""

from __future__ import annotations

from gateway.telemetry.family import counter, gauge

LIMITED = counter(
    "limit_refusals_total",
    "Attempts that a limit or a budget did not let through, by whose it is and what it bounds. Where a budget keeps "
    "requests at home, the large model's attempts count, although the client was answered.",
    "scope", "kind",
)  # fmt: skip
BUDGET_AMOUNT = gauge(
    "budget_amount_dollars",
    "livemostrecent",
    "What may be spent of a budget in its period.",
    "budget", "whose",
)  # fmt: skip
BUDGET_SPENT = gauge(
    "budget_spent_dollars",
    "livemostrecent",
    "What is spent of it in the period under way, by all replicas. `whose` is the name of a key, team or route; of the "
    "many tags of one budget only the one that spent the largest part is shown, as `highest`.",
    "budget", "whose",
)  # fmt: skip
BUDGET_HELD = gauge(
    "budget_held_dollars",
    "livemostrecent",
    "What attempts under way may still cost, held of it until they have ended.",
    "budget", "whose",
)  # fmt: skip
BUDGET_SHARE = gauge(
    "budget_share",
    "livemostrecent",
    "The share of the amount that is spent; 1 is all of it.",
    "budget", "whose",
)  # fmt: skip
BUDGET_UNKNOWN = counter(
    "budget_unknown_total",
    "Attempts at a moment when nobody could say what was left of a budget; what holds then is its `without_store`.",
    "budget",
)  # fmt: skip
RESERVATIONS = gauge("reservations_open", "livesum", "Attempts under way that hold something of a budget.")
ALERTS = counter(
    "alerts_total",
    "What was told of budgets: `budget.share` or `budget.limit`. Once by all workers and replicas together.",
    "budget", "kind",
)  # fmt: skip
WEBHOOK_TRIES = counter(
    "webhook_tries_total",
    "Tries to tell a webhook of an alert: `told`, the class of a status that is no success, `timeout`, `connection`, "
    "or `answer` (none that was HTTP).",
    "webhook", "result",
)  # fmt: skip
ALERTS_LOST = counter(
    "alerts_lost_total",
    "Alerts that a sink was not told: it said no (`refused`), was away for an hour (`gave_up`), or too many waited "
    "(`full`).",
    "sink", "reason",
)  # fmt: skip

BUDGET_FAMILIES = (
    LIMITED,
    BUDGET_AMOUNT,
    BUDGET_SPENT,
    BUDGET_HELD,
    BUDGET_SHARE,
    BUDGET_UNKNOWN,
    RESERVATIONS,
    ALERTS,
    WEBHOOK_TRIES,
    ALERTS_LOST,
)
