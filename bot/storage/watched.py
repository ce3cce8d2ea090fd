"""What is stored about somebody who is watched for: shown to who asks by right, or deleted without a trace.

A person is known here by the name as written in a watchlist or by a reader, however accented or capitalised. Articles
are the press's and stay for their time; that the person was found in them goes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, cast, delete, exists, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Entity, Scope
from bot.storage.erasure import as_json, replace_text
from bot.storage.names import forget_unwatched_entities
from bot.storage.schema import (
    articles,
    deliveries,
    entities,
    matches,
    messages,
    metadata,
    past_deliveries,
    verdicts,
    watched_names,
)
from bot.text import fold_text

NameKey = tuple[Scope, str]
"""(scope, name id)"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A person as the tables know them."""

    name: str
    keys: frozenset[NameKey]
    """Under which they are, or were, watched for."""
    scopes: frozenset[Scope]
    """Those that still ask for them."""
    names: frozenset[str]
    """As asked for here and in those scopes."""

    @property
    def identities(self) -> frozenset[str]:
        """What `told` remembers them by."""
        by_name = {f"name:{fold_text(each)}" for each in self.names}
        return frozenset(by_name | {f"{scope}/{name_id}" for scope, name_id in self.keys})


async def find_watched(connection: AsyncConnection, name: str) -> Watched:
    """Whoever is, or was, watched for by this name, label or id."""
    folded = fold_text(name)
    query = select(watched_names, entities.c.rules).join(entities)
    current: set[NameKey] = set()
    others: set[NameKey] = set()
    names = {name}
    for row in await connection.execute(query):
        asked_for = Entity.from_json(row.rules).name
        if folded in map(fold_text, (asked_for, row.label or "", row.name_id)):
            current.add((Scope(row.scope), row.name_id))
            names.add(asked_for)
        else:
            others.add((Scope(row.scope), row.name_id))
    keys = current | (await _kept_keys(connection, folded) - others)
    return Watched(name, frozenset(keys), frozenset(scope for scope, _ in current), frozenset(names))


async def _kept_keys(connection: AsyncConnection, folded: str) -> set[NameKey]:
    """The keys of names in what was found and decided, of those that nobody watches for any more, too."""
    found: set[NameKey] = set()
    spelt = await connection.execute(select(matches.c.scope, matches.c.name_id, matches.c.alias).distinct())
    found |= {(Scope(row.scope), row.name_id) for row in spelt if folded in map(fold_text, (row.name_id, row.alias))}
    judged = await connection.execute(select(verdicts.c.scope, verdicts.c.name_id).distinct())
    found |= {(Scope(row.scope), row.name_id) for row in judged if fold_text(row.name_id) == folded}
    for table in (deliveries, past_deliveries):
        for row in await connection.execute(select(cast(table.c.names, Text).distinct())):
            found |= {(Scope(scope), each) for scope, each in json.loads(row[0]) if fold_text(each) == folded}
    return found


async def export_watched(connection: AsyncConnection, who: Watched) -> dict[str, Any]:
    """All that is stored about them, as JSON."""
    found: dict[str, Any] = {"name": who.name, "watched_by": sorted(who.scopes)}
    for table, theirs in _theirs(who):
        rows = (await connection.execute(select(table).where(theirs))).mappings()
        found[table.name] = [as_json(row) for row in rows]
    about = select(articles.c.id, articles.c.url, articles.c.title, articles.c.published_at)
    where = articles.c.id.in_([row["article_id"] for row in found["matches"]])
    found["articles"] = [as_json(row) for row in (await connection.execute(about.where(where))).mappings()]
    for table in (deliveries, past_deliveries):
        rows = (await connection.execute(select(table).order_by(table.c.id))).mappings()
        found[table.name] = [as_json(row) for row in rows if _names_any(row["names"], who.keys)]
    return {key: value for key, value in found.items() if value}


async def erase_watched(tx: AsyncConnection, who: Watched) -> None:
    """Delete all that is stored about them. Whoever still asks for them does no longer."""
    for table, theirs in _theirs(who):
        await tx.execute(delete(table).where(theirs))
    await _erase_from_deliveries(tx, who.keys)
    await _erase_from_past(tx, who.keys)
    await _scrub(tx, who)
    await forget_unwatched_entities(tx)


def _theirs(who: Watched) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """The tables whose rows are about one name, what points to others first, and which rows are theirs."""
    for table in reversed(metadata.sorted_tables):
        if {"scope", "name_id"} <= set(table.c.keys()):
            yield table, tuple_(table.c.scope, table.c.name_id).in_(who.keys)
        elif "identity" in table.c:
            yield table, table.c.identity.in_(who.identities)


async def _erase_from_deliveries(tx: AsyncConnection, keys: Collection[NameKey]) -> None:
    """What told of nobody else goes, with its message."""
    emptied: set[int | None] = set()
    for row in (await tx.execute(select(deliveries.c.id, deliveries.c.names, deliveries.c.message_row))).all():
        left = [[scope, name_id] for scope, name_id in row.names if (scope, name_id) not in keys]
        if not left:
            await tx.execute(delete(deliveries).where(deliveries.c.id == row.id))
            emptied.add(row.message_row)
        elif left != row.names:
            await tx.execute(update(deliveries).where(deliveries.c.id == row.id).values(names=left))
    shown = exists().where(deliveries.c.message_row == messages.c.id)
    await tx.execute(delete(messages).where(messages.c.id.in_(emptied - {None}), ~shown))


async def _erase_from_past(tx: AsyncConnection, keys: Collection[NameKey]) -> None:
    columns = (past_deliveries.c.id, past_deliveries.c.names, past_deliveries.c.evidence)
    for row in (await tx.execute(select(*columns))).all():
        left = [(key, why) for key, why in zip(row.names, row.evidence, strict=True) if tuple(key) not in keys]
        mine = past_deliveries.c.id == row.id
        if not left:
            await tx.execute(delete(past_deliveries).where(mine))
        elif len(left) != len(row.names):
            values = {"names": [key for key, _ in left], "evidence": [why for _, why in left]}
            await tx.execute(update(past_deliveries).where(mine).values(values))


async def _scrub(tx: AsyncConnection, who: Watched) -> None:
    """Empty the texts in which they are named."""
    folded = [f" {fold_text(each)} " for each in who.names]

    def names_them(text: str) -> bool:
        words = f" {fold_text(text)} {fold_text(_plain(text))} "
        return any(each in words for each in folded)

    await replace_text(tx, names_them)


def _plain(text: str) -> str:
    """JSON whose letters were escaped (\\u00e9), with its letters."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def _names_any(names: Collection[tuple[str, str]], keys: Collection[NameKey]) -> bool:
    return any((scope, name_id) in keys for scope, name_id in names)
