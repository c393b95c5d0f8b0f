"""Packed: what a word of a text adds, in one integer: that it is one, and its weights for `person` and for `working`.

One pass in C adds up all three, and integers much faster than any other numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

_COUNT_BITS, _PERSON_BITS = 16, 22
_WORKING_SHIFT: Final = _COUNT_BITS + _PERSON_BITS
_COUNT_MASK: Final = (1 << _COUNT_BITS) - 1
_HALF, _WHOLE = 1 << _PERSON_BITS - 1, 1 << _PERSON_BITS
_SCALE: Final = 1 << 12  # a weight of 1.0; the half floats of the artifact are hardly finer
_MOST = _HALF // _SCALE  # a sum of weights for `person`, either way

Sum = tuple[int, float, float]
"""How many were added, and the sums of their weights: `person`, `working`."""


def parts(weight: Any) -> tuple[float, float]:
    """Of a weight as `Parameters` holds it, a complex number: that for `person`, that for `working`."""
    return weight.real, weight.imag


def pack(person: float, working: float) -> int:
    return 1 + (round(person * _SCALE) << _COUNT_BITS) + (round(working * _SCALE) << _WORKING_SHIFT)


def unpack(total: int) -> Sum:
    """Of the sum of any that `fit` said yes to, each but once."""
    rest = total >> _COUNT_BITS
    person = ((rest + _HALF) & (_WHOLE - 1)) - _HALF
    return total & _COUNT_MASK, person / _SCALE, ((rest - person) >> _PERSON_BITS) / _SCALE


def fit(weights: Collection[tuple[float, float]], size: int) -> bool:
    """Whether any of them, and zeros, `size` in all, can be added up and told apart again."""
    rounded = size / _SCALE
    up = sum(person for person, _ in weights if person > 0.0) + rounded
    down = sum(person for person, _ in weights if person < 0.0) - rounded
    return size <= _COUNT_MASK and up < _MOST and down > -_MOST
