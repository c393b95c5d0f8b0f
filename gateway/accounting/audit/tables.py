"""Tables of the audit, in the ledger's database. Rows are added, and removed by retention; none is ever changed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Double, Index, Table, Text

from gateway.accounting.tables import METADATA

BLOCKS: Final = Table(
    "audit_blocks",
    METADATA,
    Column("chain", Text, primary_key=True),  # WORKER@REPLICA: one life of one worker
    Column("first", BigInteger, primary_key=True, autoincrement=False),  # the lowest number of its lines
    Column("lines", Text, nullable=False),  # as in the journal, to the byte, with a line feed between them
)

ANCHORS: Final = Table(
    "audit_anchors",
    METADATA,
    # what the hash is over, in the order of the fields of `Statement`
    Column("replica", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("at", Double, nullable=False),  # seconds since the epoch
    Column("kind", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("since", Double, nullable=False),
    Column("until", Double, nullable=False),
    Column("head", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("key", Text, nullable=False),
    # of the anchor itself
    Column("hash", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

Index("audit_anchors_chain", ANCHORS.c.chain, ANCHORS.c.last)
