"""Courier: carries what a life takes and spends to the store, one call at a time.

What comes up while a call is under way goes with the next. Calls are numbered, and each tells what the life has, not by
how much that changed; so one that was carried out twice, late or not at all is made good by the next that arrives.
While the store is away or late nobody waits for it. It is asked in the background until it answers in time, and told
everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from gateway.quota.answer import Granted, Refused, Unknown
from gateway.quota.ask import Ask, Held, Slice, Spend
from gateway.quota.life import Life, newest
from gateway.quota.message import LOST, STALE, Message, Reply, decode
from gateway.quota.script import HOLD, Script
from gateway.stores.link import RedisLink, StoreFault

BEAT_SECONDS: Final = 1.0  # between two calls of a life that has nothing to say
FIRST_RETRY_SECONDS: Final = 0.06  # after a fault; doubles up to a beat
SOON_SECONDS: Final = 0.005  # until a settlement is told
_MOST_ASKS: Final = 256  # in one call: some 10 ms of Redis at worst
_MOST_PARTS: Final = 4_096  # slices that they are about, unless one ask has more: some 15 ms
_MOST_SLICES: Final = 512
_LAG_SECONDS: Final = 0.01
_TRIES: Final = 3  # for an ask that meets a store that lost or overtook something

Answer = Granted | Refused | Unknown


class Waiting:
    """An ask whose answer somebody awaits. `looks`: it only wants to know, and is answered with its standings."""

    __slots__ = ("answer", "ask", "looks", "tries")

    def __init__(self, ask: Ask, answer: asyncio.Future[Answer], *, looks: bool) -> None:
        self.ask = ask
        self.answer = answer
        self.looks = looks
        self.tries = 0


class Parcel:
    """What one call carries. `watched` are budgets of which something was settled; `timer` ends the patience."""

    __slots__ = ("message", "number", "timer", "waiting", "watched")

    def __init__(self, message: Message, number: int, waiting: list[Waiting], watched: list[Spend]) -> None:
        self.message = message
        self.number = number
        self.timer: asyncio.TimerHandle | None = None
        self.waiting = waiting
        self.watched = watched


class Courier:
    """Of one event loop. `deliver` is told what was answered; `alone` has to answer what cannot be
    asked. `prefix` is that of all keys; `patience` is for how many seconds somebody waits for a call, and `on_fault` is
    told when that was not enough.
    """

    def __init__(
        self,
        life: Life,
        link: RedisLink,
        prefix: str,
        deliver: Callable[[Parcel, Reply], None],
        alone: Callable[[Waiting], None],
        patience: float,
        on_fault: Callable[[str], None],
    ) -> None:
        self._life = life
        self._link = link
        self._prefix = prefix
        self._deliver = deliver
        self._alone = alone
        self._patience = patience
        self._on_fault = on_fault
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.Handle | None = None
        self._waiting: list[Waiting] = []
        self._dirty: dict[str, None] = dict.fromkeys(life.owns)
        self._meters: dict[str, None] = dict.fromkeys(life.meters.concurrent)
        self._corrections: list[tuple[str, int, int]] = []
        self._watched: dict[tuple[str, str], Spend] = {}
        self._loaded: set[bytes] = set()  # scripts that the server has
        self._acknowledged = 0
        self._beat = True
        self._retry = FIRST_RETRY_SECONDS
        self._task: asyncio.Task[None] | None = None
        self._is_going = False
        self.is_closed = False  # who asks all the same is answered by what the life knows
        self.is_away = False  # the last call failed
        self.is_late = False  # the last call took too long, or the one under way does
        self.is_young = True  # not everybody has told the store yet what they have
        self.lives = 1  # that were heard lately
        life.changed.append(self._dirty)

    def begin(self) -> asyncio.AbstractEventLoop:
        """From now on this life is heard. The first ask begins it too."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
            self._timer = loop.call_soon(self._on_beat)
        return loop

    def ask(self, ask: Ask, *, looks: bool = False) -> asyncio.Future[Answer]:
        waiting = Waiting(ask, self.begin().create_future(), looks=looks)
        if self.is_away or self.is_late or self.is_closed:
            self._alone(waiting)
        else:
            self._waiting.append(waiting)
            self._go()
        return waiting.answer

    def settled(self, held: Held) -> None:
        for spend in held.ask.spends:
            self._watched[spend.budget, spend.slices[-1].name] = spend
        self._go_soon()

    def released(self, held: Held, tokens: int | None) -> None:
        for take in held.ask.takes:
            if take.kind == "concurrent":
                self._meters[take.meter] = None
            elif take.kind == "tokens" and tokens is not None:
                self._correct(held.slot, take.meter, tokens - take.amount)
        self._go_soon()

    def undo(self, ask: Ask, slot: int) -> None:
        """The store granted it, and the life does not have it."""
        for take in ask.takes:
            if take.kind == "concurrent":
                self._meters[take.meter] = None
            else:
                self._correct(slot, take.meter, -take.amount)
        self._dirty.update(dict.fromkeys(newest(ask)))
        self._go()

    def taken(self, ask: Ask) -> None:
        """The life has it, and the store may not."""
        self._meters.update({take.meter: None for take in ask.takes if take.kind == "concurrent"})
        self._dirty.update(dict.fromkeys(newest(ask)))
        self._go_soon()

    def tell(self, of: Slice) -> None:
        """What the life has in a slice has changed."""
        self._dirty[of.name] = None
        self._go()

    async def evaluate(self, script: Script, keys: Iterable[str], argument: bytes) -> bytes:
        """What the script returns. Raises `StoreFault`."""
        keys = tuple(keys)
        if script.digest in self._loaded:
            try:
                return _bytes(await self._link.ask(b"EVALSHA", script.digest, len(keys), *keys, argument))
            except StoreFault as fault:
                self._loaded.discard(script.digest)
                if fault.kind != "reply":
                    raise
                # Most likely it was restarted or told to forget scripts. Anything else is said again.
        reply = _bytes(await self._link.ask(b"EVAL", script.text, len(keys), *keys, argument))
        self._loaded.add(script.digest)
        return reply

    async def close(self) -> None:
        """What is still to be told is told."""
        self._beat_in(None)
        self._go()
        self.is_closed = True
        while self._task is not None and not self._task.done():
            await asyncio.wait((self._task,))
        self._beat_in(None)
        if self._dirty in self._life.changed:
            self._life.changed.remove(self._dirty)

    def _correct(self, slot: int, meter: str, change: int) -> None:
        if change and slot >= 0 and not self.is_away:
            self._corrections.append((meter, slot, change))

    def _go(self) -> None:
        self._is_going = False
        if not self.is_away:
            self._set_out()

    def _go_soon(self) -> None:
        """Nobody waits for it: with the next ask, if one comes soon."""
        if not self._is_going and not self.is_away and self._loop is not None:
            self._is_going = True
            self._loop.call_later(SOON_SECONDS, self._go)

    def _set_out(self) -> None:
        if self._loop is not None and not self.is_closed and (self._task is None or self._task.done()):
            self._task = self._loop.create_task(self._run())

    def _on_beat(self) -> None:
        self._beat = True
        self._beat_in(BEAT_SECONDS)
        self._set_out()

    def _beat_in(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is not None and seconds is not None:
            self._timer = self._loop.call_later(seconds, self._on_beat)

    async def _run(self) -> None:
        while self._beat or self._waiting or self._dirty or self._meters or self._corrections or self._watched:
            beat, self._beat = self._beat, False
            parcel = self._parcel(beat=beat)
            try:
                await self._carry(parcel, beat=beat)
            except (StoreFault, msgspec.MsgspecError):
                self._lost_touch(parcel)
                return
            except BaseException:
                self._lost_touch(parcel)  # whatever happened: nobody waits for ever
                raise

    async def _carry(self, parcel: Parcel, *, beat: bool) -> None:
        loop = self.begin()
        began = loop.time()
        due = began + self._patience
        parcel.timer = loop.call_at(due, self._overdue, parcel, due, _TRIES)
        try:
            packed = parcel.message.packed(self._life.identity, parcel.number, self._acknowledged, beat=beat)
            answered = await self.evaluate(HOLD, parcel.message.keys, packed)
        finally:
            parcel.timer.cancel()
        self.is_late = self.is_late and loop.time() - began > self._patience
        self._heard(parcel, decode(answered))

    def _overdue(self, parcel: Parcel, due: float, tries: int) -> None:
        """Nobody waits for this call any longer, nor for the next until one is in time again."""
        loop = self.begin()
        if tries and loop.time() - due > _LAG_SECONDS:  # it is this worker that was busy, the reply may be there
            parcel.timer = loop.call_later(_LAG_SECONDS, self._overdue, parcel, loop.time() + _LAG_SECONDS, tries - 1)
            return
        self.is_late = True
        self._on_fault("timeout")
        waiting, self._waiting = parcel.waiting + self._waiting, []
        for asked in waiting:
            self._alone(asked)

    def _parcel(self, *, beat: bool) -> Parcel:
        life = self._life
        message = Message(self._prefix)
        asked = [waiting for waiting in self._waiting if not waiting.answer.done()]  # the others have gone
        asks, self._waiting = _first_of(asked)
        for waiting in asks:
            for spend in () if waiting.looks else waiting.ask.spends:
                message.own(spend.slices[-1], life.owns.get(spend.slices[-1].name))
                self._dirty.pop(spend.slices[-1].name, None)
            for take in waiting.ask.takes:
                if take.kind == "concurrent":
                    self._meters[take.meter] = None
        if beat:
            self._meters.update({meter: None for meter, count in life.meters.concurrent.items() if count})
        for name in list(self._dirty)[:_MOST_SLICES]:
            del self._dirty[name]
            if (own := life.owns.get(name)) is not None:
                message.own(own.slice, own)
        for meter in self._meters:
            message.count(meter, life.meters.concurrent.get(meter, 0))
        self._meters.clear()
        for correction in self._corrections:
            message.correct(*correction)
        self._corrections.clear()
        watched = list(self._watched.values())
        self._watched.clear()
        for waiting in asks:
            message.look(waiting.ask.spends) if waiting.looks else message.ask(waiting.ask)
        if watched:
            message.look(watched)
        return Parcel(message, life.next_number(), asks, watched)

    def _heard(self, parcel: Parcel, reply: Reply) -> None:
        self.is_away = False
        if self.is_late:
            self._ask_again()
        else:
            self._retry = FIRST_RETRY_SECONDS
        if reply.status in (STALE, LOST):
            self._life.skip_to(reply.slot)
            self._acknowledged = reply.slot if reply.status == STALE else parcel.number
            self._tell_all()
            self._again(parcel.waiting)
            return
        self._acknowledged = parcel.number
        if reply.young >= 0:
            self.is_young = bool(reply.young)
        self.lives = reply.alive or self.lives
        self._deliver(parcel, reply)

    def _again(self, asks: list[Waiting]) -> None:
        for waiting in asks:
            waiting.tries += 1
            if waiting.tries >= _TRIES:
                self._alone(waiting)
        self._waiting[:0] = [waiting for waiting in asks if waiting.tries < _TRIES]

    def _lost_touch(self, parcel: Parcel) -> None:
        """Whether the call was carried out is not known."""
        self.is_away = True
        waiting, self._waiting = parcel.waiting + self._waiting, []
        for asked in waiting:
            self._alone(asked)
        self._corrections.clear()  # for a minute some limits see more than there was
        self._watched.clear()
        self._tell_all()
        self._ask_again()

    def _ask_again(self) -> None:
        self._beat_in(self._retry)
        self._retry = min(2 * self._retry, BEAT_SECONDS)

    def _tell_all(self) -> None:
        self._dirty.update(dict.fromkeys(self._life.owns))
        self._meters.update(dict.fromkeys(self._life.meters.concurrent))


def _first_of(asked: list[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Those that go with the next call, and the rest: a call keeps all others waiting. Callers choose tags, and with
    them how many slices an ask is about."""
    parts = 0
    for place, waiting in enumerate(asked):
        parts += sum([len(spend.slices) for spend in waiting.ask.spends])
        if place == _MOST_ASKS or (place and parts > _MOST_PARTS):
            return asked[:place], asked[place:]
    return asked, []


def _bytes(reply: object) -> bytes:
    if isinstance(reply, bytes):
        return reply
    raise StoreFault("reply")
