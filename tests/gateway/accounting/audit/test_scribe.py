"""If these fail, a decision is missing from the audit, or stands there without an anchor, or an honest crash looks like
a crime.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete

from gateway.accounting.audit.anchor import Mark
from gateway.accounting.audit.replica import MARK_FILE, kept_mark
from gateway.accounting.audit.tables import ANCHORS, BLOCKS
from gateway.accounting.chunk import read_chunk
from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.record import line_of
from gateway.accounting.tables import ATTEMPTS, POSITIONS
from tests.gateway.accounting.audit.conftest import OpenSite
from tests.gateway.accounting.audit.site import SECRET, Site, faults, kept, stated, verdict
from tests.gateway.accounting.samples import NOON, intent, settlement

ROOT = Path(__file__).parents[4]


def test_what_was_decided_is_there_word_for_word(site: Site) -> None:
    site.write("w0", ["sent", "hit", "declined"])
    lines = [line for file in site.directory.glob("*.journal") for line in file.read_bytes().splitlines()]
    site.move()
    audited = [line.decode().partition("\t") for line in lines if b"\t" in line]
    assert [(f"{one.number} {one.hash}", one.record) for _, one in kept(site.ledger)] == [
        (seal, record) for record, _, seal in audited
    ]
    assert len(audited) == 3


def test_each_step_is_anchored_and_a_worker_that_is_gone_has_an_end(site: Site) -> None:
    site.write("w0", ["sent"])
    site.move()
    site.move()
    site.write("w0", ["sent", "sent"])
    site.move()
    site.end("w0")
    site.move()
    assert stated(site.ledger) == [(1, "records"), (2, "records"), (3, "end")]
    assert verdict(site.ledger).records == 3


def test_a_worker_that_decided_nothing_leaves_no_trace(site: Site) -> None:
    site.worker("w0").settled(settlement(intent("a1", at=site.now), at=site.now))
    site.move()
    site.end("w0")
    site.move()
    assert stated(site.ledger) == []


def test_the_next_life_of_a_worker_has_a_chain_of_its_own_and_the_anchors_go_on(site: Site) -> None:
    for _ in range(3):
        site.write("w0", ["sent"])
        site.end("w0")
        site.move()
    assert len({chain for chain, _ in kept(site.ledger)}) == 3
    assert [number for number, _ in stated(site.ledger)] == [1, 2, 3, 4, 5, 6]
    verdict(site.ledger)


def test_replicas_share_a_database(open_site: OpenSite) -> None:
    one, two = open_site("one"), open_site("two")
    two.now += 5
    for site in (one, two, one):
        site.write("w0", ["sent", "declined"])
        site.move()
    found = verdict(one.ledger)
    assert (found.replicas, found.records) == (2, 6)


def test_a_journal_that_is_read_again_changes_nothing(site: Site) -> None:
    """A crash between the last commit and the removal of the file."""
    site.write("w0", ["sent", "hit", "sent"])
    site.move()
    before = kept(site.ledger), stated(site.ledger)
    with site.ledger._database.writing() as connection:
        connection.execute(delete(POSITIONS))
    Site(site.directory, site.ledger).move()
    assert (kept(site.ledger), stated(site.ledger)) == before


def test_of_what_is_read_again_with_more_only_the_rest_is_written(site: Site) -> None:
    site.write("w0", ["sent", "hit"])
    site.move()
    before = kept(site.ledger)
    with site.ledger._database.writing() as connection:
        connection.execute(delete(POSITIONS))
    site.write("w0", ["declined", "sent"])
    Site(site.directory, site.ledger).move()
    assert kept(site.ledger)[:2] == before
    assert [one.number for _, one in kept(site.ledger)] == [1, 2, 3, 4]
    assert stated(site.ledger) == [(1, "records"), (2, "records")]
    verdict(site.ledger)


def test_who_takes_the_place_of_the_next_block_does_not_stop_the_ledger(site: Site) -> None:
    site.write("w0", ["sent"])
    site.move()
    ((chain, _),) = kept(site.ledger)
    with site.ledger._database.writing() as connection:
        connection.execute(BLOCKS.insert(), {"chain": chain, "first": 2, "lines": "x"})
    site.write("w0", ["sent", "sent"])
    site.move()
    with site.ledger.reading() as connection:
        assert len(connection.execute(ATTEMPTS.select()).all()) == 3
    assert [fault.what for fault in faults(site.ledger)] == [
        "has a line behind it that does not belong there",
        "2 records missing",
    ]


@pytest.mark.parametrize("numbers", [[1, 3], [2, 3], [3, 2, 1], [1, 2, 2], [9, 1, 2]])
def test_lines_that_are_not_in_their_order_are_written_as_they_are_and_found(site: Site, numbers: list[int]) -> None:
    site.write("w0", ["declined"] * 10)
    (file,) = site.directory.glob("*.journal")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[number - 1] for number in numbers))
    site.move()
    assert [one.number for _, one in kept(site.ledger)] == numbers
    assert faults(site.ledger) != []
    site.write("w0", ["declined"] * 2)
    site.move()
    assert [one.number for _, one in kept(site.ledger)][-2:] == [11, 12]


def test_a_transaction_that_fails_leaves_nothing_and_is_done_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write("w0", ["sent"])
    site.move()
    mark = kept_mark(site.directory)
    site.write("w0", ["sent"])
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "apply", _fails_at_the_end(site.ledger))
        with pytest.raises(LedgerUnavailable):
            site.move()
    assert kept_mark(site.directory) == mark
    assert len(kept(site.ledger)) == 1
    site.move()
    assert verdict(site.ledger).records == 2


def _fails_at_the_end(ledger: Ledger) -> object:
    apply = ledger.apply

    def failing(_: Ledger, *read: object, also: object, **more: object) -> None:
        def then(connection: object) -> None:
            also(connection)  # type: ignore[operator]
            raise LedgerUnavailable("the power of the database's machine")

        apply(*read, also=then, **more)  # type: ignore[arg-type]

    return failing


def test_a_worker_killed_in_the_middle_leaves_a_chain_that_holds(site: Site) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from gateway.accounting.journal import Journal\n"
        "from tests.gateway.accounting.samples import NOON, intent\n"
        "journal = Journal(Path(sys.argv[1]), 'w0', fsync=False, clock=lambda: NOON, file_bytes=3000)\n"
        "for number in range(50):\n"
        "    journal.intent(intent(f'a{number}', at=NOON))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(site.directory)], check=False, cwd=ROOT)
    last = max(site.directory.glob("*.journal"))
    with last.open("ab") as file:
        file.write(line_of(intent("torn"))[:40])
    site.move()
    assert verdict(site.ledger).records == 50
    assert stated(site.ledger)[-1][1] == "end"


MOVED = """
import sys, time
from functools import partial
from pathlib import Path
from gateway.accounting.audit.signer import Signer
from gateway.accounting.drain import Drain
from gateway.accounting.ledger import Ledger
folder, url, secret = sys.argv[1:]
drain = Drain(Path(folder), partial(Ledger.open, url), time.time, chunk_bytes=600, signer=Signer.of(secret))
drain.recover()
"""


def test_whenever_the_process_that_moves_the_lines_is_killed_none_is_lost_and_none_twice(site: Site, url: str) -> None:
    site.write("w0", ["sent", "hit", "declined"] * 40)
    site.write("w1", ["sent"] * 80)
    site.close()
    moved = 0
    while moved < 200:
        command = [sys.executable, "-c", MOVED, str(site.directory), url, SECRET]
        with subprocess.Popen(command, cwd=ROOT) as process:
            aim = moved + 40
            while process.poll() is None and len(kept(site.ledger)) < aim:
                pass
            process.send_signal(signal.SIGKILL)
        moved = len(kept(site.ledger))
        assert verdict(site.ledger).records == moved  # whenever it is looked at
    site.move()
    assert verdict(site.ledger).records == 200
    assert "lost" not in dict(stated(site.ledger)).values()


def test_a_line_that_was_taken_out_of_the_journal_is_missing(site: Site) -> None:
    site.write("w0", ["sent", "sent", "sent"])
    (file,) = site.directory.glob("*.journal")
    lines = [line for line in file.read_bytes().splitlines(keepends=True) if b"\t2 " not in line]
    file.write_bytes(b"".join(lines))
    site.move()
    (fault,) = faults(site.ledger)
    assert (fault.number, fault.what) == (2, "1 record missing")


def test_a_line_that_was_changed_in_the_journal_is_seen(site: Site) -> None:
    site.write("w0", ["sent", "sent", "sent"])
    (file,) = site.directory.glob("*.journal")
    first, *rest = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([first.replace(b"cloud", b"local"), *rest]))
    site.move()
    (fault,) = faults(site.ledger)
    assert (fault.number, fault.what) == (1, "was changed, or does not follow on the one before it")


def test_a_database_that_went_back_is_noticed_and_that_is_written_down(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever removes the end of everything needs to be faster than the gateway's next line."""
    site.write("w0", ["sent"])
    site.move()
    site.write("w0", ["sent"])
    site.move()
    with site.ledger._database.writing() as connection:
        connection.execute(delete(ANCHORS).where(ANCHORS.c.number == 2))
        connection.execute(delete(BLOCKS).where(BLOCKS.c.first == 2))
    assert faults(site.ledger) == []
    with caplog.at_level(logging.ERROR):
        site.write("w0", ["sent"])
        site.move()
    assert "anchor 2 is gone" in caplog.text
    assert [kind for _, kind in stated(site.ledger)] == ["records", "lost", "records"]
    lost, missing = faults(site.ledger)
    assert "anchor 2 had gone" in lost.what
    assert (missing.number, missing.what) == (2, "1 record missing")
    site.write("w0", ["sent"])
    site.move()
    assert [kind for _, kind in stated(site.ledger)] == ["records", "lost", "records", "records"]  # once is enough


def test_a_mark_that_is_behind_is_no_loss(site: Site) -> None:
    """A crash between the commit and the mark; or another process moved the lines."""
    site.write("w0", ["sent"])
    site.move()
    behind = (site.directory / MARK_FILE).read_bytes()
    site.write("w0", ["sent"])
    site.move()
    (site.directory / MARK_FILE).write_bytes(behind)
    site.write("w0", ["sent"])
    Site(site.directory, site.ledger).move()
    assert "lost" not in dict(stated(site.ledger)).values()
    assert verdict(site.ledger).records == 3
    assert [mark.number for mark in kept_mark(site.directory).values()] == [3]


@pytest.mark.parametrize("text", ["", "[", "{}", '["a","b"]', "[[1,2,3]]", "[" * 5000])
def test_what_does_not_say_when_is_written_down_all_the_same(site: Site, text: str) -> None:
    chunk = read_chunk([f"{text}\t1 {'0' * 64}".encode()], "w")
    assert chunk.span is None
    with site.ledger._database.writing() as connection:
        site.drain._scribe.write(connection, "w0", chunk.block, chunk.span)
    assert [one.record for _, one in kept(site.ledger)] == [text]


def test_the_ledger_has_no_row_for_what_came_to_no_call(site: Site) -> None:
    site.write("w0", ["declined"])
    site.move()
    with site.ledger.reading() as connection:
        assert connection.execute(ATTEMPTS.select()).all() == []
    assert not (site.directory / "aside.lines").exists()


def test_marks_are_of_the_newest_anchor(site: Site) -> None:
    site.write("w0", ["sent"])
    site.move()
    (mark,) = kept_mark(site.directory).values()
    assert isinstance(mark, Mark)
    assert mark.number == stated(site.ledger)[-1][0] == 1
    assert site.now > NOON
