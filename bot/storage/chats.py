"""Chats: who can be reached, in which language, and where a group went when Telegram gave it a new id.

A row means that somebody with access uses the bot in this chat; strangers leave none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, case, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Scope, Target
from bot.storage.database import insert
from bot.storage.schema import (
    chats,
    closed_topics,
    deliveries,
    matches,
    messages,
    mutes,
    past_deliveries,
    preferences,
    questions,
    subscriptions,
    told,
    verdicts,
    watched_names,
)

ACTIVE = "active"
PAUSED = "paused"
GONE = "gone"
MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Chat:
    id: int
    type: str
    """`private`, `group`, `supergroup`, `channel` or `console`."""
    title: str
    state: str = ACTIVE
    state_reason: str | None = None
    language: str | None = None
    timezone: str | None = None
    paused_at: datetime | None = None


_REACHED: dict[str, Any] = {"paused_at": None, "recheck_at": None}


async def chat_of(connection: AsyncConnection, chat_id: int) -> Chat | None:
    row = (await connection.execute(select(chats).where(chats.c.chat_id == chat_id))).one_or_none()
    return _chat(row) if row else None


async def hold_chat(tx: AsyncConnection, chat_id: int) -> bool:
    """Whether the chat is known. It stays so until the transaction ends: on PostgreSQL, who forgets it waits."""
    query = select(chats.c.chat_id).where(chats.c.chat_id == chat_id).with_for_update(read=True, key_share=True)
    return (await tx.execute(query)).first() is not None


async def save_chat(tx: AsyncConnection, chat: Chat, now: datetime) -> None:
    """Somebody uses the bot here: the chat is known and can be reached. Language and zone are kept where set."""
    row: dict[str, Any] = {
        "chat_id": chat.id,
        "type": chat.type,
        "title": chat.title,
        "state": ACTIVE,
        "state_reason": None,
        "language": chat.language,
        "timezone": chat.timezone,
        "since": now,
    }
    renewed = {key: row[key] for key in ("type", "title", "state", "state_reason")} | _REACHED
    statement = insert(tx, chats).values(row)
    # A late update of a group that moved must not revive the old id.
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["chat_id"], set_=renewed, where=chats.c.state != MOVED)
    )


async def set_language(tx: AsyncConnection, chat_id: int, language: str) -> None:
    await tx.execute(update(chats).where(chats.c.chat_id == chat_id).values(language=language))


async def set_timezone(tx: AsyncConnection, chat_id: int, zone: str) -> None:
    await tx.execute(update(chats).where(chats.c.chat_id == chat_id).values(timezone=zone))


async def pause_chat(
    tx: AsyncConnection, chat_id: int, why: str, now: datetime | None = None, *, recheck_at: datetime | None = None
) -> None:
    """Nothing more goes out to this chat until it comes back.

    Args:
        now: from when on what it misses is counted; None for a chat that is not to be told.
        recheck_at: when to ask whether it can be reached again; None where Telegram tells us by itself.
    """
    values = {"state": PAUSED, "state_reason": why, "paused_at": now, "recheck_at": recheck_at}
    here = (chats.c.chat_id == chat_id) & chats.c.state.in_([ACTIVE, PAUSED])
    # What it misses counts from the first refusal on.
    kept = case((chats.c.state == PAUSED, func.coalesce(chats.c.paused_at, now)), else_=now)
    await tx.execute(update(chats).where(here).values(values | ({"paused_at": kept} if now else {})))


async def give_up_chat(tx: AsyncConnection, chat_id: int, why: str) -> None:
    """It is gone for good, as far as we can know; should somebody write from there after all, it is served again."""
    await _set_state(tx, chat_id, GONE, why)


async def resume_chat(tx: AsyncConnection, chat_id: int) -> None:
    await _set_state(tx, chat_id, ACTIVE, None)


async def chats_to_recheck(connection: AsyncConnection, now: datetime, limit: int) -> list[Chat]:
    """The paused chats of which Telegram is to be asked now whether they can be reached again."""
    query = select(chats).where(chats.c.state == PAUSED, chats.c.recheck_at <= now).order_by(chats.c.recheck_at)
    return [_chat(row) for row in await connection.execute(query.limit(limit))]


async def put_off_recheck(tx: AsyncConnection, chat_id: int, when: datetime) -> None:
    await tx.execute(update(chats).where(chats.c.chat_id == chat_id).values(recheck_at=when))


# --- Topics ---------------------------------------------------------------------------------------------------------

CLOSED_FOR = timedelta(days=1)
"""Then a topic is tried again: that it was reopened may have been said while we did not listen."""


async def close_topic(tx: AsyncConnection, target: Target, now: datetime) -> None:
    """The topic takes no messages: General gets them. Nothing is written of a chat that was erased meanwhile."""
    if not await hold_chat(tx, target.chat_id):
        return
    row = {"chat_id": target.chat_id, "topic_id": target.topic_id, "since": now}
    statement = insert(tx, closed_topics).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["chat_id", "topic_id"], set_={"since": now}))


async def reopen_topic(tx: AsyncConnection, target: Target) -> None:
    await tx.execute(delete(closed_topics).where(_of_topic(target)))


async def is_closed(connection: AsyncConnection, target: Target, now: datetime) -> bool:
    still = select(exists().where(_of_topic(target), closed_topics.c.since > now - CLOSED_FOR))
    return bool((await connection.execute(still)).scalar_one())


def _of_topic(target: Target) -> ColumnElement[bool]:
    return (closed_topics.c.chat_id == target.chat_id) & (closed_topics.c.topic_id == target.topic_id)


# --- Migration ------------------------------------------------------------------------------------------------------


async def ids_of(connection: AsyncConnection, chat_id: int) -> frozenset[int]:
    """The chat's id and every id it had before, so that what people wrote in files goes on to mean it."""
    former = await connection.execute(select(chats.c.chat_id).where(chats.c.moved_to == chat_id))
    return frozenset(former.scalars()) | {chat_id}


async def move_chat(tx: AsyncConnection, old: int, new: int) -> Mapping[Scope, Scope]:
    """All that is stored for `old` belongs to `new`, wherever a chat id or a personal scope stands.

    The messages (and what was asked in them) are forgotten: the new group numbers its own from 1, and the old ones can
    be neither edited nor replied to. Running it again does no harm.

    Returns:
        The personal scopes that were renamed, for the matcher.
    """
    await _move_row(tx, old, new)
    scopes = await _personal_scopes(tx, old, new)
    for before, after in scopes.items():
        for table, key in _SCOPED:
            await _rewrite(tx, table, key, {"scope": before}, {"scope": after})
    for table, key in _CHATTED:
        await _rewrite(tx, table, key, {"chat_id": old}, {"chat_id": new})
    await _rename_scopes_in_deliveries(tx, new, scopes)
    for table in (messages, questions):
        await tx.execute(delete(table).where(table.c.chat_id == old))
    return scopes


_SCOPED: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (watched_names, ("name_id",)),
    (subscriptions, ("chat_id", "topic_id")),
    (matches, ("article_id", "name_id")),
    (verdicts, ("id",)),
)
"""Tables that hold a scope, with the columns that make a row unique beside it."""

_CHATTED: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (subscriptions, ("topic_id", "scope")),
    (told, ("topic_id", "story_id", "identity")),
    (deliveries, ("alert_id", "topic_id")),
    (past_deliveries, ("id",)),
    (verdicts, ("id",)),
    (preferences, ("topic_id",)),
    (closed_topics, ("topic_id",)),
    (mutes, ("id",)),
)
"""The same for a chat id."""


async def _move_row(tx: AsyncConnection, old: int, new: int) -> None:
    row = (await tx.execute(select(chats).where(chats.c.chat_id == old))).mappings().one_or_none()
    if row is None or row["state"] == MOVED:
        return
    values = dict(row) | {"chat_id": new, "type": "supergroup", "state": ACTIVE, "state_reason": None} | _REACHED
    await tx.execute(insert(tx, chats).values(values).on_conflict_do_nothing(index_elements=["chat_id"]))
    await tx.execute(update(chats).where(chats.c.moved_to == old).values(moved_to=new))
    await tx.execute(update(chats).where(chats.c.chat_id == old).values(state=MOVED, state_reason=None, moved_to=new))


async def _personal_scopes(tx: AsyncConnection, old: int, new: int) -> dict[Scope, Scope]:
    prefix = f"chat:{old}:"
    found: set[str] = set()
    for table, _ in _SCOPED:
        matching = table.c.scope.startswith(prefix, autoescape=True)
        found |= set((await tx.execute(select(table.c.scope).where(matching).distinct())).scalars())
    return {Scope(scope): Scope(f"chat:{new}:{scope.removeprefix(prefix)}") for scope in found}


async def _rewrite(
    tx: AsyncConnection, table: Table, key: tuple[str, ...], before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Rows with `before` say `after`; one that stands there already wins over the one that would be moved."""
    [(column, value)] = before.items()
    there = table.alias("there")
    same = and_(there.c[column] == after[column], *(there.c[name] == table.c[name] for name in key))
    if key != ("id",):
        await tx.execute(delete(table).where(table.c[column] == value, exists().where(same)))
    await tx.execute(update(table).where(table.c[column] == value).values(after))


async def _rename_scopes_in_deliveries(tx: AsyncConnection, chat_id: int, scopes: Mapping[Scope, Scope]) -> None:
    for table in (deliveries, past_deliveries):
        rows = await tx.execute(select(table.c.id, table.c.names).where(table.c.chat_id == chat_id))
        for row in rows.all():
            renamed = [[scopes.get(Scope(scope), scope), name_id] for scope, name_id in row.names]
            if renamed != row.names:
                await tx.execute(update(table).where(table.c.id == row.id).values(names=renamed))


async def _set_state(tx: AsyncConnection, chat_id: int, state: str, why: str | None) -> None:
    here = (chats.c.chat_id == chat_id) & (chats.c.state != MOVED)
    await tx.execute(update(chats).where(here).values(state=state, state_reason=why, **_REACHED))


def _chat(row: Row[Any]) -> Chat:
    return Chat(
        row.chat_id, row.type, row.title, row.state, row.state_reason, row.language, row.timezone, row.paused_at
    )
