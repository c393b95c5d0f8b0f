"""Ask: what one attempt wants of limits and budgets, all of it or nothing.

Names of meters, budgets and slices are the caller's; the same name is the same thing in every worker and replica.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["requests", "tokens", "concurrent"]


class Take(NamedTuple):
    """Of one limit. `requests` and `tokens` count in any 60 seconds, `concurrent` until it is released.

    `meter` says whose and which (`key:alice:tokens`): one name has one kind.
    """

    meter: str
    kind: Kind
    limit: int
    amount: int


class Whose(NamedTuple):
    """Whose money a budget is about; nothing set: everybody's."""

    key: str | None = None
    team: str | None = None
    route: str | None = None
    tag: str | None = None


class Slice(NamedTuple):
    """One stretch of time of somebody's spending, in which every worker adds up: a calendar period, or an hour or a
    day of a rolling budget.

    `name` says whose and which (`key:alice:2026-11-27T00:00+01:00/day`), so that budgets of the same stretch share it.
    Attempts that begin in [`start`, `end`) belong to it. From `until` on nobody asks for it any more: of a calendar
    period its end, of a stretch of a rolling budget its end and the length of the budget. Seconds since the epoch.
    """

    name: str
    whose: Whose
    start: float
    end: float
    until: float


class Spend(NamedTuple):
    """Of one budget. What counts is the sum over `slices`, oldest first; the newest, in which the attempt begins, takes
    the amount. Each counts no more from its `until` on.

    Amounts in quanta. `cap` None: never refused, only counted.
    """

    budget: str
    slices: tuple[Slice, ...]
    cap: int | None
    amount: int


class Ask(NamedTuple):
    """`id` is of this ask alone: the attempt's. `at` is when the attempt begins, as the ledger will have it, in
    seconds since the epoch: read right before, with nothing awaited in between.

    The same meter, or the same slice as the newest, is named at most once in `takes` and once for each budget.
    """

    id: str
    at: float
    takes: tuple[Take, ...]
    spends: tuple[Spend, ...]


class Held(NamedTuple):
    """What a granted ask holds until it is settled and released. `slot` is where its windows were charged."""

    ask: Ask
    slot: int
