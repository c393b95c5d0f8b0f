"""Weighing: how much anybody's word counts. Nobody carries a fit alone.

Two caps. Over everything, one key weighs at most `MOST_OF_ALL` of all untrusted rows (or an equal share, where there
are fewer keys than that takes). In a neighbourhood (prompts that mean something similar), it weighs at most as much as
all others together there, trusted rows included, or `FREE` rows, whichever is more: an area in which one key alone
speaks is hardly moved by it. Trusted rows are not capped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles
from router.difficulty.relearning.told import Evidence, Indices

MOST_OF_ALL = 0.25
FREE = 8.0  # rows
AREA_ROWS = 40  # rows an area has on average
MOST_AREAS = 16


def areas(found: Evidence, size: int = AREA_ROWS) -> Indices:
    """The number of each row's neighbourhood: k-means over what prompts mean and look like. `size`: rows on average."""
    from sklearn.cluster import KMeans

    count = int(np.clip(len(found) // size, 1, MOST_AREAS))
    if count == 1 or np.unique(found.group).size <= count:
        return np.zeros(len(found), dtype=np.intp)
    spread = found.structure.std(axis=0)
    spread[spread < 1e-3] = 1.0
    shape = np.clip((found.structure - found.structure.mean(axis=0)) / spread, -3, 3) / np.sqrt(spread.size)
    means = KMeans(count, n_init=3, random_state=5).fit(np.hstack((found.meaning, 0.5 * shape)))
    out: Indices = means.labels_.astype(np.intp)
    return out


def weigh(found: Evidence, area: Indices, *, alone: bool = False) -> Doubles:
    """A weight per row. With `alone`, one key may carry everything, and nothing is capped."""
    weight = found.said.copy()
    if alone:
        return weight
    keys = [(number, found.key == number) for number in range(len(found.names))]
    for number in np.unique(area):
        here = area == number
        total = float(weight[here].sum())
        for _, own in keys:
            mine = here & own
            sum_of_mine = float(found.said[mine].sum())
            most = max(FREE, total - sum_of_mine)
            if sum_of_mine > most:
                weight[mine] *= most / sum_of_mine
    return _capped(weight, [own for _, own in keys if own.any()])


def _capped(weight: Doubles, keys: list[NDArray[np.bool_]]) -> Doubles:
    """Nobody above the share that a key may have: who is above gives up weight until that is so."""
    share = max(MOST_OF_ALL, 1.0 / max(1, len(keys)))
    sums = np.array([float(weight[own].sum()) for own in keys])
    if share >= 1.0 or not sums.size:
        return weight
    cap = _cap(sums, share)
    out = weight.copy()
    for own, total in zip(keys, sums, strict=True):
        if total > cap:
            out[own] *= cap / total
    return out


def _cap(sums: Doubles, share: float) -> float:
    """The cap c with c = share · Σ min(sumᵢ, c); the smallest sum where even equal shares are above."""
    ordered = np.sort(sums)[::-1]
    for above in range(ordered.size):
        rest = float(ordered[above:].sum())
        cap = share * rest / (1.0 - share * above) if share * above < 1.0 else float(ordered[-1])
        if ordered[above] <= cap + 1e-12:
            return cap if above else float(ordered[0])
    return float(ordered[-1])
