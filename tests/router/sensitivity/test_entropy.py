"""Drawn by a machine or written by a hand."""

from __future__ import annotations

import pytest

from router.sensitivity.entropy import classes, entropy, is_placeholder, looks_random


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
