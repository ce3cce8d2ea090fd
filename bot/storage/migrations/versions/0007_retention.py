"""What retention keeps of the forgotten, and finds by index"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ALONE = sa.text("article_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "past_deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_deliveries")),
    )
    op.create_index(op.f("ix_past_deliveries_created_at"), "past_deliveries", ["created_at"])
    op.create_index(op.f("ix_past_deliveries_chat_id_topic_id"), "past_deliveries", ["chat_id", "topic_id"])
    op.add_column("verdicts", sa.Column("url", sa.Text(), nullable=True))
    op.create_index(op.f("ix_articles_seen_at"), "articles", ["seen_at"])
    op.create_index(op.f("ix_stories_follows_id"), "stories", ["follows_id"])
    op.create_index(op.f("ix_told_story_id"), "told", ["story_id"])
    op.create_index(
        "ix_identities_listed_at_alone", "identities", ["listed_at"], sqlite_where=ALONE, postgresql_where=ALONE
    )
