"""The first tables: attempts and journal positions.

Written out, not taken from `tables.py`: a migration must go on doing what it did.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    money = sa.Numeric(24, 12).with_variant(sa.Text(), "sqlite")
    findings = sa.JSON().with_variant(JSONB(), "postgresql")
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text)
            for name in ("worker", "request_id", "key", "team", "route", "deployment", "zone", "model", "clearance",
                         "reason", "outcome", "cache")
        ),
        *(sa.Column(name, sa.Double) for name in ("at", "difficulty", "settled_at", "latency", "first_token")),
        *(
            sa.Column(name, sa.BigInteger)
            for name in ("prompt_estimate", "prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens",
                         "written_tokens", "audio_prompt_tokens", "audio_completion_tokens")
        ),
        sa.Column("status", sa.Integer),
        sa.Column("findings", findings),
        sa.Column("estimated", sa.Boolean),
        sa.Column("streamed", sa.Boolean),
        sa.Column("cost", money),
        sa.Column("counterfactual", money),
    )  # fmt: skip
    op.create_index("attempts_settled_at", "attempts", ["settled_at"])
    op.create_index("attempts_request_id", "attempts", ["request_id"])
    still_open = sa.text("outcome IS NULL")
    op.create_index("attempts_open", "attempts", ["worker"], postgresql_where=still_open, sqlite_where=still_open)
    op.create_table(
        "journal_positions",
        sa.Column("file", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("journal_positions")
    op.drop_table("attempts")
