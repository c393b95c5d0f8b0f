"""Money: dollars as `Decimal`, kept to a millionth of a millionth, written in plain notation."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

QUANTUM: Final = Decimal("1e-12")  # dollars; the cheapest published token costs some 1e-8, so nothing real is rounded
LIMIT: Final = Decimal(10) ** 12  # dollars; NUMERIC(24, 12) holds what is below it

# A context of its own: whatever a library does to the thread's context, our sums stay exact.
EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


def exact(amount: Decimal) -> Decimal:
    """`amount` rounded to whole quanta, half to even, with all twelve places written out."""
    return amount.quantize(QUANTUM, context=EXACT)


def dollars(amount: Decimal) -> str:
    """Plain notation without trailing zeros: `0.0000315`, never `3.15E-5`."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
