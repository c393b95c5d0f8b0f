"""Chain: ties each audited line of a worker's journal to all that the worker wrote before it.

A sealed line is `RECORD TAB NUMBER BLANK HASH`. Numbers count from 1 in each life of a worker, without a gap. A hash
is SHA-256 in hexadecimal over the hash before it, as its 64 characters, and then the record as it stands in the line;
that of the first record follows on `first_hash`. So anyone can repeat it with `sha256sum`, and nobody needs a secret.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

_EMPTY: Final = sha256()  # copied: to begin a new one costs twice as much


def first_hash(name: str) -> str:
    """What the first record of a worker's life follows on, and the first anchor of a replica."""
    return sha256(b"tidegate audit " + name.encode()).hexdigest()


def hash_after(before: str, record: str) -> str:
    """The hash of a record that follows on `before`."""
    return sha256(before.encode() + record.encode()).hexdigest()


class Chain:
    """The chain that one worker writes. A seal counts only once its line is `written`."""

    __slots__ = ("_head", "_next", "number")

    def __init__(self, worker: str) -> None:
        self.number = 0  # of the last record that was written
        self._head = first_hash(worker).encode()
        self._next = b""

    def seal(self, record: bytearray) -> bytes:
        """What follows the record in its line, with the line feed."""
        state = _EMPTY.copy()
        state.update(self._head)
        state.update(record)
        self._next = head = state.hexdigest().encode()
        return b"\t%d %b\n" % (self.number + 1, head)

    def written(self) -> None:
        """The line that was sealed last is in the journal."""
        self.number += 1
        self._head = self._next
