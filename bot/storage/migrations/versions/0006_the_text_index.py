"""The text index, filled with what is stored"""

import sqlalchemy as sa
from alembic import op

from bot.storage.text_index import fill

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ARTICLE_WORDS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE article_words USING fts5(title, text, tokenize = 'ascii')",
        (
            "CREATE TRIGGER article_words_deleted AFTER DELETE ON articles "
            "BEGIN DELETE FROM article_words WHERE rowid = old.id; END"
        ),
    ),
    "postgresql": (
        (
            "CREATE TABLE article_words ("
            "article_id BIGINT CONSTRAINT pk_article_words PRIMARY KEY "
            "CONSTRAINT fk_article_words_article_id_articles REFERENCES articles ON DELETE CASCADE, "
            "terms TSVECTOR NOT NULL)"
        ),
        "CREATE INDEX ix_article_words_terms ON article_words USING gin (terms)",
    ),
}


def upgrade() -> None:
    op.create_table(
        "words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_words")),
        sa.UniqueConstraint("word", name=op.f("uq_words_word")),
    )
    op.create_table(
        "word_keys",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "word_id", name=op.f("pk_word_keys")),
        sqlite_with_rowid=False,
    )
    for statement in ARTICLE_WORDS[op.get_bind().dialect.name]:
        op.execute(statement)
    fill(op.get_bind())
