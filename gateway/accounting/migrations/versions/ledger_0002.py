"""The tables of the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    op.create_table(
        "audit_records",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_anchors",
        sa.Column("replica", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("at", "since", "until")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("first", "last")),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("kind", "chain", "head", "previous", "key", "hash", "signature")
        ),
    )
    op.create_index("audit_anchors_chain", "audit_anchors", ["chain", "last"])


def downgrade() -> None:
    op.drop_table("audit_anchors")
    op.drop_table("audit_records")
