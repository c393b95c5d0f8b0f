"""`tidegate audit` is what a compliance officer has in hand: it must find what was done, and say nothing else."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.accounting.audit.export import FIELDS
from gateway.accounting.journal import Journal
from gateway.accounting.record import Declined
from gateway.cli.audit import FAULTY, INTACT, NOT_CHECKED, SHOWN_FAULTS
from gateway.cli.main import main
from tests.gateway.accounting.samples import NOON, intent, settlement
from tests.gateway.config.harness import BASE

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tidegate.yaml"
    path.write_text(BASE + 'ledger: {url: "sqlite:///ledger.db"}\n')
    return path


@pytest.fixture
def journal(config: Path) -> Iterator[Journal]:
    """Three decisions of a worker that still lives."""
    journal = Journal(config.parent / ".tidegate" / "journal", "w0", fsync=False, clock=lambda: NOON)
    journal.intent(intent("a1", masked={"EMAIL": 2}, more=True))
    journal.settled(settlement("a1"))
    journal.settled(settlement(intent("a2", at=NOON + 5), outcome="hit"))
    journal.declined(Declined(intent("a3", at=NOON + 86_400, deployment="", zone=""), "no_deployment"))
    yield journal
    journal.close()


def audit(capsys: Capture, config: Path, *words: str) -> tuple[int, str]:
    status = main(["audit", *words, "--config", str(config)])
    return status, capsys.readouterr().out


def tamper(config: Path, statement: str) -> None:
    with closing(sqlite3.connect(config.parent / "ledger.db")) as connection, connection:
        connection.execute(statement)


def test_what_is_intact_says_so(config: Path, journal: Journal, capsys: Capture) -> None:
    assert audit(capsys, config, "verify") == (INTACT, "3 records, 2 anchors of 1 replicas: intact\n")
    assert main(["audit", "verify", "--ledger", f"sqlite:///{config.parent}/ledger.db"]) == INTACT
    assert "signatures were not checked" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            """UPDATE audit_blocks SET lines = replace(lines, '"r2"', '"r3"')""",
            " 2: was changed",
        ),
        ("DELETE FROM audit_blocks", " 1: 2 records missing"),
        ("DELETE FROM audit_anchors", "is missing, with all its anchors"),
        ("UPDATE audit_anchors SET at = at + 1", " 1: was changed"),
    ],
)
def test_what_was_changed_is_found(config: Path, journal: Journal, capsys: Capture, statement: str, said: str) -> None:
    assert audit(capsys, config, "verify")[0] == INTACT
    tamper(config, statement)
    status, text = audit(capsys, config, "verify")
    assert status == FAULTY
    assert said in text
    assert "EMAIL" not in text


def test_very_many_faults_are_counted(config: Path, journal: Journal, capsys: Capture) -> None:
    for number in range(SHOWN_FAULTS + 50):
        journal.intent(intent(f"b{number}"))
    assert audit(capsys, config, "verify")[0] == INTACT
    tamper(config, "UPDATE audit_blocks SET lines = replace(lines, ',', ';')")
    status, text = audit(capsys, config, "verify")
    assert status == FAULTY
    assert len(text.splitlines()) == SHOWN_FAULTS + 2
    assert "and 53 more" in text


def test_the_head_that_was_kept_shows_what_was_cut_off(
    config: Path, journal: Journal, capsys: Capture, tmp_path: Path
) -> None:
    """By somebody who could also write to the gateway's own directory."""
    head = audit(capsys, config, "head")[1]
    assert head.startswith("# signed with ")
    kept = tmp_path / "kept"
    kept.write_text(head)
    journal.intent(intent("a4"))
    assert audit(capsys, config, "verify", "--marks", str(kept))[0] == INTACT
    for statement in ("DELETE FROM audit_blocks", "DELETE FROM audit_anchors"):
        tamper(config, statement)
    (config.parent / ".tidegate" / "journal" / "audit.mark").unlink()
    assert audit(capsys, config, "verify")[0] == INTACT
    status, text = audit(capsys, config, "verify", "--marks", str(kept))
    assert status == FAULTY
    assert "is missing, with all its anchors" in text


def test_another_machine_needs_the_public_key(config: Path, journal: Journal, capsys: Capture) -> None:
    head = audit(capsys, config, "head")[1]
    public = head.splitlines()[0].split()[-1]
    (config.parent / ".tidegate" / "audit.key").unlink()
    assert audit(capsys, config, "verify")[0] == FAULTY
    assert audit(capsys, config, "verify", "--key", public)[0] == INTACT
    with pytest.raises(SystemExit):
        main(["audit", "verify", "--key", "short"])


def test_the_export_is_one_object_a_line(config: Path, journal: Journal, capsys: Capture) -> None:
    status, text = audit(capsys, config, "export")
    rows = [json.loads(line) for line in text.splitlines()]
    assert status == INTACT
    assert [tuple(row) for row in rows] == [FIELDS] * 3
    assert [row["outcome"] for row in rows] == ["sent", "hit", "no_deployment"]
    assert rows[0]["masked"] == {"EMAIL": 2}
    assert [row["more"] for row in rows] == [True, False, False]


def test_of_some_days_and_as_a_table(config: Path, journal: Journal, capsys: Capture) -> None:
    rows = list(csv.DictReader(io.StringIO(audit(capsys, config, "export", "--format", "csv")[1])))
    assert [row["findings"] for row in rows] == ["EMAIL:2"] * 3
    assert [row["more"] for row in rows] == ["true", "", ""]
    day = rows[0]["time"][:10]
    of_day = audit(capsys, config, "export", "--from", day, "--to", day, "--format", "csv")[1]
    assert len(list(csv.DictReader(io.StringIO(of_day)))) == 2
    assert len(audit(capsys, config, "export", "--from", rows[2]["time"])[1].splitlines()) == 1


def test_a_record_that_cannot_be_read_is_told_of(config: Path, journal: Journal, capsys: Capture) -> None:
    audit(capsys, config, "verify")
    tamper(config, "UPDATE audit_blocks SET lines = replace(lines, '[\"a1\"', '[]')")
    assert main(["audit", "export", "--config", str(config)]) == INTACT
    assert "1 records are not as the gateway wrote them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("abc", ":1: not a line that `tidegate audit head` prints"),
        ("# fine\n\nabcdefabcdef 0 " + "0" * 64, ":3: not a line"),
        (b"\xff", ": no text"),
        (None, "No such file"),
    ],
)
def test_marks_that_are_none_are_not_passed_over(
    config: Path, journal: Journal, capsys: Capture, text: str | bytes | None, said: str
) -> None:
    kept = config.parent / "kept"
    if text is not None:
        kept.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["audit", "verify", "--config", str(config), "--marks", str(kept)]) == NOT_CHECKED
    assert said in capsys.readouterr().err


def test_what_cannot_be_looked_at_is_not_intact(tmp_path: Path, capsys: Capture) -> None:
    assert main(["audit", "verify", "--config", str(tmp_path / "none.yaml")]) == NOT_CHECKED
    assert main(["audit", "head", "--ledger", "mysql://u:p@h/d"]) == NOT_CHECKED
    assert "u:p" not in capsys.readouterr().err
