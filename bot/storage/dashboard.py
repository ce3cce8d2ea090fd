"""What the dashboard's pages show, read from the tables. Only of watchlists: the names of chats are the chats' own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, Reason, StoredArticle, Tier
from bot.storage.articles import stored_article
from bot.storage.schema import (
    alerts,
    articles,
    deliveries,
    entities,
    feeds,
    matches,
    stories,
    subscriptions,
    watched_names,
    watchlists,
)

OF_LISTS = "list:%"
"""Scopes of watchlists."""


@dataclass(frozen=True, slots=True)
class FoundName:
    """A match, as the dashboard tells it."""

    shown: str
    watchlist: str
    """Its title."""
    spelling: str
    score: int
    tier: Tier
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ShownAlert:
    id: int
    at: datetime
    title: str
    url: str | None
    outlet: str
    published_at: datetime
    story_id: int
    follows_up: bool
    """Not the first of its story."""
    deliveries: Mapping[str, int]
    """How many are in each state."""
    names: tuple[FoundName, ...]
    personal: bool
    """Names of chats are among what was found; they are not shown."""


@dataclass(frozen=True, slots=True)
class ToCheck:
    """A possible match: never rang."""

    name: FoundName
    title: str
    url: str | None
    outlet: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Mentioned:
    """One article names one watched name."""

    scope: str
    name_id: str
    published_at: datetime
    tier: Tier


@dataclass(frozen=True, slots=True)
class ListedName:
    scope: str
    name_id: str
    shown: str
    kind: str
    until: Any
    priority: str


@dataclass(frozen=True, slots=True)
class ShownList:
    id: str
    title: str
    description: str
    tags: tuple[str, ...]
    present: bool
    names: int
    subscribers: int


async def latest_alerts(connection: AsyncConnection, limit: int) -> list[ShownAlert]:
    """The newest first."""
    query = (
        select(alerts, articles.c.title, articles.c.url, articles.c.published_at, articles.c.feed_id)
        .add_columns(feeds.c.title.label("feed_title"))
        .select_from(alerts.join(articles).join(feeds, articles.c.feed_id == feeds.c.id))
        .order_by(alerts.c.id.desc())
        .limit(limit)
    )
    rows = (await connection.execute(query)).all()
    owed = await _deliveries_of(connection, [row.id for row in rows])
    found, personal = await _found_in(connection, [row.article_id for row in rows])
    return [
        ShownAlert(
            id=row.id,
            at=row.created_at,
            title=row.title,
            url=row.url,
            outlet=row.feed_title or row.feed_id,
            published_at=row.published_at,
            story_id=row.story_id,
            follows_up=row.sequence > 1,
            deliveries=owed.get(row.id, {}),
            names=tuple(found.get(row.article_id, ())),
            personal=row.article_id in personal,
        )
        for row in rows
    ]


async def _deliveries_of(connection: AsyncConnection, alert_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    query = (
        select(deliveries.c.alert_id, deliveries.c.state, func.count().label("number"))
        .where(deliveries.c.alert_id.in_(alert_ids))
        .group_by(deliveries.c.alert_id, deliveries.c.state)
    )
    found: dict[int, dict[str, int]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.alert_id, {})[row.state] = row.number
    order = [state.value for state in DeliveryState]
    return {key: {state: owed[state] for state in order if state in owed} for key, owed in found.items()}


def _found() -> Select[Any]:
    """Matches of watchlists, with what the name is called there."""
    of_name = (matches.c.scope == watched_names.c.scope) & (matches.c.name_id == watched_names.c.name_id)
    of_list = matches.c.scope == "list:" + watchlists.c.id
    return (
        select(matches, watched_names.c.label, entities.c.name, watchlists.c.title.label("list_title"))
        .select_from(
            matches.outerjoin(watched_names, of_name)
            .outerjoin(entities, entities.c.id == watched_names.c.entity_id)
            .outerjoin(watchlists, of_list)
        )
        .where(matches.c.scope.like(OF_LISTS))
    )


def _name(row: Row[Any]) -> FoundName:
    return FoundName(
        shown=row.label or row.name or row.name_id,
        watchlist=row.list_title or row.scope.removeprefix("list:"),
        spelling=row.text,
        score=row.score,
        tier=Tier(row.tier),
        reasons=tuple(Reason(code, values) for code, values in row.reasons),
    )


async def _found_in(
    connection: AsyncConnection, article_ids: Sequence[int]
) -> tuple[dict[int, list[FoundName]], set[int]]:
    """By article, the surest first; and the articles that name somebody whom a chat watches by itself."""
    query = _found().where(matches.c.article_id.in_(article_ids)).order_by(matches.c.tier, matches.c.score.desc())
    found: dict[int, list[FoundName]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.article_id, []).append(_name(row))
    others = select(matches.c.article_id).where(
        matches.c.article_id.in_(article_ids), matches.c.scope.not_like(OF_LISTS)
    )
    return found, set((await connection.execute(others)).scalars())


async def possible_matches(connection: AsyncConnection, since: datetime, limit: int) -> list[ToCheck]:
    """Of articles published since then, the newest first."""
    query = (
        _found()
        .add_columns(articles.c.title.label("headline"), articles.c.url, articles.c.published_at, articles.c.feed_id)
        .add_columns(feeds.c.title.label("feed_title"))
        .join(articles, articles.c.id == matches.c.article_id)
        .join(feeds, feeds.c.id == articles.c.feed_id)
        .where(matches.c.tier == Tier.POSSIBLE.value, articles.c.published_at >= since)
        .order_by(articles.c.published_at.desc(), matches.c.id)
        .limit(limit)
    )
    return [
        ToCheck(_name(row), row.headline, row.url, row.feed_title or row.feed_id, row.published_at)
        for row in await connection.execute(query)
    ]


async def unmatched_articles(connection: AsyncConnection, since: datetime, limit: int) -> list[StoredArticle]:
    """Articles published since then that name nobody on the watchlists, the newest first."""
    named = select(matches.c.article_id).where(matches.c.article_id == articles.c.id)
    query = (
        select(articles)
        .where(articles.c.published_at >= since, articles.c.state == "done", ~named.exists())
        .order_by(articles.c.published_at.desc(), articles.c.id.desc())
        .limit(limit)
    )
    return [stored_article(row) for row in await connection.execute(query)]


async def mentions_since(connection: AsyncConnection, since: datetime) -> list[Mentioned]:
    query = (
        select(matches.c.scope, matches.c.name_id, articles.c.published_at, matches.c.tier)
        .join(articles)
        .where(matches.c.scope.like(OF_LISTS), articles.c.published_at >= since)
    )
    return [
        Mentioned(row.scope, row.name_id, row.published_at, Tier(row.tier)) for row in await connection.execute(query)
    ]


async def listed_names(connection: AsyncConnection) -> list[ListedName]:
    """Of all present watchlists, in the order of their files."""
    query = (
        select(watched_names, entities.c.name, entities.c.kind)
        .join(entities)
        .where(watched_names.c.scope.like(OF_LISTS))
        .order_by(watched_names.c.scope, watched_names.c.id)
    )
    return [
        ListedName(row.scope, row.name_id, row.label or row.name, row.kind, row.until, row.priority)
        for row in await connection.execute(query)
    ]


async def shown_lists(connection: AsyncConnection) -> list[ShownList]:
    """By title, those whose file vanished last."""
    names = await _per_scope(connection, select(watched_names.c.scope))
    followed = await _per_scope(connection, select(subscriptions.c.scope))
    query = select(watchlists).order_by(watchlists.c.present.desc(), watchlists.c.title, watchlists.c.id)
    return [
        ShownList(
            id=row.id,
            title=row.title,
            description=row.description,
            tags=tuple(row.tags),
            present=row.present,
            names=names[f"list:{row.id}"],
            subscribers=followed[f"list:{row.id}"],
        )
        for row in await connection.execute(query)
    ]


async def _per_scope(connection: AsyncConnection, scopes: Select[tuple[str]]) -> Counter[str]:
    column = scopes.subquery().c.scope
    query = select(column, func.count().label("number")).group_by(column)
    return Counter({row.scope: row.number for row in await connection.execute(query)})


async def alerts_since(connection: AsyncConnection, since: datetime) -> int:
    query = select(func.count()).select_from(alerts).where(alerts.c.created_at >= since)
    return int((await connection.execute(query)).scalar_one())


async def stories_since(connection: AsyncConnection, since: datetime) -> int:
    query = select(func.count()).select_from(stories).where(stories.c.last_at >= since)
    return int((await connection.execute(query)).scalar_one())
