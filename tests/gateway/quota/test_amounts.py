"""If these fail, money is lost in a conversion."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.quota.amounts import LIMB, QUANTA, dollars_of, joined, limbs_of, quanta_of


@given(st.integers(-(10**24), 10**24))
def test_an_amount_is_the_same_after_a_journey_in_limbs_or_dollars(quanta: int) -> None:
    high, low = limbs_of(quanta)
    assert 0 <= low < LIMB
    assert joined(high, low) == quanta
    assert quanta_of(dollars_of(quanta)) == quanta


def test_nothing_is_rounded_down() -> None:
    assert quanta_of(Decimal(1)) == QUANTA
    assert quanta_of(Decimal("1e-12")) == 1
    assert quanta_of(Decimal("1.1e-12")) == 2
    assert quanta_of(Decimal("1e-30")) == 1
    assert quanta_of(Decimal(0)) == 0
