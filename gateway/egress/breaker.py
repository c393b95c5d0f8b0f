"""The breaker: a deployment that keeps failing is tried last for a while, then by one request at a time.

Health is learned from the traffic itself. Time is handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

FAILURES_TO_OPEN = 3
OPEN_SECONDS = 10.0
LOADING_SECONDS = 600.0  # how long a server may say nothing because it is loading a model; Ollama gives up after 300


@dataclass(slots=True)
class Breaker:
    clock: Callable[[], float]
    failures: int = 0
    closed_again_at: float = 0.0
    silent_since: float | None = None  # the start of the first request that was given up, with no answer since

    @property
    def up(self) -> bool:
        """Whether requests go here by preference; after `OPEN_SECONDS` the next one may try again."""
        return self.failures < FAILURES_TO_OPEN or self.clock() >= self.closed_again_at

    def succeeded(self) -> None:
        self.failures = 0
        self.silent_since = None

    def may_be_loading(self, since: float) -> bool:
        """Whether a request from `since` on that was taken, and not answered in time, need not mean anything bad."""
        if self.silent_since is None:
            self.silent_since = since
        return self.clock() - self.silent_since < LOADING_SECONDS

    def failed(self) -> None:
        self.failures += 1
        if self.failures >= FAILURES_TO_OPEN:
            self.closed_again_at = self.clock() + OPEN_SECONDS
