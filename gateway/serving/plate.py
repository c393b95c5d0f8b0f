"""The plate at the door: a file in the state directory that says which process is the gateway's parent, so that
`tidegate restart` finds it, and how it went when its workers were last replaced.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

import orjson

NAME: Final = "serve.json"


class Said(NamedTuple):
    """`times`: how often workers were to be replaced; `text` and `failed`: how it went the last time."""

    pid: int
    times: int = 0
    text: str = ""
    failed: bool = False


class Plate:
    """Of the gateway with this state directory. The one that was put up last counts."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / NAME
        self._said = Said(os.getpid())

    def put_up(self) -> None:
        self._write()

    def replaced(self, text: str, *, failed: bool) -> None:
        self._said = Said(self._said.pid, self._said.times + 1, text, failed)
        self._write()

    def take_down(self) -> None:
        found = read(self._file.parent)
        if found is not None and found.pid == self._said.pid:
            self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        new = self._file.with_suffix(f".{self._said.pid}")
        new.write_bytes(orjson.dumps(self._said._asdict()))
        new.replace(self._file)


def read(directory: Path) -> Said | None:
    """None where no gateway says that it runs with this state directory."""
    try:
        return Said(**orjson.loads((directory / NAME).read_bytes()))
    except (OSError, orjson.JSONDecodeError, TypeError):
        return None


def is_running(said: Said) -> bool:
    """Whether the process is there, and a gateway: one that was killed takes nothing down, and numbers come again."""
    try:
        os.kill(said.pid, 0)
    except OSError:
        return False
    words = Path(f"/proc/{said.pid}/cmdline")
    try:
        return b"serve" in words.read_bytes().split(b"\0")
    except OSError:  # no Linux: what can be known is known
        return True
