"""Admission: turns requests away at the door while a worker has more to do than it can, and no more than it must.

What it goes by is the delay of the event loop that the worker's own work causes: for so long does everything wait that
is ready. A machine that is busy with something else delays the loop too, and nothing would be won by serving fewer. As
in CoDel (RFC 8289) the *least* delay of a while counts, so a burst is worked off and only a queue that stays is cut.

While the door is closed, a bucket lets in what the worker can do: its time by what a request has cost so far, set right
by how long the queue is and whether there is time left. The last of it is kept for keys of high priority, and low ones
come in only while much is left; who takes more than their part counts as one lower, unless theirs is high.

One timer, which runs while there is something to do: a request costs a look at the clock and two additions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from gateway.config.access import KeyPriority
from gateway.config.overload import Overload

TICK: Final = 0.02  # seconds between two looks
JUDGE: Final = 0.2  # seconds between two judgements of how much can be done
BUCKET: Final = 0.25  # seconds of work that may come in at once
UNIT_BYTES: Final = 32_768  # of a body that cost about as much to read and scan as all the rest of a request
QUIET: Final = 50  # looks without a request after which the timer rests
LEAST: Final = 4.0  # requests a second that are always let in
AWAY_SECONDS: Final = 0.000025  # of work to turn one away
MEMORY: Final = 5.0  # seconds after which what a request has cost is forgotten by half and more
SHORT: Final = 0.1  # of the delay that may be: so long a queue is enough not to be idle, and a longer one costs more
BUSY: Final = 0.3  # the share of its time that a worker works from which on its requests tell what they cost
_LEFT: Final[dict[KeyPriority, float]] = {"high": 0.0, "normal": 0.25, "low": 0.5}
"""The share of the bucket that has to be left over."""
_GREED: Final = 0.25  # what has to be left over besides by who takes more than their part
_LEAST_LOOKS: Final = 0.03  # looks for a kept answer, for each request that is let in…
_MORE_LOOKS: Final = 2.0  # …and if every look finds one; a look costs about a third of a request
_LATEST: Final = 0.05  # of the latest look, in the share of those that found one
_log = logging.getLogger(__name__)


class Told(Protocol):
    """Who hears of it; `metrics.py`."""

    def turned_away(self, priority: KeyPriority, count: int) -> None: ...

    def unread(self, count: int) -> None: ...

    def queue_delay(self, seconds: float, shedding: bool) -> None: ...


class Admission:
    """`clock` and `cpu` give seconds: of time, and of what this thread has worked. `lot` gives numbers from 0 to 1."""

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
        self._at = self._cpu_at = self._judged_at = self._cpu_judged = 0.0
        self._least = self._worst = 0.0
        self._since: float | None = None  # the delay has been too long without a break
        self._done = 0  # requests that are over
        self._was = 0  # the same, at the last judgement
        self._units = 0.0  # let in since then, while it is closed
        self._let_in = self._turned = 0  # requests, since then
        self._unit = 1.0  # units of a request
        self._cost = self._served = 0.0  # seconds of work, and the requests that it was for, of the last while
        self._each = 0.0  # the one by the other
        self._entered = 0  # requests since the last judgement
        self._share = 1.0  # of the time that the machine gives this worker when it wants all
        self._trim = 1.0  # what the estimate was wrong by
        self._rate = 0.0  # units a second that are let in
        self._tokens = 0.0
        self._keys: dict[str, float] = {}  # units by who asked, since the last judgement
        self._taken: dict[str, float] = {}  # the same, before it
        self._greedy = 0.0  # units that are more than somebody's part
        self._unread = 0  # of those who were turned away
        self._found = 0.3  # the share of looks that found a kept answer
        self._looks = 1.0
        self._away: dict[KeyPriority, int] = {}

    def enter(self) -> None:
        self.under_way += 1
        self._entered += 1
        if self._timer is None:
            self._watch()

    def leave(self) -> None:
        self.under_way -= 1
        self._done += 1

    @property
    def is_full(self) -> bool:
        """Whether somebody may have to be turned away; then `admits` says who."""
        settings = self.settings
        if not self.closed and settings.enabled and self._timer is not None and self._is_flooded(settings.after):
            self._close(self._clock())
        return self.closed or (settings.in_flight is not None and self.under_way >= settings.in_flight / 2)

    def admits(self, name: str, priority: KeyPriority, size: int) -> bool:
        """Whether a request of `size` bytes may come in. `name` says whose it is."""
        limit = self.settings.in_flight
        room = self._room
        units = min(1.0 + size / UNIT_BYTES, room)  # said, not seen: one alone cannot shut the door for long
        spare = _LEFT[priority]
        if spare and self._taken.get(name, 0.0) > self._greedy:
            spare += _GREED
        is_free = limit is None or self.under_way < limit * (1.0 - spare / 2)
        enough = min(1.0 + spare * room, room)  # of a full bucket anybody may take, be it ever so small
        if is_free and (not self.closed or self._tokens >= enough):
            if self.closed:
                self._tokens -= units
                self._units += units
                self._let_in += 1
                self._keys[name] = self._keys.get(name, 0.0) + units
            return True
        return False

    def turn_away(self, priority: KeyPriority) -> None:
        """One whom it did not admit, and who is told so unread."""
        self._turned += 1
        self._unread += 1
        self._away[priority] = self._away.get(priority, 0) + 1
        if self._timer is None:
            self._watch()

    def may_look(self) -> bool:
        """Whether there is time to look for a kept answer for one whom it did not admit: the more often there has been
        one, the more often."""
        if self._looks < 1.0:
            return False
        self._looks -= 1.0
        return True

    def looked(self, priority: KeyPriority, *, found: bool) -> None:
        self._found += _LATEST * (found - self._found)
        if not found:
            self._away[priority] = self._away.get(priority, 0) + 1

    @property
    def retry_after(self) -> int:
        """Seconds: the more are turned away the longer, and drawn by lot, so that they do not all come back at once."""
        excess = self._turned / max(self._let_in, 1)
        return 1 + int(self._lot() * min(10.0, 2.0 * excess))

    @property
    def _room(self) -> float:
        return max(self._rate, LEAST) * BUCKET

    def _watch(self) -> None:
        self._loop = self._loop or asyncio.get_running_loop()
        self._quiet = 0
        self._at, self._cpu_at = self._clock(), self._cpu()
        if not self.closed:
            self._judged_at, self._was, self._least, self._cpu_judged = self._at, self._done, float("inf"), self._cpu_at
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
        looks = max(self._rate, LEAST) * (_LEAST_LOOKS + _MORE_LOOKS * self._found)
        self._looks = min(self._looks + looks * passed, max(1.0, looks * BUCKET))
        if now - self._judged_at >= JUDGE:
            self._judge(now, worked)

    def _is_flooded(self, most: float) -> bool:
        """Whether so many have come since the last judgement that they take longer than `most` seconds of work, or this
        turn of the loop has. To wait until it is seen how long the queue is would be to let all of them in."""
        if self._entered * self._each > most:
            return True
        return self._clock() - self._at > most and self._cpu() - self._cpu_at > most

    def _judge(self, now: float, worked: float) -> None:
        seconds, work = now - self._judged_at, worked - self._cpu_judged
        self._learn(seconds, work)
        self._told.queue_delay(self._worst, self.closed)
        away, self._away = self._away, {}
        for priority, count in away.items():
            self._told.turned_away(priority, count)
        if self._unread:
            self._told.unread(self._unread)
            self._unread = 0
        if self.closed:
            self._adjust(now, work / seconds, seconds)
        elif self.settings.enabled:
            self._consider(now)
        self._judged_at, self._cpu_judged, self._was = now, worked, self._done
        self._least, self._worst = float("inf"), 0.0
        self._entered, self._units, self._let_in, self._turned = 0, 0.0, 0, 0

    def _learn(self, seconds: float, work: float) -> None:
        """What a request costs, and what part of the machine there is for this worker."""
        if work < BUSY * seconds:
            if self._turned and seconds < MEMORY:  # though there is time: it cannot cost what it did
                self._cost *= 1.0 - seconds / MEMORY
                self._each = self._cost / max(self._served, 10.0)
            return
        kept = max(0.0, 1.0 - seconds / MEMORY)
        self._cost = kept * self._cost + max(0.0, work - self._turned * AWAY_SECONDS)
        self._served = kept * self._served + self._done - self._was
        self._each = self._cost / max(self._served, 10.0)
        if self._least > self.settings.delay:
            self._share += 0.3 * (min(1.0, work / seconds) - self._share)
        if self._let_in:
            self._unit += 0.3 * (self._units / self._let_in - self._unit)

    def _consider(self, now: float) -> None:
        if self._least <= self.settings.delay:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since >= self.settings.after:
            self._close(now)

    def _close(self, now: float) -> None:
        self.closed = True
        self._since = now
        self._tokens, self._trim = 0.0, 1.0
        self._rate = 0.5 * self._can_do(0.0)
        _log.warning("overloaded: some requests are turned away (503)")

    def _can_do(self, turned: float) -> float:
        """Units a second, beside turning so many requests a second away."""
        time = max(self._share - turned * AWAY_SECONDS, 0.1 * self._share)
        return max(LEAST, self._trim * time * self._unit / max(self._each, 0.00002))

    def _adjust(self, now: float, used: float, seconds: float) -> None:
        """A little more than it can while nobody waits, and less while the queue is too long."""
        excess = self._least / self.settings.delay
        if excess < SHORT and used < 0.97 * self._share:
            self._trim = min(3.0, self._trim * (1.0 + 0.2 * min(1.0, seconds)))
        elif excess > 2 * SHORT:
            self._trim = max(0.3, self._trim * (1.0 - 0.2 * min(1.0, seconds)))
        self._rate = self._can_do(self._turned / seconds) * max(0.3, 1.04 - 0.4 * excess)
        keys = self._keys
        self._taken, self._keys = keys, {}
        self._greedy = 1.5 * sum(keys.values()) / len(keys) if keys else 0.0
        if self._turned or excess > 1.0:
            self._since = now
        elif self._since is None or now - self._since >= self.settings.after:
            self.closed = False
            self._since = None
            self._taken = {}
            _log.warning("no longer overloaded: every request is let in")
