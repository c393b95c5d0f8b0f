"""Metrics: what Prometheus reads from `/metrics`. Built once by the composition root; no registry of the module's own.

One worker keeps its numbers in memory. Several keep them in files that all share, where their parent says
(`shared.py`): prometheus_client decides at its first import whether to do so. Any worker then answers for all of them.

Money is Decimal everywhere else. It becomes float here and only here: Prometheus knows no other number. The exact sums
stand in the ledger.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Generic, TypeVar

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.telemetry import catalogue
from gateway.telemetry.catalogue import Family
from gateway.version import VERSION

MAX_CHILDREN = 2_000  # label sets a family; above it everything new is counted as `other`. 40 routes × 50 keys fit
OTHER = "other"

M = TypeVar("M", bound=MetricWrapperBase)


class Children(dict[tuple[str, ...], M], Generic[M]):
    """The bound children of one family by label values: after the first call a look-up is one dict access."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[tuple[str, ...]], M]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, labels: tuple[str, ...]) -> M:
        if len(self) >= MAX_CHILDREN:
            return self._make(tuple(OTHER for _ in labels))
        child = self[labels] = self._make(labels)
        return child


class Tally:
    """A counter whose additions wait in a dictionary until `flush`: no lock and no shared file on the hot path."""

    __slots__ = ("_children", "_tell", "_waiting")

    def __init__(self, children: Children[Counter], tell: Callable[[], None]) -> None:
        self._children = children
        self._waiting: dict[tuple[str, ...], float] = {}
        self._tell = tell

    def add(self, labels: tuple[str, ...], amount: float = 1.0) -> None:
        waiting = self._waiting
        if not waiting:
            self._tell()
        waiting[labels] = waiting.get(labels, 0.0) + amount

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for labels, amount in waiting.items():
            self._children[labels].inc(amount)


class Metrics:
    """Every number of one worker, and the way to read those of all. Methods take configured names and fixed words only.

    Used from one thread. Counters are added up and handed on in one go: `later` is given the work and does it soon
    (`loop.call_later` in a worker); without it they are handed on when they are asked for.
    """

    def __init__(self, later: Callable[[Callable[[], None]], object] | None = None) -> None:
        self._later = later
        self._told = False
        self._tallies: list[Tally] = []
        self._flying = 0
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # halves the series of counters
        own = CollectorRegistry(auto_describe=False)
        self._requests = self._tally(catalogue.REQUESTS, own)
        self._duration = _histogram(catalogue.REQUEST_DURATION, own)
        self._in_flight = _gauge(catalogue.REQUESTS_IN_FLIGHT, own)[()]
        self._answered = self._tally(catalogue.ANSWERED, own)
        self._decisions = self._tally(catalogue.DECISIONS, own)
        self._findings = self._tally(catalogue.FINDINGS, own)
        self._refusals = self._tally(catalogue.GUARD_REFUSALS, own)
        self._attempts = self._tally(catalogue.ATTEMPTS, own)
        self._first_token = _histogram(catalogue.FIRST_TOKEN, own)
        self._tokens = self._tally(catalogue.TOKENS, own)
        self._cost = self._tally(catalogue.COST, own)
        self._cost_unknown = self._tally(catalogue.COST_UNKNOWN, own)
        self._saved = self._tally(catalogue.SAVED, own)
        self._overspent = self._tally(catalogue.OVERSPENT, own)
        self._counterfactual = self._tally(catalogue.COUNTERFACTUAL, own)
        self._cache = self._tally(catalogue.CACHE, own)
        self._up = _gauge(catalogue.DEPLOYMENT_UP, own)
        self._store_faults = self._tally(catalogue.STORE_FAULTS, own)
        self._journal_faults = self._tally(catalogue.JOURNAL_FAULTS, own)
        self._config_version = _gauge(catalogue.CONFIG_VERSION, own)[()]
        _gauge(catalogue.BUILD_INFO, own)[VERSION, platform.python_version()].set(1)
        self._registry = own
        if values.ValueClass._multiprocess:
            self._registry = CollectorRegistry()
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]

    def declare(self, routes: Iterable[str], deployments: Iterable[tuple[str, str]]) -> None:
        """Shows the series of configured names at 0, so that the first event is an increase and can raise an alert.

        `deployments` are pairs of name and zone.
        """
        for route in routes:
            for status in ("2xx", "4xx", "5xx"):
                self._requests.add((route, status, "false"), 0)
            for result in ("hit", "miss"):
                self._cache.add((route, result), 0)
        for deployment, zone in deployments:
            self._refusals.add((deployment, zone), 0)
            self._cost_unknown.add((deployment,), 0)
            self._attempts.add((deployment, zone, "ok"), 0)
        for kind in ("timeout", "connection"):
            self._store_faults.add(("redis", kind), 0)

    def configured(self, version: int) -> None:
        """This worker now serves configuration snapshot `version`."""
        self._config_version.set(version)

    def decided(self, route: str, reason: str) -> None:
        """`reason` is a reason's code; one call for each reason of a decision."""
        self._decisions.add((route, reason))

    def found(self, types: Iterable[str]) -> None:
        """The entity types of a request's findings, one item a finding."""
        for entity in types:
            self._findings.add((entity,))

    def refused(self, deployment: str, zone: str) -> None:
        """The egress guard refused `deployment`."""
        self._refusals.add((deployment, zone))

    def attempted(self, deployment: str, zone: str, outcome: str) -> None:
        """`outcome` is one of the ledger's words: `ok`, `error`, `cut`, `cancelled`, `abandoned`."""
        self._attempts.add((deployment, zone, outcome))

    def first_token(self, deployment: str, seconds: float) -> None:
        self._first_token[deployment,].observe(seconds)

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
        if cost is None:
            self._cost_unknown.add((deployment,))
            return
        team = team or ""
        self._cost.add((route, deployment, key, team), float(cost))
        if counterfactual is None:
            return
        self._counterfactual.add((route,), float(counterfactual))
        saved = counterfactual - cost
        if saved >= 0:
            self._saved.add((route, key, team), float(saved))
        else:  # a counter cannot fall, so losses are a counter of their own
            self._overspent.add((route, key, team), float(-saved))

    def cached(self, route: str, result: str) -> None:
        """`result`: `hit`, `miss`, `bypass` or `off`."""
        self._cache.add((route, result))

    def answered(self, route: str, zone: str | None, status: int, streamed: bool, seconds: float) -> None:
        """A request is over. `zone` is where the answer came from; None (or empty) when there was none."""
        self._requests.add((route, f"{status // 100}xx", "true" if streamed else "false"))
        self._duration[route,].observe(seconds)
        if zone and status < 400:
            self._answered.add((route, zone))

    def in_flight(self, delta: int) -> None:
        """+1 when a request comes in, -1 when it is over."""
        self._flying += delta
        self._soon()

    def up(self, deployment: str, zone: str, value: bool) -> None:
        self._up[deployment, zone].set(1 if value else 0)

    def store_fault(self, store: str, kind: str) -> None:
        """`store`: `redis` or `sql`; `kind`: a fixed word such as `timeout`, `connection`, `reply` or `open`."""
        self._store_faults.add((store, kind))

    def journal_fault(self) -> None:
        self._journal_faults.add(())

    def flush(self) -> None:
        """Hands on what has been added up since the last time."""
        self._told = False
        for tally in self._tallies:
            tally.flush()
        self._in_flight.set(self._flying)

    def _soon(self) -> None:
        if not self._told:
            self._told = True
            if self._later is not None:
                self._later(self.flush)

    def _tally(self, family: Family, registry: CollectorRegistry) -> Tally:
        tally = Tally(_counter(family, registry), self._soon)
        self._tallies.append(tally)
        return tally

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """What `/metrics` says, up to this moment."""
        self.flush()
        return self.encoded(accept)

    def encoded(self, accept: str = "") -> tuple[bytes, str]:
        """The body and content type of `/metrics` for the request's `Accept` header: text 0.0.4 or OpenMetrics.

        With several workers it reads all their files: some milliseconds, to be called in a thread, after `flush`.
        """
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type


def _children(metric: M, family: Family) -> Children[M]:
    if family.labels:
        return Children(lambda labels: metric.labels(*labels))
    return Children(lambda _: metric)


def _counter(family: Family, registry: CollectorRegistry) -> Children[Counter]:
    return _children(Counter(family.name, family.meaning, family.labels, registry=registry), family)


def _gauge(family: Family, registry: CollectorRegistry) -> Children[Gauge]:
    merge = family.merge
    if merge is None:
        raise ValueError(f"{family.name}: a gauge must say how workers' values merge")
    return _children(
        Gauge(family.name, family.meaning, family.labels, registry=registry, multiprocess_mode=merge), family
    )


def _histogram(family: Family, registry: CollectorRegistry) -> Children[Histogram]:
    return _children(
        Histogram(family.name, family.meaning, family.labels, registry=registry, buckets=family.buckets), family
    )
