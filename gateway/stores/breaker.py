"""Breaker: after a failure, leave a server alone for a while; then let one call try.

A probe that never reports back (its client went away) blocks nothing: after a further pause the next call probes.
"""

from __future__ import annotations

from collections.abc import Callable

FIRST_PAUSE = 1.0  # seconds
LONGEST_PAUSE = 8.0  # seconds; so a dead server costs one request in eight seconds its time limit


class Breaker:
    """`clock` gives seconds and never goes back. The pause doubles with each probe that fails, from `first` to
    `longest` seconds.
    """

    __slots__ = ("_clock", "_first", "_longest", "_pause", "_probing", "_until")

    def __init__(self, clock: Callable[[], float], first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> None:
        self._clock = clock
        self._first = first
        self._longest = longest
        self._pause = 0.0  # 0: closed
        self._until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        return self._pause > 0

    def allow(self) -> bool:
        """Whether this call may go to the server. It must then report `success` or `failure`."""
        if not self._pause:
            return True
        now = self._clock()
        if now < self._until:
            return False
        self._probing = True
        self._until = now + self._pause
        return True

    def success(self) -> bool:
        """The server answered. True when that closes the breaker."""
        if not self._pause:
            return False
        self._pause = 0.0
        self._probing = False
        return True

    def failure(self) -> bool:
        """The server did not answer. True when that opens a closed breaker."""
        if not self._pause:
            self._pause = self._first
        elif self._probing:
            self._pause = min(2 * self._pause, self._longest)
        else:
            return False  # a call that was under way when the breaker opened: nothing new
        opened = not self._probing
        self._probing = False
        self._until = self._clock() + self._pause
        return opened
