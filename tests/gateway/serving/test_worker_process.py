"""If these fail, a worker that died stays dead, or one that does not serve is taken for one that does."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.serving import worker_process
from gateway.serving.worker_process import WorkerDied
from tests.gateway.serving.workers import Parent, line, until


@pytest.fixture
async def parent(tmp_path: Path) -> AsyncIterator[Parent]:
    parent = Parent(tmp_path)
    yield parent
    parent.listener.close()


async def test_its_life(parent: Parent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It serves, takes a new configuration, is started again when it is killed, and ends when it is told to."""
    monkeypatch.setattr(worker_process, "FIRST_RESTART", 0.01)
    worker = parent.worker()
    await worker.start()
    supervised = asyncio.create_task(worker.supervise())
    assert await parent.models() == ["auto"]

    parent.snapshot = line(tmp_path, 2, routes={"other": {"small": ["small"]}})
    await worker.tell(parent.snapshot)
    assert await parent.models() == ["other"]

    assert worker._process is not None
    first = worker._process.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: parent.ended == [first])
    telling = asyncio.create_task(worker.tell(parent.snapshot))  # a reload that meets the restart
    assert await parent.models() == ["other"]  # the new one has the configuration in force
    await asyncio.gather(telling, return_exceptions=True)
    assert any("ended with status -9" in said for said in parent.said)

    await worker.tell(parent.snapshot)
    await worker.leave("stop", 30)
    await asyncio.wait_for(supervised, 5)
    assert len(parent.ended) == 2
    await worker.leave("stop", 30)  # a second time does nothing


async def test_two_that_tell_at_once_both_get_their_answer(parent: Parent, tmp_path: Path) -> None:
    """A reload may meet a restart: neither may read the other's answer."""
    worker = parent.worker()
    await worker.start()
    await asyncio.gather(*(worker.tell(line(tmp_path, number)) for number in (2, 3, 4)))
    await worker.leave("stop", 30)


async def test_one_that_does_not_take_its_configuration_is_not_left_standing(
    parent: Parent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold a place in which another could serve."""
    monkeypatch.setattr(worker_process, "START_SECONDS", 0.05)  # far less than its imports take
    worker = parent.worker()
    with pytest.raises(WorkerDied):
        await worker.start()
    assert worker._process is not None
    assert await asyncio.wait_for(worker._process.wait(), 5) == -signal.SIGKILL


async def test_one_that_ends_before_it_serves_has_died(parent: Parent) -> None:
    parent.snapshot = b'{"number": 1}'
    with pytest.raises(WorkerDied):
        await parent.worker().start()


async def test_nobody_can_be_told_who_is_not_there(parent: Parent) -> None:
    with pytest.raises(WorkerDied):
        await parent.worker().tell(parent.snapshot)


async def test_a_machine_that_starts_no_process_is_tried_again(parent: Parent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory for a moment must not cost a worker for good."""
    monkeypatch.setattr(worker_process, "FIRST_RESTART", 0.0)
    tried = 0

    async def no_process(*_: object, **__: object) -> None:
        nonlocal tried
        tried += 1
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", no_process)
    supervised = asyncio.create_task(parent.worker().supervise())
    await until(lambda: tried >= 3)
    supervised.cancel()
    assert any("temporarily unavailable" in said for said in parent.said)
