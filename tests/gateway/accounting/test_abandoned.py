"""If this fails, an operator does not see that workers died in the middle of calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.accounting.abandoned import FILE, Abandoned


def test_it_is_counted_over_processes(tmp_path: Path) -> None:
    assert Abandoned(tmp_path).count() == 0
    Abandoned(tmp_path).add(3)
    Abandoned(tmp_path).add(4)
    assert Abandoned(tmp_path).count() == 7
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("text", ["", "seven", "-3", "1.5", "\x00", "²"])
def test_what_is_no_number_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert Abandoned(tmp_path).count() == 0
    Abandoned(tmp_path).add(2)
    assert Abandoned(tmp_path).count() == 2


def test_a_directory_that_is_not_there_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Abandoned(tmp_path / "gone").add(1)
    assert Abandoned(tmp_path / "gone").count() == 0
    assert "cannot be counted" in caplog.text
