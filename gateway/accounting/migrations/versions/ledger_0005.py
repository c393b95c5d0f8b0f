"""Whose journal it was in, tags, what was held for it, and more kinds of tokens. Of what is there nobody knows them."""

import sqlalchemy as sa
from alembic import op

from gateway.accounting.tables import Money, Texts

revision = "0005"
down_revision: str | None = "0004"

_COLUMNS = (
    ("worker", sa.Text),
    ("tags", Texts),
    ("held", Money),
    ("image_prompt_tokens", sa.BigInteger),
    ("image_completion_tokens", sa.BigInteger),
    ("written_hour_tokens", sa.BigInteger),
    ("searches", sa.BigInteger),
    ("tier", sa.Text),
)


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("attempts", sa.Column(name, kind))
    op.create_index("attempts_at", "attempts", ["at"])


def downgrade() -> None:
    op.drop_index("attempts_at", "attempts")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("attempts", name)
