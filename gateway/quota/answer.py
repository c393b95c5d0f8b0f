"""Answers: what became of an ask, and where limits and budgets stand."""

from __future__ import annotations

from typing import NamedTuple

from gateway.quota.ask import Held, Kind, Slice, Spend, Take


class Room(NamedTuple):
    """What is left of a limit, after this ask. `more_in`: seconds until the next part of it is given back, at most;
    0 where nothing is taken, and of `concurrent`, which nobody can foretell.

    `clear_in`: seconds until all of it is, if nobody takes anything meanwhile.
    """

    meter: str
    kind: Kind
    limit: int
    remaining: int
    more_in: float
    clear_in: float


class Balance(NamedTuple):
    """Of a budget, after this ask, in quanta. `spent` is settled, `held` is what attempts under way may still cost.

    `period` is the newest slice: a budget passes a share once in each. `reset_in`: seconds until its oldest part counts
    no more; of a calendar period until its end.
    """

    budget: str
    period: Slice
    cap: int | None
    spent: int
    held: int
    reset_in: float


class Standings(NamedTuple):
    """In the order of the ask."""

    limits: tuple[Room, ...] = ()
    budgets: tuple[Balance, ...] = ()


class Granted(NamedTuple):
    """Everything asked for is held."""

    held: Held
    standings: Standings


class Refused(NamedTuple):
    """Nothing is held. `which` is the first of the ask that has not enough left.

    `retry_after`: seconds until it has, if nothing else is taken meanwhile; at least a second for what nobody can
    foretell, and infinite where the ask alone is more than there is at all.
    """

    which: Take | Spend
    retry_after: float
    standings: Standings


class Unknown(NamedTuple):
    """The limits are within what this worker may take by itself; nobody can say now what is left of `which`.

    All is held as if it were granted. Who does not go on settles with 0 and releases with 0.
    """

    which: tuple[Spend, ...]
    held: Held
    standings: Standings


class Spent(NamedTuple):
    """In one slice, in quanta: settled, and held by attempts under way."""

    spent: int
    held: int
