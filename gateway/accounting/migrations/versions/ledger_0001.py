"""The first tables: attempts, those under way, and journal positions.

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
            for name in ("request_id", "key", "team", "route", "deployment", "zone", "model", "clearance", "reason",
                         "cache")
        ),
        *(sa.Column(name, sa.Double) for name in ("at", "difficulty", "latency", "first_token")),
        *(
            sa.Column(name, sa.BigInteger)
            for name in ("prompt_estimate", "prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens",
                         "written_tokens", "audio_prompt_tokens", "audio_completion_tokens")
        ),
        sa.Column("settled_at", sa.Double, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("findings", findings),
        sa.Column("estimated", sa.Boolean),
        sa.Column("streamed", sa.Boolean),
        sa.Column("cost", money),
        sa.Column("counterfactual", money),
    )  # fmt: skip
    op.create_index("attempts_settled_at", "attempts", ["settled_at"])
    op.create_table(
        "attempts_under_way",
        sa.Column("attempt_id", sa.Text, primary_key=True),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
    )
    op.create_table(
        "journal_positions",
        sa.Column("file", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("journal_positions")
    op.drop_table("attempts_under_way")
    op.drop_table("attempts")
