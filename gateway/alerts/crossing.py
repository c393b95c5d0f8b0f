"""Crossing: from how a budget stands to the events of the shares that it has passed since it was last looked at.

It runs for every request that has a budget, so where nothing is passed it is a look-up and a comparison.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeVar

from gateway.alerts.event import Event, Scope, Term, dollars
from gateway.config.alerts import Kind

_MOST_WATCHED = 20_000  # budgets of single keys or tags, in periods; one that is forgotten is looked at anew
_SCALE = 10**12  # amounts are counted in millionths of millionths of a dollar
_NEVER = 1 << 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watched:
    """One budget of somebody in a period. `amount` in dollars, `alerts` as shares of it; none: nothing is told."""

    budget: str
    scope: Scope
    whose: str | None
    term: Term
    amount: Decimal
    alerts: tuple[Decimal, ...]
    at_limit: str


class _Passed(NamedTuple):
    begins: float | None  # of the period
    low: int  # the highest mark that is passed, 0 where none is
    high: int  # the next one


class Crossings:
    """`tell` is given each event; `wall` gives seconds since the epoch. Amounts are millionths of millionths of a
    dollar; `name` stands for one budget of somebody, and no other."""

    def __init__(self, tell: Callable[[Event], None], wall: Callable[[], float]) -> None:
        self._tell = tell
        self._wall = wall
        self._passed: dict[Hashable, _Passed] = {}
        self._full: dict[Hashable, float] = {}  # of which it was told that they are, and until when that holds

    def is_quiet(self, name: Hashable, begins: float | None, spent: int) -> bool:
        """Whether there is nothing to tell of a budget, so much of which is spent in the period that began then."""
        passed = self._passed.get(name)
        return passed is not None and passed.low <= spent < passed.high and passed.begins == begins

    def spent(self, name: Hashable, spent: int, watched: Watched) -> None:
        """Every share that was passed since it was last looked at is told, the lowest first."""
        begins = watched.term.begins
        shares = sorted(set(watched.alerts)) if watched.amount else []  # a budget of nothing is meant as it is
        marks = [int(watched.amount * share * _SCALE) for share in shares]
        before, count = self._passed.pop(name, None), bisect_right(marks, spent)
        low = marks[count - 1] if count else 0
        self._passed[name] = _Passed(begins, low, marks[count] if count < len(marks) else _NEVER)
        _bound(self._passed)
        known = before.low if before is not None and before.begins == begins else -1
        for share, mark in zip(shares[:count], marks[:count], strict=True):
            if mark > known:
                self._tell(self._event("budget.share", watched, spent, share))

    def refused(self, name: Hashable, spent: int, watched: Watched) -> None:
        """A request did not fit into it. Told the first time in a period; of a rolling budget once a day."""
        full = (name, watched.term.begins)
        if not watched.alerts or self._full.get(full, 0.0) > self._wall():
            return
        event = self._event("budget.limit", watched, spent, None)
        self._full.pop(full, None)
        self._full[full] = event.at + event.ttl
        _bound(self._full)
        self._tell(event)

    def forget(self) -> None:
        """Amounts may have changed: all are looked at anew, and what was told is known elsewhere."""
        self._passed.clear()
        self._full.clear()

    def _event(self, kind: Kind, watched: Watched, spent: int, share: Decimal | None) -> Event:
        return Event(
            kind=kind,
            budget=watched.budget,
            scope=watched.scope,
            whose=watched.whose,
            term=watched.term,
            amount=watched.amount,
            spent=dollars(spent),
            share=share,
            at_limit=watched.at_limit,
            at=self._wall(),
        )


def _bound(known: dict[Hashable, T]) -> None:
    """The oldest goes."""
    if len(known) > _MOST_WATCHED:
        known.pop(next(iter(known)))
