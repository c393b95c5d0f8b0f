"""A share with its interval of 95 % (Wilson, 1927)."""

from __future__ import annotations

from math import sqrt

_Z = 1.959964  # standard deviations on either side that hold 95 % of a normal distribution


def wilson(hits: int, total: int) -> str:
    share = hits / total
    base = 1 + _Z**2 / total
    middle = (share + _Z**2 / (2 * total)) / base
    width = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2)) / base
    return f"{share:.3f} of {total} ({max(0.0, middle - width):.3f} to {min(1.0, middle + width):.3f})"
