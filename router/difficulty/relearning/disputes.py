"""Disputes: places where keys disagree with one another more than chance makes them.

A key that contradicts all others can be told (`dissent.py`); several that say the same wrong thing cannot, for where
they are many it is the honest one that looks odd. But whoever is right, they do not agree: what each key says of a
place scatters around what is expected of its prompts more widely than answers of one quality would. The test is a χ²
over keys, in each neighbourhood, and over all prompts that are taken for easy, and for hard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from router.difficulty.evaluation import Doubles
from router.difficulty.relearning.told import Evidence, Indices

CHANCE = 1e-4  # of a dispute anywhere where there is none
LEAST_ROWS = 20
MIDDLE = 0.5
SURE = 0.05  # nobody is expected to be surer of a prompt
NAMED = 4  # keys


@dataclass(frozen=True, slots=True)
class Dispute:
    """`rows`: how many prompts it is about; `keys`: those that are furthest from what is expected, with what they say:
    `+` worse, `-` better."""

    rows: int
    keys: tuple[str, ...]


def disputes(found: Evidence, areas: Sequence[Indices], p: Doubles) -> tuple[Dispute, ...]:
    """The largest first. `areas`: several ways to cut into neighbourhoods.

    `p`: the probability of each row by a head that had not seen it.
    """
    said = ~found.trusted
    places = [said & (area == number) for area in areas for number in np.unique(area)]
    places += [said & (p >= MIDDLE), said & (p < MIDDLE)]
    asked = [place for place in places if place.sum() >= LEAST_ROWS]
    out = [_dispute(found, place, p, CHANCE / len(asked)) for place in asked]
    return tuple(sorted((one for one in out if one is not None), key=lambda one: -one.rows))


def _dispute(found: Evidence, place: NDArray[np.bool_], p: Doubles, chance: float) -> Dispute | None:
    key, count = found.key[place], len(found.names)
    # A head that is wrong about the whole place is no dispute.
    expected = np.clip(p[place] + (found.share[place] - p[place]).mean(), SURE, 1 - SURE)
    off = found.share[place] - expected
    off = off - off.mean()
    sums = np.bincount(key, weights=off, minlength=count)
    spread = np.bincount(key, weights=expected * (1 - expected), minlength=count)
    there = spread > 0
    if there.sum() < 2:
        return None
    scatter = np.where(there, sums**2 / np.maximum(spread, 1e-9), 0.0)
    if chi2.sf(float(scatter.sum()), int(there.sum()) - 1) >= chance:
        return None
    furthest = [number for number in np.argsort(-scatter)[:NAMED] if scatter[number] > 2.0]
    return Dispute(int(place.sum()), tuple(f"{found.names[n]}{'+' if sums[n] > 0 else '-'}" for n in furthest))
