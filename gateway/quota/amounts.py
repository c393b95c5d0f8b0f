"""Amounts: dollars as whole numbers of quanta (1e-12 dollars), which add up exactly wherever they are added."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from typing import Final

QUANTA: Final = 10**12  # in a dollar; what `gateway/accounting/money.py` rounds to
LIMB: Final = 10**6
# A Lua number is a double and exact up to 2**53: an amount travels as two limbs, millionths of a dollar and millionths
# of these, which leaves room for nine milliards of dollars.

_EXACT: Final = Context(prec=60, rounding=ROUND_CEILING)
_PER_DOLLAR: Final = Decimal(QUANTA)


def quanta_of(dollars: Decimal) -> int:
    """Rounded up: what is held or spent is never less than it was."""
    return int(_EXACT.to_integral_value(_EXACT.multiply(dollars, _PER_DOLLAR)))


def dollars_of(quanta: int) -> Decimal:
    return _EXACT.divide(Decimal(quanta), _PER_DOLLAR)


def limbs_of(quanta: int) -> tuple[int, int]:
    """The lower limb lies in [0, `LIMB`), whatever the sign."""
    return divmod(quanta, LIMB)


def joined(high: int, low: int) -> int:
    return high * LIMB + low
