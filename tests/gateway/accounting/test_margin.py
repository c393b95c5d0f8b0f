"""An interval is only believed if it holds what it says it holds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.accounting.ledger import Ledger
from gateway.accounting.margin import ASSUMED, FEWEST, Margin, margin_of, measured
from gateway.accounting.period import Period
from gateway.accounting.savings import account
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import NOON, apply, intent, settlement


def test_between_the_factors_lie_95_percent_of_what_was_estimated() -> None:
    pairs = [(100, 100)] * 190 + [(100, 20)] * 4 + [(100, 300)] * 3 + [(100, 110)] * 10
    margin = measured(pairs)
    assert (margin.low, margin.high, margin.basis) == (Decimal(1), Decimal("1.1"), 207)
    assert measured([*pairs, (1000, 3000)]).high == Decimal(3)  # one long prompt weighs as much as thirty short ones


def test_too_few_are_no_measure() -> None:
    assert measured([(100, 100)] * (FEWEST - 1)) is ASSUMED
    assert measured([(0, 100), (100, 0)] * FEWEST) is ASSUMED
    assert measured([(100, 100)] * FEWEST) == Margin(Decimal(1), Decimal(1), FEWEST)


def test_the_lower_end_comes_first_whatever_the_sign() -> None:
    margin = Margin(Decimal("0.5"), Decimal(2), 100)
    assert margin.between(Decimal(10), Decimal(4)) == (Decimal(8), Decimal(14))
    assert margin.between(Decimal(10), Decimal(-4)) == (Decimal(6), Decimal(12))
    assert margin.between(Decimal(10), Decimal(0)) == (Decimal(10), Decimal(10))


@pytest.fixture
def counted(ledger: Ledger) -> Ledger:
    """A hundred whose tokens were counted, at 1.5 times the estimate; and what must not be measured."""
    odd = [
        settlement(intent("b1", prompt_estimate=100), usage=Usage(9000, 1), outcome="error"),
        settlement(intent("b2", prompt_estimate=100), usage=Usage(9000, 1, estimated=True)),
        settlement(intent("b3", prompt_estimate=0), usage=Usage(9000, 1)),
        settlement(intent("b5", prompt_estimate=100, role="judge"), usage=Usage(9000, 1)),
        settlement(intent("b4", prompt_estimate=100), usage=Usage(9000, 1), at=NOON + 9),
    ]
    apply(
        ledger,
        [settlement(intent(f"a{n}", prompt_estimate=100), usage=Usage(150, 1)) for n in range(FEWEST)] + odd,
    )
    return ledger


def test_it_is_measured_on_what_was_counted_before_the_end(counted: Ledger) -> None:
    with counted.reading() as connection:
        assert margin_of(connection, NOON + 5) == Margin(Decimal("1.5"), Decimal("1.5"), FEWEST)
        assert margin_of(connection, None).basis == FEWEST + 1
        assert margin_of(connection, NOON) is ASSUMED


def test_only_what_is_estimated_gets_an_interval(counted: Ledger) -> None:
    before = account(counted, (), Period(None, NOON + 5)).total
    assert before.estimated == 1
    assert before.spent is not None
    assert before.spent_between == (before.spent + Decimal("0.0002125"),) * 2  # 0.000425 × (1.5 − 1)
    timed = account(counted, (), Period(None, NOON + 5), timed=("large",)).total
    assert timed.spent_between == (timed.spent, timed.spent)
    assert timed.saved is not None
    assert timed.saved_between == (timed.saved + Decimal("0.0002125"),) * 2
    after = account(counted, (), Period(NOON + 5)).total
    assert after.spent_between == (after.spent, after.spent)
