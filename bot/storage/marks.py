"""What the bot remembers of itself, by key: digests of what it told Telegram last."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import insert
from bot.storage.schema import marks


async def mark_of(connection: AsyncConnection, key: str) -> str | None:
    query = select(marks.c.value).where(marks.c.key == key)
    return (await connection.execute(query)).scalar_one_or_none()


async def mark(tx: AsyncConnection, key: str, value: str) -> None:
    statement = insert(tx, marks).values(key=key, value=value)
    await tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
