"""What became of an article: listed, seen, matched, told to whom, held or suppressed and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.articles.address import canonical_url
from bot.feeds.identity import url_identity
from bot.model import DeliveryState, Match, StoredArticle, Target, WatchedName
from bot.storage.articles import article_by_url, article_row
from bot.storage.names import names_matched
from bot.storage.schema import alerts, articles, deliveries, feeds, messages
from bot.storage.stories import matches_of, story_of


@dataclass(frozen=True, slots=True)
class Found:
    """A match, with the name it was found for; None when nobody watches it any more."""

    name: WatchedName | None
    match: Match


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery about the article."""

    target: Target
    state: DeliveryState
    why: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An alert that told the same story from another article."""

    target: Target
    title: str
    feed_title: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Explanation:
    article: StoredArticle
    feed_title: str
    state: str
    """`baseline`: listed at the feed's first poll or too old, so it alerts nobody; `new`: waits; `done`."""
    story_id: int | None
    found: tuple[Found, ...]
    deliveries: tuple[Told, ...]
    earlier: tuple[Earlier, ...] = ()
    """Where the article's story had been told already: why it is silent itself. Oldest first."""


async def explain_url(connection: AsyncConnection, url: str) -> Explanation | None:
    """None when no feed ever listed the URL (compared without trackers)."""
    canonical = canonical_url(url)
    article_id = await article_by_url(connection, url_identity(canonical).digest) if canonical else None
    return None if article_id is None else await explain_article(connection, article_id)


async def explain_delivery(connection: AsyncConnection, delivery_id: int) -> Explanation | None:
    query = select(alerts.c.article_id).join(deliveries).where(deliveries.c.id == delivery_id)
    article_id = (await connection.execute(query)).scalar_one_or_none()
    return None if article_id is None else await explain_article(connection, article_id)


async def delivery_of_message(connection: AsyncConnection, chat_id: int, message_id: int) -> int | None:
    """The first delivery that a message showed."""
    query = (
        select(deliveries.c.id)
        .join(messages)
        .where(messages.c.chat_id == chat_id, messages.c.message_id == message_id)
        .order_by(deliveries.c.id)
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def explain_article(connection: AsyncConnection, article_id: int) -> Explanation:
    query = (
        select(articles.c.state, articles.c.baseline, feeds.c.title, feeds.c.id)
        .join(feeds)
        .where(articles.c.id == article_id)
    )
    row = (await connection.execute(query)).one()
    names = await names_matched(connection, article_id)
    deliveries_made = await _told(connection, article_id)
    story_id = await story_of(connection, article_id)
    return Explanation(
        article=await article_row(connection, article_id),
        feed_title=row.title or row.id,
        state="baseline" if row.baseline and not deliveries_made else row.state,
        story_id=story_id,
        found=tuple(
            Found(names.get((match.scope, match.name_id)), match) for match in await matches_of(connection, article_id)
        ),
        deliveries=deliveries_made,
        earlier=() if story_id is None else await _earlier(connection, story_id, article_id),
    )


async def _earlier(connection: AsyncConnection, story_id: int, article_id: int) -> tuple[Earlier, ...]:
    query = (
        select(deliveries.c.chat_id, deliveries.c.topic_id, deliveries.c.sent_at, articles.c.title)
        .add_columns(feeds.c.title.label("feed_title"), feeds.c.id.label("feed_id"))
        .select_from(deliveries.join(alerts).join(articles, articles.c.id == alerts.c.article_id).join(feeds))
        .where(
            alerts.c.story_id == story_id,
            alerts.c.article_id != article_id,
            deliveries.c.state == DeliveryState.SENT.value,
        )
        .order_by(deliveries.c.id)
    )
    return tuple(
        Earlier(Target(row.chat_id, row.topic_id), row.title, row.feed_title or row.feed_id, row.sent_at)
        for row in await connection.execute(query)
    )


async def _told(connection: AsyncConnection, article_id: int) -> tuple[Told, ...]:
    query = (
        select(deliveries)
        .join(alerts)
        .where(alerts.c.article_id == article_id)
        .order_by(deliveries.c.chat_id, deliveries.c.topic_id, deliveries.c.id)
    )
    return tuple(
        Told(Target(row.chat_id, row.topic_id), DeliveryState(row.state), row.why, row.sent_at)
        for row in await connection.execute(query)
    )
