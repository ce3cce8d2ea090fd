"""Who follows what: a chat or one topic of it × a watchlist or its own personal names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Priority, Scope, Target
from bot.storage.chats import ACTIVE
from bot.storage.database import insert
from bot.storage.schema import chats, subscriptions


async def subscribe(tx: AsyncConnection, target: Target, scope: Scope, now: datetime, made_by: int | None) -> bool:
    """Follow `scope` here; False when it was followed already. The chat must be known (`save_chat`).

    Whoever asks last is counted on from now on (`storage/access.py`): the first one may have no access any more.
    """
    row = {
        "chat_id": target.chat_id,
        "topic_id": target.topic_id,
        "scope": scope,
        "options": {},
        "since": now,
        "made_by": made_by,
    }
    once = insert(tx, subscriptions).values(row).on_conflict_do_nothing()
    if (await tx.execute(once.returning(subscriptions.c.id))).first() is not None:
        return True
    if made_by is not None:
        this = (_of(target), subscriptions.c.scope == scope)
        await tx.execute(update(subscriptions).where(*this).values(made_by=made_by))
    return False


async def unsubscribe(tx: AsyncConnection, target: Target, scope: Scope) -> bool:
    """Stop following; False when it was not followed."""
    done = await tx.execute(delete(subscriptions).where(_of(target), subscriptions.c.scope == scope))
    return done.rowcount > 0


async def unsubscribe_all(tx: AsyncConnection, target: Target) -> None:
    """Stop following anything here."""
    await tx.execute(delete(subscriptions).where(_of(target)))


async def scopes_followed(connection: AsyncConnection, target: Target) -> list[Scope]:
    """What is followed here, oldest first."""
    query = select(subscriptions.c.scope).where(_of(target)).order_by(subscriptions.c.id)
    return [Scope(scope) for scope in (await connection.execute(query)).scalars()]


async def priorities_of(connection: AsyncConnection, target: Target) -> dict[tuple[Scope, str], Priority]:
    """(scope, name id) → the urgency that this target gave to the name, where it gave one."""
    query = select(subscriptions.c.scope, subscriptions.c.options).where(_of(target))
    return {
        (Scope(row.scope), name_id): Priority(value)
        for row in await connection.execute(query)
        for name_id, value in row.options.get("priorities", {}).items()
    }


async def set_priority(tx: AsyncConnection, target: Target, scope: Scope, name_id: str, priority: Priority) -> bool:
    """How loudly this target wants to hear of one name; False when its scope is not followed here."""
    mine = _of(target) & (subscriptions.c.scope == scope)
    row = (await tx.execute(select(subscriptions).where(mine).with_for_update())).one_or_none()
    if row is None:
        return False
    priorities = {**row.options.get("priorities", {}), name_id: priority.value}
    options = {**row.options, "priorities": priorities}
    await tx.execute(update(subscriptions).where(mine).values(options=options))
    return True


async def makers_of(connection: AsyncConnection, chat_id: int) -> list[int]:
    """Who set up what a group or channel follows, and may be written to in private, as far as we know."""
    private = chats.alias("private")
    query = (
        select(subscriptions.c.made_by)
        .outerjoin(private, private.c.chat_id == subscriptions.c.made_by)
        .where(
            subscriptions.c.chat_id == chat_id,
            subscriptions.c.made_by != chat_id,
            or_(private.c.state.is_(None), private.c.state == ACTIVE),
        )
        .distinct()
        .order_by(subscriptions.c.made_by)
    )
    return [int(each) for each in (await connection.execute(query)).scalars()]


def _of(target: Target) -> ColumnElement[bool]:
    return (subscriptions.c.chat_id == target.chat_id) & (subscriptions.c.topic_id == target.topic_id)
