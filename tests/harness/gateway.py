"""The gateway as a user starts it: `tidegate serve` in a process of its own, with a directory of its own.

`stop` is part of every test that starts one: it must end by itself, with status 0, without a traceback, and leave no
process behind.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx

from tests.harness.ports import free_port
from tests.harness.wait import PATIENCE, until

START_SECONDS = 30.0
STOP_SECONDS = 15.0
KEY = "tg-the-developers-key"
EMBED_ONLY_KEY = "tg-good-for-embeddings-only"
HOME_KEY = "tg-whose-requests-stay-home"
OTHER_KEY = "tg-of-somebody-else"
LOCAL_KEY = "sk-of-the-local-deployment"
CLOUD_KEY = "sk-of-the-cloud-deployment"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing here speaks TLS, and reading the certificates takes long
# Proxy variables lead nowhere: a gateway that heeded them would reach no model.
_PROXIES = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}


# What systemd does between fork and exec: sd_listen_fds(3).
_HANDED_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


class Gateway:
    """One running gateway. `start` returns when it answers `GET /v1/models`."""

    def __init__(
        self,
        directory: Path,
        config: str,
        *,
        workers: int = 1,
        environment: Mapping[str, str] | None = None,
        listener: socket.socket | None = None,
    ) -> None:
        """`listener`: a socket that is handed over to it, as systemd does."""
        self.directory = directory
        self.file = directory / "tidegate.yaml"
        self.file.write_text(config)
        self._listener = listener
        self.port = int(listener.getsockname()[1]) if listener else free_port()
        self.key = KEY
        self._workers = workers
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "LOCAL_KEY": LOCAL_KEY,
            "CLOUD_KEY": CLOUD_KEY,
            "TIDEGATE_KEY": KEY,
            "EMBED_ONLY_KEY": EMBED_ONLY_KEY,
            "HOME_KEY": HOME_KEY,
            "OTHER_KEY": OTHER_KEY,
            **_PROXIES,
            **(environment or {}),
        }
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []
        self._reader: threading.Thread | None = None

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.root}/v1"

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the gateway is not running"
        return self._process

    @property
    def output(self) -> str:
        """What it has printed so far, both streams."""
        return "".join(self._lines)

    @property
    def ledger(self) -> Path:
        """Where the configurations of these tests keep the ledger."""
        return self.directory / "tidegate.db"

    def start(self) -> None:
        self._client = httpx.Client(timeout=2, trust_env=False, verify=NO_TLS)
        options = ("--config", str(self.file), "--host", "127.0.0.1", "--port", str(self.port))
        handed = (self._listener.fileno(),) if self._listener else ()
        wrapper = [sys.executable, "-c", _HANDED_OVER, str(*handed)] if handed else []
        self._process = subprocess.Popen(
            [*wrapper, *command(), "serve", *options, "--workers", str(self._workers)],
            pass_fds=handed,
            cwd="/",  # it runs from any directory
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        try:
            until("the gateway to be ready", self._ready, START_SECONDS)
        except AssertionError:
            self.kill()
            raise AssertionError(f"the gateway did not start:\n{self.output}") from None

    def stop(self) -> None:
        """SIGTERM, and all that is promised of it."""
        self.signal(signal.SIGTERM)
        self.wait_for_clean_end()

    def wait_for_clean_end(self, timeout: float = STOP_SECONDS) -> None:
        process = self.process
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it does not end:\n{self.output}") from None
        left = self.processes()
        self.kill()
        assert status == 0, f"exit status {status}:\n{self.output}"
        assert "Traceback" not in self.output, self.output
        assert not left, f"processes left behind: {left}"

    def kill(self) -> None:
        """End all of it, whatever state it is in."""
        if self._process is None:
            return
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        if self._reader is not None:
            self._reader.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._client.close()
        self._process = None

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def reload(self, config: str) -> None:
        """Write the file and send SIGHUP; when it has taken effect is for the caller to see."""
        self.file.write_text(config)
        self.signal(signal.SIGHUP)

    def wait_for_output(self, pattern: str, timeout: float = PATIENCE) -> str:
        """The first line that matches, now or soon."""
        expression = re.compile(pattern)
        found: list[str] = []

        def look() -> bool:
            found[:] = [line for line in tuple(self._lines) if expression.search(line)]
            return bool(found)

        until(f"output like {pattern!r}, not:\n{self.output}", look, timeout)
        return found[0]

    def run(self, *words: str) -> str:
        """What another command, such as `report`, prints with this configuration; it must succeed."""
        ended = self.ended(*words)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def ended(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command with this configuration, once it has ended, however it did."""
        return subprocess.run(
            [*command(), *words, "--config", str(self.file)],
            cwd="/",
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def processes(self) -> list[int]:
        """The living processes of the gateway, the parent among them: they inherit its home, which nobody shares."""
        return [pid for pid, environment in _environments() if f"HOME={self.directory}" in environment]

    def children(self) -> list[int]:
        """The processes other than the parent."""
        return [pid for pid in self.processes() if pid != self.process.pid]

    def workers(self) -> list[int]:
        """Those that serve."""
        return [pid for pid in self.children() if "gateway.serving.worker" in _words(pid)]

    def drains(self) -> list[int]:
        """Those that move journals into the ledger."""
        return [pid for pid in self.children() if "gateway.serving.draining_child" in _words(pid)]

    def _ready(self) -> bool:
        assert self.process.poll() is None, "it has ended"
        try:
            answer = self._client.get(f"{self.base_url}/models")  # needs no key
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def _read(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            with contextlib.suppress(ValueError):  # closed under our hands by `kill`
                self._lines.extend(process.stdout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._process is None:
            return
        if kind is None:
            self.stop()
        else:
            self.kill()


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def command() -> list[str]:
    """`tidegate` of the environment that runs the tests."""
    script = Path(sys.executable).with_name("tidegate")
    return [str(script)] if script.exists() else [sys.executable, "-m", "gateway.cli.main"]


def _words(pid: int) -> list[str]:
    """The command line; nothing if the process is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


def _environments() -> list[tuple[int, list[str]]]:
    """Process id and environment of every process of this user; a zombie has none."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                found.append((int(entry.name), (entry / "environ").read_text(errors="replace").split("\0")))
    return found
