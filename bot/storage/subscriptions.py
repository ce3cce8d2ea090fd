"""Who follows what: a chat or one topic of it × a watchlist or its own personal names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import CONSOLE, Scope, Target
from bot.storage.chats import ACTIVE
from bot.storage.database import insert
from bot.storage.schema import chats, subscriptions, watched_names


async def subscribe(tx: AsyncConnection, target: Target, scope: Scope, now: datetime, made_by: int | None) -> bool:
    """Follow `scope` here; False when it was followed already. The chat must be known (`save_chat`)."""
    row = {
        "chat_id": target.chat_id,
        "topic_id": target.topic_id,
        "scope": scope,
        "options": {},
        "since": now,
        "made_by": made_by,
    }
    once = insert(tx, subscriptions).values(row).on_conflict_do_nothing()
    return (await tx.execute(once.returning(subscriptions.c.id))).first() is not None


async def unsubscribe(tx: AsyncConnection, target: Target, scope: Scope) -> bool:
    """Stop following; False when it was not followed."""
    mine = (subscriptions.c.chat_id == target.chat_id) & (subscriptions.c.topic_id == target.topic_id)
    done = await tx.execute(delete(subscriptions).where(mine, subscriptions.c.scope == scope))
    return done.rowcount > 0


async def followers(connection: AsyncConnection, scope: Scope) -> list[Target]:
    """Where the scope is followed, in chats that can be reached."""
    query = select(subscriptions).join(chats).where(subscriptions.c.scope == scope, chats.c.state == ACTIVE)
    rows = await connection.execute(query.order_by(subscriptions.c.id))
    return [Target(row.chat_id, row.topic_id) for row in rows]


async def scopes_followed(connection: AsyncConnection, target: Target) -> list[Scope]:
    """What is followed here, oldest first."""
    mine = (subscriptions.c.chat_id == target.chat_id) & (subscriptions.c.topic_id == target.topic_id)
    query = select(subscriptions.c.scope).where(mine).order_by(subscriptions.c.id)
    return [Scope(scope) for scope in (await connection.execute(query)).scalars()]


async def count_names_followed(connection: AsyncConnection, target: Target) -> int:
    """How many names are looked for on behalf of this target."""
    query = select(func.count()).where(watched_names.c.scope.in_(await scopes_followed(connection, target)))
    return int((await connection.execute(query)).scalar_one())


async def every_target(connection: AsyncConnection) -> list[Target]:
    """Everybody who follows something in a chat that can be reached, the console apart."""
    query = (
        select(subscriptions.c.chat_id, subscriptions.c.topic_id)
        .join(chats, chats.c.chat_id == subscriptions.c.chat_id)
        .where(chats.c.state == ACTIVE, subscriptions.c.chat_id != CONSOLE.chat_id)
        .distinct()
    )
    return [Target(row.chat_id, row.topic_id) for row in await connection.execute(query)]
