"""Redis and PostgreSQL down, frozen, slow, full, empty, failing over: nobody waits long, and the books are right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.faults.books import books
from bench.faults.faults import FAULTS, Fault
from bench.faults.parts import PARTS
from bench.faults.run import Run, Sizes, calm, run
from bench.faults.stage import Stage, set_up
from tests.harness.traffic import Answer
from tests.servers.small_disk import need_disks

SIZES = Sizes(before=0.4, during=1.2, rate=25)
BOUND = 5.0  # seconds for any answer, however busy the machine: nobody hangs. The figures are bench/faults' to measure
MOST_LINES = 25  # and not some for each of the requests


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    need_disks()
    with set_up(tmp_path_factory.mktemp("faults")) as stage:
        calm(stage, PARTS)
        yield stage


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    """Those of all tests of this file."""
    return []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.store} {fault.name}".replace(" ", "-"))
def test_a_fault(stage: Stage, fault: Fault, answers: list[Answer]) -> None:
    """Each part says what is stated of it, soon, without a stack in the log, and goes on by itself afterwards."""
    seen = run(stage, fault, PARTS, SIZES)
    answers += seen.answers
    assert_as_stated(seen)
    assert seen.stacks == 0, "\n".join(seen.lines)
    assert len(seen.lines) <= MOST_LINES, "\n".join(seen.lines)


def assert_as_stated(run: Run) -> None:
    for seen in run.seen:
        assert seen.before.keys() <= seen.part.usual, seen
        assert seen.during.keys() <= seen.part.may_say(run.fault.store), seen
        assert seen.longest < BOUND, seen


def test_and_every_answer_is_in_the_books_once(stage: Stage, answers: list[Answer]) -> None:
    """Runs last in this file."""
    found = books(stage, answers)
    assert found.answers > len(FAULTS) * 10
    assert found.balanced, found
