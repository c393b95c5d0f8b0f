"""Numbers on the command line. Each raises `argparse.ArgumentTypeError` with what is wrong."""

from __future__ import annotations

import argparse
import math
from decimal import Decimal, InvalidOperation


def dollars_given(text: str) -> Decimal:
    """An amount from 0."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount in dollars")
    return amount


def limit_in_dollars(text: str) -> Decimal:
    """An amount above 0."""
    amount = dollars_given(text)
    if not amount:
        raise argparse.ArgumentTypeError("an amount of dollars is more than 0")
    return amount


def whole_given(text: str) -> int:
    """A whole number from 1."""
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def share_given(text: str) -> float:
    """A number from 0 to 1."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 0 to 1")
    return number


def days_given(text: str) -> float:
    number = _number(text)
    if not 0 < number <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days: more than 0, up to 3650")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
