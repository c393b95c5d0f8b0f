"""Rows of JSON Lines, as the commands that take files of them read them: plain or gzip, errors with file and line."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any, cast

import orjson

from router.content import Content, content_of_messages, content_of_text

STANDARD = "-"  # standard input or output in place of a file
BODIES = ("prompt", "messages", "text")
_MOST = 1_000_000  # dollars or seconds that one answer can take


class RowError(Exception):
    """A row, or the file it should be in, cannot be used. The message begins with the file and, if any, the line."""


@dataclass(frozen=True, slots=True)
class Row:
    """One parsed line; `where` is `file:line` for messages."""

    where: str
    fields: dict[str, Any]

    def error(self, text: str) -> RowError:
        return RowError(f"{self.where}: {text}")

    def content(self) -> Content:
        """What the row asks a model: exactly one of `prompt`, `text` (strings) and `messages` (an array)."""
        given = [name for name in BODIES if name in self.fields]
        if len(given) != 1:
            found = " and ".join(f"'{name}'" for name in given) or "none of them"
            raise self.error(f"needs exactly one of 'prompt', 'messages' and 'text', has {found}")
        value = self.fields[given[0]]
        if given[0] == "messages":
            if not isinstance(value, list) or not all(isinstance(message, dict) for message in value):
                raise self.error("'messages' must be an array of objects")
            return content_of_messages(value)
        if not isinstance(value, str):
            raise self.error(f"'{given[0]}' must be a string")
        return content_of_text(value)

    def share(self, name: str) -> float:
        """A score between 0 and 1; true and false count as 1 and 0."""
        value = self.fields.get(name)
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            problem = "is missing" if name not in self.fields else "must be a number from 0 to 1"
            raise self.error(f"'{name}' {problem}")
        return float(value)

    def amount(self, name: str) -> Decimal | None:
        """Dollars or seconds, as they are written: a number, or a text that is one. None: left out, or null."""
        value = self.fields.get(name)
        if value is None:
            return None
        try:
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise InvalidOperation
            amount = Decimal(str(value))
        except InvalidOperation:
            raise self.error(f"'{name}' must be a number, or a text that is one") from None
        if not amount.is_finite() or not 0 <= amount <= _MOST:
            raise self.error(f"'{name}' must be from 0 to {_MOST}")
        return amount


def rows(name: str) -> Iterator[Row]:
    """The rows of a file (`-`: standard input; `.gz`: gzip), one at a time; blank lines are skipped."""
    shown = "standard input" if name == STANDARD else name
    try:
        with _reader(name) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _row(line, f"{shown}:{number}")
    except (OSError, EOFError) as error:
        raise RowError(f"{shown}: {getattr(error, 'strerror', None) or error}") from error


def _row(line: bytes, where: str) -> Row:
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise RowError(f"{where}: not JSON: {error.msg} (column {error.colno})") from error
    if not isinstance(fields, dict):
        raise RowError(f"{where}: a row must be a JSON object")
    return Row(where, fields)


def _reader(name: str) -> AbstractContextManager[IO[bytes]]:
    if name == STANDARD:
        return _kept_open(sys.stdin.buffer)
    if name.endswith(".gz"):
        return cast(AbstractContextManager[IO[bytes]], gzip.open(name, "rb"))
    return Path(name).open("rb")


def writer(name: str) -> AbstractContextManager[IO[bytes]]:
    """Where rows are written to: a file, a gzip file, or standard output. Raises `OSError`."""
    if name == STANDARD:
        return _kept_open(sys.stdout.buffer)
    if name.endswith(".gz"):
        return cast(AbstractContextManager[IO[bytes]], gzip.open(name, "wb"))
    return Path(name).open("wb")


@contextmanager
def _kept_open(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """A standard stream is flushed, not closed, whatever happens."""
    try:
        yield stream
    finally:
        stream.flush()
