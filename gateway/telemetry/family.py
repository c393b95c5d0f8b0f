"""Family: what one metric is, before there is anything to count. The vocabulary of `catalogue.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
Merge = Literal["livemin", "livemax", "livesum", "livemostrecent"]

PREFIX = "tidegate_"


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: `name` as Prometheus shows it; `merge` says how a gauge is put together from several workers."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    merge: Merge | None = None


def counter(name: str, meaning: str, *labels: str) -> Family:
    return Family(f"{PREFIX}{name}", "counter", meaning, labels)


def histogram(name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Family:
    return Family(f"{PREFIX}{name}", "histogram", meaning, labels, buckets=buckets)


def gauge(name: str, merge: Merge, meaning: str, *labels: str) -> Family:
    return Family(f"{PREFIX}{name}", "gauge", meaning, labels, merge=merge)
