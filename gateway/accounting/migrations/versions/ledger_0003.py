"""The audit's records in blocks: many lines of a journal in a row, instead of a row for each.

What is there becomes a block for each record: it is carried over as it is, whatever was done to it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"

RECORDS = sa.table(
    "audit_records",
    sa.column("chain", sa.Text),
    sa.column("number", sa.BigInteger),
    sa.column("hash", sa.Text),
    sa.column("record", sa.Text),
)
BLOCKS = sa.table(
    "audit_blocks", sa.column("chain", sa.Text), sa.column("first", sa.BigInteger), sa.column("lines", sa.Text)
)


def upgrade() -> None:
    op.create_table(
        "audit_blocks",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("lines", sa.Text, nullable=False),
    )
    line = RECORDS.c.record + "\t" + sa.cast(RECORDS.c.number, sa.Text) + " " + RECORDS.c.hash
    carried = sa.select(RECORDS.c.chain, RECORDS.c.number, line)
    op.execute(sa.insert(BLOCKS).from_select(["chain", "first", "lines"], carried))
    op.drop_table("audit_records")


def downgrade() -> None:
    op.create_table(
        "audit_records",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    for chain, lines in connection.execute(sa.select(BLOCKS.c.chain, BLOCKS.c.lines)):
        for line in lines.split("\n"):
            record, _, place = line.partition("\t")
            number, _, digest = place.partition(" ")
            row = {"chain": chain, "number": int(number), "hash": digest, "record": record}
            connection.execute(sa.insert(RECORDS), row)
    op.drop_table("audit_blocks")
