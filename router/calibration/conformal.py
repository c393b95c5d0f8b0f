"""Conformal: the threshold under which at most a stated part of the hard requests falls.

Split conformal prediction (Vovk et al. 2005; Angelopoulos and Bates 2021, arXiv:2107.07511): with the difficulties of n
hard rows, and a further one that is exchangeable with them, the further one lies below the k-th smallest with a
probability of at most k / (n + 1). So with k = ⌊α(n + 1)⌋ at most α of the hard ones stay local, on average over
calibrations, for any distribution and any difficulty model, however bad: a bad one pays with a larger share.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

STEPS: Final = 1000  # of α; a dial between two steps gets the stricter one


def threshold(hard: Sequence[float], places: int) -> float | None:
    """The `places`-th smallest of `hard`, sorted. None for no place: there are too few rows to promise anything."""
    return hard[places - 1] if places > 0 else None


def places_for(alpha: Decimal, rows: int) -> int:
    """k = ⌊α(n + 1)⌋, exactly; at most n."""
    return min(int(alpha * (rows + 1)), rows)


def thresholds(hard: Sequence[float]) -> tuple[float | None, ...]:
    """For α = 0, 1/1000, … 1."""
    ordered = sorted(hard)
    return tuple(threshold(ordered, places_for(Decimal(step) / STEPS, len(ordered))) for step in range(STEPS + 1))


def rows_for(alpha: Decimal) -> int | None:
    """How many hard rows it takes to promise α; None where no number does."""
    if alpha <= 0:
        return None
    needed = int((1 / alpha).to_integral_value(rounding="ROUND_CEILING"))
    return needed - 1
