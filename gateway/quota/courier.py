"""Courier: carries what a life takes and spends to the store, one call at a time.

What comes up while a call is under way goes with the next. Calls are numbered, and each tells what the life has, not by
how much that changed; so one that was carried out twice, late or not at all is made good by the next that arrives.
While the store is away nobody waits for it: it is asked in the background until it answers, and then told everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from gateway.quota.answer import Granted, Refused, Unknown
from gateway.quota.ask import Ask, Held, Spend
from gateway.quota.life import Life, newest
from gateway.quota.message import LOST, STALE, Message, Reply, decode
from gateway.quota.script import HOLD, Script
from gateway.stores.link import RedisLink, StoreFault

BEAT_SECONDS: Final = 1.0  # between two calls of a life that has nothing to say
FIRST_RETRY_SECONDS: Final = 0.06  # after a fault; doubles up to a beat
_MOST_ASKS: Final = 256  # in one call: some 10 ms of Redis at worst
_MOST_SLICES: Final = 512
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
    """What one call carries. `watched` are budgets of which something was settled."""

    __slots__ = ("message", "number", "waiting", "watched")

    def __init__(self, message: Message, number: int, waiting: list[Waiting], watched: list[Spend]) -> None:
        self.message = message
        self.number = number
        self.waiting = waiting
        self.watched = watched


class Courier:
    """Of one event loop. `deliver` is told what was answered; `alone` has to answer what cannot be
    asked. `prefix` is that of all keys.
    """

    def __init__(
        self,
        life: Life,
        link: RedisLink,
        prefix: str,
        deliver: Callable[[Parcel, Reply], None],
        alone: Callable[[Waiting], None],
    ) -> None:
        self._life = life
        self._link = link
        self._prefix = prefix
        self._deliver = deliver
        self._alone = alone
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
        self._is_closed = False
        self.is_away = False
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
        if self.is_away:
            self._alone(waiting)
        else:
            self._waiting.append(waiting)
            self._go()
        return waiting.answer

    def settled(self, held: Held) -> None:
        for spend in held.ask.spends:
            self._watched[spend.budget, spend.slices[-1].name] = spend
        self._go()

    def released(self, held: Held, tokens: int | None) -> None:
        for take in held.ask.takes:
            if take.kind == "concurrent":
                self._meters[take.meter] = None
            elif take.kind == "tokens" and tokens is not None:
                self._correct(held.slot, take.meter, tokens - take.amount)
        self._go()

    def undo(self, ask: Ask, slot: int) -> None:
        """The store granted it, and the life does not have it."""
        for take in ask.takes:
            if take.kind == "concurrent":
                self._meters[take.meter] = None
            else:
                self._correct(slot, take.meter, -take.amount)
        self._dirty.update(dict.fromkeys(newest(ask)))
        self._go()

    def tell(self, names: Iterable[str]) -> None:
        """What the life has in these slices has changed."""
        self._dirty.update(dict.fromkeys(names))
        self._go()

    async def evaluate(self, script: Script, keys: Iterable[str], argument: bytes) -> bytes | int | list[object] | None:
        """Raises `StoreFault`."""
        keys = tuple(keys)
        if script.digest in self._loaded:
            try:
                return await self._link.ask(b"EVALSHA", script.digest, len(keys), *keys, argument)  # type: ignore[return-value]
            except StoreFault as fault:
                self._loaded.discard(script.digest)
                if fault.kind != "reply":
                    raise
                # Most likely it was restarted or told to forget scripts. Anything else is said again.
        reply = await self._link.ask(b"EVAL", script.text, len(keys), *keys, argument)
        self._loaded.add(script.digest)
        return reply  # type: ignore[return-value]

    async def close(self) -> None:
        """What is still to be told is told."""
        self._beat_in(None)
        self._go()
        self._is_closed = True
        while self._task is not None and not self._task.done():
            await asyncio.wait((self._task,))
        self._beat_in(None)
        if self._dirty in self._life.changed:
            self._life.changed.remove(self._dirty)

    def _correct(self, slot: int, meter: str, change: int) -> None:
        if change and slot >= 0 and not self.is_away:
            self._corrections.append((meter, slot, change))

    def _go(self) -> None:
        if not self.is_away:
            self._set_out()

    def _set_out(self) -> None:
        if self._loop is not None and not self._is_closed and (self._task is None or self._task.done()):
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
                packed = parcel.message.packed(self._life.identity, parcel.number, self._acknowledged, beat=beat)
                answered = await self.evaluate(HOLD, parcel.message.keys, packed)
                reply = decode(answered) if isinstance(answered, bytes) else None
            except (StoreFault, msgspec.MsgspecError):
                reply = None
            if reply is None:
                self._lost_touch(parcel)
                return
            try:
                self._heard(parcel, reply)
            except BaseException:
                self._lost_touch(parcel)  # whatever happened: nobody waits for ever
                raise

    def _parcel(self, *, beat: bool) -> Parcel:
        life = self._life
        message = Message(self._prefix)
        asked = [waiting for waiting in self._waiting if not waiting.answer.done()]  # the others have gone
        asks, self._waiting = asked[:_MOST_ASKS], asked[_MOST_ASKS:]
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
        self._retry = FIRST_RETRY_SECONDS
        if reply.status in (STALE, LOST):
            self._life.skip_to(reply.slot)
            self._acknowledged = reply.slot if reply.status == STALE else parcel.number
            self._tell_all()
            self._again(parcel.waiting)
            return
        self._acknowledged = parcel.number
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
        self._beat_in(self._retry)
        self._retry = min(2 * self._retry, BEAT_SECONDS)

    def _tell_all(self) -> None:
        self._dirty.update(dict.fromkeys(self._life.owns))
        self._meters.update(dict.fromkeys(self._life.meters.concurrent))
