"""Children: the label sets of a family of metrics, reached for once, and told of many events at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

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


class Distribution(Histogram):
    """A histogram that is told many amounts at once: each bucket and the sum are reached for once."""

    def observe_all(self, amounts: Sequence[float]) -> None:
        self._sum.inc(sum(amounts))
        counts: dict[int, int] = {}
        for amount in amounts:
            bucket = bisect_left(self._upper_bounds, amount)
            counts[bucket] = counts.get(bucket, 0) + 1
        for bucket, count in counts.items():
            self._buckets[bucket].inc(count)
