"""MemoryQuota: limits and budgets of one worker that has no others beside it.

What was spent before it started comes from the ledger, when a budget is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from gateway.quota.answer import Balance, Granted, Refused, Spent, Standings, Unknown
from gateway.quota.ask import Ask, Held, Slice, Spend
from gateway.quota.life import Life
from gateway.quota.protocol import Seed, Told, untold
from gateway.quota.seeding import Seeding, looked_up

_PRUNE_SECONDS: Final = 600.0


class MemoryQuota:
    """`wall` gives seconds since the epoch. `seed` is asked in a thread."""

    def __init__(self, life: Life, seed: Seed, wall: Callable[[], float], told: Told = untold) -> None:
        self._life = life
        self._seed = seed
        self._wall = wall
        self._told = told
        self._others: dict[str, int] = {}  # what other lives spent, of the slices that are seeded
        self._seeding = Seeding(self._fill)
        self._pruned = wall()

    @property
    def open(self) -> int:
        return self._life.open

    async def hold(self, ask: Ask) -> Granted | Refused | Unknown:
        if unseeded := self._unseeded(spend for spend in ask.spends if spend.cap is not None):
            await self._seeding.wait_for(unseeded)
        if unseeded := self._unseeded(ask.spends):
            self._seeding.want(unseeded)
        return self._decide(ask)

    def settle(self, held: Held, spent: int | None) -> None:
        if self._life.settle(held, spent):
            for spend in held.ask.spends:
                self._balance(spend)

    def release(self, held: Held, tokens: int | None) -> None:
        self._life.release(held, tokens)
        self._prune()

    async def standing(self, slices: Sequence[Slice]) -> list[Spent | None]:
        unseeded = [of for of in slices if of.name not in self._others]
        if unseeded:
            await self._seeding.wait_for(unseeded)
        return [self._spent(of) if of.name in self._others else None for of in slices]

    async def close(self) -> None:
        await self._seeding.close()

    def _decide(self, ask: Ask) -> Granted | Refused | Unknown:
        """One step: nothing is awaited."""
        life = self._life
        lack = life.meters.lack(ask.takes)
        if lack is not None:
            return Refused(lack.take, lack.wait, self._standings(ask))
        unknown = []
        for spend in ask.spends:
            if spend.cap is None:
                continue
            if any(of.name not in self._others for of in spend.slices):
                unknown.append(spend)
            elif (wait := self._short(spend, spend.cap)) is not None:
                return Refused(spend, wait, self._standings(ask))
        held = Held(ask, life.hold(ask))
        if unknown:
            return Unknown(tuple(unknown), held, self._standings(ask))
        return Granted(held, self._standings(ask))

    def _short(self, spend: Spend, cap: int) -> float | None:
        """Seconds until there is enough left of a budget; None: there is."""
        lacking = sum(sum(self._spent(of)) for of in spend.slices) + spend.amount - cap
        if lacking <= 0 or not spend.amount:
            return None
        return room_in(spend, lacking, (sum(self._spent(of)) for of in spend.slices), self._wall())

    def _standings(self, ask: Ask) -> Standings:
        rooms = self._life.meters.rooms(ask.takes) if ask.takes else ()
        balances = [balance for spend in ask.spends if (balance := self._balance(spend)) is not None]
        return Standings(rooms, tuple(balances))

    def _balance(self, spend: Spend) -> Balance | None:
        """What is told of it; None where it is not known."""
        if any(of.name not in self._others for of in spend.slices):
            return None
        spent = held = 0
        for of in spend.slices:
            part = self._spent(of)
            spent += part.spent
            held += part.held
        reset_in = max(0.0, spend.slices[0].until - self._wall())
        balance = Balance(spend.budget, spend.slices[-1], spend.cap, spent, held, reset_in)
        self._told(balance)
        return balance

    def _spent(self, of: Slice) -> Spent:
        own = self._life.owns.get(of.name)
        others = self._others[of.name]
        return Spent(others + own.settled, own.held) if own is not None else Spent(others, 0)

    def _unseeded(self, spends: Iterable[Spend]) -> list[Slice]:
        others = self._others
        return [of for spend in spends for of in spend.slices if of.name not in others]

    async def _fill(self, of: Slice) -> bool:
        self._prune()
        counts = await looked_up(self._seed, self._life, of, self._wall)
        if counts is None:
            return False
        self._others[of.name] = sum(counts.spent.values())
        return True

    def _prune(self) -> None:
        """At times."""
        wall = self._wall()
        if wall < self._pruned + _PRUNE_SECONDS:
            return
        self._pruned = wall
        self._life.prune(wall)
        self._life.meters.prune()
        self._others = {name: count for name, count in self._others.items() if name in self._life.owns}


def room_in(spend: Spend, lacking: int, counts: Iterable[int], wall: float) -> float:
    """Seconds until so much more is left of a budget, as its slices count no more. `counts` are theirs, in order."""
    if spend.cap is not None and spend.amount > spend.cap:
        return float("inf")
    for of, count in zip(spend.slices, counts, strict=True):
        lacking -= count
        if lacking <= 0:
            return max(0.0, of.until - wall)
    return float("inf")
