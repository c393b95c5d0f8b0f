"""A cost in a header must read as a plain number, and rounding must be the same everywhere."""

from __future__ import annotations

from decimal import Decimal, getcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.money import EXACT, dollars, exact

AMOUNTS = st.decimals(min_value=Decimal("-999999999999"), max_value=Decimal("999999999999"), places=12)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0"), ("0E-12", "0"), ("3.15E-5", "0.0000315"), ("1.500", "1.5"), ("1E+3", "1000"), ("100", "100")],
)
def test_dollars_is_plain(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text


@given(AMOUNTS)
def test_dollars_loses_nothing(amount: Decimal) -> None:
    assert Decimal(dollars(exact(amount))) == amount


def test_halves_go_to_the_even_quantum() -> None:
    assert exact(Decimal("0.0000000000005")) == 0
    assert exact(Decimal("0.0000000000015")) == Decimal("0.000000000002")


def test_a_thread_with_a_coarse_context_does_not_round_money() -> None:
    before = getcontext().prec
    getcontext().prec = 3
    try:
        assert exact(Decimal("123456789.123456789123")) == Decimal("123456789.123456789123")
        assert EXACT.add(Decimal("123456789"), Decimal("1E-12")) == Decimal("123456789.000000000001")
    finally:
        getcontext().prec = before
