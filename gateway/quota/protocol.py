"""Quota: the one that knows what is left. Memory for one worker, Redis for several; the same contract for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from gateway.quota.answer import Balance, Granted, Refused, Spent, Unknown
from gateway.quota.ask import Ask, Held, Slice


class Counts(NamedTuple):
    """`spent`, in quanta, by the identity of the worker that spent it. An attempt whose cost is unknown or still to
    come counts with what was held for it. `unfinished`: workers whose journals may hold more than the ledger has.
    """

    spent: Mapping[str, int]
    unfinished: frozenset[str] = frozenset()


Seed = Callable[[Slice], Counts | None]
"""What the ledger has of a slice; None while it cannot be said. Blocks; called in a thread."""

Told = Callable[[Balance], None]
"""Is told where a budget stands, whenever that is known: after a hold, and after a settlement."""


def untold(_balance: Balance) -> None:
    """For those who do not listen."""


class Quota(Protocol):
    """Of one event loop. No method raises because a store is down, frozen or slow.

    An attempt holds, and is settled once; the request that took limits is released once, when its reply is over. A
    second settlement or release does nothing.
    """

    @property
    def open(self) -> int:
        """How many attempts of this worker hold money."""

    async def hold(self, ask: Ask) -> Granted | Refused | Unknown:
        """All of it in one step, or nothing."""

    def settle(self, held: Held, spent: int | None) -> None:
        """`spent` quanta take the place of what was held of budgets; None, the cost is unknown: all of it is spent.

        Waits for nothing.
        """

    def release(self, held: Held, tokens: int | None) -> None:
        """Gives back what was taken of `concurrent`; of `tokens` there were so many instead; None: as many as taken.

        Waits for nothing.
        """

    async def standing(self, slices: Sequence[Slice]) -> list[Spent | None]:
        """Of each slice; None where nobody can say now."""

    async def close(self) -> None:
        """What was settled is told to the others first, if they can be reached. May be called twice."""
