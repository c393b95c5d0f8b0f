"""The breaker of a deployment: one that keeps failing is asked last for a while, then one request tries it.

closed ──failures in a row──► open ──pause over──► one request tries ──answer──► closed
                               ▲                            │
                               └──── twice the pause ───────┘ fails

Whoever tries takes the next pause with it: nobody else does before that is over, even if the one is never heard of
again. Beside all that a server that said how long it wants to be left alone is left alone for so long.

Health is learned from the traffic itself, and from looks at servers that have none. Time and luck are handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from gateway.config.retrying import Breaking

LOADING_SECONDS: Final = 600.0  # how long a server may be silent while it loads a model; Ollama gives up after 300
MOST_DOUBLINGS: Final = 3
SPREAD: Final = 0.2  # of a pause: so that workers do not all try at once
_DEFAULT: Final = Breaking()


def _middle() -> float:
    return 0.5


@dataclass(slots=True)
class Breaker:
    """`draw` gives 0 to below 1."""

    clock: Callable[[], float]
    settings: Breaking = _DEFAULT
    draw: Callable[[], float] = field(default=_middle)
    failures: int = 0  # in a row
    doublings: int = 0
    unreachable: bool = False  # the last failure was that no connection was to be had
    open_until: float = 0.0
    cool_until: float = 0.0
    is_tried: bool = False  # since the last pause was over
    silent_since: float | None = None  # the start of the first request that was given up, with no answer since

    @property
    def is_closed(self) -> bool:
        return self.failures < self.settings.failures

    @property
    def up(self) -> bool:
        """Whether requests go here by preference; once a pause is over, the next one may try."""
        if self.is_closed and not self.cool_until:
            return True
        now = self.clock()
        return now >= self.cool_until and (self.is_closed or now >= self.open_until)

    @property
    def cool_for(self) -> float:
        """Seconds that the server wants to be left alone; 0: none."""
        return max(0.0, self.cool_until - self.clock()) if self.cool_until else 0.0

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to remember."""
        return not self.failures and not self.cool_for and self.silent_since is None

    def asked(self) -> None:
        """A request goes there."""
        if not self.is_closed and self.clock() >= self.open_until:
            self.is_tried = True
            self._pause()

    def began(self) -> None:
        """An answer has begun. It may yet break off, and then it is as bad as before."""
        self.silent_since = None
        if not self.is_closed:
            self.failures = self.settings.failures - 1
            self.is_tried = False

    def succeeded(self) -> None:
        self.failures = self.doublings = 0
        self.unreachable = self.is_tried = False
        self.silent_since = None
        if not self.cool_for:
            self.cool_until = 0.0

    def failed(self, *, unreachable: bool = False) -> None:
        self.unreachable = unreachable
        if self.is_closed:
            self.failures += 1
            if self.failures >= self.settings.failures:
                self._pause()
        elif self.is_tried:  # the others were there before, or asked it for want of any other: nothing new
            self.is_tried = False
            self.doublings = min(self.doublings + 1, MOST_DOUBLINGS)
            self._pause()

    def cool(self, seconds: float) -> None:
        """It asks to be left alone for so long."""
        self.cool_until = max(self.cool_until, self.clock() + seconds)

    def seen(self, *, there: bool) -> None:
        """Somebody looked whether it is there. That it can be reached does not say that it answers, so that makes good
        only what was no more than that.
        """
        if there:
            if self.unreachable:
                self.succeeded()
        elif self.is_closed:
            self.failed(unreachable=True)
        else:
            self._pause()

    def may_be_loading(self, since: float) -> bool:
        """Whether a request from `since` on that was taken, and not answered in time, need not mean anything bad."""
        if self.silent_since is None:
            self.silent_since = since
        return self.clock() - self.silent_since < LOADING_SECONDS

    def _pause(self) -> None:
        pause = self.settings.pause * 2**self.doublings
        self.open_until = self.clock() + pause * (1.0 + SPREAD * (2.0 * self.draw() - 1.0))
