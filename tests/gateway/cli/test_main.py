"""If these fail, a command is not found, or every command waits for the imports of all."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from gateway.cli.main import COMMANDS, main
from gateway.version import VERSION


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for name, text in COMMANDS.items():
        assert re.search(rf"^ +{name}\s+{text[:20]}", out, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: tidegate {command}")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"tidegate {VERSION}\n"


@pytest.mark.parametrize("words", [[], ["surf"], ["serve", "--prot", "1", "--surf"], ["--surf"]])
def test_what_is_no_command_is_refused_with_the_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: tidegate" in capsys.readouterr().err


def test_a_command_imports_only_its_own() -> None:
    code = (
        "import sys\nfrom gateway.cli.main import main\n"
        "try:\n    main(['explain', '--help'])\nexcept SystemExit:\n    pass\n"
        "sys.exit([name for name in ('uvicorn', 'sqlalchemy', 'sklearn', 'litellm') if name in sys.modules] or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
