"""Families: what the catalogue declares, as the library for metrics has it."""

from __future__ import annotations

from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics import MetricWrapperBase

from gateway.telemetry.children import Children, Distribution
from gateway.telemetry.family import Family

M = TypeVar("M", bound=MetricWrapperBase)


def _children(metric: M, family: Family) -> Children[M]:
    if family.labels:
        return Children(lambda labels: metric.labels(*labels))
    return Children(lambda _: metric)


def counter(family: Family, registry: CollectorRegistry) -> Children[Counter]:
    return _children(Counter(family.name, family.meaning, family.labels, registry=registry), family)


def gauge(family: Family, registry: CollectorRegistry) -> Children[Gauge]:
    merge = family.merge
    if merge is None:
        raise ValueError(f"{family.name}: a gauge must say how workers' values merge")
    return _children(
        Gauge(family.name, family.meaning, family.labels, registry=registry, multiprocess_mode=merge), family
    )


def distribution(family: Family, registry: CollectorRegistry) -> Children[Distribution]:
    return _children(
        Distribution(family.name, family.meaning, family.labels, registry=registry, buckets=family.buckets), family
    )
