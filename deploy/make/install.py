"""Install into `.venv/` of the checkout: `python deploy/make/install.py serve` (to run) or `dev` (to test too).

Needs nothing but Python. Everything comes from the hash locks in requirements/ through plain pip, so the machine's own
pip settings (mirrors, proxies, certificates) hold. A step is left out when what it installs from is unchanged.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMPS = VENV / "installed"
LOG = VENV / "install.log"
PROFILES = {"serve": ("serve", "model"), "dev": ("serve", "model", "dev")}
# What the first start would otherwise have to compile. All packages together would take 30 s, these 2.
STARTS = "gateway.app, sqlalchemy, uvicorn"
WARM = {"serve": STARTS, "dev": f"{STARTS}, litellm, sklearn.linear_model"}
SAY_EVERY = 4.0  # seconds
LOG_TAIL = 25  # lines shown when pip fails


class Failed(Exception):
    """An installation step failed; the message is for the person who asked for it."""


def main(profile: str) -> int:
    try:
        with _alone():
            _environment()
            LOG.unlink(missing_ok=True)
            _tools()
            _packages(profile)
            _project()
            _compile(profile)
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return 0


def _environment() -> None:
    if PYTHON.exists():
        trial = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        runs = subprocess.run([PYTHON, "-c", trial], capture_output=True)
        if runs.returncode == 0:
            return
        _say("the Python of .venv has gone or is too old: making it anew")
    _say(f"making .venv with Python {sys.version_info.major}.{sys.version_info.minor} ({sys.executable})")
    try:
        venv.create(VENV, clear=True, with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as failure:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Failed(f"The virtual environment {VENV} could not be made: {failure}") from failure


def _tools() -> None:
    """pip itself (the one that comes with Python takes twice as long) and what builds the project."""
    lock = _lock("build")
    with _stamp("tools", lock) as wanted:
        if wanted:
            _say("pip and the build tools")
            _pip("install", "--require-hashes", "--no-deps", "-r", lock)


def _packages(profile: str) -> None:
    locks = [_lock(name) for name in PROFILES[profile]]
    missing = [lock for lock in locks if not _fresh(lock.stem, lock)]
    if not missing:
        return
    started = time.monotonic()
    count = sum(len(_pins(lock)) for lock in missing)
    _say(f"about {count} packages from {', '.join(f'requirements/{lock.name}' for lock in missing)}")
    # The locks are complete, so nothing is left to resolve. Bytecode is made where it is needed: see _compile.
    arguments = [word for lock in missing for word in ("-r", lock)]
    _pip("install", "--require-hashes", "--no-deps", "--no-compile", *arguments)
    for lock in missing:
        _mark(lock.stem, lock)
    _say(f"packages installed in {time.monotonic() - started:.0f} s")


def _project() -> None:
    with _stamp("project", ROOT / "pyproject.toml", ROOT / "gateway/version.py") as wanted:
        if wanted:
            _say("tidegate itself, from this checkout")
            _pip("install", "--no-index", "--no-deps", "--no-build-isolation", "--editable", ROOT)


def _compile(profile: str) -> None:
    """Import what a start imports, once, so that its bytecode is there."""
    locks = [_lock(name) for name in PROFILES[profile]]
    with _stamp(f"compiled-{profile}", *locks) as wanted:
        if wanted:
            environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
            subprocess.run([PYTHON, "-c", f"import {WARM[profile]}"], cwd=ROOT, env=environment, capture_output=True)


def _pip(*arguments: str | Path) -> None:
    """Run the environment's pip; its words go to the log, every few seconds a line of our own to the screen."""
    command = [PYTHON, "-m", "pip", "--no-input", *arguments]
    found, said = 0, time.monotonic()
    with LOG.open("a", encoding="utf-8") as log:
        pip = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert pip.stdout is not None  # noqa: S101 - asked for as a pipe
        for line in pip.stdout:
            log.write(line)
            found += line.startswith(("Collecting ", "Processing "))  # from an index, or a local file
            unpacking = line.startswith("Installing ")
            if found > 1 and (unpacking or time.monotonic() - said >= SAY_EVERY):
                said = time.monotonic()
                _say(f"  {found} packages fetched" + (", unpacking" if unpacking else ""))
    if pip.wait() != 0:
        tail = "\n".join(LOG.read_text(encoding="utf-8").splitlines()[-LOG_TAIL:])
        raise Failed(f"{tail}\n\npip could not install. All it said is in {LOG}.")


def _lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def _pins(lock: Path) -> list[str]:
    return re.findall(r"^[\w.-]+==", lock.read_text(encoding="utf-8"), re.MULTILINE)


def _digest(files: tuple[Path, ...]) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _fresh(name: str, *files: Path) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text(encoding="ascii") == _digest(files)


def _mark(name: str, *files: Path) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(_digest(files), encoding="ascii")


@contextmanager
def _stamp(name: str, *files: Path) -> Iterator[bool]:
    """True if the step `name` has to be done; it is marked as done if the block raises nothing."""
    wanted = not _fresh(name, *files)
    yield wanted
    if wanted:
        _mark(name, *files)


@contextmanager
def _alone() -> Iterator[None]:
    """One installation at a time in one checkout."""
    try:
        import fcntl
    except ImportError:  # Windows: no such locks, and no make either
        yield
        return
    with Path(__file__).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another installation to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PROFILES:
        sys.exit(f"usage: {sys.argv[0]} {{{','.join(PROFILES)}}}")
    sys.exit(main(sys.argv[1]))
