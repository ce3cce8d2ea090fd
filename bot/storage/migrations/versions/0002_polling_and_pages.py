"""What polling, notices and article pages keep"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False)


def upgrade() -> None:
    for column in (
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("noticed", sa.String(length=16), nullable=True),
        sa.Column("usual_gap_s", sa.Float(), nullable=True),
        sa.Column("newest_at", TIME, nullable=True),
        sa.Column("hints", sa.JSON(), nullable=True),
        sa.Column("traits", sa.JSON(), nullable=True),
        sa.Column("read_at", TIME, nullable=True),
        sa.Column("faultless", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("feeds", column)
    for column in (
        sa.Column("page_text", sa.Text(), nullable=True),
        sa.Column("page_due_at", TIME, nullable=True),
        sa.Column("page_reads", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("articles", column)
    op.create_index(op.f("ix_articles_page_due_at"), "articles", ["page_due_at"])
    op.add_column("identities", sa.Column("item", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_identities_feed_id_item"), "identities", ["feed_id", "item"])
    op.add_column("deliveries", sa.Column("bundle", sa.String(length=32), nullable=True))
    op.create_table(
        "gaps",
        _id(),
        sa.Column("feed_id", sa.String(length=64), nullable=False),
        sa.Column("begin_at", TIME, nullable=False),
        sa.Column("end_at", TIME, nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_gaps_feed_id_feeds"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_feed_id_end_at"), "gaps", ["feed_id", "end_at"])
    op.create_table(
        "notices",
        _id(),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("feed_id", sa.String(length=64), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("told_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_notices_feed_id_feeds"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_told_at"), "notices", ["told_at"])
