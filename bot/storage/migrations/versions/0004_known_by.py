"""By what an article was known again"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identities", sa.Column("known_by", sa.String(length=8), nullable=True))
