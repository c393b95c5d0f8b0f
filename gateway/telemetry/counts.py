"""Counts: the families of the catalogue as numbers of one worker, and how each event moves them.

Money is Decimal everywhere else. It becomes float here and only here: Prometheus knows no other number. The exact sums
stand in the ledger.
"""

from __future__ import annotations

import math
import platform
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Protocol

from prometheus_client import CollectorRegistry

from gateway.telemetry import catalogue
from gateway.telemetry.budget_counts import BudgetCounts
from gateway.telemetry.families import counter, distribution, gauge
from gateway.telemetry.family import Family
from gateway.telemetry.room_counts import RoomCounts
from gateway.telemetry.sums import Bill, Spread, Tally, Tokens
from gateway.version import VERSION

_Labels = tuple[str, str, str, str, str, str]  # deployment, zone, outcome (empty: no attempt), route, key, team


class Payer(Protocol):
    """Whose key it was."""

    @property
    def name(self) -> str: ...

    @property
    def team(self) -> str | None: ...


class Counts:
    """Every number of one worker, in `registry`. Methods take configured names and fixed words only."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._sums: list[Tally | Spread | RoomCounts] = []
        self._bills: defaultdict[_Labels, Bill] = defaultdict(Bill)
        self._requests = self._tally(catalogue.REQUESTS)
        self._duration = self._spread(catalogue.REQUEST_DURATION)
        self._in_flight = gauge(catalogue.REQUESTS_IN_FLIGHT, registry)[()]
        self._turned_away = self._tally(catalogue.TURNED_AWAY)
        self._queue_delay = gauge(catalogue.QUEUE_DELAY, registry)[()]
        self._shedding = gauge(catalogue.SHEDDING, registry)[()]
        self._answered = self._tally(catalogue.ANSWERED)
        self._decisions = self._tally(catalogue.DECISIONS)
        self._dialled = self._tally(catalogue.DIALLED)
        self._dial_asked = gauge(catalogue.DIAL_ASKED, registry)
        self._dial_share = gauge(catalogue.DIAL_SHARE, registry)
        self._dial_threshold = gauge(catalogue.DIAL_THRESHOLD, registry)
        self._cascades = self._tally(catalogue.CASCADES)
        self._findings = self._tally(catalogue.FINDINGS)
        self._masked = self._tally(catalogue.MASKED)
        self._refusals = self._tally(catalogue.GUARD_REFUSALS)
        self._attempts = self._tally(catalogue.ATTEMPTS)
        self._retries = self._tally(catalogue.RETRIES)
        self._hedges = self._tally(catalogue.HEDGES)
        self._first_token = self._spread(catalogue.FIRST_TOKEN)
        self._tokens = self._tally(catalogue.TOKENS)
        self._cost = self._tally(catalogue.COST)
        self._cost_unknown = self._tally(catalogue.COST_UNKNOWN)
        self._saved = self._tally(catalogue.SAVED)
        self._overspent = self._tally(catalogue.OVERSPENT)
        self._counterfactual = self._tally(catalogue.COUNTERFACTUAL)
        self._cache = self._tally(catalogue.CACHE)
        self._flights = self._tally(catalogue.FLIGHTS)
        self._semantic = self._tally(catalogue.SEMANTIC)
        self._objections = self._tally(catalogue.SEMANTIC_OBJECTIONS)
        self._up = gauge(catalogue.DEPLOYMENT_UP, registry)
        self._store_faults = self._tally(catalogue.STORE_FAULTS)
        self._stored_responses = self._tally(catalogue.STORED_RESPONSES)
        self._labels = self._tally(catalogue.LABELS)
        self._not_learned = self._tally(catalogue.LEARNING_DROPPED)
        self._shadow = self._tally(catalogue.SHADOW)
        self._verdicts = self._tally(catalogue.VERDICTS)
        self._head_info = gauge(catalogue.HEAD_INFO, registry)
        self._heads: dict[str, str] = {}
        self._head_faults = self._tally(catalogue.HEAD_FAULTS)
        self._head_requests = self._tally(catalogue.HEAD_REQUESTS)
        self._head_disagreements = self._tally(catalogue.HEAD_DISAGREEMENTS)
        self._head_brier = gauge(catalogue.HEAD_BRIER, registry)
        self._drift = gauge(catalogue.DRIFT, registry)
        self.budgets = BudgetCounts(self._tally, registry)
        self.rooms = RoomCounts(self._tally, self._spread, registry)
        self._sums.append(self.rooms)
        self._journal_faults = self._tally(catalogue.JOURNAL_FAULTS)
        self._journal_bytes = gauge(catalogue.JOURNAL_BYTES, registry)[()]
        self._abandoned = gauge(catalogue.ABANDONED, registry)[()]
        self._config_version = gauge(catalogue.CONFIG_VERSION, registry)[()]
        gauge(catalogue.BUILD_INFO, registry)[VERSION, platform.python_version()].set(1)

    def declare(self, routes: Iterable[str], deployments: Iterable[tuple[str, str]]) -> None:
        """Shows the series of configured names at 0, so that the first event is an increase and can raise an alert.

        `deployments` are pairs of name and zone.
        """
        for priority in ("high", "normal", "low"):
            self._turned_away.add((priority,), 0)
        for route in routes:
            for status in ("2xx", "4xx", "5xx"):
                self._requests.add((route, status, "false"), 0)
            for result in ("hit", "miss"):
                self._cache.add((route, result), 0)
        for deployment, zone in deployments:
            self._refusals.add((deployment, zone), 0)
            self._cost_unknown.add((deployment,), 0)
            self._attempts.add((deployment, zone, "ok"), 0)
            self._retries.add((deployment,), 0)
        for kind in ("timeout", "connection"):
            self._store_faults.add(("redis", kind), 0)
            self._store_faults.add(("sql", kind), 0)
        for result in ("kept", "forbidden", "too_large", "failed"):
            self._stored_responses.add((result,), 0)
        for reason in ("forbidden", "full", "store"):
            self._not_learned.add((reason,), 0)

    def turned_away(self, priority: str, count: int) -> None:
        """For want of time."""
        self._turned_away.add((priority,), count)

    def unread(self, count: int) -> None:
        """Of these, at the door."""
        self._requests.add((catalogue.NO_ROUTE, "5xx", "false"), count)

    def queue_delay(self, seconds: float, shedding: bool) -> None:
        self._queue_delay.set(seconds)
        self._shedding.set(shedding)

    def configured(self, version: int) -> None:
        """This worker now serves configuration snapshot `version`."""
        self._config_version.set(version)

    def headed(self, versions: Mapping[str, str]) -> None:
        """Which difficulty model decides about which small deployment."""
        for deployment, head in self._heads.items():
            self._head_info[deployment, head].set(0)
        for deployment, head in versions.items():
            self._head_info[deployment, head].set(1)
            self._head_faults.add((deployment,), 0)
        self._heads = dict(versions)

    def decided(self, route: str, reason: str) -> None:
        """`reason` is a reason's code; one call for each reason of a decision."""
        self._decisions.add((route, reason))

    def dialled(self, route: str, went: str) -> None:
        """`went`: `small` or `large`."""
        self._dialled.add((route, went))

    def dial(self, route: str, asked: float, achieved: float, threshold: float) -> None:
        """Shares 0..1, and a difficulty."""
        labels = (route,)
        self._dial_asked[labels].set(asked)
        self._dial_share[labels].set(achieved)
        self._dial_threshold[labels].set(threshold)

    def cascaded(self, route: str, result: str) -> None:
        self._cascades.add((route, result))

    def declare_cascades(self, routes: Iterable[str]) -> None:
        """The same for the routes that have a cascade."""
        for route in routes:
            for result in ("kept", "committed"):
                self._cascades.add((route, result), 0)

    def found(self, types: Iterable[str]) -> None:
        """The entity types of a request's findings, one item a finding."""
        for entity in types:
            self._findings.add((entity,))

    def masked(self, types: Iterable[str]) -> None:
        """The types of the values that were masked for an attempt, one item a value."""
        for entity in types:
            self._masked.add((entity,))

    def retried(self, deployment: str) -> None:
        """A call is made once more."""
        self._retries.add((deployment,))

    def hedged(self, route: str, result: str) -> None:
        self._hedges.add((route, result))

    def refused(self, deployment: str, zone: str) -> None:
        """The egress guard refused `deployment`."""
        self._refusals.add((deployment, zone))

    def attempted(self, deployment: str, zone: str, outcome: str) -> None:
        """`outcome` is one of the ledger's words: `ok`, `error`, `cut`, `cancelled`, `abandoned`."""
        self._attempts.add((deployment, zone, outcome))

    def settled(
        self,
        deployment: str,
        zone: str,
        outcome: str,
        route: str,
        payer: Payer,
        usage: Tokens | None,
        cost: Decimal | None,
        counterfactual: Decimal | None,
    ) -> None:
        bill = self._bills[deployment, zone, outcome, route, payer.name, payer.team or ""]
        bill.add(usage, cost, counterfactual)

    def first_token(self, deployment: str, seconds: float) -> None:
        self._first_token.add((deployment,), seconds)

    def used(self, deployment: str, prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> None:
        """Tokens of one attempt; `cached` is contained in `prompt`, `reasoning` in `completion`."""
        tokens = self._tokens
        if prompt:
            tokens.add((deployment, "prompt"), prompt)
        if completion:
            tokens.add((deployment, "completion"), completion)
        if cached:
            tokens.add((deployment, "cached"), cached)
        if reasoning:
            tokens.add((deployment, "reasoning"), reasoning)

    def spent(
        self,
        route: str,
        deployment: str,
        key: str,
        team: str | None,
        cost: Decimal | None,
        counterfactual: Decimal | None,
    ) -> None:
        """Dollars of one attempt. `counterfactual` is what the reference deployment would have cost for it: None when
        unknown, 0 for an attempt that gave no answer. Savings are counted only where both are known."""
        self._bills[deployment, "", "", route, key, team or ""].spend(cost, counterfactual)

    def flew(self, event: str) -> None:
        self._flights.add((event,))

    def cached(self, route: str, result: str) -> None:
        """`result`: `hit`, `miss`, `stale`, `bypass` or `off`."""
        self._cache.add((route, result))

    def likened(self, route: str, result: str, objection: str) -> None:
        self._semantic.add((route, result))
        if objection:
            self._objections.add((route, objection))

    def answered(self, route: str, zone: str | None, status: int, streamed: bool, seconds: float) -> None:
        """A request is over. `zone` is where the answer came from; None (or empty) when there was none."""
        self._requests.add((route, f"{status // 100}xx", "true" if streamed else "false"))
        self._duration.add((route,), seconds)
        if zone and status < 400:
            self._answered.add((route, zone))

    def in_flight(self, count: int) -> None:
        self._in_flight.set(count)

    def up(self, deployment: str, zone: str, value: bool) -> None:
        self._up[deployment, zone].set(1 if value else 0)

    def store_fault(self, store: str, kind: str) -> None:
        """`store`: `redis` or `sql`; `kind`: a fixed word such as `timeout`, `connection`, `reply` or `open`."""
        self._store_faults.add((store, kind))

    def stored(self, result: str) -> None:
        """`result`: `kept`, `forbidden`, `too_large` or `failed`."""
        self._stored_responses.add((result,))

    def labelled(self, route: str, source: str) -> None:
        self._labels.add((route, source))

    def not_learned(self, reason: str, count: int) -> None:
        self._not_learned.add((reason,), count)

    def shadowed(self, route: str, result: str) -> None:
        """`result`: what became of an answer that was drawn for shadow evaluation."""
        self._shadow.add((route, result))

    def judged(self, deployment: str, verdict: str) -> None:
        """`verdict`: `first`, `second`, `both`, `neither` or `unreadable`."""
        self._verdicts.add((deployment, verdict))

    def head_fault(self, deployment: str) -> None:
        """Its difficulty model cannot be used."""
        self._head_faults.add((deployment,))

    def head_said(self, deployment: str, champion: str, challenger: str) -> None:
        """What both make of one request: `small` or `large`."""
        self._head_requests.add((deployment, "champion", champion))
        self._head_requests.add((deployment, "challenger", challenger))
        self._head_disagreements.add((deployment,), int(champion != challenger))

    def head_scored(self, deployment: str, head: str, brier: float | None) -> None:
        """`head`: `champion` or `challenger`; None where there is none, or nothing is known of it."""
        self._head_brier[deployment, head].set(math.nan if brier is None else brier)

    def head_drifted(self, deployment: str, index: float) -> None:
        self._drift[deployment,].set(index)

    def journal_fault(self) -> None:
        self._journal_faults.add(())

    def journal(self, size: int, abandoned: int) -> None:
        """Bytes of all files, and attempts that ended with their process."""
        self._journal_bytes.set(size)
        self._abandoned.set(abandoned)

    def flush(self) -> None:
        """Hands on what has been summed since the last time."""
        bills, self._bills = self._bills, defaultdict(Bill)
        for labels, bill in bills.items():
            self._bill(labels, bill)
        for each in self._sums:
            each.flush()

    def _bill(self, labels: _Labels, bill: Bill) -> None:
        deployment, zone, outcome, route, key, team = labels
        if bill.attempts:
            self._attempts.add((deployment, zone, outcome), bill.attempts)
            self.used(deployment, bill.prompt, bill.completion, bill.cached, bill.reasoning)
        if bill.unknown:
            self._cost_unknown.add((deployment,), bill.unknown)
        if bill.has_cost:
            self._cost.add((route, deployment, key, team), bill.cost)
        if bill.has_counterfactual:
            self._counterfactual.add((route,), bill.counterfactual)
        if bill.has_saved:
            self._saved.add((route, key, team), bill.saved)
        if bill.has_loss:
            self._overspent.add((route, key, team), bill.lost)

    def _tally(self, family: Family) -> Tally:
        tally = Tally(counter(family, self.registry))
        self._sums.append(tally)
        return tally

    def _spread(self, family: Family) -> Spread:
        spread = Spread(distribution(family, self.registry))
        self._sums.append(spread)
        return spread
