"""What the people who run the bot are to be told: written with the event, told later from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Target
from bot.storage.database import insert
from bot.storage.schema import feeds, notices

KEPT_FOR = timedelta(days=30)
"""What was told, for those who look into the table."""
STALE_AFTER = timedelta(days=2)
"""What nobody could be told by then is history: `guetteur feeds list` and `guetteur coverage` show what still holds."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` names the text `notice.KIND`, `values` fill it in (plain text, times in ISO 8601)."""

    id: int
    kind: str
    feed_id: str | None
    feed_title: str
    values: Mapping[str, str]
    target: Target | None = None
    """The one chat it is for; None: for those who run the bot."""


async def add_notice(
    tx: AsyncConnection, kind: str, now: datetime, *, feed_id: str | None = None, **values: str
) -> None:
    """For those who run the bot."""
    row = {"kind": kind, "feed_id": feed_id, "values": values, "created_at": now}
    await tx.execute(insert(tx, notices).values(row))


async def add_chat_notice(tx: AsyncConnection, kind: str, now: datetime, target: Target, **values: str) -> None:
    """For one chat or topic."""
    where = {"chat_id": target.chat_id, "topic_id": target.topic_id}
    await tx.execute(insert(tx, notices).values({"kind": kind, "values": values, "created_at": now} | where))


async def waiting_notices(connection: AsyncConnection, limit: int) -> list[Notice]:
    """Those nobody was told yet, oldest first."""
    query = _titled().where(notices.c.told_at.is_(None)).order_by(notices.c.id).limit(limit)
    return [_notice(row) for row in await connection.execute(query)]


async def last_notice(connection: AsyncConnection, kinds: Sequence[str]) -> Notice | None:
    """The newest of these kinds, told or not."""
    query = _titled().where(notices.c.kind.in_(kinds)).order_by(notices.c.id.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return _notice(row) if row else None


def _titled() -> Select[Any]:
    return select(notices, feeds.c.title).select_from(notices.outerjoin(feeds))


def _notice(row: Row[Any]) -> Notice:
    target = None if row.chat_id is None else Target(row.chat_id, row.topic_id or 0)
    return Notice(row.id, row.kind, row.feed_id, row.title or row.feed_id or "", row.values, target)


async def mark_told(tx: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    await tx.execute(update(notices).where(notices.c.id.in_(ids)).values(told_at=now))


async def withdraw(tx: AsyncConnection, kind: str) -> None:
    """Notices of this kind that were not told are past."""
    await tx.execute(delete(notices).where(notices.c.kind == kind, notices.c.told_at.is_(None)))


async def withdraw_from(tx: AsyncConnection, chat_id: int) -> None:
    """What this chat was not told yet, it is not to be told."""
    await tx.execute(delete(notices).where(notices.c.chat_id == chat_id, notices.c.told_at.is_(None)))


async def tidy(tx: AsyncConnection, now: datetime) -> None:
    """Forget what was told long ago, and what nobody could be told in time."""
    long_told = notices.c.told_at < now - KEPT_FOR
    stale = notices.c.told_at.is_(None) & (notices.c.created_at < now - STALE_AFTER)
    await tx.execute(delete(notices).where(long_told | stale))
