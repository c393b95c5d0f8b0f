"""The generated key: made once for a configuration without keys, and kept in the state directory."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from gateway.access.keys import generate_key
from gateway.config.problems import ConfigurationError, Problem
from gateway.config.settings import GENERATED

FILE_NAME = "generated.key"
KEY_NAME = GENERATED
_MAX_BYTES = 256
_KEY = re.compile(r"tg-[A-Za-z0-9]{32,128}\Z")


def generated_key(state_directory: Path) -> str:
    """The key kept in `state_directory`, made at the first call (directory 0700, file 0600).

    Raises `ConfigurationError` if the file is open to others, is no key, or cannot be read or written.
    """
    path = state_directory / FILE_NAME
    try:
        state_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _read(path)
        except FileNotFoundError:
            return _write(path, generate_key())
    except OSError as error:
        raise _problem(path, f"cannot be used: {error.strerror or type(error).__name__}", "check `state`") from None


def _write(path: Path, key: str) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:  # another gateway was faster
        return _read(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & 0o077:
            raise _problem(
                path, f"others may read or change it (mode {mode:04o})", f"chmod 600 {path}, or delete it for a new key"
            )
        key = file.read(_MAX_BYTES).decode("ascii", "replace").strip()
    if not _KEY.match(key):  # a write cut short leaves less than a key
        raise _problem(path, "holds no key", "delete it, and the next start makes a new one")
    return key


def _problem(path: Path, message: str, remedy: str) -> ConfigurationError:
    return ConfigurationError([Problem(str(path), None, None, "", message, remedy)])
