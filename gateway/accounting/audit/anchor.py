"""Anchor: a signed statement of a replica about what it has put into the database, in a chain of its own.

One is written with every batch of records, in the same transaction, so no record stands there without one.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from sqlalchemy import Row

from gateway.accounting.audit.tables import ANCHORS

if TYPE_CHECKING:
    from gateway.accounting.audit.signer import Signer

Kind = Literal["records", "end", "cut", "pruned", "lost"]


class Statement(NamedTuple):
    """What an anchor says, by its kind.

    `records`: those from `first` to `last` of `chain` are here, none decided before `since` or after `until`; `head` is
    the last's hash. `end`: the chain ends with `last`, its worker is gone. `cut`: its records up to `last` were
    removed by retention. `pruned`: so were this replica's anchors up to `last`. `lost`: this replica remembers its
    anchor `last`, with the hash `head`, but the database does not hold it any more.
    """

    replica: str
    number: int  # from 1
    at: float  # seconds since the epoch, as are the other times
    kind: Kind
    chain: str
    first: int
    last: int
    since: float
    until: float
    head: str
    previous: str  # the hash of the anchor before it
    key: str  # the public half of the key it is signed with; empty: not signed

    @property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the fields as a JSON array without blanks."""
        return sha256(json.dumps(self, separators=(",", ":")).encode()).hexdigest()


class Anchor(NamedTuple):
    """A row of `audit_anchors`. The signature is over the hash."""

    statement: Statement
    hash: str
    signature: str


class Mark(NamedTuple):
    """A place in the chain of a replica's anchors: what is kept elsewhere, to compare with later."""

    number: int
    hash: str


_FIELDS: Final = len(Statement._fields)
COLUMNS: Final = tuple(ANCHORS.c)


def made(statement: Statement, signer: Signer | None) -> Anchor:
    """The statement, signed."""
    statement = statement._replace(key=signer.public if signer else "")
    digest = statement.hash
    return Anchor(statement, digest, signer.sign(digest) if signer else "")


def anchor_of(row: Row[Any]) -> Anchor:
    """Of a row with the columns of the table, in their order."""
    return Anchor(Statement(*row[:_FIELDS]), row[_FIELDS], row[_FIELDS + 1])


def row_of(anchor: Anchor) -> dict[str, object]:
    return anchor.statement._asdict() | {"hash": anchor.hash, "signature": anchor.signature}
