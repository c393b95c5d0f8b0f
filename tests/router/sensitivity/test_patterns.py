"""RE2 that gives up must not look like RE2 that found nothing."""

from __future__ import annotations

from typing import Any

import re2

from router.sensitivity.patterns import Pattern, PatternSet, compiled


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


def test_each_match_begins_behind_the_last() -> None:
    assert list(Pattern("a(b)?").each(b"abaxab")) == [(0, 2, 1, 2), (2, 3, -1, -1), (4, 6, 5, 6)]
    assert not list(Pattern("a").each(b"xyz"))


def test_a_match_begins_where_it_is_asked_for() -> None:
    pattern = Pattern("b(c)?")
    assert pattern.match(b"abcb", 1, 4) == (1, 3, 2, 3)
    assert pattern.match(b"abcb", 0, 4) is None
    assert pattern.match(b"abcb", 1, 2) == (1, 2, -1, -1)
