"""What edits of messages need to know"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("shown", sa.String(length=32), nullable=True),
        sa.Column("edit_why", sa.Text(), nullable=True),
    ):
        op.add_column("messages", column)
    for column in (
        sa.Column("retitled_at", TIME, nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
    ):
        op.add_column("articles", column)
