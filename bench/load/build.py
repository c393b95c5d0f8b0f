"""Builds the upstream and the load generator with gcc, when they are missing or older than their sources."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = ("upstream", "generator")


class NotBuilt(Exception):
    """No compiler, or one that refuses."""


def built(name: str, folder: Path = HERE.parent / "build") -> Path:
    """The program of `src/NAME.c`. Raises `NotBuilt`."""
    source, program = HERE / "src" / f"{name}.c", folder / name
    if program.exists() and program.stat().st_mtime >= source.stat().st_mtime:
        return program
    compiler = shutil.which("gcc")
    if compiler is None:
        raise NotBuilt("gcc is not installed (Debian: apt-get install gcc libc6-dev)")
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{name}.{os.getpid()}"  # moved into place whole: two runs may build at once
    done = subprocess.run(
        [compiler, "-std=gnu17", "-O2", "-Wall", "-o", str(fresh), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotBuilt(done.stderr)
    return fresh.replace(program)
