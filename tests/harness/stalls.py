"""Stalls: for how long processes had to wait for a processor, as the kernel counts it.

On a machine that does much else an answer comes late through nobody's fault. What is bounded is the rest.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

_PERIOD: Final = 0.05  # seconds
_NANO: Final = 1e-9
_IS_TOLD: Final = Path("/proc/self/schedstat")
_ASSUMED: Final = 4.0  # seconds, for any answer, where the kernel does not tell


class _Look(NamedTuple):
    at: float  # `time.monotonic`
    waited: dict[tuple[int, str], float]  # seconds so far, by process and thread


class Stalls:
    """Looks at the processes that `who` names, from when it is entered until it is left."""

    def __init__(self, who: Callable[[], Iterable[int]]) -> None:
        self._who = who
        self._looks: list[_Look] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stalls", daemon=True)

    def between(self, start: float, end: float) -> float:
        """Seconds that all of them waited in that time (`time.monotonic`), and in the moments around it.

        Those who wait one after the other hold up an answer by as much; those who wait at the same time, by less.
        """
        if not _IS_TOLD.exists():
            return _ASSUMED
        before = max((look for look in self._looks if look.at <= start), key=_at, default=self._looks[0])
        after = min((look for look in self._looks if look.at >= end), key=_at, default=self._looks[-1])
        return sum(max(waited - before.waited.get(whose, 0.0), 0.0) for whose, waited in after.waited.items())

    @property
    def worst(self) -> float:
        """Seconds that one thread waited between two looks, at most."""
        pairs = itertools.pairwise(self._looks)
        waits = (
            waited - before.waited.get(whose, waited) for before, now in pairs for whose, waited in now.waited.items()
        )
        return max(waits, default=0.0) if _IS_TOLD.exists() else _ASSUMED

    def _run(self) -> None:
        while not self._over.wait(_PERIOD):
            self._look()

    def _look(self) -> None:
        self._looks.append(_Look(time.monotonic(), dict(_waited(self._who()))))

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._look()


def _at(look: _Look) -> float:
    return look.at


def _waited(processes: Iterable[int]) -> Iterable[tuple[tuple[int, str], float]]:
    for process in processes:
        with suppress(OSError):  # it has ended
            for thread in Path(f"/proc/{process}/task").iterdir():
                with suppress(OSError):
                    words = (thread / "schedstat").read_text().split()
                    yield (process, thread.name), int(words[1]) * _NANO
