"""Budget: how much work one scan may be, in steps of about a microsecond. It grows with the text, so time stays linear.

What spends: every candidate, every near miss, every further reading, every pass of a single pattern over a long text.
Running out raises, and that means local: doubt is never silent.
"""

from __future__ import annotations

from typing import Final

_LEAST: Final = 30_000  # steps for any text
_CHARACTERS_A_STEP: Final = 33  # of a text that is longer than a megabyte: the same for each
_PASS: Final = 640  # characters that one pattern reads in a step


class TooManyCandidatesError(Exception):
    """The text holds more near misses than a text has any business to: reading on would cost too much."""


class Budget:
    """Steps left for a scan of `size` characters."""

    __slots__ = ("_left",)

    def __init__(self, size: int) -> None:
        self._left = max(_LEAST, size // _CHARACTERS_A_STEP)

    @property
    def spent(self) -> bool:
        return self._left < 0

    def spend(self, steps: int = 1) -> None:
        """Raises `TooManyCandidatesError` when there is nothing left."""
        self._left -= steps
        if self._left < 0:
            raise TooManyCandidatesError

    def spend_pass(self, size: int) -> None:
        """One pattern over `size` characters."""
        self.spend(1 + size // _PASS)
