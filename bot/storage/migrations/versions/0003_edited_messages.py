"""What edits of messages need to know"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("messages", sa.Column("shown", sa.String(length=32), nullable=True))
    op.add_column("messages", sa.Column("edit_why", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("retitled_at", TIME, nullable=True))
    op.add_column("articles", sa.Column("withdrawn_at", TIME, nullable=True))
