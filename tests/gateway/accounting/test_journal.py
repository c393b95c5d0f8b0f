"""The journal is what a killed process leaves behind: every line that was written must be there, whole."""

from __future__ import annotations

import fcntl
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.journal import Journal
from gateway.accounting.journals import worker_of
from gateway.accounting.record import Declined, Intent, Settlement, record_of
from tests.gateway.accounting.samples import NOON, intent, settlement

ROOT: Final = Path(__file__).parents[3]  # from which a program in a string can import the tests' samples


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal", "w0", fsync=False, clock=clock, file_bytes=2000, file_seconds=60)
    yield journal
    journal.close()


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("journal/*.journal"))


def records(folder: Path) -> list[Intent | Settlement | Declined]:
    return [record_in(line) for file in files(folder) for line in file.read_bytes().splitlines()]


def record_in(line: bytes) -> Intent | Settlement | Declined:
    """Without its place in the chain of audited records."""
    return record_of(line.partition(b"\t")[0])


def is_locked(file: Path) -> bool:
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_lines_are_there_when_the_call_returns(journal: Journal, tmp_path: Path) -> None:
    journal.intent(intent())
    assert records(tmp_path) == [intent()]
    journal.settled(settlement())
    assert records(tmp_path) == [intent(), settlement()]


def test_fsync_writes_the_same(tmp_path: Path, clock: Clock) -> None:
    journal = Journal(tmp_path / "journal", "w0", fsync=True, clock=clock)
    journal.intent(intent())
    journal.close()
    assert records(tmp_path) == [intent()]


def test_others_may_not_read_it(journal: Journal, tmp_path: Path) -> None:
    assert files(tmp_path)[0].stat().st_mode & 0o077 == 0
    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0


def test_a_full_file_is_followed_by_another(journal: Journal, tmp_path: Path) -> None:
    for number in range(20):
        journal.intent(intent(f"a{number}"))
        journal.settled(settlement(f"a{number}"))
    assert len(files(tmp_path)) > 3
    assert len(records(tmp_path)) == 40
    assert [is_locked(file) for file in files(tmp_path)] == [False] * (len(files(tmp_path)) - 1) + [True]


def test_an_old_file_is_followed_by_another_but_an_empty_one_is_not(
    journal: Journal, tmp_path: Path, clock: Clock
) -> None:
    clock.now += 100
    journal.intent(intent("a1", at=clock.now))
    assert len(files(tmp_path)) == 1
    clock.now += 100
    journal.intent(intent("a2", at=clock.now))
    assert len(files(tmp_path)) == 2


def test_settled_lines_alone_fill_a_file_too(journal: Journal, tmp_path: Path) -> None:
    """Answers from the cache have no intent."""
    for number in range(30):
        journal.settled(settlement(f"a{number}"))
    assert len(files(tmp_path)) > 2
    assert len(records(tmp_path)) == 30


def test_a_settled_line_goes_into_the_old_file_where_no_new_one_can_be_made(
    journal: Journal, tmp_path: Path, clock: Clock
) -> None:
    journal.intent(intent())
    clock.now += 100
    (tmp_path / "journal").rename(tmp_path / "moved")
    (tmp_path / "journal").write_text("in the way")
    with pytest.raises(JournalUnavailable):
        journal.intent(intent("a2", at=clock.now))
    journal.settled(settlement(at=clock.now))
    (file,) = (tmp_path / "moved").glob("*.journal")
    assert [record_in(line) for line in file.read_bytes().splitlines()] == [intent(), settlement(at=clock.now)]


def test_closing_lets_go_and_refuses_what_follows(journal: Journal, tmp_path: Path) -> None:
    assert is_locked(files(tmp_path)[0])
    journal.close()
    journal.close()
    assert not is_locked(files(tmp_path)[0])
    for _ in range(2):
        with pytest.raises(JournalUnavailable):
            journal.intent(intent(at=NOON + 10_000))
    assert len(files(tmp_path)) == 1


def test_two_lives_of_a_worker_do_not_share_a_file(journal: Journal, tmp_path: Path, clock: Clock) -> None:
    clock.now += 0.001
    second = Journal(tmp_path / "journal", "w0", fsync=False, clock=clock)
    journal.intent(intent("a1"))
    second.intent(intent("a2"))
    second.close()
    assert sorted(len(file.read_bytes().splitlines()) for file in files(tmp_path)) == [1, 1]


def test_no_directory_no_journal(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "journal").write_text("a file")
    with pytest.raises(JournalUnavailable) as caught:
        Journal(tmp_path / "journal", "w0", fsync=False, clock=clock)
    assert caught.value.status == 503
    assert str(tmp_path) not in caught.value.message


def test_a_full_disk_refuses_the_call_and_leaves_no_half_line(tmp_path: Path) -> None:
    """The kernel's limit on file size stands in for a full disk: it takes the start of the line that does not fit."""
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from gateway.accounting.fault import JournalUnavailable\n"
        "from gateway.accounting.journal import Journal\n"
        "from tests.gateway.accounting.samples import intent, settlement\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "journal = Journal(Path(sys.argv[1]), 'w0', fsync=False, clock=lambda: 1.0)\n"
        "journal.intent(intent('a1', at=1.0))\n"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "for limit in (200, 200):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))\n"
        "    try:\n"
        "        journal.settled(settlement('a1'))\n"
        "    except JournalUnavailable:\n"
        "        print('refused')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        "journal.settled(settlement('a1'))\n"
        "journal.close()\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "journal")],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout.split() == ["refused", "refused"]
    assert records(tmp_path) == [intent("a1", at=1.0), settlement("a1")]


def test_workers_that_write_it_do_not_load_a_database(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "import gateway.accounting.usage, gateway.accounting.prices, gateway.accounting.record\n"
        "import gateway.accounting.journal\n"
        "print([name for name in ('sqlalchemy', 'alembic', 'litellm', 'pg8000') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_its_name_in_the_ledger_is_that_of_its_files(journal: Journal, tmp_path: Path) -> None:
    journal.intent(intent())
    journal.rotate()
    assert {worker_of(file.name) for file in files(tmp_path)} == {journal.identity}
