"""If these fail, the gateway runs with another configuration than was checked, or hides what is wrong with it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from gateway.serving.reading import Reader
from tests.gateway.serving.workers import children, until, written

CHILD = "gateway.serving.reading_child"


async def test_it_reads_what_the_checks_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets from the environment and warnings included; each time anew."""
    monkeypatch.setenv("RELAYED", "sécret-of-sixteen-and-more")
    file = written(tmp_path, redis={"url": "redis://:${RELAYED}@127.0.0.1"}, state="~/state")
    read = Reader(file, {"server.port": "7"})
    found = await read()
    assert found == load(file, overrides={"server.port": "7"})
    assert found.warnings
    assert "sécret" in found.settings.redis.url.get_secret_value()
    written(tmp_path, routes={"other": {"small": ["small"]}})
    assert list((await read()).settings.routes) == ["other"]


async def test_a_relative_path_and_none_start_where_the_gateway_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert (await Reader(None, {})()).source == tmp_path / "tidegate.yaml"
    assert (await Reader(Path("tidegate.yaml"), {})()).source == tmp_path / "tidegate.yaml"


async def test_everything_that_is_wrong_is_said_in_the_same_words(tmp_path: Path) -> None:
    file = written(tmp_path, polcy={}, keys=[{"name": "!"}])
    with pytest.raises(ConfigurationError) as expected:
        load(file, environ={})
    with pytest.raises(ConfigurationError) as caught:
        await Reader(file, {})()
    assert caught.value.problems == expected.value.problems
    assert len(caught.value.problems) > 1


async def test_a_process_that_gives_no_answer_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a machine without memory would end the gateway that it is reloaded into."""
    for program, why in (("/bin/false", "status 1"), ("/nowhere/python", "No such file or directory")):
        monkeypatch.setattr("sys.executable", program)
        with pytest.raises(ConfigurationError, match=rf"given.yaml: the process that reads it failed: {why}"):
            await Reader(Path("given.yaml"), {})()


async def test_a_gateway_that_ends_meanwhile_leaves_no_process(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never.yaml")  # whoever opens it waits
    task = asyncio.create_task(Reader(tmp_path / "never.yaml", {})())
    await until(lambda: bool(children(CHILD)))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children(CHILD) == []


def test_who_is_given_the_configuration_loads_nothing_that_checks_it() -> None:
    """The parent keeps what it has loaded for as long as the gateway runs."""
    program = (
        "import sys; from gateway.cli import serve;"
        "assert not {'pydantic', 'yaml', 'sqlalchemy', 'alembic', 'litellm', 'numpy', 'fastapi'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
