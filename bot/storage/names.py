"""Watchlists, entities and watched names: who is looked for, and in which scope.

The YAML files are the truth for watchlists; their rows here are a copy, so that what was found can be explained
after an edit. Personal names live here only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Entity, Priority, Scope, WatchedName, Watchlist, list_scope
from bot.storage.database import insert
from bot.storage.schema import entities, matches, watched_names, watchlists
from bot.text import fold_text

_BATCH = 200
"""Rows a statement: below every database's limit on parameters, and made in less time than holds the loop up."""


async def add_name(tx: AsyncConnection, name: WatchedName, now: datetime, added_by: int | None) -> None:
    """Watch `name` in its scope; replaces the rules of the same scope and id."""
    await _add_names(tx, [name], now, added_by)


async def remove_name(tx: AsyncConnection, scope: Scope, name_id: str) -> bool:
    """Stop watching; False when it was not watched. The entity stays while other scopes share it."""
    done = await tx.execute(
        delete(watched_names).where(watched_names.c.scope == scope, watched_names.c.name_id == name_id)
    )
    await forget_unwatched_entities(tx)
    return done.rowcount > 0


async def remove_names(tx: AsyncConnection, scope: Scope) -> list[WatchedName]:
    """Stop watching all of a scope's names; those that were watched."""
    watched = await names_of(tx, scope)
    await tx.execute(delete(watched_names).where(watched_names.c.scope == scope))
    await forget_unwatched_entities(tx)
    return watched


async def set_threshold(tx: AsyncConnection, scope: Scope, threshold: int, now: datetime) -> list[WatchedName]:
    """Every name of the scope, looked for with this threshold from now on."""
    watched = await names_of(tx, scope)
    changed = [replace(name, entity=replace(name.entity, threshold=threshold)) for name in watched]
    await _add_names(tx, changed, now, None)
    await forget_unwatched_entities(tx)
    return changed


async def followed_names(connection: AsyncConnection, scopes: Sequence[Scope]) -> list[WatchedName]:
    """The names of these scopes, by what they are called; one that stands in several is there for each."""
    watched = await _names(connection, watched_names.c.scope.in_(scopes))
    return sorted(watched, key=lambda name: (fold_text(name.shown), name.scope, name.id))


async def names_of(connection: AsyncConnection, scope: Scope) -> list[WatchedName]:
    """The names of one scope, in the order in which they were added."""
    return await _names(connection, watched_names.c.scope == scope)


async def all_names(connection: AsyncConnection) -> list[WatchedName]:
    """Every name that any scope asks for, as the matcher needs them: those of vanished watchlists left out."""
    gone = {list_scope(row.id) for row in await connection.execute(select(watchlists).where(~watchlists.c.present))}
    return await _names(connection, watched_names.c.scope.not_in(gone))


async def names_matched(connection: AsyncConnection, article_id: int) -> dict[tuple[Scope, str], WatchedName]:
    """The names, still watched, that the article's stored matches were found for, by scope and id."""
    found = select(matches.c.scope, matches.c.name_id).where(matches.c.article_id == article_id)
    names = await _names(connection, tuple_(watched_names.c.scope, watched_names.c.name_id).in_(found))
    return {(name.scope, name.id): name for name in names}


async def personal_names(connection: AsyncConnection, chat_id: int) -> list[tuple[Scope, str]]:
    """(scope, name id) of every name that a chat or one of its topics watches for itself."""
    mine = watched_names.c.scope.startswith(f"chat:{chat_id}:", autoescape=True)
    rows = await connection.execute(select(watched_names.c.scope, watched_names.c.name_id).where(mine))
    return [(Scope(row.scope), row.name_id) for row in rows]


async def name_shown(connection: AsyncConnection, scope: Scope, name_id: str) -> str:
    """How a name is called; its id where it is no longer watched."""
    found = await _names(connection, (watched_names.c.scope == scope) & (watched_names.c.name_id == name_id))
    return found[0].shown if found else name_id


async def watched_among(connection: AsyncConnection, keys: Sequence[tuple[Scope, str]]) -> list[WatchedName]:
    """Of these (scope, name id), the names that are watched still, in the given order."""
    if not keys:
        return []
    found = await _names(connection, tuple_(watched_names.c.scope, watched_names.c.name_id).in_(keys))
    return sorted(found, key=lambda name: keys.index((name.scope, name.id)))


async def watchlist_rows(connection: AsyncConnection) -> list[Watchlist]:
    """Every present watchlist without its names, by title."""
    query = select(watchlists).where(watchlists.c.present).order_by(watchlists.c.title, watchlists.c.id)
    return [_watchlist(row, ()) for row in await connection.execute(query)]


async def lists_of(connection: AsyncConnection, scopes: Collection[Scope]) -> dict[Scope, Watchlist]:
    """The watchlists among these scopes, without their names; those whose files vanished as well."""
    ids = [scope.removeprefix("list:") for scope in scopes if scope.startswith("list:")]
    rows = await connection.execute(select(watchlists).where(watchlists.c.id.in_(ids)))
    return {found.scope: found for found in (_watchlist(row, ()) for row in rows)}


async def watchlist(connection: AsyncConnection, watchlist_id: str) -> Watchlist | None:
    """One present watchlist with its names."""
    query = select(watchlists).where(watchlists.c.id == watchlist_id, watchlists.c.present)
    row = (await connection.execute(query)).one_or_none()
    return _watchlist(row, await names_of(connection, list_scope(row.id))) if row else None


async def sync_watchlists(tx: AsyncConnection, lists: Sequence[Watchlist], now: datetime) -> None:
    """Make the rows say what the files say; a vanished file keeps its row and its names, marked absent."""
    await tx.execute(update(watchlists).values(present=False))
    await renew_watchlists(tx, lists, now)


async def change_watchlists(
    tx: AsyncConnection, changed: Sequence[Watchlist], vanished: Sequence[Watchlist], now: datetime
) -> None:
    """The same for some of them, when the rows said what the files said before."""
    gone = [each.id for each in vanished]
    await tx.execute(update(watchlists).where(watchlists.c.id.in_(gone)).values(present=False))
    await renew_watchlists(tx, changed, now)


async def renew_watchlists(tx: AsyncConnection, lists: Sequence[Watchlist], now: datetime) -> None:
    """Make the rows of these say what their files say."""
    for each in lists:
        row = {
            "id": each.id,
            "title": each.title,
            "description": each.description,
            "tags": sorted(each.tags),
            "visible_to": each.visible_to if isinstance(each.visible_to, str) else list(each.visible_to),
            "present": True,
        }
        await tx.execute(insert(tx, watchlists).values(row).on_conflict_do_update(index_elements=["id"], set_=row))
        await _sync_scope(tx, each, now)
    await forget_unwatched_entities(tx)


async def _sync_scope(tx: AsyncConnection, each: Watchlist, now: datetime) -> None:
    rows = (await tx.execute(_watched(watched_names.c.scope == each.scope))).all()
    changed, gone = await asyncio.to_thread(_compared, rows, each.names)  # thousands of names would hold the loop
    await _add_names(tx, changed, now, None)
    for start in range(0, len(gone), _BATCH):
        ids = watched_names.c.name_id.in_(gone[start : start + _BATCH])
        await tx.execute(delete(watched_names).where(watched_names.c.scope == each.scope, ids))


def _compared(rows: Sequence[Row[Any]], listed: Sequence[WatchedName]) -> tuple[list[WatchedName], list[str]]:
    """The listed names whose rows say something else, or are not there; and the ids that are listed no more."""
    stored = {row.name_id: watched_name(row) for row in rows}
    changed = [name for name in listed if name.id not in stored or _differs(stored[name.id], name)]
    return changed, sorted(stored.keys() - {name.id for name in listed})


def _differs(stored: WatchedName, listed: WatchedName) -> bool:
    # Rules are compared by key: what is stored may list the same aliases in another order.
    return stored.entity.key != listed.entity.key or replace(stored, entity=listed.entity) != listed


async def _add_names(tx: AsyncConnection, names: Sequence[WatchedName], now: datetime, added_by: int | None) -> None:
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        ids = await _intern(tx, [name.entity for name in batch])
        rows = [_row(name, ids[name.entity.key]) | {"added_at": now, "added_by": added_by} for name in batch]
        statement = insert(tx, watched_names)
        kept = {"scope", "name_id", "added_at", "added_by"}
        renewed = {key: statement.excluded[key] for key in rows[0] if key not in kept}
        await tx.execute(
            statement.values(rows).on_conflict_do_update(index_elements=["scope", "name_id"], set_=renewed)
        )


async def _intern(tx: AsyncConnection, wanted: Iterable[Entity]) -> dict[str, int]:
    """The row of each entity by key, made where it is missing."""
    by_key = {entity.key: entity for entity in wanted}
    rows = [
        {"key": key, "name": entity.name, "kind": entity.kind.value, "rules": entity.to_json()}
        for key, entity in by_key.items()
    ]
    await tx.execute(insert(tx, entities).values(rows).on_conflict_do_nothing(index_elements=["key"]))
    found = await tx.execute(select(entities.c.key, entities.c.id).where(entities.c.key.in_(by_key)))
    return {row.key: row.id for row in found}


async def forget_unwatched_entities(tx: AsyncConnection) -> None:
    """Rules that no scope asks for any more."""
    await tx.execute(delete(entities).where(entities.c.id.not_in(select(watched_names.c.entity_id))))


async def _names(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[WatchedName]:
    return [watched_name(row) for row in await connection.execute(_watched(condition))]


def _watched(condition: ColumnElement[bool]) -> Select[Any]:
    return select(watched_names, entities.c.rules).join(entities).where(condition).order_by(watched_names.c.id)


def watched_name(row: Row[Any]) -> WatchedName:
    """From a row of `watched_names` joined with `entities.rules`."""
    return WatchedName(
        scope=Scope(row.scope),
        id=row.name_id,
        entity=Entity.from_json(row.rules),
        explicit_id=row.explicit_id,
        label=row.label,
        note=row.note,
        ref=row.ref,
        priority=Priority(row.priority),
        until=row.until,
    )


def _row(name: WatchedName, entity_id: int) -> dict[str, Any]:
    return {
        "scope": name.scope,
        "name_id": name.id,
        "entity_id": entity_id,
        "explicit_id": name.explicit_id,
        "label": name.label,
        "note": name.note,
        "ref": name.ref,
        "priority": name.priority.value,
        "until": name.until,
    }


def _watchlist(row: Row[Any], names: Sequence[WatchedName]) -> Watchlist:
    visible = row.visible_to
    return Watchlist(
        id=row.id,
        title=row.title,
        description=row.description,
        tags=frozenset(row.tags),
        visible_to=visible if isinstance(visible, str) else tuple(visible),
        names=tuple(names),
    )
