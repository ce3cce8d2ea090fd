"""Chats that come back: since when one is paused, when it is looked at again, and which topics are closed"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("chats", sa.Column("paused_at", TIME, nullable=True))
    op.add_column("chats", sa.Column("recheck_at", TIME, nullable=True))
    op.create_index(op.f("ix_chats_recheck_at"), "chats", ["recheck_at"])
    op.create_table(
        "closed_topics",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "topic_id", name=op.f("pk_closed_topics")),
    )
