"""If these fail, one worker that is killed ends the gateway, or a change of workers leaves a place empty."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.config.settings import Server
from gateway.serving import worker_process
from gateway.serving.crew import Crew
from gateway.serving.refusal import CannotStart
from gateway.serving.worker_process import WorkerProcess
from tests.gateway.serving.workers import Parent, children, until

WORKER = "gateway.serving.worker"
SERVER = Server(drain_limit=5)


@pytest.fixture
async def parent(tmp_path: Path) -> AsyncIterator[Parent]:
    parent = Parent(tmp_path)
    yield parent
    parent.listener.close()


@pytest.fixture
async def crew(parent: Parent) -> AsyncIterator[Crew]:
    crew = Crew(parent.said.append)
    crew.hire = lambda _: parent.worker()
    yield crew
    await crew.leave(1.0)
    assert children(WORKER) == []


async def test_one_that_is_killed_while_it_starts_is_started_again(parent: Parent, crew: Crew) -> None:
    starting = asyncio.create_task(crew.start(1))
    await until(lambda: bool(children(WORKER)))
    os.kill(children(WORKER)[0], signal.SIGKILL)
    await starting
    assert await parent.models() == ["auto"]
    assert parent.said == ["worker 1 was ended by SIGKILL before it served; it is started again"]


async def test_one_that_cannot_start_ends_it(parent: Parent, crew: Crew) -> None:
    """To try again would be to say the same again."""
    parent.snapshot = b'{"number": 1}'
    with pytest.raises(CannotStart):
        await crew.start(1)
    assert parent.said == []


@pytest.mark.parametrize("alone", [True, False])
async def test_another_serves_in_the_place_of_each(parent: Parent, crew: Crew, alone: bool) -> None:
    await crew.start(1)
    (before,) = children(WORKER)
    assert await crew.replace(SERVER, alone=alone) == ""
    assert await parent.models() == ["auto"]
    await until(lambda: parent.ended == [before])
    assert len(children(WORKER)) == 1


async def test_what_cannot_be_replaced_goes_on(parent: Parent, crew: Crew) -> None:
    await crew.start(1)
    before, good = children(WORKER), parent.snapshot
    parent.snapshot = b'{"number": 1}'
    assert "go on" in await crew.replace(SERVER, alone=False)
    assert children(WORKER) == before
    assert await parent.models() == ["auto"]
    parent.snapshot = good


async def test_where_nobody_is_left_to_go_on_it_is_tried_until_somebody_serves(
    parent: Parent, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "FIRST_RESTART", 0.01)
    await crew.start(1)
    good, parent.snapshot = parent.snapshot, b'{"number": 1}'
    assert "tried again" in await crew.replace(SERVER, alone=True)
    parent.snapshot = good
    assert await parent.models() == ["auto"]  # whoever connects waits until then


async def test_an_end_finds_those_who_are_just_being_made(
    parent: Parent, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a worker would be left behind, that holds the port and books that nobody moves."""
    monkeypatch.setattr(worker_process, "FIRST_RESTART", 0.0)
    await crew.start(1)
    make, making = asyncio.create_subprocess_exec, asyncio.Event()

    async def slowly(*words: str, **more: object) -> asyncio.subprocess.Process:
        making.set()
        process = await make(*words, **more)  # type: ignore[arg-type]
        await asyncio.sleep(0)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", slowly)
    os.kill(children(WORKER)[0], signal.SIGKILL)
    await making.wait()
    await crew.leave(1.0)
    assert children(WORKER) == []


async def test_a_worker_nobody_needs_is_not_made(parent: Parent) -> None:
    worker: WorkerProcess = parent.worker()
    await worker.leave("stop", 1.0)
    with pytest.raises(worker_process.WorkerDied, match="not needed"):
        await worker.start()
