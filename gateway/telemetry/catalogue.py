"""Catalogue: every metric family the gateway shows, declared once. `metrics.py` builds what stands here.

Labels hold only names that an operator gave (route, deployment, zone, key name, team, budget, webhook), fixed words
(status class, outcome, reason code, kind) and versions. Never content, a caller's tag, a key, an address or a request
id.
"""

from __future__ import annotations

from gateway.telemetry.budget_families import BUDGET_FAMILIES
from gateway.telemetry.family import counter, gauge, histogram

NO_ROUTE = "none"  # the label of requests that no route served: refused before it was known, or answered without one

# Seconds. Answers reach from a cache hit (some milliseconds) to a reasoning model that thinks for ten minutes.
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
# Seconds. A person notices a first token after 0.2 s and gives up after some ten.
FIRST_TOKEN_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0, 60.0, 120.0)

REQUESTS = counter(
    "requests_total",
    "Requests that were answered or refused, by status class and by whether the answer was streamed.",
    "route", "status", "stream",
)  # fmt: skip
REQUEST_DURATION = histogram(
    "request_duration_seconds",
    "From the first byte of a request to the last byte of its answer, in seconds.",
    DURATION_BUCKETS, "route",
)  # fmt: skip
REQUESTS_IN_FLIGHT = gauge(
    "requests_in_flight", "livesum", "Requests being answered at this moment, summed over the workers."
)
TURNED_AWAY = counter(
    "turned_away_total",
    "Requests that a worker refused (503 `overloaded`) since it had more to do than it can, by the priority of their "
    "keys. Most were not read, and are among the requests without a route.",
    "priority",
)
QUEUE_DELAY = gauge(
    "queue_delay_seconds",
    "livemax",
    "For how long a worker's own work kept everything else waiting, in its worst of the last moments; of several "
    "workers the longest.",
)
SHEDDING = gauge("shedding", "livesum", "How many workers turn requests away at this moment.")
ANSWERED = counter(
    "answered_total",
    "Requests answered with success, by the zone the answer came from; the share of `local` is the local share.",
    "route", "zone",
)  # fmt: skip
DECISIONS = counter(
    "decisions_total",
    "Reasons that decided where a request went; a request can have several.",
    "route", "reason",
)  # fmt: skip
DIALLED = counter(
    "dialled_total",
    "Requests on which a dial had a say, by the class they went to: `small` or `large`. Their ratio is the share.",
    "route", "went",
)  # fmt: skip
DIAL_ASKED = gauge(
    "dial_share_asked",
    "livemostrecent",
    "The share (0 to 1) of requests for the large model that a route's dial asks for; of a cost, what it pays for.",
    "route",
)  # fmt: skip
DIAL_SHARE = gauge(
    "dial_share",
    "livemostrecent",
    "The share (0 to 1) of requests that went to the large model, over the last 5,000 or so of one worker's that the "
    "route's dial decided.",
    "route",
)  # fmt: skip
DIAL_THRESHOLD = gauge(
    "dial_threshold",
    "livemostrecent",
    "The difficulty from which a route's dial sends requests to the large model; 2: none.",
    "route",
)  # fmt: skip
CASCADES = counter(
    "cascade_total",
    "Small models' answers that were looked at, by what came of it; an escalation that failed counts twice.",
    "route", "result",
)  # fmt: skip
FINDINGS = counter(
    "findings_total", "Sensitive findings by entity type, in a text full of them some; never what was found.", "type"
)
MASKED = counter("masked_total", "Values that were masked for attempts outside, by type; never what they were.", "type")
GUARD_REFUSALS = counter(
    "guard_refusals_total",
    "Attempts that the egress guard refused because the clearance forbids the zone.",
    "deployment", "zone",
)  # fmt: skip
ATTEMPTS = counter(
    "attempts_total",
    "Calls of a deployment by outcome; retries, fallbacks and hedges are attempts of their own.",
    "deployment", "zone", "outcome",
)  # fmt: skip
RETRIES = counter(
    "retries_total", "Calls of a deployment that were made once more, after one to it that failed.", "deployment"
)
HEDGES = counter(
    "hedges_total",
    "Second calls that were made besides a silent one, by what came of them: `won`, `lost`, or `failed`.",
    "route", "result",
)  # fmt: skip
FIRST_TOKEN = histogram(
    "first_token_seconds",
    "From sending an attempt to its first token, in seconds.",
    FIRST_TOKEN_BUCKETS, "deployment",
)  # fmt: skip
SEATS = gauge("seats", "livesum", "How many requests a deployment may have at once (`concurrent`).", "deployment")
SEATS_TAKEN = gauge("seats_taken", "livesum", "How many it has, where that is bounded.", "deployment")
QUEUE_LENGTH = gauge("queue_length", "livesum", "How many requests wait until it has room for them.", "deployment")
QUEUE_ESTIMATE = gauge(
    "queue_estimate_seconds", "livemax", "How long one more would wait, by what others took.", "deployment"
)
QUEUE = counter(
    "queue_total",
    "Requests that found no room at a deployment: they waited (`seated`), went on to the next one because too many did "
    "(`full`), because it looked too long (`too_long`) or came to that (`gave_up`); or the client left (`left`).",
    "deployment", "result",
)  # fmt: skip
QUEUE_WAIT = histogram(
    "queue_wait_seconds", "How long those waited that got in, in seconds.", DURATION_BUCKETS, "deployment"
)
TOKENS = counter(
    "tokens_total",
    "Tokens used. `cached` is a part of `prompt`, `reasoning` a part of `completion`: do not add them up.",
    "deployment", "kind",
)  # fmt: skip
COST = counter(
    "cost_dollars_total",
    "Money spent, in dollars, where the cost is known.",
    "route", "deployment", "key", "team",
)  # fmt: skip
COST_UNKNOWN = counter(
    "cost_unknown_total", "Answers whose cost is not known; they are not in the sums of money.", "deployment"
)
SAVED = counter(
    "saved_dollars_total",
    "Dollars saved against answering with the reference deployment. Net savings are this less overspent.",
    "route", "key", "team",
)  # fmt: skip
OVERSPENT = counter(
    "overspent_dollars_total",
    "Dollars spent beyond what the reference deployment would have cost: the losses that belong to the savings.",
    "route", "key", "team",
)  # fmt: skip
COUNTERFACTUAL = counter(
    "counterfactual_dollars_total",
    "What the reference deployment would have cost, in dollars, for the requests whose real cost is known.",
    "route",
)  # fmt: skip
CACHE = counter(
    "cache_total",
    "Look-ups of the answer cache: `hit`, `miss`, `stale` (too old, and better than none), `bypass` (the caller "
    "asked for it) or `off`.",
    "route", "result",
)  # fmt: skip
FLIGHTS = counter(
    "flights_total",
    "Answers on their way, shared by several requests: `led`, calls that others shared; `followed`, requests that "
    "waited for one; `handed_over`, calls made by one who waited, since the one before had failed or was gone.",
    "result",
)  # fmt: skip
SEMANTIC = counter(
    "semantic_cache_total",
    "Look-ups of the semantic cache: `hit`, `none` (no question is near enough), `guard` (near, but not the same), "
    "`late` (no vector in time) or `gone` (the answer was); and what was said of its answers: `wrong` or `right`.",
    "route", "result",
)  # fmt: skip
SEMANTIC_OBJECTIONS = counter(
    "semantic_cache_objections_total",
    "What the nearest question did not agree in, where the guard refused it: `numbers`, `negation`, `content`, …",
    "route", "reason",
)  # fmt: skip
DEPLOYMENT_UP = gauge(
    "deployment_up",
    "livemostrecent",
    "1 when a deployment is taken to be up, 0 when down; of several workers the one that learned it last. None for "
    "deployments with `if_running`.",
    "deployment", "zone",
)  # fmt: skip
STORE_FAULTS = counter(
    "store_faults_total",
    "Steps that a store (Redis, SQL) failed or did not finish in time, by the kind of fault.",
    "store", "kind",
)  # fmt: skip
STORED_RESPONSES = counter(
    "stored_responses_total",
    "Answers of the Responses API that were to be stored: `kept`, `forbidden` (the clearance does not permit the "
    "store's zone), `too_large` or `failed`.",
    "result",
)  # fmt: skip
LABELS = counter(
    "labels_total",
    "What was said of answers, to learn from: by whom (`thumbs`, `score`, `correction`, `preferred`), or by what "
    "(`regenerate`, `follow-up`, `shadow`, `file`).",
    "route", "source",
)  # fmt: skip
LEARNING_DROPPED = counter(
    "learning_dropped_total",
    "What was not kept to learn from: the clearance does not permit the store's zone (`forbidden`), there was more "
    "than could be noted (`full`), or the database was away to the end (`store`).",
    "reason",
)  # fmt: skip
SHADOW = counter(
    "shadow_total",
    "Answers drawn for shadow evaluation: whose was better (`small`, `large`, `tie`, `neither`; `disagreed`: the judge "
    "says otherwise in the other order), or why nobody knows (`unreadable`, `skipped`, `forbidden`, `busy`, `budget`, "
    "`failed`, `cancelled`).",
    "route", "result",
)  # fmt: skip
VERDICTS = counter(
    "judge_verdicts_total",
    "What judges said: the `first` answer they were shown is better, the `second`, `both` are good, `neither`; or "
    "`unreadable`. Which is shown first is drawn by lot, so `first` and `second` should be as frequent.",
    "deployment", "verdict",
)  # fmt: skip

HEAD_INFO = gauge(
    "head_info",
    "livemostrecent",
    "1 for the difficulty model that decides about a small deployment: `shipped`, or the version of its own; 0 for one "
    "that did before.",
    "deployment", "head",
)  # fmt: skip
HEAD_FAULTS = counter(
    "head_faults_total",
    "Difficulty models of deployments that could not be used; the shipped one decides.",
    "deployment",
)
HEAD_REQUESTS = counter(
    "head_requests_total",
    "What the difficulty model that decides (`champion`) and the one on trial beside it (`challenger`) say of the same "
    "requests, a sampled share: `small` or `large`.",
    "deployment", "head", "verdict",
)  # fmt: skip
HEAD_DISAGREEMENTS = counter(
    "head_disagreements_total",
    "Of these requests, those on which the two differ.",
    "deployment",
)
HEAD_BRIER = gauge(
    "head_brier",
    "livemostrecent",
    "Mean squared error of what `champion` and `challenger` say, on labels held back when `tidegate learn` ran last; "
    "smaller is better.",
    "deployment", "head",
)  # fmt: skip
DRIFT = gauge(
    "difficulty_drift",
    "livemax",
    "How far the difficulties of the last 1,000 to 2,000 requests are from those that a learned model was fitted on "
    "(population stability index): below 0.1 little, above 0.25 much.",
    "deployment",
)  # fmt: skip
JOURNAL_FAULTS = counter("journal_faults_total", "Ledger lines that could not be written to the journal file.")
JOURNAL_BYTES = gauge(
    "journal_bytes",
    "livemostrecent",
    "Bytes of the journal files: what waits to be moved into the ledger, and of the files in use also what has been.",
)
ABANDONED = gauge(
    "attempts_abandoned",
    "livemostrecent",
    "Attempts that were settled as abandoned, since the state directory was made: their process had died. What they "
    "held of budgets stays spent.",
)
CONFIG_VERSION = gauge(
    "config_version", "livemin", "Number of the configuration snapshot in force; the oldest of all workers."
)
BUILD_INFO = gauge("build_info", "livemax", "Always 1; the labels name the version.", "version", "python")

CATALOGUE = (
    REQUESTS,
    REQUEST_DURATION,
    REQUESTS_IN_FLIGHT,
    TURNED_AWAY,
    QUEUE_DELAY,
    SHEDDING,
    ANSWERED,
    DECISIONS,
    DIALLED,
    DIAL_ASKED,
    DIAL_SHARE,
    DIAL_THRESHOLD,
    CASCADES,
    FINDINGS,
    MASKED,
    GUARD_REFUSALS,
    ATTEMPTS,
    RETRIES,
    HEDGES,
    FIRST_TOKEN,
    SEATS,
    SEATS_TAKEN,
    QUEUE_LENGTH,
    QUEUE_ESTIMATE,
    QUEUE,
    QUEUE_WAIT,
    TOKENS,
    COST,
    COST_UNKNOWN,
    SAVED,
    OVERSPENT,
    COUNTERFACTUAL,
    CACHE,
    FLIGHTS,
    SEMANTIC,
    SEMANTIC_OBJECTIONS,
    DEPLOYMENT_UP,
    STORE_FAULTS,
    STORED_RESPONSES,
    LABELS,
    LEARNING_DROPPED,
    SHADOW,
    VERDICTS,
    HEAD_INFO,
    HEAD_FAULTS,
    HEAD_REQUESTS,
    HEAD_DISAGREEMENTS,
    HEAD_BRIER,
    DRIFT,
    *BUDGET_FAMILIES,
    JOURNAL_FAULTS,
    JOURNAL_BYTES,
    ABANDONED,
    CONFIG_VERSION,
    BUILD_INFO,
)
