"""If these fail, `tidegate serve` ends in a traceback instead of a sentence, or listens somewhere else."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gateway.cli import serve
from gateway.cli.main import main
from gateway.config.loaded import Loaded
from gateway.serving.supervisor import Load, Say
from tests.gateway.config.harness import BASE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE)
    return file


def test_the_command_line_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Loaded] = []

    class Reading:
        def __init__(self, load: Load, say: Say) -> None:
            self._load = load

        async def run(self) -> None:
            read.append(await self._load())

    monkeypatch.setattr(serve, "Supervisor", Reading)
    options = ["--config", str(file), "--host", "0.0.0.0", "--port", "0", "--workers", "1"]  # noqa: S104
    assert main(["serve", *options]) == 0
    server = read[0].settings.server
    assert (server.host, server.port, server.workers) == ("0.0.0.0", 0, 1)  # noqa: S104


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--port", "many"), "port"),
        (("--port", "70000"), "port"),
        (("--workers", "2"), "redis"),
        (("--workers", "0"), "workers"),
        (("--host", "256.0.0.1"), "cannot listen"),
        (("--config", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_status_1(
    file: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], said: str
) -> None:
    assert main(["serve", "--config", str(file), *more]) == 1
    assert said in capsys.readouterr().err.lower()


def test_a_port_that_is_taken(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert main(["serve", "--config", str(file), "--port", port]) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
