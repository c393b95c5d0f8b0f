"""Money for learning is asked for on the event loop, and it must not matter how the database is."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.learning.purse import Purse
from gateway.stores.link import StoreFault

MIDNIGHT = 1_795_737_600.0  # 2026-11-27T00:00:00Z
HALF = Decimal("0.5")


@pytest.fixture
async def purse(tmp_path: Path) -> AsyncIterator[Callable[[float], Purse]]:
    opened: list[Purse] = []

    def opening(now: float) -> Purse:
        opened.append(Purse(f"sqlite:///{tmp_path}/learning.db", lambda: now, time.monotonic))
        return opened[-1]

    yield opening
    for one in opened:
        one.close()


async def test_a_day_begins_at_midnight_in_utc(purse: Callable[[float], Purse]) -> None:
    before, after = purse(MIDNIGHT - 1), purse(MIDNIGHT)
    assert await before.hold("auto", HALF, HALF) == "2026-11-26"
    assert await before.hold("auto", HALF, HALF) is None
    assert await after.hold("auto", HALF, HALF) == "2026-11-27"


async def test_what_is_given_back_is_given_to_the_day_it_was_held_on(purse: Callable[[float], Purse]) -> None:
    before, after = purse(MIDNIGHT - 1), purse(MIDNIGHT)
    day = await before.hold("auto", HALF, HALF)
    assert day is not None
    assert await after.hold("auto", HALF, HALF)
    await after.give_back(day, "auto", HALF)
    assert await after.hold("auto", HALF, HALF) is None
    assert await before.hold("auto", HALF, HALF) == day


async def test_a_database_that_is_away_is_a_fault_and_counted(tmp_path: Path) -> None:
    faults: list[str] = []
    purse = Purse("sqlite:////proc/nowhere/learning.db", lambda: MIDNIGHT, time.monotonic, faults.append)
    with pytest.raises(StoreFault):
        await purse.hold("auto", HALF, HALF)
    assert faults == ["connection"]
    purse.close()
