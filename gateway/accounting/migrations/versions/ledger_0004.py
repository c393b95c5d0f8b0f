"""What an attempt was for. All that is there answered a client, or was to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("role", sa.Text, nullable=False, server_default="answer"))


def downgrade() -> None:
    op.drop_column("attempts", "role")
