"""What Telegram handed us: stored before it is confirmed, so that a crash loses no command.

The text of an update is forgotten once it is done; its id is kept for a week so that it is never handled twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import insert
from bot.storage.schema import updates

NEW = "new"
DONE = "done"
FAILED = "failed"
KEPT = timedelta(days=7)
"""Telegram itself keeps an update for a day."""


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    id: int
    payload: str
    """JSON as Telegram sent it."""


async def store_updates(tx: AsyncConnection, received: Sequence[StoredUpdate], now: datetime) -> list[StoredUpdate]:
    """Store what is not known yet, and return it."""
    fresh = []
    for each in received:
        row = {"update_id": each.id, "payload": each.payload, "state": NEW, "received_at": now}
        once = insert(tx, updates).values(row).on_conflict_do_nothing()
        if (await tx.execute(once.returning(updates.c.update_id))).first():
            fresh.append(each)
    return fresh


async def waiting_updates(connection: AsyncConnection) -> list[StoredUpdate]:
    """What a stop or crash left undone, in order of arrival."""
    query = select(updates).where(updates.c.state == NEW).order_by(updates.c.received_at, updates.c.update_id)
    return [StoredUpdate(row.update_id, row.payload) for row in await connection.execute(query)]


async def finish_update(tx: AsyncConnection, update_id: int, *, failed: bool = False) -> None:
    values = {"state": FAILED} if failed else {"state": DONE, "payload": ""}
    await tx.execute(update(updates).where(updates.c.update_id == update_id).values(values))


async def prune_updates(tx: AsyncConnection, now: datetime) -> None:
    old = updates.c.received_at < now - KEPT
    await tx.execute(delete(updates).where(old, updates.c.state != NEW))
