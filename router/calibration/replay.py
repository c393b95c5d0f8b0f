"""Replay: what a dial would have made of rows of traffic, in their order: share, cost, and the quality kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from router import ranks
from router.calibration.crossfit import Proportion, Rows, quality_large
from router.calibration.table import Table
from router.costs import share_for
from router.dial import COST, QUALITY, SHARE, Dial
from router.difficulty.evaluation import Doubles, Interval, interval
from router.ranks import NOBODY
from router.steering import Steering


@dataclass(frozen=True, slots=True)
class Traffic:
    """`weak` and `strong` are scores (0..1) of the two answers, costs dollars a request, by row; None: unknown."""

    rows: Rows
    weak: Doubles | None = None
    strong: Doubles | None = None
    small_cost: tuple[Decimal, ...] | None = None
    large_cost: tuple[Decimal, ...] | None = None

    def means(self) -> tuple[Decimal, Decimal] | None:
        """Mean dollars of a request, by class."""
        if self.small_cost is None or self.large_cost is None:
            return None
        count = len(self.rows)
        return sum(self.small_cost, Decimal(0)) / count, sum(self.large_cost, Decimal(0)) / count


@dataclass(frozen=True, slots=True)
class Outcome:
    """`cost` is dollars per 1,000 requests, exact, and `cost_between` its 95 % interval; None: unknown. `score` is the
    mean score of the answers, `kept` that as a part of what the large model alone reaches. `hard_kept`: of the hard
    rows, those that went to the large model. These are None where no row has scores.
    """

    name: str
    share: Proportion
    hard_kept: Proportion | None
    score: Interval | None
    kept: Interval | None
    cost: Decimal | None
    cost_between: tuple[float, float] | None


class CannotReplay(Exception):
    """The rows do not say enough for this dial. The message says what is missing."""


def replayed(traffic: Traffic, dial: Dial, table: Table | None = None) -> Outcome:
    """With `table` as the gateway would start with it; without, one of the rows' own: of all rows where only their
    difficulties count, and for quality of rows other than the one that is decided. Raises `CannotReplay`.
    """
    return outcome(str(dial), traffic, went_large(traffic, dial, table))


def went_large(traffic: Traffic, dial: Dial, table: Table | None = None) -> NDArray[np.bool_]:
    """Which rows go to the large model. Raises `CannotReplay`."""
    rows = traffic.rows
    if dial.kind == QUALITY:
        if table is None:
            large = quality_large(rows, dial.value)
            if large is None:
                raise CannotReplay(f"{dial}: too few rows on which the large model does better")
            return large
        threshold = table.threshold_for(dial.value)
        if threshold is None:
            raise CannotReplay(f"{dial}: the table has too few hard rows")
        return rows.large(threshold)
    if dial.kind == SHARE:
        return steered(rows, dial.number, table or rows.table())
    if dial.kind == COST:
        means = traffic.means()
        if means is None:
            raise CannotReplay(f"{dial}: the rows do not say what an answer costs")
        share = share_for(dial.number, float(means[0]), float(means[1]))
        return steered(rows, share, table or rows.table())
    return rows.large(dial.number)


def steered(rows: Rows, share: float, table: Table) -> NDArray[np.bool_]:
    """Row by row as the gateway does it, the controller at work."""
    steering = Steering(table.quantiles, ranks.start(table.quantiles, table.abstained, share), share)
    large = np.zeros(len(rows), dtype=np.bool_)
    pairs = zip(rows.difficulty.tolist(), rows.abstained.tolist(), strict=True)
    for place, (difficulty, unsure) in enumerate(pairs):
        threshold = steering.threshold
        went = threshold < NOBODY if unsure else difficulty >= threshold
        steering.heed(went, None if unsure else difficulty)
        large[place] = went
    return large


def outcome(name: str, traffic: Traffic, large: NDArray[np.bool_]) -> Outcome:
    """What it comes to when these rows go to the large model."""
    weak, strong, count = traffic.weak, traffic.strong, len(traffic.rows)
    cost, between = _cost(traffic, large)
    share = Proportion(int(large.sum()), count)
    if weak is None or strong is None:
        return Outcome(name, share, None, None, None, cost, between)
    whole, hard = strong, strong > weak
    score = np.where(large, strong, weak)

    def of_large(which: NDArray[np.intp]) -> float | None:
        best = float(whole[which].mean())
        return float(score[which].mean()) / best if best > 0 else None

    hard_kept = Proportion(int(large[hard].sum()), int(hard.sum()))
    return Outcome(name, share, hard_kept, _mean(score), interval(of_large, count), cost, between)


def _cost(traffic: Traffic, large: NDArray[np.bool_]) -> tuple[Decimal | None, tuple[float, float] | None]:
    if traffic.small_cost is None or traffic.large_cost is None:
        return None, None
    pairs = zip(large.tolist(), traffic.small_cost, traffic.large_cost, strict=True)
    each = [dear if went else cheap for went, cheap, dear in pairs]
    found = _mean(np.array([float(amount) * 1000 for amount in each]))
    mean = sum(each, Decimal(0)) * 1000 / len(each)
    return mean, (found.low or 0.0, found.high or 0.0)


def _mean(values: Doubles) -> Interval:
    def measure(which: NDArray[np.intp]) -> float | None:
        return float(values[which].mean())

    return interval(measure, values.size)


def ends(traffic: Traffic) -> Sequence[Outcome]:
    """All with the small model, and all with the large one."""
    none = np.zeros(len(traffic.rows), dtype=np.bool_)
    return outcome("all small", traffic, none), outcome("all large", traffic, ~none)
