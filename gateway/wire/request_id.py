"""Request ids: what a request is called in headers, logs and books."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random


class RequestIds:
    """`req_`, then 12 hexadecimal digits of the time in milliseconds and 20 random ones, as in UUIDv7 (RFC 9562).

    They sort by time, so the ledger's index on them grows at its end. With random ones every row would change a page
    of its own, and at some 100,000 rows that costs more than all the rest of the books.
    """

    def __init__(self, clock: Callable[[], float], random: Callable[[int], bytes] | None = None) -> None:
        """`clock` gives seconds since the epoch, `random` that many bytes. An id is no secret: by default the kernel
        is asked for a seed and not for every id."""
        self._clock = clock
        self._random = random or Random(os.urandom(32)).randbytes  # noqa: S311

    def __call__(self) -> str:
        return f"req_{int(self._clock() * 1000):012x}{self._random(10).hex()}"
