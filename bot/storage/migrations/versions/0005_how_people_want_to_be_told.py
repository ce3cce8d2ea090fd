"""How people want to be told: preferences, mutes, questions; what a bot remembers of itself"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rings", sa.String(length=8), nullable=False),
        sa.Column("quiet_begin", sa.String(length=5), nullable=True),
        sa.Column("quiet_end", sa.String(length=5), nullable=True),
        sa.Column("quiet_mode", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=8), nullable=False),
        sa.Column("digest_at", sa.String(length=5), nullable=False),
        sa.Column("demand", sa.String(length=8), nullable=False),
        sa.Column("ring_at_outlets", sa.Integer(), nullable=True),
        sa.Column("next_digest_at", TIME, nullable=True),
        sa.Column("last_digest_at", TIME, nullable=True),
        sa.Column("sign_due_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("chat_id", "topic_id", name=op.f("pk_preferences")),
    )
    op.create_index(op.f("ix_preferences_next_digest_at"), "preferences", ["next_digest_at"])
    op.create_index(op.f("ix_preferences_sign_due_at"), "preferences", ["sign_due_at"])
    op.create_table(
        "mutes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("identity", sa.Text(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_mutes_story_id_stories"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index(op.f("ix_mutes_chat_id_topic_id"), "mutes", ["chat_id", "topic_id"])
    op.create_index(op.f("ix_mutes_ended_at"), "mutes", ["ended_at"])
    op.create_index(op.f("ix_mutes_story_id"), "mutes", ["story_id"])
    op.create_table(
        "questions",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.String(length=24), nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_questions")),
    )
    op.create_index(op.f("ix_questions_asked_at"), "questions", ["asked_at"])
    op.create_table(
        "marks",
        sa.Column("key", sa.String(length=48), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_marks")),
    )
    op.add_column("invites", sa.Column("revoked_at", TIME, nullable=True))
    op.add_column("verdicts", sa.Column("promoted_at", TIME, nullable=True))
    op.add_column("verdicts", sa.Column("promoted_by", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.add_column(sa.Column("silent", sa.Boolean(), server_default=sa.false(), nullable=False))
        deliveries.add_column(
            sa.Column("mute_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        deliveries.create_foreign_key(
            op.f("fk_deliveries_mute_id_mutes"), "mutes", ["mute_id"], ["id"], ondelete="SET NULL"
        )
        deliveries.create_index(op.f("ix_deliveries_mute_id"), ["mute_id"])
