"""Wattmeter: what a machine draws while it is busy, read from a file in which Linux tells it, in the background.

`power1_input` and `power1_average` (hwmon) hold microwatts. `energy_uj` (RAPL) counts microjoules, and begins anew at
what stands in `max_energy_range_uj` beside it: two readings make an average. What was read holds until the next time,
so it is at most `SECONDS` old while the machine is busy.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from gateway.accounting.sharing import Machine

SECONDS: Final = 1.0  # between two readings

_LOG: Final = logging.getLogger(__name__)
_MICRO: Final = 1e-6


class Gauge:
    """`most` is what the machine can draw in watts: a reading above it is not believed, and is taken for that."""

    def __init__(self, file: Path, most: float, steady: Callable[[], float]) -> None:
        self._file = file
        self._most = most
        self._steady = steady
        self._counts = file.name == "energy_uj"
        self._before: tuple[float, int] | None = None  # when, and what the counter said
        self._known: float | None = None  # watts

    def forget(self) -> None:
        """What was counted until now is not of interest: the machine was idle."""
        self._before = None

    def read(self) -> float:
        """Watts; `most` until something is known. Raises `OSError` or `ValueError` where it cannot be read."""
        value = int(self._file.read_text())
        if not self._counts:
            self._known = value * _MICRO
        else:
            now, before = self._steady(), self._before
            self._before = (now, value)
            if before is not None and now > before[0]:
                counted = value - before[1]
                if counted < 0:
                    counted += int((self._file.parent / "max_energy_range_uj").read_text())
                self._known = counted * _MICRO / (now - before[0])
        return self._most if self._known is None else min(max(self._known, 0.0), self._most)


class Wattmeter:
    """Reads a gauge while its machine is busy, and tells the machine. Belongs to one event loop."""

    def __init__(
        self,
        machine: Machine,
        gauge: Gauge,
        most: float,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._machine = machine
        self._gauge = gauge
        self._most = most
        self._wait = wait
        self._reading: asyncio.Task[None] | None = None
        self._failed = False
        machine.draws(most)
        machine.on_busy = self._wake
        if machine.is_busy:
            self._wake()

    def close(self) -> None:
        self._machine.on_busy = None
        if self._reading is not None:
            self._reading.cancel()

    def _wake(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._read_on())

    async def _read_on(self) -> None:
        self._gauge.forget()
        while self._machine.is_busy:
            self._machine.draws(await asyncio.to_thread(self._watts))
            await self._wait(SECONDS)

    def _watts(self) -> float:
        try:
            watts = self._gauge.read()
        except (OSError, ValueError) as error:
            if not self._failed:
                _LOG.warning("what a machine draws cannot be read, so what is stated holds: %s", error)
            self._failed = True
            return self._most
        self._failed = False
        return watts
