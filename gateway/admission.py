"""Admission: turns requests away at the door while a worker has more to do than it can, and no more than it must.

What it goes by is the delay of the event loop that the worker's own work causes: for so long does everything wait that
is ready. A machine that is busy with something else delays the loop too, and nothing would be won by serving fewer. As
in CoDel (RFC 8289) the *least* delay of a while counts, so a burst is worked off and only a queue that stays is cut.

While the door is closed, a bucket lets in what the worker can do, going by what it gets done. The last of it is kept
for keys of high priority, and low ones come in only while much is left; who takes more than their part counts as one
lower.

One timer, which runs while there is something to do: a request costs two additions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from gateway.config.access import Priority
from gateway.config.overload import Overload

TICK: Final = 0.02  # seconds between two looks
JUDGE: Final = 0.2  # seconds between two judgements of how much can be done
BUCKET: Final = 0.25  # seconds of work that may come in at once
UNIT_BYTES: Final = 32_768  # of a body that cost about as much to read and scan as all the rest of a request
QUIET: Final = 50  # looks without a request after which the timer rests
LEAST: Final = 4.0  # requests a second that are always let in
_LEFT: Final[dict[Priority, float]] = {"high": 0.0, "normal": 0.25, "low": 0.5}
"""The share of the bucket that has to be left over."""
_GREED: Final = 0.25  # what has to be left over besides by who takes more than their part
_log = logging.getLogger(__name__)


class Told(Protocol):
    """Who hears of it; `metrics.py`."""

    def turned_away(self, priority: Priority, count: int) -> None: ...

    def queue_delay(self, seconds: float, shedding: bool) -> None: ...


class Admission:
    """`clock` and `cpu` give seconds: of time, and of what this thread has worked. `lot` gives numbers from 0 to 1."""

    __slots__ = (
        "_asked",
        "_at",
        "_away",
        "_clock",
        "_cpu",
        "_cpu_at",
        "_done",
        "_greedy",
        "_judged_at",
        "_keys",
        "_least",
        "_loop",
        "_lot",
        "_quiet",
        "_rate",
        "_since",
        "_taken",
        "_timer",
        "_tokens",
        "_told",
        "_units",
        "_was",
        "_worst",
        "closed",
        "settings",
        "under_way",
    )

    def __init__(
        self,
        settings: Overload,
        clock: Callable[[], float],
        cpu: Callable[[], float],
        lot: Callable[[], float],
        told: Told,
    ) -> None:
        self.settings = settings
        self.closed = False  # some are turned away
        self.under_way = 0
        self._clock, self._cpu, self._lot, self._told = clock, cpu, lot, told
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._quiet = 0
        self._at = self._cpu_at = self._judged_at = 0.0
        self._least = self._worst = 0.0
        self._since: float | None = None  # the delay has been too long without a break
        self._done = 0  # requests that are over
        self._was = 0  # the same, at the last judgement
        self._units = 0.0  # let in since then, while it is closed
        self._asked = 0.0  # the same, and what was turned away
        self._rate = 0.0  # units a second that are let in
        self._tokens = 0.0
        self._keys: dict[str, float] = {}  # units by who asked, since the last judgement
        self._taken: dict[str, float] = {}  # the same, before it
        self._greedy = 0.0  # units that are more than somebody's part
        self._away: dict[Priority, int] = {}

    def enter(self) -> None:
        self.under_way += 1
        if self._timer is None:
            self._watch()

    def leave(self) -> None:
        self.under_way -= 1
        self._done += 1

    @property
    def is_full(self) -> bool:
        """Whether something is to be turned away; then `admits` says what."""
        limit = self.settings.in_flight
        return self.closed or (limit is not None and self.under_way >= limit)

    def admits(self, name: str, priority: Priority, size: int) -> bool:
        """Whether a request of `size` bytes may come in. `name` says whose it is."""
        limit = self.settings.in_flight
        units = 1.0 + size / UNIT_BYTES
        self._asked += units
        spare = _LEFT[priority] + (_GREED if self._taken.get(name, 0.0) > self._greedy else 0.0)
        is_free = limit is None or self.under_way < limit * (1.0 - spare / 2)
        if is_free and (not self.closed or self._tokens >= 1.0 + spare * self._room):
            if self.closed:
                self._tokens -= units
                self._units += units
                self._keys[name] = self._keys.get(name, 0.0) + units
            return True
        self._away[priority] = self._away.get(priority, 0) + 1
        if self._timer is None:
            self._watch()
        return False

    @property
    def retry_after(self) -> int:
        """Seconds: the more are turned away the longer, and drawn by lot, so that they do not all come back at once."""
        excess = self._asked / max(self._units, 1.0)
        return 1 + int(self._lot() * min(10.0, 2.0 * excess))

    @property
    def _room(self) -> float:
        return max(self._rate, LEAST) * BUCKET

    def _watch(self) -> None:
        self._loop = self._loop or asyncio.get_running_loop()
        self._quiet = 0
        self._at, self._cpu_at = self._clock(), self._cpu()
        if not self.closed:
            self._judged_at, self._was, self._least = self._at, self._done, float("inf")
        self._timer = self._loop.call_later(TICK, self._tick)

    def _tick(self) -> None:
        self.look()
        self._quiet = 0 if self.under_way or self.closed or self._away else self._quiet + 1
        if self._loop is not None and self._quiet < QUIET:
            self._timer = self._loop.call_later(TICK, self._tick)
        else:
            self._timer = None

    def look(self) -> None:
        """What has happened since the last look, which should have been `TICK` ago."""
        now, worked = self._clock(), self._cpu()
        passed = now - self._at
        if passed <= 0:
            return
        delay = max(0.0, passed - TICK) * min(1.0, (worked - self._cpu_at) / passed)
        self._at, self._cpu_at = now, worked
        self._least, self._worst = min(self._least, delay), max(self._worst, delay)
        if self.closed:
            self._tokens = min(self._tokens + self._rate * passed, self._room)
        if now - self._judged_at >= JUDGE:
            self._judge(now)

    def _judge(self, now: float) -> None:
        seconds = now - self._judged_at
        self._tell()
        done = (self._done - self._was) / seconds
        if self.closed:
            self._adjust(now, done, seconds)
        elif self.settings.enabled:
            self._consider(now, done)
        self._judged_at, self._was, self._least, self._worst = now, self._done, float("inf"), 0.0
        self._units = self._asked = 0.0

    def _consider(self, now: float, done: float) -> None:
        if self._least <= self.settings.delay:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since >= self.settings.after:
            self.closed = True
            self._rate = max(done, LEAST)
            self._tokens = 0.0
            self._since = now
            _log.warning("overloaded: some requests are turned away (503)")

    def _adjust(self, now: float, done: float, seconds: float) -> None:
        """It follows what gets done, a little more while nobody waits, and less while the queue is too long."""
        excess = self._least / self.settings.delay
        is_short = self._units < self._asked
        let_in = self._units / seconds
        base = max(done, let_in if excess <= 1.0 else 0.0, LEAST)
        wanted = base * (1.15 if excess < 0.25 else max(0.5, 1.1 - 0.2 * excess))
        self._rate = max(LEAST, 0.5 * self._rate + 0.5 * wanted)
        keys = self._keys
        self._taken, self._keys = keys, {}
        self._greedy = 1.5 * sum(keys.values()) / len(keys) if keys else 0.0
        if is_short or excess > 1.0:
            self._since = now
        elif self._since is None or now - self._since >= self.settings.after:
            self.closed = False
            self._since = None
            self._taken = {}
            _log.warning("no longer overloaded: every request is let in")

    def _tell(self) -> None:
        away, self._away = self._away, {}
        for priority, count in away.items():
            self._told.turned_away(priority, count)
        self._told.queue_delay(self._worst, self.closed)
