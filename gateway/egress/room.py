"""Room: how many requests of this worker a deployment has, and who waits until it has room for one more.

Who waits is called in by turns of the keys, however many requests each has waiting. Where the queue is full, the key
with the most waiting makes way for one with fewer. How long it will take is told from how long others took.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Final, Literal, NamedTuple, Protocol

from gateway.egress.load import Reading
from gateway.wire.errors import Unavailable

RECENT: Final = 0.1  # how much of the mean service time the last one makes up
FRESH_SECONDS: Final = 5.0  # after which it says nothing any more how busy a server said it was
Waited = Literal["seated", "left", "gave_up", "full", "too_long"]


class NoRoom(Unavailable):
    """All models that may see the content have as many requests as they can take: try again after `retry_after`."""

    code = "overloaded"


class Terms(NamedTuple):
    """`seats` of this worker; None: any number. `length` of the queue, and `patience` of who waits, in seconds.
    `workers`: how many there are that send as much as this one.
    """

    seats: int | None = None
    length: int = 0
    patience: float = 0.0
    workers: int = 1


class Tells(Protocol):
    """Who counts. Only of rooms whose seats are counted."""

    def room(self, deployment: str, seats: int, taken: int, waiting: int, estimate: float) -> None: ...

    def waited(self, deployment: str, result: Waited, seconds: float) -> None: ...


class Room:
    """Of one deployment, for one event loop. `clock` is steady seconds."""

    __slots__ = (
        "_at_reading",
        "_clock",
        "_length",
        "_lines",
        "_reading",
        "_service",
        "_tells",
        "name",
        "on_wanted",
        "taken",
        "terms",
    )

    def __init__(self, name: str, clock: Callable[[], float], tells: Tells) -> None:
        self.name = name
        self.taken = 0
        self.terms = Terms()
        self.on_wanted: Callable[[], None] | None = None  # is called when somebody chooses by how busy it is
        self._clock = clock
        self._tells = tells
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}  # who waits, by key; the first one's turn is next
        self._length = 0
        self._service: float | None = None  # seconds, the mean of what was served lately
        self._reading: tuple[float, Reading] | None = None  # when it came
        self._at_reading = 0  # how many of ours were there then

    @property
    def waiting(self) -> int:
        return self._length

    @property
    def is_full(self) -> bool:
        return self.terms.seats is not None and self.taken >= self.terms.seats

    def furnish(self, terms: Terms) -> None:
        """What holds from now on. Those that are in stay."""
        if terms.seats is None and self.terms.seats is not None:
            self._tells.room(self.name, 0, 0, 0, 0.0)  # there are none to be counted any more
        self.terms = terms
        while self._length and not self.is_full and self._call_in():
            self.taken += 1
        self._tell()

    def sit(self) -> bool:
        """Takes a seat, if one is free."""
        if self.is_full:
            return False
        self.taken += 1
        self._tell()
        return True

    def knock(self, who: str, waited: float = 0.0) -> None:
        """Raises `NoRoom` where it would wait in vain. `waited`: how long it has waited elsewhere, in seconds."""
        if not self.is_full:
            return
        left, estimate = self.terms.patience - waited, self.estimate(who)
        if left <= 0 or estimate > left:
            raise self._no_room("too_long", estimate)
        if self._length >= self.terms.length and self._longest(who) is None:
            raise self._no_room("full", estimate)

    async def wait(self, who: str, waited: float = 0.0) -> float:
        """Takes a seat as soon as one is free and it is this one's turn: after how many seconds. Raises `NoRoom` where
        that takes too long, or too many wait. `waited` as for `knock`.
        """
        if self.sit():
            return 0.0
        self.knock(who, waited)
        if self._length >= self.terms.length and (most := self._longest(who)) is not None:
            self._send_off(most)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(who, deque()).append(turn)
        self._length += 1
        self._tell()
        since = self._clock()
        try:
            async with asyncio.timeout(self.terms.patience - waited):
                await turn
        except BaseException as stopped:
            self._gone(who, turn)
            del turn  # which may hold what is raised here, and that holds this frame
            if isinstance(stopped, TimeoutError):
                raise self._no_room("gave_up", self.estimate(who), self._clock() - since) from None
            if not isinstance(stopped, NoRoom):
                self._tells.waited(self.name, "left", self._clock() - since)
            raise
        seconds = self._clock() - since
        self._tells.waited(self.name, "seated", seconds)
        return seconds

    def leave(self, served: float | None = None) -> None:
        """Gives a seat back: to who is next, or for anybody. `served`: for how many seconds there was an answer."""
        if served is not None:
            before = self._service
            self._service = served if before is None else before + RECENT * (served - before)
        seats = self.terms.seats
        if seats is None or self.taken > seats or not self._call_in():
            self.taken -= 1
        self._tell()

    def estimate(self, who: str) -> float:
        """Seconds until one more of this key's would have a seat; 0 also where nobody can say."""
        seats, service = self.terms.seats, self._service
        if seats is None or service is None or self.taken < seats:
            return 0.0
        own = len(self._lines.get(who, ()))
        ahead = own + sum(min(len(line), own + 1) for key, line in self._lines.items() if key != who)
        return (ahead + 1) * service / seats

    def wait_for(self, who: str) -> float:
        """The same for those who choose: 0 only where there is a seat, infinite where nobody else may wait."""
        if not self.is_full:
            return 0.0
        estimate = self.estimate(who)
        if self._length >= self.terms.length or estimate > self.terms.patience:
            return math.inf
        return max(estimate, 1e-6)

    def wanted(self) -> None:
        """Somebody chooses by how busy it is."""
        if self.on_wanted is not None:
            self.on_wanted()

    def heard(self, reading: Reading) -> None:
        """What the server says of itself."""
        self._reading, self._at_reading = (self._clock(), reading), self.taken

    @property
    def reading(self) -> Reading | None:
        """What the server said last, unless that is long ago."""
        if self._reading is None or self._clock() - self._reading[0] > FRESH_SECONDS:
            return None
        return self._reading[1]

    @property
    def busy(self) -> int:
        """Requests that are there: ours, and what the server says of others. The other workers have heard the same, and
        since then did what this one did: else all would go where it was quiet a moment ago.
        """
        reading = self.reading
        if reading is None:
            return self.taken
        return max(self.taken, reading.busy + (self.taken - self._at_reading) * self.terms.workers)

    def _call_in(self) -> bool:
        """Gives a seat to the next one who waits; each key's turn comes again when all others' have been."""
        lines = self._lines
        while lines:
            who = next(iter(lines))
            line = lines.pop(who)
            turn = line.popleft()
            self._length -= 1
            if line:
                lines[who] = line
            if not turn.done():
                turn.set_result(None)
                return True
        return False

    def _gone(self, who: str, turn: asyncio.Future[None]) -> None:
        """It waits no longer. A seat that it was given just then is somebody else's now."""
        if turn.done() and not turn.cancelled() and turn.exception() is None:
            self.leave()
        elif (line := self._lines.get(who)) is not None and turn in line:
            line.remove(turn)
            self._length -= 1
            if not line:
                del self._lines[who]
            self._tell()

    def _longest(self, who: str) -> str | None:
        """The key with the most waiting, where it has to make way for this one."""
        if not self._lines:
            return None
        most = max(self._lines, key=lambda key: len(self._lines[key]))
        fewer = most != who and len(self._lines.get(who, ())) + 1 < len(self._lines[most])
        return most if fewer else None

    def _send_off(self, who: str) -> None:
        """The last one of its line waits no longer; there is another one before it."""
        turn = self._lines[who].pop()
        self._length -= 1
        if not turn.done():
            turn.set_exception(self._no_room("full", self.estimate(who)))

    def _no_room(self, why: Waited, estimate: float, seconds: float = 0.0) -> NoRoom:
        self._tells.waited(self.name, why, seconds)
        after = max(1, math.ceil(estimate))
        return NoRoom(f"The model is answering as many requests as it can. Try again in {after} s.", retry_after=after)

    def _tell(self) -> None:
        seats = self.terms.seats
        if seats is not None:
            self._tells.room(self.name, seats, self.taken, self._length, self.estimate(""))
