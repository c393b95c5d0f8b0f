"""Secret file: a key that is made once and kept in the state directory, where only its owner may read it."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from gateway.config.problems import ConfigurationError, Problem

_SECRET = re.compile(r"[0-9a-f]{64}")
_MAX_BYTES = 256


def kept_key(path: Path, make: Callable[[], str], shape: re.Pattern[str]) -> str:
    """The key kept in `path`, made at the first call (directory 0700, file 0600). `shape` matches a whole key.

    Raises `ConfigurationError` if the file is open to others, is no key, or cannot be read or written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _read(path, shape)
        except FileNotFoundError:
            return _write(path, make(), shape)
    except OSError as error:
        raise _problem(path, f"cannot be used: {error.strerror or type(error).__name__}", "check `state`") from None


def kept_secret(path: Path) -> str:
    """The same for 32 random bytes, in hexadecimal, that keys are made from."""
    return kept_key(path, lambda: secrets.token_hex(32), _SECRET)


def _write(path: Path, key: str, shape: re.Pattern[str]) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:  # another gateway was faster
        return _read(path, shape)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path, shape: re.Pattern[str]) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & 0o077:
            raise _problem(
                path, f"others may read or change it (mode {mode:04o})", f"chmod 600 {path}, or delete it for a new key"
            )
        key = file.read(_MAX_BYTES).decode("ascii", "replace").strip()
    if not shape.fullmatch(key):  # a write cut short leaves less than a key
        raise _problem(path, "holds no key", "delete it, and the next start makes a new one")
    return key


def _problem(path: Path, message: str, remedy: str) -> ConfigurationError:
    return ConfigurationError([Problem(str(path), None, None, "", message, remedy)])
