"""RE2 that gives up must not look like RE2 that found nothing."""

from __future__ import annotations

from typing import Any

import re2

from router.sensitivity.patterns import PatternSet, compiled


def test_says_which_occur() -> None:
    patterns = PatternSet(["a+b", "c", "x"])
    assert list(patterns.match(b"aab c")) == [0, 1]
    assert not patterns.match(b"")


def test_when_it_cannot_tell_any_may_occur(monkeypatch: Any) -> None:
    patterns = PatternSet(["a", "b"])
    exhausted = re2.Set.SearchSet()
    exhausted.Add(b"never")
    exhausted.Compile()
    monkeypatch.setattr(patterns, "raw", exhausted._set.Match)
    assert list(patterns.match(b"whatever")) == [0, 1]


def test_bytes_in_bytes_out() -> None:
    match = compiled("b+").search(b"abbc")
    assert match is not None
    assert match.span() == (1, 3)
