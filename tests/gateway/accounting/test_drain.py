"""Nothing a worker wrote down may be lost, or counted twice, whoever was killed, cut off or away at the time."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from gateway.accounting.abandoned import Abandoned
from gateway.accounting.drain import LOST_SECONDS, Drain
from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.record import Intent, Settlement, line_of
from gateway.accounting.tables import ATTEMPTS, POSITIONS, UNDER_WAY
from tests.gateway.accounting.samples import NOON, apply, intent, intents, settlement, settlements
from tests.servers.postgres import PostgresServer

ROOT: Final = Path(__file__).parents[3]
LATER: Final = NOON + 1000


def noon() -> float:
    return NOON


def later() -> float:
    return LATER


def rows(ledger: Ledger) -> list[dict[str, Any]]:
    with ledger.reading() as connection:
        return [dict(row._mapping) for row in connection.execute(select(ATTEMPTS).order_by(ATTEMPTS.c.attempt_id))]


def outcomes(ledger: Ledger) -> dict[str, str | None]:
    """None: under way."""
    with ledger.reading() as connection:
        under_way = connection.execute(select(UNDER_WAY.c.attempt_id)).scalars().all()
    return dict.fromkeys(under_way) | {row["attempt_id"]: row["outcome"] for row in rows(ledger)}


def positions(ledger: Ledger) -> int:
    with ledger.reading() as connection:
        return len(connection.execute(select(POSITIONS)).all())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder, "w0", fsync=False, clock=noon)
    yield journal
    journal.close()


@pytest.fixture
def drain(folder: Path, ledger: Ledger) -> Drain:
    return Drain(folder, lambda: ledger, later)


def test_lines_move_while_the_worker_lives(folder: Path, journal: Journal, drain: Drain, ledger: Ledger) -> None:
    journal.intent(intent())
    assert drain.step() == 1
    assert outcomes(ledger) == {"a1": None}
    assert drain.step() == 0
    journal.settled(settlement())
    assert drain.step() == 1
    assert outcomes(ledger) == {"a1": "ok"}
    assert len(list(folder.glob("*.journal"))) == 1


def test_full_files_are_deleted_and_their_open_attempts_are_still_under_way(
    folder: Path, journal: Journal, drain: Drain, ledger: Ledger
) -> None:
    journal.intent(intent())
    journal.rotate()
    drain.step()
    assert len(list(folder.glob("*.journal"))) == 1
    assert outcomes(ledger) == {"a1": None}
    journal.settled(settlement())
    drain.step()
    assert outcomes(ledger) == {"a1": "ok"}
    assert positions(ledger) == 1


def test_a_worker_that_is_gone_is_read_to_the_end_and_buried(
    folder: Path, journal: Journal, drain: Drain, ledger: Ledger
) -> None:
    journal.intent(intent("a1"))
    journal.settled(settlement("a1"))
    journal.intent(intent("a2"))
    journal.rotate()
    journal.intent(intent("a3"))
    journal.close()
    assert drain.recover() == 4
    assert outcomes(ledger) == {"a1": "ok", "a2": "abandoned", "a3": "abandoned"}
    assert [row["cost"] for row in rows(ledger)][1:] == [None, None]
    assert list(folder.glob("*.journal")) == []
    assert positions(ledger) == 0
    assert drain.recover() == 0
    assert Abandoned(folder).count() == 2


def test_the_living_are_not_buried_with_the_dead(folder: Path, journal: Journal, drain: Drain, ledger: Ledger) -> None:
    dead = Journal(folder, "w1", fsync=False, clock=noon)
    dead.intent(intent("a1"))
    journal.intent(intent("a2"))
    dead.close()
    drain.step()
    assert outcomes(ledger) == {"a1": "abandoned", "a2": None}


def test_what_is_open_for_two_days_without_a_journal_is_abandoned(drain: Drain, ledger: Ledger, folder: Path) -> None:
    apply(ledger, [intent("a1", at=LATER - LOST_SECONDS - 1), intent("a2", at=LATER - LOST_SECONDS + 1)], worker="gone")
    folder.mkdir()
    drain.recover()
    assert outcomes(ledger) == {"a1": "abandoned", "a2": None}
    assert Abandoned(folder).count() == 1


def test_no_directory_is_nothing_to_do(folder: Path, drain: Drain) -> None:
    assert drain.step() == 0
    assert drain.pending() == 0


def test_a_cut_line_waits_for_its_rest_while_the_worker_lives(
    folder: Path, journal: Journal, drain: Drain, ledger: Ledger
) -> None:
    (file,) = folder.glob("*.journal")
    line = line_of(intent())
    with file.open("ab", buffering=0) as opened:
        opened.write(line[:50])
        assert drain.step() == 0
        opened.write(line[50:])
    assert drain.step() == 1
    assert outcomes(ledger) == {"a1": None}
    assert drain.aside == 0


def test_garbage_is_kept_aside_and_the_rest_goes_on(
    folder: Path, journal: Journal, drain: Drain, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    (file,) = folder.glob("*.journal")
    file.write_bytes(b"\x00\xffgarbage\n\n" + line_of(intent()) + b'["a2",{}]\n' + line_of(settlement())[:-9])
    journal.close()
    assert drain.step() == 1
    assert outcomes(ledger) == {"a1": "abandoned"}
    assert drain.aside == 3
    aside = (folder / "aside.lines").read_bytes().splitlines()
    assert aside == [b"\x00\xffgarbage", b'["a2",{}]', line_of(settlement())[:-9]]
    assert "garbage" not in caplog.text


def test_a_bad_line_among_good_ones_is_the_only_one_put_aside(
    folder: Path, journal: Journal, drain: Drain, ledger: Ledger
) -> None:
    """Though they are read many at a time."""
    (file,) = folder.glob("*.journal")
    names = [f"a{number}" for number in range(20)]
    lines = [line for name in names for line in (line_of(intent(name)), line_of(settlement(name)))]
    bad = line_of(settlement("b1"))[:-9] + b"\n"
    file.write_bytes(b"".join([*lines[:21], bad, *lines[21:], line_of(intent("a20"))]))
    assert drain.step() == 41
    assert (folder / "aside.lines").read_bytes() == bad
    assert outcomes(ledger) == {**dict.fromkeys(names, "ok"), "a20": None}


def test_an_attempt_whose_lines_come_in_two_steps_is_one_row(
    folder: Path, journal: Journal, drain: Drain, ledger: Ledger
) -> None:
    journal.intent(intent("a1"))
    journal.intent(intent("a2"))
    journal.settled(settlement("a2"))
    drain.step()
    assert outcomes(ledger) == {"a1": None, "a2": "ok"}
    journal.settled(settlement("a1"))
    journal.intent(intent("a2"))  # again, and late
    drain.step()
    assert outcomes(ledger) == {"a1": "ok", "a2": "ok"}


def test_lines_longer_than_a_chunk_are_read(folder: Path, ledger: Ledger) -> None:
    journal = Journal(folder, "w0", fsync=False, clock=noon)
    for number in range(5):
        journal.intent(intent(f"a{number}", reason="x" * 500))
        journal.settled(settlement(f"a{number}"))
    journal.close()
    assert Drain(folder, lambda: ledger, later, chunk_bytes=100).step() == 10
    assert set(outcomes(ledger).values()) == {"ok"}


def test_a_second_drain_changes_nothing(folder: Path, journal: Journal, drain: Drain, ledger: Ledger) -> None:
    journal.intent(intent())
    journal.settled(settlement())
    drain.step()
    before = rows(ledger)
    with ledger._database.writing() as connection:
        connection.execute(delete(POSITIONS))
    assert Drain(folder, lambda: ledger, later).step() == 2
    assert rows(ledger) == before


def test_two_drains_at_once_count_each_line_once(folder: Path, ledger: Ledger, url: str) -> None:
    for worker in range(3):
        journal = Journal(folder, f"w{worker}", fsync=False, clock=noon)
        for number in range(50):
            journal.intent(intent(f"a{worker}-{number}"))
            journal.settled(settlement(f"a{worker}-{number}"))
        journal.close()
    moved: list[int] = []

    def drain() -> None:
        own = Drain(folder, partial(Ledger.open, url), later)
        moved.append(own.step())
        own.close()

    threads = [threading.Thread(target=drain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(moved) == 300
    assert len(rows(ledger)) == 150


def test_while_the_database_is_away_nothing_is_lost(
    folder: Path, own_postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = own_postgres.database()
    drain = Drain(folder, partial(Ledger.open, url), later)
    journal = Journal(folder, "w0", fsync=False, clock=noon)
    journal.intent(intent("a1"))
    assert drain.step() == 1
    own_postgres.stop()
    journal.settled(settlement("a1"))
    journal.intent(intent("a2"))
    journal.rotate()
    for _ in range(2):
        with pytest.raises(LedgerUnavailable):
            drain.step()
    assert drain.pending() > 0
    own_postgres.start()
    assert drain.step() == 2
    journal.close()
    drain.step()
    ledger = Ledger.open(url)
    assert outcomes(ledger) == {"a1": "ok", "a2": "abandoned"}
    ledger.close()
    drain.close()


def test_the_thread_outlives_a_ledger_that_is_away(
    folder: Path, journal: Journal, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    opened = threading.Event()
    attempts = 0

    def open_ledger() -> Ledger:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise LedgerUnavailable("away")
        opened.set()
        return ledger

    journal.intent(intent("a1"))
    stop = threading.Event()
    thread = threading.Thread(target=Drain(folder, open_ledger, later).run, args=(stop,))
    with caplog.at_level(logging.WARNING):
        thread.start()
        assert opened.wait(20)
        journal.settled(settlement("a1"))
        journal.close()
        stop.set()
        thread.join(20)
    assert outcomes(ledger) == {"a1": "ok"}  # also what was written just before the end
    assert [record.message for record in caplog.records] == [
        "the ledger is away, journals are kept meanwhile: away",
        "the ledger is back",
    ]


KILLED: Final = """
import sys, time
from pathlib import Path
from gateway.accounting.journal import Journal
from tests.gateway.accounting.samples import intent, settlement
journal = Journal(Path(sys.argv[1]), "w0", fsync=False, clock=time.time)
journal.intent(intent("a1"))
if sys.argv[2] == "settled":
    journal.settled(settlement("a1"))
print("written", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(("last_line", "outcome"), [("intent", "abandoned"), ("settled", "ok")])
def test_a_worker_killed_after_a_line_leaves_exactly_one_row(
    folder: Path, drain: Drain, ledger: Ledger, last_line: str, outcome: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), last_line],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    ) as worker:  # fmt: skip
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"written\n"
        drain.step()
        assert outcomes(ledger) == {"a1": None if last_line == "intent" else "ok"}  # alive: may still settle
        worker.send_signal(signal.SIGKILL)
    drain.step()
    assert outcomes(ledger) == {"a1": outcome}
    assert list(folder.glob("*.journal")) == []


IDS = st.sampled_from(["a1", "a2", "a3", "a4"])


def one_of_each(records: list[Intent | Settlement]) -> list[Intent | Settlement]:
    return list({(type(record), record.attempt_id): record for record in records}.values())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(intents(IDS) | settlements(intents(IDS)), max_size=8).map(one_of_each), st.data())
def test_doubled_shuffled_and_garbled_lines_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, ledger: Ledger, records: list[Intent | Settlement], data: st.DataObject
) -> None:
    lines = [line_of(record) for record in records]
    again = data.draw(st.lists(st.sampled_from(lines))) if lines else []
    garbage = data.draw(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)))
    mixed = data.draw(st.permutations([*lines, *again, *(line + b"\n" for line in garbage)]))
    tail = data.draw(st.sampled_from([b"", b'[["a1","r1"']))

    def drained(content: bytes, steps: int) -> list[dict[str, Any]]:
        with ledger._database.writing() as connection:
            connection.execute(delete(ATTEMPTS))
            connection.execute(delete(UNDER_WAY))
            connection.execute(delete(POSITIONS))
        folder = tmp_path_factory.mktemp("journal")
        journal = Journal(folder, "w0", fsync=False, clock=noon)
        (file,) = folder.glob("*.journal")
        drain = Drain(folder, lambda: ledger, later, chunk_bytes=200)
        for step in range(steps):
            with file.open("ab") as opened:
                opened.write(content[len(content) * step // steps : len(content) * (step + 1) // steps])
            drain.step()
        journal.close()
        drain.step()
        return rows(ledger)

    assert drained(b"".join(mixed) + tail, 3) == drained(b"".join(lines), 1)
