"""Metrics: what Prometheus reads from `/metrics`. Built once by the composition root; no registry of the module's own.

One worker keeps its numbers in memory. With several, the parent calls `prepare` and hands the result to the workers'
environment before they start: prometheus_client decides at its first import whether to keep numbers in files that all
workers share. Any worker then answers a scrape for all of them.

Money is Decimal everywhere else. It becomes float here and only here: Prometheus knows no other number. The exact sums
stand in the ledger.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Generic, TypeVar

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gateway.telemetry import catalogue
from gateway.telemetry.catalogue import Family
from gateway.version import VERSION

MAX_CHILDREN = 2_000  # label sets a family; above it everything new is counted as `other`. 40 routes × 50 keys fit
OTHER = "other"

M = TypeVar("M", bound=MetricWrapperBase)


def prepare(directory: Path) -> dict[str, str]:
    """For the parent of several workers: empties `directory` of an earlier run; returns the workers' environment."""
    directory.mkdir(parents=True, exist_ok=True)
    for left in directory.glob("*.db"):
        left.unlink(missing_ok=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(directory)}


def forget(pid: int, directory: Path) -> None:
    """For the parent, when worker `pid` has ended: drops its gauges. What it counted stays in the sums."""
    mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]


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


class Metrics:
    """Every number of one worker, and the way to read those of all. Methods take configured names and fixed words only.

    A method is one dict access and one addition once its label set has been seen (about a microsecond).
    """

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # halves the series of counters
        own = CollectorRegistry(auto_describe=False)
        self._requests = _counter(catalogue.REQUESTS, own)
        self._duration = _histogram(catalogue.REQUEST_DURATION, own)
        self._in_flight = _gauge(catalogue.REQUESTS_IN_FLIGHT, own)[()]
        self._answered = _counter(catalogue.ANSWERED, own)
        self._decisions = _counter(catalogue.DECISIONS, own)
        self._findings = _counter(catalogue.FINDINGS, own)
        self._refusals = _counter(catalogue.GUARD_REFUSALS, own)
        self._attempts = _counter(catalogue.ATTEMPTS, own)
        self._first_token = _histogram(catalogue.FIRST_TOKEN, own)
        self._tokens = _counter(catalogue.TOKENS, own)
        self._cost = _counter(catalogue.COST, own)
        self._cost_unknown = _counter(catalogue.COST_UNKNOWN, own)
        self._saved = _counter(catalogue.SAVED, own)
        self._overspent = _counter(catalogue.OVERSPENT, own)
        self._counterfactual = _counter(catalogue.COUNTERFACTUAL, own)
        self._cache = _counter(catalogue.CACHE, own)
        self._up = _gauge(catalogue.DEPLOYMENT_UP, own)
        self._store_faults = _counter(catalogue.STORE_FAULTS, own)
        self._journal_faults = _counter(catalogue.JOURNAL_FAULTS, own)[()]
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
                self._requests[route, status, "false"].inc(0)
            for result in ("hit", "miss"):
                self._cache[route, result].inc(0)
        for deployment, zone in deployments:
            self._refusals[deployment, zone].inc(0)
            self._cost_unknown[deployment,].inc(0)
            self._attempts[deployment, zone, "ok"].inc(0)
        for kind in ("timeout", "connection"):
            self._store_faults["redis", kind].inc(0)

    def configured(self, version: int) -> None:
        """This worker now serves configuration snapshot `version`."""
        self._config_version.set(version)

    def decided(self, route: str, reason: str) -> None:
        """`reason` is a reason's code; one call for each reason of a decision."""
        self._decisions[route, reason].inc()

    def found(self, types: Iterable[str]) -> None:
        """The entity types of a request's findings, one item a finding."""
        for entity in types:
            self._findings[entity,].inc()

    def refused(self, deployment: str, zone: str) -> None:
        """The egress guard refused `deployment`."""
        self._refusals[deployment, zone].inc()

    def attempted(self, deployment: str, zone: str, outcome: str) -> None:
        """`outcome` is one of the ledger's words: `ok`, `error`, `cut`, `cancelled`, `abandoned`."""
        self._attempts[deployment, zone, outcome].inc()

    def first_token(self, deployment: str, seconds: float) -> None:
        self._first_token[deployment,].observe(seconds)

    def used(self, deployment: str, prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> None:
        """Tokens of one attempt; `cached` is contained in `prompt`, `reasoning` in `completion`."""
        tokens = self._tokens
        if prompt:
            tokens[deployment, "prompt"].inc(prompt)
        if completion:
            tokens[deployment, "completion"].inc(completion)
        if cached:
            tokens[deployment, "cached"].inc(cached)
        if reasoning:
            tokens[deployment, "reasoning"].inc(reasoning)

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
            self._cost_unknown[deployment,].inc()
            return
        team = team or ""
        self._cost[route, deployment, key, team].inc(float(cost))
        if counterfactual is None:
            return
        self._counterfactual[route,].inc(float(counterfactual))
        saved = counterfactual - cost
        if saved >= 0:
            self._saved[route, key, team].inc(float(saved))
        else:  # a counter cannot fall, so losses are a counter of their own
            self._overspent[route, key, team].inc(float(-saved))

    def cached(self, route: str, result: str) -> None:
        """`result`: `hit`, `miss`, `bypass` or `off`."""
        self._cache[route, result].inc()

    def answered(self, route: str, zone: str | None, status: int, streamed: bool, seconds: float) -> None:
        """A request is over. `zone` is where the answer came from; None (or empty) when there was none."""
        self._requests[route, f"{status // 100}xx", "true" if streamed else "false"].inc()
        self._duration[route,].observe(seconds)
        if zone and status < 400:
            self._answered[route, zone].inc()

    def in_flight(self, delta: int) -> None:
        """+1 when a request comes in, -1 when it is over."""
        self._in_flight.inc(delta)

    def up(self, deployment: str, zone: str, value: bool) -> None:
        self._up[deployment, zone].set(1 if value else 0)

    def store_fault(self, store: str, kind: str) -> None:
        """`store`: `redis` or `sql`; `kind`: a fixed word such as `timeout`, `connection`, `reply` or `open`."""
        self._store_faults[store, kind].inc()

    def journal_fault(self) -> None:
        self._journal_faults.inc()

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """The body and content type of `/metrics` for the request's `Accept` header: text 0.0.4 or OpenMetrics.

        With several workers it reads all their files: some milliseconds, to be called in a thread.
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
