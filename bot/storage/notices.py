"""What the people who run the bot are to be told: written with the event, told later from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import insert
from bot.storage.schema import feeds, notices


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` names the text `notice.KIND`, `values` fill it in (plain text, times in ISO 8601)."""

    id: int
    kind: str
    feed_id: str | None
    feed_title: str
    values: Mapping[str, str]


async def add_notice(
    tx: AsyncConnection, kind: str, now: datetime, *, feed_id: str | None = None, **values: str
) -> None:
    row = {"kind": kind, "feed_id": feed_id, "values": values, "created_at": now}
    await tx.execute(insert(tx, notices).values(row))


async def waiting_notices(connection: AsyncConnection, limit: int) -> list[Notice]:
    """Those nobody was told yet, oldest first."""
    query = (
        select(notices, feeds.c.title)
        .select_from(notices.outerjoin(feeds))
        .where(notices.c.told_at.is_(None))
        .order_by(notices.c.id)
        .limit(limit)
    )
    rows = await connection.execute(query)
    return [Notice(row.id, row.kind, row.feed_id, row.title or row.feed_id or "", row.values) for row in rows]


async def mark_told(tx: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    await tx.execute(update(notices).where(notices.c.id.in_(ids)).values(told_at=now))


async def withdraw(tx: AsyncConnection, kind: str) -> None:
    """Notices of this kind that were not told are past."""
    await tx.execute(delete(notices).where(notices.c.kind == kind, notices.c.told_at.is_(None)))
