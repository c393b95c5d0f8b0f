"""If these fail, an operator is told that something went wrong and not what."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.refusal import refuse


def test_it_names_the_command_the_file_and_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OSError) as caught:  # which one is the system's business
        (tmp_path / "none").read_bytes()
    assert refuse("learn", caught.value) == 2
    assert capsys.readouterr().err == f"tidegate learn: {tmp_path / 'none'}: No such file or directory\n"
    assert refuse("cascade fit", OSError(28, "No space left on device")) == 2
    assert refuse("label", ValueError("no route 'x'")) == 2
    assert capsys.readouterr().err == ("tidegate cascade fit: No space left on device\ntidegate label: no route 'x'\n")
