"""Flight: one call to a model, and all who wait for its answer.

Who asks first leads. Who asks the same while its answer is on the way boards, and gets that answer as it comes: live
where both are streamed, else once it is whole. Where the leader fails before there is anything of an answer, the next
one leads and the others go on waiting.

    waiting ──begun──► pieces… ──► ending          a streamed answer
       │  └──landed──► entry                       a whole one, or a stream that was put together
       └─failed─► the next one leads; after a few the others are told
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, NamedTuple, Protocol

from gateway.cache.entry import Entry
from gateway.wire.errors import GatewayError
from router.clearance import Clearance

MOST_BYTES: Final = 8 * 1024 * 1024  # of a stream that are kept for who is behind, or boards late


class Turn(Enum):
    """What is said to who has boarded, beside an entry or an error."""

    BEGUN = 1  # its pieces can be read
    LEAD = 2  # nobody leads any more: it is for this one to ask
    ALONE = 3  # there is nothing that can be shared
    AGAIN = 4  # who was waited for is gone: look again, from the start


Word = Turn | Entry | GatewayError


class Ending(NamedTuple):
    """How a stream ended: what was held back until it was settled, and the usage that was counted; or an error."""

    held: bytes = b""
    usage: Mapping[str, object] | None = None
    error: GatewayError | None = None


class Begun(NamedTuple):
    """A stream that has begun. `preview` is its entry as far as it is known: who answers, where, and how far it may
    travel. `wants_usage`: each piece has the usage that a client expects who asked for it."""

    preview: Entry
    wants_usage: bool


class Rider:
    """One who waits. `streams`: it can be given pieces. `is_away`: it waits for others, at another worker. `at`: how
    many it has read."""

    __slots__ = ("_waiter", "at", "flight", "has_read", "is_away", "lags", "streams", "word")

    def __init__(self, flight: Flight, *, streams: bool, is_away: bool = False) -> None:
        self.flight = flight
        self.streams = streams
        self.is_away = is_away
        self.word: Word | None = None
        self.at = 0
        self.has_read = False  # it reads pieces, and waits for nothing else
        self.lags = False  # it is so far behind that what it has not read is gone
        self._waiter: asyncio.Future[None] | None = None

    async def told(self) -> Word:
        """What is next. Who is told to lead has to `lead`, or to leave it to the next."""
        while self.word is None:
            await self._news()
        word = self.word
        if word is not Turn.LEAD:
            self.word = None
        self.has_read = word is Turn.BEGUN
        return word

    def lead(self) -> Flight:
        """It takes its turn, and is no rider any more."""
        del self.flight.riders[self]
        self.word = None
        return self.flight

    async def read(self) -> bytes:
        """What has come since the last time; nothing once it has `ended`, or where this one `lags`."""
        flight = self.flight
        while True:
            data = flight.since(self)
            if data or self.lags or flight.ending is not None:
                return data
            await self._news()

    @property
    def ended(self) -> bool:
        """It has read all there was, and there will be no more."""
        return self.lags or (self.flight.ending is not None and self.at >= self.flight.end)

    def tell(self, word: Word) -> None:
        self.word = word
        self.wake()

    def wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _news(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class Leader(Protocol):
    """Where the answer comes from, and how far it may travel, as far as is known: a receipt."""

    @property
    def zone(self) -> str: ...

    @property
    def clearance(self) -> Clearance | str: ...


class Flight:
    """Of one event loop. `failures`: how many have led before, and failed at the models' servers. `number`: no other of
    its key has the same.

    `boarded` is called when the first boards, and may give what has come of the stream by then; None: that is no
    longer known. `empty` is called when the last has left. `leader` says what is known of the answer. `lease` is the
    name of the lease that this worker has for it; `holder` the other worker that leads. `travels`: whether what comes
    may be told to other workers; None: that is not known yet. `similarity`: of the question that the entry is an answer
    to, where that is another one, which was asked before.
    """

    __slots__ = (
        "_dropped",
        "_pieces",
        "_size",
        "begun",
        "boarded",
        "empty",
        "ending",
        "entry",
        "failures",
        "holder",
        "is_shared",
        "key",
        "leader",
        "lease",
        "number",
        "riders",
        "similarity",
        "travels",
    )

    def __init__(self, key: str, failures: int = 0, number: int = 0) -> None:
        self.key = key
        self.failures = failures
        self.number = number
        self.riders: dict[Rider, None] = {}  # in the order in which they came
        self.begun: Begun | None = None
        self.entry: Entry | None = None
        self.ending: Ending | None = None
        self.is_shared = False  # somebody has boarded
        self.boarded: Callable[[], bool] = _yes
        self.empty: Callable[[], None] = _nothing
        self.leader: Leader | None = None
        self.lease = ""
        self.holder = ""
        self.travels: bool | None = None
        self.similarity: float | None = None
        self._pieces: list[bytes] = []
        self._dropped = 0  # pieces that nobody needs any more
        self._size = 0  # bytes of those that are kept

    @property
    def end(self) -> int:
        """The number of pieces so far."""
        return self._dropped + len(self._pieces)

    def board(self, *, streams: bool, is_away: bool = False) -> Rider | None:
        """One more who waits; None where it cannot be served from its beginning any more."""
        if self.entry is None and (self._dropped or (not self.is_shared and not self.boarded())):
            return None
        self.is_shared = True
        rider = Rider(self, streams=streams, is_away=is_away)
        self.riders[rider] = None
        if self.entry is not None:
            rider.word = self.entry
        elif streams and self.begun is not None:
            rider.word = Turn.BEGUN
        return rider

    def begin(self, begun: Begun) -> None:
        """Something of a streamed answer is there."""
        self.begun = begun
        for rider in self.riders:
            if rider.streams:
                rider.tell(Turn.BEGUN)

    def add(self, piece: bytes) -> None:
        """More of it. What nobody needs is let go of once it is much."""
        self._pieces.append(piece)
        self._size += len(piece)
        for rider in self.riders:
            if rider.streams:
                rider.wake()
        if self._size > MOST_BYTES:
            self._drop()

    def end_with(self, ending: Ending) -> None:
        self.ending = ending
        for rider in self.riders:
            if rider.streams:
                rider.wake()

    def land(self, entry: Entry) -> None:
        """The answer is whole."""
        self.entry = entry
        for rider in self.riders:
            if not rider.has_read and rider.word is None:
                rider.tell(entry)

    def forget(self) -> None:
        """Who leads has nothing to do with it any more."""
        self.boarded, self.empty = _yes, _nothing

    def since(self, rider: Rider) -> bytes:
        """What the rider has not read yet."""
        if rider.at < self._dropped:
            rider.lags = True
            return b""
        pieces = self._pieces[rider.at - self._dropped :]
        rider.at = self.end
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def waiting(self) -> list[Rider]:
        """Those who have nothing yet, in order."""
        return [rider for rider in self.riders if not rider.has_read and rider.word is None]

    def _drop(self) -> None:
        """Lets go of the older half. Who has not read it by now is cut off: one slow client must not fill memory."""
        count = 0
        while self._size > MOST_BYTES // 2:
            self._size -= len(self._pieces[count])
            count += 1
        del self._pieces[:count]  # all at once: one by one, with small pieces, took half a second
        self._dropped += count


def _yes() -> bool:
    return True


def _nothing() -> None:
    """Nobody minds."""
