"""Relearning, all of it in order: evidence, weights, trial, challenger, gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from router.difficulty.evaluation import Doubles, Interval
from router.difficulty.model import DifficultyModel
from router.difficulty.relearning import gates
from router.difficulty.relearning.anchors import Anchors
from router.difficulty.relearning.disputes import disputes
from router.difficulty.relearning.dissent import KeyView, Setting, key_views
from router.difficulty.relearning.fit import Rows, Scaling, head, sigmoid
from router.difficulty.relearning.gates import NOTHING, Findings, Gate, Permission
from router.difficulty.relearning.told import Evidence, Indices, Told, evidence
from router.difficulty.relearning.trial import (
    calibration_error,
    chosen,
    gains,
    held_back,
    interval,
    losses,
    mean,
    newest,
    ranking,
    recovered,
)
from router.difficulty.relearning.weighing import AREA_ROWS, areas, weigh

MOST_ROWS = 10_000  # the newest
Measure = Callable[[Doubles, Indices], float]


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of the old head, the new one, and their difference, on rows held back; with 95 % intervals."""

    old: Interval
    new: Interval
    change: Interval

    def card(self) -> dict[str, list[float] | None]:
        return {"old": self.old.card(), "new": self.new.card(), "change": self.change.card()}


@dataclass(frozen=True, slots=True)
class Relearned:
    """`challenger` is `None` where there were too few labels to fit one. `figures`: by name (`log_loss`, `brier`,
    `auroc`, `apgr`, `ece`). `difficulty`: the challenger's probability of each row."""

    challenger: DifficultyModel | None
    gates: tuple[Gate, ...]
    figures: dict[str, Pair]
    keys: tuple[KeyView, ...]
    rows: int
    trusted: int
    strength: float | None
    factor: float | None
    difficulty: Doubles

    @property
    def passed(self) -> bool:
        return self.challenger is not None and all(gate.held for gate in self.gates)


def relearn(
    champion: DifficultyModel, labels: Sequence[Told], may: Permission = NOTHING, anchors: Anchors | None = None
) -> Relearned:
    """Fits a challenger to all labels, and judges one fitted in the same way on rows that it did not see."""
    with threadpool_limits(1):  # the matrices are small: threads would only wait for one another
        return _relearn(champion, labels, may, anchors)


def _relearn(champion: DifficultyModel, labels: Sequence[Told], may: Permission, anchors: Anchors | None) -> Relearned:
    found = evidence(labels)
    if len(found) > MOST_ROWS:
        found = found.take(np.arange(len(found) - MOST_ROWS, len(found)))
    first = gates.counted(found)
    if not all(gate.held for gate in first):
        none: Doubles = np.zeros(0)
        return Relearned(None, first, {}, (), len(found), int(found.trusted.sum()), None, None, none)
    anchors = anchors or Anchors.shipped()
    scaling = Scaling.of(champion, np.vstack((found.structure, anchors.structure())))
    area = areas(found)
    rows = Rows.of(found, scaling, weigh(found, area, alone=may.one_key))
    rehearsed = anchors.rows(champion, scaling)
    final = chosen(rows, found.group, rehearsed)
    challenger = head(champion, final.fitted, scaling, final.calibration)
    old, new = sigmoid(found.logit), held_back(rows, found.group, rehearsed)
    gained = gains(old, new, rows)
    latest, p = newest(rows, found.group, rehearsed)
    figures = _figures(old, new, found, rows)
    findings = Findings(
        found,
        figures["log_loss"].change,
        mean(gains(old[latest], p, rows.take(latest)), rows.weight[latest]),
        figures["auroc"].old,
        figures["auroc"].new,
        _trusted(gained, found),
        (anchors.judged(champion), anchors.judged(challenger)),
        key_views(Setting(found, rows, rehearsed, area, final), gained),
        disputes(found, (area, areas(found, 2 * AREA_ROWS), areas(found, 4 * AREA_ROWS)), new),
    )
    return Relearned(
        challenger,
        (*first, *gates.judged(findings, may)),
        figures,
        findings.keys,
        len(found),
        int(found.trusted.sum()),
        final.strength,
        final.fitted.factor,
        final.probabilities(rows),
    )


def _trusted(gained: Doubles, found: Evidence) -> Interval | None:
    rows = found.trusted
    if int(rows.sum()) < gates.MIN_TRUSTED:
        return None
    own, weight = gained[rows], found.said[rows]
    return interval(lambda drawn: mean(own[drawn], weight[drawn]), found.group[rows])


def _figures(old: Doubles, new: Doubles, found: Evidence, rows: Rows) -> dict[str, Pair]:
    target, weight, group = rows.target, rows.weight, found.group

    def pair(measure: Measure, better: float) -> Pair:
        """`better`: 1 where more is better, −1 where less is; a change above 0 is for the better."""
        return Pair(
            interval(lambda drawn: measure(old, drawn), group),
            interval(lambda drawn: measure(new, drawn), group),
            interval(lambda drawn: better * (measure(new, drawn) - measure(old, drawn)), group),
        )

    return {
        "log_loss": pair(lambda p, drawn: mean(losses(p[drawn], target[drawn]), weight[drawn]), -1.0),
        "brier": pair(lambda p, drawn: mean(np.square(p[drawn] - target[drawn]), weight[drawn]), -1.0),
        "auroc": pair(lambda p, drawn: ranking(p[drawn], target[drawn], weight[drawn]), 1.0),
        "apgr": pair(lambda p, drawn: recovered(p[drawn], found.gap[drawn], weight[drawn]), 1.0),
        "ece": pair(lambda p, drawn: calibration_error(p[drawn], target[drawn], weight[drawn]), -1.0),
    }
