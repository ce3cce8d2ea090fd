"""What a test finds in the table of articles."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import StoredArticle
from bot.storage.articles import stored_article
from bot.storage.schema import articles


async def stored_articles(connection: AsyncConnection) -> list[StoredArticle]:
    """The last stored first."""
    rows = await connection.execute(select(articles).order_by(articles.c.id.desc()))
    return [stored_article(row) for row in rows]
