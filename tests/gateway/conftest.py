"""Houses: the gateway's real parts in this process, closed when the test is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.quota import seeding
from tests.gateway.house import House, settings
from tests.servers.upstream import Upstreams

OpenHouse = Callable[..., House]


@pytest.fixture
async def open_house(upstreams: Upstreams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenHouse]:
    """Opens houses; keywords change the settings. The first of a process loads what reads the ledger, and on a busy
    machine that takes seconds: budgets wait for it."""
    monkeypatch.setattr(seeding, "WAIT_SECONDS", 60.0)
    opened: list[House] = []

    def opening(**changes: Any) -> House:
        directory = tmp_path / f"house{len(opened)}"
        directory.mkdir()
        opened.append(House(directory, settings(upstreams, **changes)))
        return opened[-1]

    yield opening
    for house in opened:
        await house.close()


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    return open_house()
