"""Life: what a worker has taken and spent since it started, by itself. It outlives configurations and stores.

A worker alone adds to what is its own, and knows it to the quantum; whatever becomes of a store, it can be told again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.quota.ask import Ask, Held, Slice
from gateway.quota.meters import Meters

KEPT_SECONDS: Final = 86_400.0  # after nobody asks for a slice any more: attempts that began in it are settled by then


class Own:
    """What is this life's own in one slice, in quanta.

    `since` is when the first attempt began that held something of it; `base` is what the life had spent in it before,
    when the budget was not there yet.
    """

    __slots__ = ("base", "held", "since", "slice", "spent")

    def __init__(self, of: Slice, since: float) -> None:
        self.slice = of
        self.since = since
        self.base = 0
        self.spent = 0
        self.held = 0

    @property
    def settled(self) -> int:
        return self.base + self.spent


class Life:
    """`identity` is what the ledger calls the worker (`Journal.identity`), `born` is in seconds since the epoch, and
    `clock` gives seconds and never goes back.
    """

    def __init__(self, identity: str, born: float, clock: Callable[[], float]) -> None:
        self.identity = identity
        self.born = born
        self.owns: dict[str, Own] = {}
        self.meters = Meters(clock)
        self._unsettled: set[str] = set()
        self._unreleased: dict[str, int] = {}  # the slot of the meters, by ask
        self.changed: list[dict[str, None]] = []  # those in which a store notes which slices it was not told of
        self._number = 0

    @property
    def open(self) -> int:
        """How many attempts hold money."""
        return len(self._unsettled)

    def next_number(self) -> int:
        """Of what is told to a store: each is later than the one before."""
        self._number += 1
        return self._number

    def before(self, own: Own) -> Slice:
        """The part of the slice of which the ledger alone knows what this life spent."""
        of = own.slice
        return of._replace(start=max(of.start, min(self.born, own.since)), end=min(of.end, own.since))

    def skip_to(self, number: int) -> None:
        """A store has heard as much already."""
        self._number = max(self._number, number)

    def own(self, of: Slice, since: float) -> Own:
        """Made where there is none yet. Attempts that began at or after `since` hold what they cost of it."""
        own = self.owns.get(of.name)
        if own is None:
            own = self.owns[of.name] = Own(of, since)
        elif since < own.since:  # it waited while the ledger was asked
            own.since = since
        return own

    def hold(self, ask: Ask) -> int:
        """Whether it fits or not. Returns the slot of this worker's meters."""
        slot = self.meters.take(ask.takes)
        if any(take.kind != "requests" for take in ask.takes):
            self._unreleased[ask.id] = slot
        if ask.spends:
            self._unsettled.add(ask.id)
            for spend in ask.spends:
                self.own(spend.slices[-1], ask.at)
            for name, amount in newest(ask).items():
                self.owns[name].held += amount
        return slot

    def settle(self, held: Held, spent: int | None) -> bool:
        """False where it holds nothing any more."""
        ask = held.ask
        if ask.id not in self._unsettled:
            return False
        self._unsettled.discard(ask.id)
        for name, amount in newest(ask).items():
            own = self.owns[name]
            own.held -= amount
            own.spent += amount if spent is None else spent
            for names in self.changed:
                names[name] = None
        return True

    def release(self, held: Held, tokens: int | None) -> bool:
        """False where nothing is left to give back."""
        slot = self._unreleased.pop(held.ask.id, None)
        if slot is None:
            return False
        self.meters.give_back(held.ask.takes, slot, tokens)
        return True

    def prune(self, wall: float) -> None:
        """Forgets slices that nobody asks for any more."""
        for name, own in list(self.owns.items()):
            if own.slice.until + KEPT_SECONDS < wall and not own.held:
                del self.owns[name]


def newest(ask: Ask) -> dict[str, int]:
    """What an ask adds to each slice. Budgets that share one are of the same attempt: it is spent once."""
    amounts: dict[str, int] = {}
    for spend in ask.spends:
        name = spend.slices[-1].name
        amounts[name] = max(spend.amount, amounts.get(name, 0))
    return amounts
