"""Figures of polls, written straight into their table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import polls


async def count_polls(
    tx: AsyncConnection,
    feed_id: str,
    at: datetime,
    *,
    made: int = 0,
    failed: int = 0,
    unchanged: int = 0,
    new_articles: int = 0,
) -> None:
    """What was counted for the feed on that day."""
    row = {"made": made, "failed": failed, "unchanged": unchanged, "new_articles": new_articles}
    await tx.execute(insert(polls).values(feed_id=feed_id, day=at.date(), **row))
