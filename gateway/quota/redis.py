"""RedisQuota: limits and budgets of several workers and replicas, in Redis or Valkey.

While it is away, limits hold by what this worker took itself, of its part; what is left of budgets nobody can say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from gateway.config.redis import Redis as RedisSettings
from gateway.quota.amounts import joined
from gateway.quota.answer import Balance, Granted, Refused, Spent, Standings, Unknown
from gateway.quota.ask import Ask, Held, Slice, Spend
from gateway.quota.courier import Answer, Courier, Parcel, Waiting
from gateway.quota.life import KEPT_SECONDS, Life
from gateway.quota.memory import room_in
from gateway.quota.message import Reply, Result, balances_of, filling, rooms_of
from gateway.quota.protocol import Seed, Told, untold
from gateway.quota.script import FILL
from gateway.quota.seeding import REFRESH_SECONDS, Seeding, looked_up
from gateway.stores.breaker import Breaker
from gateway.stores.link import RedisLink, StoreFault, uncounted

HOLD_SECONDS: Final = 0.08  # for a call that somebody waits for
_PAUSE_SECONDS: Final = 0.05  # the link's: the courier knows when to ask again
_PRUNE_SECONDS: Final = 600.0
_UNCOUNTED: Final = (-1, -1)
_LATE_SECONDS: Final = 5.0  # a slice met later than that after its start may hold what was spent before its budget


class RedisQuota:
    """Of one event loop. `wall` gives seconds since the epoch, `steady` never goes back.

    `patience`: for how many seconds a hold waits for a call, where `redis.timeout` does not allow less. It may have to
    wait for the one under way first.
    """

    def __init__(
        self,
        life: Life,
        seed: Seed,
        settings: RedisSettings,
        *,
        wall: Callable[[], float],
        steady: Callable[[], float],
        told: Told = untold,
        on_fault: Callable[[str], None] = uncounted,
        patience: float = HOLD_SECONDS,
    ) -> None:
        self._life = life
        self._seed = seed
        self._wall = wall
        self._steady = steady
        self._told = told
        self._prefix = f"{settings.prefix}:{{quota}}:"
        self._link = RedisLink(settings, steady, on_fault, lambda: Breaker(steady, _PAUSE_SECONDS, _PAUSE_SECONDS))
        self._courier = Courier(life, self._link, self._prefix, self._deliver, self._alone, patience, on_fault)
        self._seeding = Seeding(self._fill)
        self._unseeded: dict[str, Slice] = {}
        self._unrefined: dict[str, None] = {}  # slices of which the ledger may know more of this life's own
        self._met: dict[str, Slice] = {}  # slices that were asked for or told of: those that died may have some of them
        self._others = (0, 0, 0)  # lives that are heard, dead ones, and those of which the ledger has the last word
        self._pruned = steady()

    @property
    def open(self) -> int:
        return self._life.open

    def begin(self) -> None:
        """Others shall know of this worker before the first request."""
        self._courier.begin()

    async def hold(self, ask: Ask) -> Granted | Refused | Unknown:
        answer = await self._asked(ask)
        if isinstance(answer, Unknown) and self._is_there:
            slices = [of for spend in answer.which for of in spend.slices if of.name in self._unseeded]
            try:
                seeded = await self._seeding.wait_for(slices)
            except asyncio.CancelledError:
                self._undo(answer.held)
                raise
            if seeded:
                self._undo(answer.held)
                answer = await self._asked(ask)
        return answer

    def settle(self, held: Held, spent: int | None) -> None:
        if self._life.settle(held, spent):
            self._courier.settled(held)

    def release(self, held: Held, tokens: int | None) -> None:
        if self._life.release(held, tokens):
            self._courier.released(held, tokens)

    async def standing(self, slices: Sequence[Slice]) -> list[Spent | None]:
        ask = Ask("", self._wall(), (), tuple(Spend("", (of,), None, 0) for of in slices))
        found = await self._courier.ask(ask, looks=True)
        if len(found.standings.budgets) < len(slices) and self._is_there:
            await self._seeding.wait_for([of for of in slices if of.name in self._unseeded])
            found = await self._courier.ask(ask, looks=True)
        known = {balance.period.name: Spent(balance.spent, balance.held) for balance in found.standings.budgets}
        return [known.get(of.name) for of in slices]

    async def close(self) -> None:
        await self._seeding.close()
        await self._courier.close()
        await self._link.close()

    @property
    def _is_there(self) -> bool:
        """Whether what is not known can be known soon."""
        courier = self._courier
        return not (courier.is_away or courier.is_late or courier.is_young or courier.is_closed)

    async def _asked(self, ask: Ask) -> Answer:
        answer = self._courier.ask(ask)
        try:
            return await answer
        except asyncio.CancelledError:
            if answer.done() and not answer.cancelled() and not isinstance(granted := answer.result(), Refused):
                self._undo(granted.held)
            raise

    def _undo(self, held: Held) -> None:
        self._life.settle(held, 0)
        self._life.release(held, 0)
        self._courier.undo(held.ask, held.slot)

    def _deliver(self, parcel: Parcel, reply: Reply) -> None:
        for waiting, result in zip(parcel.waiting, reply.results, strict=False):
            if not waiting.answer.done():
                waiting.answer.set_result(self._answer(waiting, result, reply.slot))
            elif not result.which and not waiting.looks and _has_nothing(waiting.answer):
                self._meet(waiting.ask)
                self._courier.undo(waiting.ask, reply.slot)
        if parcel.watched:
            self._balances(parcel.watched, reply.results[-1])
        for key, high, low in reply.priors:
            self._found_prior(parcel.message.slices[key], joined(high, low))
        self._note_met(parcel.message.slices.values())
        self._note_unseeded(parcel, reply)
        others = (reply.alive, *reply.dead)
        if reply.dead != _UNCOUNTED and others != self._others:
            self._others = others
            self._look_again()
        self._prune()

    def _answer(self, waiting: Waiting, result: Result, slot: int) -> Answer:
        ask = waiting.ask
        standings = Standings(rooms_of(ask, result), self._balances(ask.spends, result))
        if waiting.looks:
            return Granted(Held(ask, slot), standings)
        if result.which:
            return self._refused(ask, result, standings)
        self._meet(ask)
        self._life.hold(ask)
        held = Held(ask, slot)
        unknown = [
            spend
            for spend, (known, *_) in zip(ask.spends, result.balances, strict=True)
            if not known and spend.cap is not None
        ]
        return Unknown(tuple(unknown), held, standings) if unknown else Granted(held, standings)

    def _refused(self, ask: Ask, result: Result, standings: Standings) -> Refused:
        place = result.which - 1
        if place < len(ask.takes):
            return Refused(ask.takes[place], result.wait / 1000 if result.wait >= 0 else float("inf"), standings)
        spend = ask.spends[place - len(ask.takes)]
        sums = [joined(*limbs) for limbs in result.sums]
        lacking = sum(sums) + spend.amount - (spend.cap or 0)
        return Refused(spend, room_in(spend, lacking, sums, self._wall()), standings)

    def _balances(self, spends: Sequence[Spend], result: Result) -> tuple[Balance, ...]:
        balances = tuple([balance for balance in balances_of(spends, result, self._wall()) if balance is not None])
        for balance in balances:
            if balance.budget:
                self._told(balance)
        return balances

    def _alone(self, waiting: Waiting) -> None:
        """Answers by what this worker knows itself."""
        if not waiting.looks:
            self._meet(waiting.ask)  # whatever the store makes of it, or has made
        if waiting.answer.done():
            return
        ask, meters, sharers = waiting.ask, self._life.meters, self._courier.lives
        if waiting.looks:
            waiting.answer.set_result(Granted(Held(ask, -1), Standings()))
        elif (lack := meters.lack(ask.takes, sharers)) is not None:
            standings = Standings(meters.rooms(ask.takes, sharers))
            waiting.answer.set_result(Refused(lack.take, lack.wait, standings))
        else:
            self._life.hold(ask)
            self._courier.taken(ask)
            held, standings = Held(ask, -1), Standings(meters.rooms(ask.takes, sharers))
            capped = tuple(spend for spend in ask.spends if spend.cap is not None)
            waiting.answer.set_result(Unknown(capped, held, standings) if capped else Granted(held, standings))

    def _meet(self, ask: Ask) -> None:
        """From now on the life has something in these slices, if it is nothing: then the store is told so.

        What is met late in its time, the life may have spent something of before.
        """
        for spend in ask.spends:
            of = spend.slices[-1]
            if of.name not in self._life.owns:
                self._life.own(of, ask.at)
                if ask.at - max(of.start, self._life.born) > _LATE_SECONDS:
                    self._unrefined[of.name] = None
                    self._seeding.again(of)

    def _found_prior(self, of: Slice, prior: int) -> None:
        """What the ledger had of this life before it held anything."""
        own = self._life.owns.get(of.name)
        if own is not None:
            own.base = max(own.base, prior)
            if own.base != prior or own.spent:
                self._courier.tell(of)

    def _note_met(self, slices: Iterable[Slice]) -> None:
        """Also what is only refused or looked at: what the dead hold of it keeps it so until somebody looks it up."""
        for of in slices:
            if of.name not in self._met:
                self._met[of.name] = of
                self._seeding.again(of)

    def _note_unseeded(self, parcel: Parcel, reply: Reply) -> None:
        if self._unseeded:
            for of in parcel.message.slices.values():
                self._unseeded.pop(of.name, None)
        if reply.unseeded:
            unseeded, wall = [parcel.message.slices[key] for key in reply.unseeded], self._wall()
            self._unseeded.update((of.name, of) for of in unseeded if of.until > wall)
        if self._unseeded and not self._courier.is_young:
            self._seeding.want(self._unseeded.values())

    async def _fill(self, of: Slice) -> bool:
        if self._courier.is_away or self._courier.is_young:
            return False
        if of.name not in self._unseeded and of.name not in self._unrefined and not await self._is_my_turn(of):
            return True
        counts = await looked_up(self._seed, self._life, of, self._wall)
        if counts is None:
            return False
        self._unrefined.pop(of.name, None)
        self._courier.tell(of)
        keys = (f"{self._prefix}store", f"{self._prefix}lives", f"{self._prefix}slice:{of.name}")
        unfinished = counts.unfinished | {self._life.identity}
        said = [*counts.spent.items(), (self._life.identity, self._life.owns[of.name].base)]
        try:
            filled = await self._courier.evaluate(FILL, keys, filling(of, said, unfinished))
        except StoreFault:
            return False
        if filled:
            self._unseeded.pop(of.name, None)
        return bool(filled)

    async def _is_my_turn(self, of: Slice) -> bool:
        """Of all workers one looks a slice up again."""
        name, seconds = f"{self._prefix}turn:{of.name}", int(REFRESH_SECONDS) - 5
        try:
            return await self._link.ask(b"SET", name, self._life.identity, b"NX", b"EX", seconds) is not None
        except StoreFault:
            return False

    def _look_again(self) -> None:
        """Somebody came who may follow one that nobody heard, or died, or is dead for so long that the ledger is
        believed: what they had is looked up there."""
        wall = self._wall()
        for of in self._met.values():
            if of.until > wall and of.end + KEPT_SECONDS > wall:
                self._seeding.again(of)

    def _prune(self) -> None:
        now = self._steady()
        if now >= self._pruned + _PRUNE_SECONDS:
            self._pruned = now
            wall = self._wall()
            self._life.prune(wall)
            self._life.meters.prune()
            self._met = {name: of for name, of in self._met.items() if of.until > wall}


def _has_nothing(answer: asyncio.Future[Answer]) -> bool:
    """Of who has gone, or was refused while the store was late."""
    return answer.cancelled() or isinstance(answer.result(), Refused)
