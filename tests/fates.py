"""What became of the deliveries, counted."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.storage.database import Database
from bot.storage.schema import deliveries


async def fates(database: Database) -> dict[str, int]:
    """How many deliveries are in each state."""
    query = select(deliveries.c.state, func.count().label("number")).group_by(deliveries.c.state)
    async with database.read() as connection:
        return {row.state: row.number for row in await connection.execute(query)}
