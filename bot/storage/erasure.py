"""What is stored about somebody who uses the bot, or about a chat: shown to them, or deleted without a trace.

Goes by the columns that every table has for the purpose (`chat_id`, `scope`, who did something), so that a table that
is added later is not forgotten; a test fills every table and looks for what is left. What a watched person's data are
is `storage.watched`'s. The caller ends with `Database.clear_log`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, cast, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Scope
from bot.storage.chats import ids_of
from bot.storage.names import forget_unwatched_entities
from bot.storage.schema import admin_log, chats, invites, metadata, notices, people, questions, updates, watched_names
from bot.storage.updates import NEW

BY_WHOM = ("made_by", "added_by", "given_by", "created_by", "used_by", "invited_by", "promoted_by", "user_id")
"""Columns that say who did something that goes on to concern others: the row stays, and says nobody."""
OWN = (people, questions)
"""Tables whose rows are about the person in `user_id`."""
FREE_TEXT: tuple[tuple[Table, Column[Any], Any], ...] = (
    (updates, updates.c.payload, ""),
    (admin_log, admin_log.c.detail, {}),
    (notices, notices.c["values"], {}),
    (questions, questions.c.argument, ""),
)
"""Where an id may stand within a text or JSON, and what then takes its place."""


async def forget_person(tx: AsyncConnection, user_id: int) -> frozenset[Scope]:
    """Delete all that is stored about somebody who uses the bot: their private chat, and their name on what they did.

    Returns:
        The scopes of their personal names, for the matcher to drop.
    """
    scopes = await forget_chat(tx, user_id)
    for table in OWN:
        await tx.execute(delete(table).where(table.c.user_id == user_id))
    for table, column in _by_whom():
        await tx.execute(update(table).where(column == user_id).values({column.name: None}))
    await _scrub(tx, user_id)
    return scopes


async def forget_chat(tx: AsyncConnection, chat_id: int) -> frozenset[Scope]:
    """Delete a chat with its subscriptions, its personal names and all that was owed or told to it.

    Returns:
        The scopes of its personal names, for the matcher to drop.
    """
    ids = await ids_of(tx, chat_id)
    # First: whoever writes about the chat at this moment is waited for, and finds none afterwards.
    await tx.execute(select(chats.c.chat_id).where(chats.c.chat_id.in_(ids)).with_for_update())
    found = select(watched_names.c.scope).where(_personal(watched_names, ids)).distinct()
    scopes = frozenset(map(Scope, (await tx.execute(found)).scalars()))
    for table in reversed(metadata.sorted_tables):  # what points to others first
        if table is chats:
            continue
        conditions: list[ColumnElement[bool]] = [table.c.chat_id.in_(ids)] if "chat_id" in table.c else []
        conditions += [_personal(table, ids)] if "scope" in table.c else []
        if conditions:
            await tx.execute(delete(table).where(or_(*conditions)))
    await tx.execute(delete(chats).where(chats.c.chat_id.in_(ids)))
    await forget_unwatched_entities(tx)
    for each in ids:
        await _scrub(tx, each)
    return scopes


async def export_person(connection: AsyncConnection, user_id: int) -> dict[str, Any]:
    """All that is stored about somebody who uses the bot, as JSON: table → rows, tables without any left out."""
    found: dict[str, Any] = {"user_id": user_id}
    for table in metadata.sorted_tables:
        # Somebody whom one invited is somebody else.
        conditions = [column == user_id for each, column in _by_whom() if each is table and table is not people]
        conditions += [table.c.user_id == user_id] if table in OWN else []
        conditions += [table.c.chat_id == user_id] if "chat_id" in table.c else []
        conditions += [_personal(table, [user_id])] if "scope" in table.c else []
        if conditions:
            query = select(table).where(or_(*conditions)).order_by(*table.primary_key)
            rows = [_own(table, as_json(row), user_id) for row in (await connection.execute(query)).mappings()]
            found |= {table.name: rows} if rows else {}
    return found


def _own(table: Table, row: dict[str, Any], user_id: int) -> dict[str, Any]:
    """The row without who else it is about, and without what opens a door."""
    others = {name for name in BY_WHOM if row.get(name) not in {None, user_id}}
    secrets = {"digest"} if table is invites else set()
    return {key: value for key, value in row.items() if key not in others | secrets}


def as_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row whose times are text."""
    return {str(key): value.isoformat() if isinstance(value, date | datetime) else value for key, value in row.items()}


def _by_whom() -> Iterator[tuple[Table, Column[Any]]]:
    for table in metadata.sorted_tables:
        for name in BY_WHOM:
            if name in table.c and not (table in OWN and name == "user_id"):
                yield table, table.c[name]


def _personal(table: Table, chat_ids: Iterable[int]) -> ColumnElement[bool]:
    return or_(*(table.c.scope.startswith(f"chat:{each}:", autoescape=True) for each in chat_ids))


async def _scrub(tx: AsyncConnection, number: int) -> None:
    """Empty the texts in which the id stands."""
    alone = re.compile(rf"(?<!\d){abs(number)}(?!\d)")
    await replace_text(tx, lambda text: alone.search(text) is not None)


async def replace_text(tx: AsyncConnection, is_theirs: Callable[[str], bool]) -> None:
    """Empty the texts of `FREE_TEXT` that are somebody's. What Telegram handed us empties itself once it is done."""
    for table, column, nothing in FREE_TEXT:
        query = select(*table.primary_key, cast(column, Text).label("as_text"))
        if table is updates:
            query = query.where(updates.c.state != NEW)
        for *key, text in (await tx.execute(query)).all():
            if is_theirs(text):
                this = tuple_(*table.primary_key) == tuple_(*key)
                await tx.execute(update(table).where(this).values({column.name: nothing}))
