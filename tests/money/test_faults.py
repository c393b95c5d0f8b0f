"""Redis and PostgreSQL down, frozen, slow, full, empty, failing over: nobody waits long, and the books are right."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from bench.faults.books import books
from bench.faults.faults import FAULTS, REDIS, Fault
from bench.faults.parts import PARTS
from bench.faults.run import Run, Sizes, calm, run
from bench.faults.stage import Stage, set_up
from tests.harness.stalls import Stalls
from tests.harness.traffic import Answer
from tests.servers.small_disk import need_disks

SIZES = Sizes(before=0.4, during=1.2, rate=25)
BOUND = 1.0  # seconds for any answer, without the time that those who make it waited for a processor
REDIS_PATIENCE = 0.08  # seconds: the default of `redis.timeout`
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
    with Stalls(partakers(stage)) as stalls:
        seen = run(stage, fault, PARTS, SIZES)
    answers += seen.answers
    assert_as_stated(seen, is_busy=stalls.worst >= REDIS_PATIENCE)
    assert [answer for answer in seen.answers if late(answer, stalls)] == []
    assert seen.stacks == 0, "\n".join(seen.lines)
    assert len(seen.lines) <= MOST_LINES, "\n".join(seen.lines)


def assert_as_stated(run: Run, *, is_busy: bool) -> None:
    """On a busy machine Redis may be late at any time; then is said what is stated of that."""
    for seen in run.seen:
        late = seen.part.may_say(REDIS) if is_busy else frozenset()
        assert seen.before.keys() <= seen.part.usual | late, seen
        assert seen.during.keys() <= seen.part.may_say(run.fault.store) | late, seen


def partakers(stage: Stage) -> Callable[[], list[int]]:
    """The processes that an answer may have to wait for; the client, the upstreams and the proxies are in this one."""
    lasting = [os.getpid(), *stage.gateway.processes()]

    def now() -> list[int]:
        servers = (stage.redis.leader.pid, stage.redis.replica.pid)
        return [*lasting, *(pid for pid in servers if pid is not None)]

    return now


def late(answer: Answer, stalls: Stalls) -> bool:
    return answer.seconds >= BOUND and answer.seconds - stalls.between(answer.at, answer.at + answer.seconds) >= BOUND


def test_and_every_answer_is_in_the_books_once(stage: Stage, answers: list[Answer]) -> None:
    """Runs last in this file."""
    found = books(stage, answers)
    assert found.answers > len(FAULTS) * 10
    assert found.balanced, found
