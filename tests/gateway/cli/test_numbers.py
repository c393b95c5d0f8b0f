"""If these fail, a wrong number on the command line is a traceback, or is taken for another one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from decimal import Decimal

import pytest

from gateway.cli.numbers import days_given, dollars_given, limit_in_dollars, share_given, whole_given


def test_numbers_are_what_they_say() -> None:
    assert dollars_given("0") == 0
    assert (dollars_given("2.50"), limit_in_dollars("1e-3")) == (Decimal("2.5"), Decimal("0.001"))
    assert (whole_given("12"), share_given("0"), share_given("0.25"), days_given("0.5")) == (12, 0.0, 0.25, 0.5)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((dollars_given, text) for text in ("-1", "inf", "NaN", "much", "")),
        *((limit_in_dollars, text) for text in ("0", "-1", "much")),
        *((whole_given, text) for text in ("0", "-3", "1.5", "²", "")),
        *((share_given, text) for text in ("-0.1", "1.1", "nan", "half")),
        *((days_given, text) for text in ("0", "nan", "inf", "soon")),
    ],
)
def test_what_is_none_is_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        read(text)
