"""If these fail, the gateway starts where it must not, says what is not so, or leaves something behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.config.loaded import Loaded
from gateway.serving.listener import bind
from gateway.serving.reading import Reader
from gateway.serving.refusal import CannotStart
from gateway.serving.supervisor import Load, Running, Say, Supervisor, _needs_restart, ready_text, with_keys
from tests.gateway.serving.workers import loaded, models_at, until, written


def reading(found: Loaded) -> Load:
    async def load() -> Loaded:
        return found

    return load


def test_nothing_is_ever_served_to_just_anybody(tmp_path: Path) -> None:
    keyless = with_keys(loaded(tmp_path, keys=[]))
    (key,) = keyless.settings.keys
    assert key.key is not None
    assert key.key.get_secret_value().startswith("tg-")
    assert key.role == "admin", "nobody could give out another"
    assert with_keys(loaded(tmp_path, keys=[])).settings.keys == keyless.settings.keys  # the same the next time


def test_nothing_that_is_stored_lies_there_in_the_clear(tmp_path: Path) -> None:
    """Every worker is handed the same key, and so is every later start."""
    settings = with_keys(loaded(tmp_path)).settings
    again = with_keys(loaded(tmp_path)).settings
    for first, second in (
        (settings.responses.key, again.responses.key),
        (settings.access.secret, again.access.secret),
    ):
        assert len(first.get_secret_value()) == 64
        assert first == second
    assert settings.access.secret != settings.responses.key


def test_captured_text_has_a_key_and_none_is_made_where_nothing_is_captured(tmp_path: Path) -> None:
    route = {"small": ["small"], "large": ["small"], "learning": {"enabled": True, "capture": True}}
    assert with_keys(loaded(tmp_path)).settings.learning.key.get_secret_value() == ""
    key = with_keys(loaded(tmp_path, routes={"auto": route})).settings.learning.key.get_secret_value()
    assert len(key) == 64
    assert with_keys(loaded(tmp_path, routes={"auto": route})).settings.learning.key.get_secret_value() == key


@pytest.mark.parametrize("responses", [{"key": "0123456789abcdef" * 2}, {"enabled": False}])
def test_keys_that_are_configured_or_not_needed_are_not_made(tmp_path: Path, responses: dict[str, Any]) -> None:
    own = loaded(tmp_path, responses=responses, access={"secret": "0123456789abcdef" * 2})
    assert with_keys(own) is own
    assert not list(own.state_directory.glob("*"))


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")])  # noqa: S104
def test_the_ready_line_can_be_used_as_it_stands(tmp_path: Path, host: str, shown: str) -> None:
    with bind(host, 0) as listener:
        text = ready_text(with_keys(loaded(tmp_path, keys=[])), listener)
        port = listener.getsockname()[1]
    assert f"http://{shown}:{port}/v1/chat/completions" in text
    assert re.search(r"key: (tg-\w+)\n[^$]*Bearer \1'", text)
    assert '"model": "auto"' in text


def test_a_key_of_the_operators_is_not_printed(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as listener:
        text = ready_text(loaded(tmp_path), listener)
    assert "the-developers-key" not in text
    assert "$YOUR_KEY" in text


def test_what_needs_no_key_is_said(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as listener:
        assert "without a key" not in ready_text(loaded(tmp_path), listener)
        home = {"routes": {"home": {"small": ["small"]}}, "server": {"anonymous": ["home"]}}
        assert "on this machine: home\n" in ready_text(loaded(tmp_path, **home), listener)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, []),
        ({"routes": {"other": {"small": ["small"]}}}, []),
        ({"server": {"port": 1, "host": "0.0.0.0"}}, ["server.host", "server.port"]),  # noqa: S104
        ({"state": "elsewhere"}, ["state", "ledger.url"]),
        ({"ledger": {"fsync": True}}, ["ledger.fsync"]),
        ({"audit": {"retention_days": 1}}, ["audit"]),
        ({"server": {"port": 0, "drain_delay": 1}}, []),
        ({"ledger": {"url": "sqlite:///other.db"}}, ["ledger.url"]),
    ],
)
def test_what_a_reload_cannot_change_is_named(tmp_path: Path, changes: dict[str, object], named: list[str]) -> None:
    assert _needs_restart(loaded(tmp_path), loaded(tmp_path, **changes)) == named


async def test_a_state_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="state directory"):
        await Supervisor(reading(loaded(tmp_path, state="file/state")), print).run()


async def test_its_life(tmp_path: Path) -> None:
    """Ready, a bad file, a good one, a worker that is frozen meanwhile, and the end."""
    file = written(tmp_path)
    said: list[str] = []
    supervisor = Supervisor(Reader(file, {}), said.append)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: any("is ready" in text for text in said) or running.done())
    root = re.findall(r"http://[\d.:]+", said[-1])[0]
    assert await models_at(root) == ["auto"]

    file.write_text("deployments: [")
    os.kill(os.getpid(), signal.SIGHUP)
    await until(lambda: "was not reloaded" in said[-1])
    assert await models_at(root) == ["auto"]

    written(tmp_path, routes={"other": {"small": ["small"]}}, server={"port": 0, "workers": 1, "host": "localhost"})
    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGHUP)
    await until(lambda: "configuration 3 is in force" in said)
    assert "a change of server.host takes a restart" in said
    assert await models_at(root) == ["other"]

    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)
    with pytest.raises(httpx.ConnectError):
        await models_at(root)


async def test_a_worker_that_cannot_start_is_no_ready_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.serving.worker_process.START_SECONDS", 0.05)
    said: list[str] = []
    with pytest.raises(CannotStart):
        await Supervisor(reading(loaded(tmp_path)), said.append).run()
    assert not any("is ready" in text for text in said)


class Watched(Supervisor):
    """Told to take over a configuration while it makes its first one."""

    def __init__(self, load: Load, say: Say) -> None:
        super().__init__(load, say)
        self.making = self.most = 0
        self.met = asyncio.Event()

    async def _snapshot(self, loaded: Loaded) -> tuple[bytes, list[Running]]:
        self.making += 1
        self.most = max(self.most, self.making)
        if self.making > 1:
            self.met.set()
        if self._number == 0:
            os.kill(os.getpid(), signal.SIGHUP)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.met.wait()
        try:
            return await super()._snapshot(loaded)
        finally:
            self.making -= 1


async def test_a_signal_that_comes_while_it_starts_waits_until_it_has(tmp_path: Path) -> None:
    """Else both start the embedded models, and nobody ends those of one of them."""
    said: list[str] = []
    supervisor = Watched(Reader(written(tmp_path), {}), said.append)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: "configuration 2 is in force" in said or running.done(), 30)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 20)
    assert supervisor.most == 1
    assert "is ready" in said[0]
