"""The journal: every byte that reached an upstream, by connection and by request, with times.

Written by the server's thread, read by the tests'. Tests wait for what they expect instead of sleeping.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.harness.wait import PATIENCE


@dataclass(slots=True)
class Visit:
    """One connection. Times are `time.monotonic()` seconds; `closed` is None while it is open."""

    number: int
    opened: float
    closed: float | None = None
    received: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Exchange:
    """One request and how far its answer came."""

    visit: Visit
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]  # names in lower case, in the order received
    body: bytes
    at: float
    behaviour: str = "ok"
    finished: float | None = None  # when the answer was sent as scripted; None: not (yet)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def json(self) -> Any:
        return json.loads(self.body)


class Journal:
    """Connections and requests since the last `clear()`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._visits: list[Visit] = []
        self._exchanges: list[Exchange] = []
        self._looks: list[Exchange] = []
        self._count = 0

    # Written by the server.

    def opened(self) -> Visit:
        with self._changed:
            self._count += 1
            visit = Visit(self._count, time.monotonic())
            self._visits.append(visit)
            self._changed.notify_all()
            return visit

    def received(self, visit: Visit, data: bytes) -> None:
        with self._changed:
            visit.received += data
            self._changed.notify_all()

    def requested(self, exchange: Exchange) -> None:
        with self._changed:
            self._exchanges.append(exchange)
            self._changed.notify_all()

    def finished(self, exchange: Exchange) -> None:
        with self._changed:
            exchange.finished = time.monotonic()
            self._changed.notify_all()

    def closed(self, visit: Visit) -> None:
        with self._changed:
            visit.closed = time.monotonic()
            self._changed.notify_all()

    def looked(self, exchange: Exchange) -> None:
        """Somebody looks whether the server is there, whenever they like and on a connection of their own: no call."""
        with self._changed:
            self._looks.append(exchange)
            self._visits = [other for other in self._visits if other is not exchange.visit]
            self._changed.notify_all()

    def forget(self, visit: Visit) -> None:
        """A connection that only controls the upstream is not traffic."""
        with self._changed:
            self._visits = [other for other in self._visits if other is not visit]

    # Read by tests.

    def clear(self) -> None:
        """Forget the past; connections that are open stay, with nothing received."""
        with self._changed:
            self._visits = [visit for visit in self._visits if visit.closed is None]
            self._exchanges = []
            self._looks = []
            for visit in self._visits:
                visit.received.clear()

    def take(self) -> tuple[list[Exchange], bytes]:
        """What is over since the last time, and the bytes of connections received since then; both are forgotten here.

        A long run would fill the memory of the tests otherwise.
        """
        with self._changed:
            done = [one for one in self._exchanges if one.finished is not None or one.visit.closed is not None]
            raw = b"".join(bytes(visit.received) for visit in self._visits)
            self._exchanges = [one for one in self._exchanges if one.finished is None and one.visit.closed is None]
            self._visits = [visit for visit in self._visits if visit.closed is None]
            for visit in self._visits:
                visit.received.clear()
            return done, raw

    @property
    def bytes_received(self) -> int:
        with self._changed:
            return sum(len(visit.received) for visit in self._visits)

    @property
    def raw(self) -> bytes:
        """Every byte received, connection after connection."""
        with self._changed:
            return b"".join(bytes(visit.received) for visit in self._visits)

    @property
    def visits(self) -> tuple[Visit, ...]:
        with self._changed:
            return tuple(self._visits)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        with self._changed:
            return tuple(self._exchanges)

    @property
    def looks(self) -> tuple[Exchange, ...]:
        with self._changed:
            return tuple(self._looks)

    @property
    def last(self) -> Exchange:
        exchanges = self.exchanges
        assert exchanges, "the upstream was never asked"
        return exchanges[-1]

    def wait(self, what: str, predicate: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Until `predicate` holds; it is asked again after everything that happens here."""
        with self._changed:
            held = self._changed.wait_for(predicate, timeout)
        assert held, f"waited {timeout} s in vain: {what}"

    def wait_for_requests(self, count: int, timeout: float = PATIENCE) -> tuple[Exchange, ...]:
        self.wait(f"{count} requests", lambda: len(self._exchanges) >= count, timeout)
        return self.exchanges

    def wait_until_closed(self, exchange: Exchange, timeout: float = PATIENCE) -> float:
        """Until the request's connection is closed; returns when that was (`time.monotonic()`)."""
        self.wait("the connection to be closed", lambda: exchange.visit.closed is not None, timeout)
        assert exchange.visit.closed is not None
        return exchange.visit.closed
