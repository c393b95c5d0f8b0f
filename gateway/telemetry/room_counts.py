"""Room counts: seats of deployments and who waits for them, as numbers of one worker. Of `counts.py`, which see."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry

from gateway.telemetry import catalogue
from gateway.telemetry.families import gauge
from gateway.telemetry.family import Family
from gateway.telemetry.sums import Spread, Tally


class RoomCounts:
    """How a room stands changes with every request: it is shown as it was at the last `flush`."""

    def __init__(
        self, tally: Callable[[Family], Tally], spread: Callable[[Family], Spread], registry: CollectorRegistry
    ) -> None:
        self._seats = gauge(catalogue.SEATS, registry)
        self._taken = gauge(catalogue.SEATS_TAKEN, registry)
        self._waiting = gauge(catalogue.QUEUE_LENGTH, registry)
        self._estimate = gauge(catalogue.QUEUE_ESTIMATE, registry)
        self._waits = tally(catalogue.QUEUE)
        self._seconds = spread(catalogue.QUEUE_WAIT)
        self._standing: dict[str, tuple[int, int, int, float]] = {}

    def declare(self, deployments: Iterable[str]) -> None:
        """Shows the series of configured names at 0, so that the first event is an increase and can raise an alert."""
        for deployment in deployments:
            for result in ("seated", "gave_up", "full", "too_long"):
                self._waits.add((deployment, result), 0)

    def stands(self, deployment: str, seats: int, taken: int, waiting: int, estimate: float) -> None:
        """`estimate`: seconds."""
        self._standing[deployment] = seats, taken, waiting, estimate

    def waited(self, deployment: str, result: str, seconds: float) -> None:
        """`result`: one of `gateway.egress.room.Waited`."""
        self._waits.add((deployment, result))
        if result == "seated":
            self._seconds.add((deployment,), seconds)

    def flush(self) -> None:
        standing, self._standing = self._standing, {}
        for deployment, (seats, taken, waiting, estimate) in standing.items():
            labels = (deployment,)
            self._seats[labels].set(seats)
            self._taken[labels].set(taken)
            self._waiting[labels].set(waiting)
            self._estimate[labels].set(estimate)
