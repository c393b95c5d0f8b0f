"""Dissent: keys whose labels contradict those of all others, and what is left of a gain without each key.

For each key a challenger is fitted to everybody else's rows. What it says of that key's own prompts is then compared
with what the key said: overall (does it rank them the other way round?) and in each neighbourhood in which others spoke
too (does the key say bad where they say good, or good where they say bad?). Who is right cannot be seen from here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles, Interval
from router.difficulty.relearning.fit import Rows
from router.difficulty.relearning.told import Evidence, Indices
from router.difficulty.relearning.trial import Calibrated, gains, held_back, interval, mean, ranking, refitted

LEAST_SHARE = 0.02  # of all weight; a key below can carry nothing
LEAST_ROWS = 8  # of the key, and of all others, before they are compared
REVERSED = 3.0  # standard errors below 0.5
APART = 3.5  # standard errors between what a key and all others say of a neighbourhood
FAR = 0.25  # and how far at least
MIDDLE = 0.5


@dataclass(frozen=True, slots=True)
class KeyView:
    """One key's part. `raw` and `weighed`: its share of the rows before and after the caps, 0..1; `gain`: what its own
    held-back rows gain; `without`: the gain of everybody else, with it left out of fit and figures (`None`: it has too
    little weight to matter). `against`: how many of its rows contradict all others; `where` in which way."""

    name: str
    rows: int
    raw: float
    weighed: float
    gain: float
    without: Interval | None
    against: int
    where: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What a trial is run on. `final` was fitted to all rows."""

    found: Evidence
    rows: Rows
    anchors: Rows
    area: Indices
    final: Calibrated


def key_views(setting: Setting, gained: Doubles) -> tuple[KeyView, ...]:
    """Of all keys, those with the most rows first. `gained`: per row, on rows held back."""
    found, weight = setting.found, setting.rows.weight
    said, total = float(found.said.sum()), max(float(weight.sum()), 1e-12)
    views = []
    for number, name in enumerate(found.names):
        own = found.key == number
        if not own.any():
            continue
        share = float(weight[own].sum()) / total
        without, against, where = _left_out(setting, own) if share >= LEAST_SHARE else (None, 0, "")
        raw = float(found.said[own].sum()) / max(said, 1e-12)
        views.append(KeyView(name, int(own.sum()), raw, share, mean(gained[own], weight[own]), without, against, where))
    return tuple(sorted(views, key=lambda view: (-view.rows, view.name)))


def _left_out(setting: Setting, own: NDArray[np.bool_]) -> tuple[Interval | None, int, str]:
    """The gain without the key, and how many of its rows are against all others."""
    rest, group = setting.rows.take(~own), setting.found.group[~own]
    if np.unique(group).size < LEAST_ROWS:
        return None, 0, ""
    old = 1 / (1 + np.exp(-rest.logit))
    gained = gains(old, held_back(rest, group, setting.anchors, setting.final), rest)
    without = interval(lambda rows: mean(gained[rows], rest.weight[rows]), group, level=0.8)
    others = refitted(rest, setting.anchors, setting.final).probabilities(setting.rows.take(own))
    against, where = _against(setting, own, others)
    return without, against, where


def _against(setting: Setting, own: NDArray[np.bool_], others: Doubles) -> tuple[int, str]:
    """`others`: what everybody else makes of the key's prompts."""
    said, weight, area = setting.found.share[own], setting.found.said[own], setting.area[own]
    count = said.size
    if count >= 2 * LEAST_ROWS and _reversed(others, said, weight):
        return count, "ranks prompts the other way round"
    outside = np.bincount(setting.area[~own], minlength=int(setting.area.max()) + 1)
    shared = outside[area] >= LEAST_ROWS  # prompts of which others have spoken too
    places = [shared, shared & (others >= MIDDLE), shared & (others < MIDDLE)]
    places += [shared & (area == number) for number in np.unique(area[shared])]
    for rows in places:
        if rows.sum() >= LEAST_ROWS and (way := _apart(said[rows], others[rows], weight[rows])):
            return int(rows.sum()), "says bad where others say good" if way > 0 else "says good where others say bad"
    return 0, ""


def _reversed(others: Doubles, said: Doubles, weight: Doubles) -> bool:
    count = said.size
    hard = float(np.clip(said.sum(), 1, count - 1))
    error = np.sqrt((count + 1) / (12 * hard * (count - hard)))  # of an AUROC of 0.5 (Mann–Whitney)
    return bool(ranking(others, said, weight) < 0.5 - REVERSED * error)


def _apart(said: Doubles, others: Doubles, weight: Doubles) -> float:
    """How far what was said lies from what others make of it; 0 where that may be chance."""
    far = mean(said - others, weight)
    error = float(np.sqrt((weight**2) @ (others * (1 - others)))) / max(float(weight.sum()), 1e-12)
    return far if abs(far) > max(FAR, APART * error) else 0.0
