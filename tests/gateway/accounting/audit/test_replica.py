"""If these fail, a replica forgets who it is, or what it has written."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.accounting.audit.anchor import Mark
from gateway.accounting.audit.replica import MARK_FILE, kept_mark, remember, remembered, replica_of


def test_its_name_is_made_once_and_no_other_has_it(tmp_path: Path) -> None:
    name = replica_of(tmp_path / "one")
    assert replica_of(tmp_path / "one") == name != replica_of(tmp_path / "two")


def test_it_remembers_what_it_was_told_last(tmp_path: Path) -> None:
    assert kept_mark(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []
    for mark in (Mark(1, "0" * 64), Mark(20, "f" * 64)):
        remember(tmp_path, mark)
        assert remembered(tmp_path) == mark
        assert kept_mark(tmp_path) == {replica_of(tmp_path): mark}
    assert (tmp_path / MARK_FILE).stat().st_mode & 0o077 == 0


def test_a_command_that_somebody_else_runs_does_not_take_the_file_from_the_gateway(tmp_path: Path) -> None:
    remember(tmp_path, Mark(1, "0" * 64))
    file = (tmp_path / MARK_FILE).stat().st_ino
    remember(tmp_path, Mark(2, "0" * 64))
    assert (tmp_path / MARK_FILE).stat().st_ino == file


@pytest.mark.parametrize("text", [b"", b"\0\0\0", b"1", b"x " + b"0" * 64, b"1 " + b"0" * 63, b"\xff"])
def test_what_lost_power_left_behind_is_nothing(tmp_path: Path, text: bytes) -> None:
    (tmp_path / MARK_FILE).write_bytes(text)
    assert remembered(tmp_path) is None
