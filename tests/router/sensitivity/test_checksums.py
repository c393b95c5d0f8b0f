"""Checksums against published examples, and that one changed digit is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity import checksums


@given(st.text("0123456789", min_size=1, max_size=19))
def test_luhn_notices_one_wrong_digit(number: str) -> None:
    check = next(digit for digit in "0123456789" if checksums.luhn(number + digit))
    wrong = str((int(number[0]) + 1) % 10) + number[1:] + check
    assert not checksums.luhn(wrong)


@given(st.text("0123456789", min_size=2, max_size=15))
def test_verhoeff_notices_one_wrong_digit(number: str) -> None:
    check = next(digit for digit in "0123456789" if checksums.verhoeff(number + digit))
    wrong = str((int(number[0]) + 1) % 10) + number[1:] + check
    assert not checksums.verhoeff(wrong)


def test_published_examples() -> None:
    assert checksums.luhn("79927398713")
    assert checksums.verhoeff("2363")
    assert checksums.mod97("GB82WEST12345698765432")  # SWIFT's own example
    assert not checksums.mod97("GB82WEST12345698765433")
    assert checksums.mod11_10("86095742719")  # the example of the German tax office


@pytest.mark.parametrize(("text", "plain"), [("12-34 5", "12345"), ("a1", "1")])
def test_digits(text: str, plain: str) -> None:
    assert checksums.digits(text) == plain
