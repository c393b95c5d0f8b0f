"""If these fail, the process that moves journals outlives its parent, or leaves lines. More: test_draining.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.accounting.journal import Journal
from gateway.accounting.journals import Journals
from gateway.accounting.ledger import Ledger
from gateway.serving import draining
from gateway.serving.draining_child import AWAY
from tests.gateway.accounting.samples import NOON, settlement


def run(directory: Path, url: str, quiet_seconds: float, *, hang_up: bool) -> tuple[int, str]:
    """Exit status and what it said. Without `hang_up` its input stays open until it has ended by itself."""
    arguments = {
        "journals": str(directory),
        "quiet_seconds": quiet_seconds,
        "retention_days": None,
        "log": {"level": "info", "format": "console"},
    }
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "gateway.serving.draining_child", json.dumps(arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"ledger": url, "key": "secret"}) + "\n")
        process.stdin.flush()
        if hang_up:
            process.stdin.close()
        said = process.stdout.read()
        return process.wait(), said


@pytest.mark.parametrize(("quiet_seconds", "hang_up"), [(1.0, False), (3600.0, True)])
def test_it_ends_when_nothing_comes_or_its_parent_is_gone(tmp_path: Path, quiet_seconds: float, hang_up: bool) -> None:
    """And says how far it has read, so that nobody starts it again for that."""
    Ledger.open(f"sqlite:///{tmp_path}/ledger.db").close()
    journal = Journal(tmp_path, "1", fsync=False, clock=lambda: NOON)
    journal.settled(settlement("a1"))
    status, said = run(tmp_path, f"sqlite:///{tmp_path}/ledger.db", quiet_seconds, hang_up=hang_up)
    assert status == 0
    (name,) = Journals(tmp_path).names()
    assert json.loads(said) == {name: Journals(tmp_path).size(name)}
    assert not Journals(tmp_path).has_news(json.loads(said))
    journal.close()


def test_one_that_had_to_make_the_ledger_makes_room_for_one_that_has_not(tmp_path: Path) -> None:
    """Else a gateway that is never left alone would carry for good what it needed once."""
    journal = Journal(tmp_path, "1", fsync=False, clock=lambda: NOON)
    journal.settled(settlement("a1"))
    status, said = run(tmp_path, f"sqlite:///{tmp_path}/ledger.db", 3600.0, hang_up=False)
    assert (status, list(json.loads(said))) == (0, Journals(tmp_path).names())
    journal.close()


def test_a_ledger_that_is_away_to_the_last_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "1", fsync=False, clock=lambda: NOON)
    journal.settled(settlement("a1"))
    assert run(tmp_path, "mysql://u:p@h/d", 3600.0, hang_up=True) == (AWAY, "")
    journal.close()


def test_a_parent_that_was_killed_before_it_said_anything_is_no_error(tmp_path: Path) -> None:
    arguments = {"journals": str(tmp_path), "log": {"level": "info", "format": "console"}}
    words = [sys.executable, "-P", "-m", "gateway.serving.draining_child", json.dumps(arguments)]
    ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (AWAY, "", "")


def test_parent_and_child_mean_the_same_by_an_exit_status() -> None:
    assert draining.AWAY == AWAY
