"""Notices that are for one chat: a watchlist that it follows vanished, or is back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("chat_id", sa.BigInteger(), nullable=True))
    op.add_column("notices", sa.Column("topic_id", sa.BigInteger(), nullable=True))
