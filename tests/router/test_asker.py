"""If this fails, somebody unknown counts as somebody."""

from __future__ import annotations

from router.asker import NOBODY, Asker
from router.rule import Scope


def test_nobody_is_in_no_scope_but_everybodys() -> None:
    assert Asker() == NOBODY
    assert Scope().covers("", NOBODY)
    for scope in (Scope(keys=frozenset({"a"})), Scope(teams=frozenset({"a"})), Scope(regions=frozenset({"a"}))):
        assert not scope.covers("", NOBODY)
