"""Drawn by a machine or written by a hand."""

from __future__ import annotations

import re
from collections import Counter
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.entropy import classes, entropy, is_placeholder, is_stand_in, looks_random


def test_entropy() -> None:
    assert entropy("") == 0.0
    assert entropy("aaaa") == 0.0
    assert entropy("abcd") == pytest.approx(2.0)


@pytest.mark.parametrize("text", ["xxxxxxxxxx", "<your key>", "${TOKEN}", "your-api-key", "****", "aaaaaaaaaaaaaaaa"])
def test_placeholder(text: str) -> None:
    assert is_placeholder(text)


def test_looks_random() -> None:
    assert looks_random("q7Zt4LmX9vB2kR8s")
    assert not looks_random("short")
    assert not looks_random("aaaaabbbbbaaaaab")


def test_classes() -> None:
    assert classes("aB3!") == 4
    assert classes("abc") == 1


@given(st.text("abC1!", max_size=400))
def test_entropy_is_shannons(text: str) -> None:
    shares = [count / len(text) for count in Counter(text).values()]
    assert entropy(text) == pytest.approx(-sum(share * log2(share) for share in shares), abs=1e-9)


@given(st.text("ab", max_size=7), st.integers(0, 12), st.text("ab", max_size=7))
def test_a_run_is_a_placeholder_wherever_it_stands(before: str, size: int, behind: str) -> None:
    text = f"{before}{'z' * size}{behind}"
    longest = max(map(len, re.findall(r"a+|b+|z+", text)), default=0)
    assert is_stand_in(text) == (longest >= 8)
