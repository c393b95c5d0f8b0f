"""The fault wall: whatever breaks at a model's server, a client of any dialect is told, or answered by another model.

If these fail, docs/resilience-faults.md is wrong, or somebody gets half an answer for a whole one.
"""

from __future__ import annotations

import pytest

from bench.wall.cells import Situation, cells
from bench.wall.faults import FAULTS, Fault
from bench.wall.stage import set_up
from bench.wall.stated import stated
from bench.wall.wall import Wall, build


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Wall:
    chosen = cells()
    with set_up(tmp_path_factory.mktemp("wall"), chosen) as stage:
        return build(stage, chosen)


@pytest.mark.parametrize("situation", Situation, ids=lambda situation: situation.name.lower())
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_clients_and_books_have_what_is_stated(wall: Wall, fault: Fault, situation: Situation) -> None:
    own = [stone for stone in wall.stones if (stone.cell.fault, stone.cell.situation) == (fault, situation)]
    assert len(own) == 12  # six dialects, streamed and not
    wrong = [f"{stone.cell}: {stone.outcome}, not {stated(stone.cell)}; {stone.amiss}" for stone in own]
    assert not [line for line, stone in zip(wrong, own, strict=True) if not stone.is_as_stated]


def test_nothing_that_is_pinned_goes_out(wall: Wall) -> None:
    """Not one byte, and no connection that could carry one."""
    assert wall.bytes_outside == 0


def test_faults_of_others_are_no_faults_of_ours(wall: Wall) -> None:
    """No stack in the log, and no line for each request."""
    assert not [line for line in wall.lines if "Traceback" in line or " ERROR " in line]
    assert len(wall.lines) < 50, wall.lines
