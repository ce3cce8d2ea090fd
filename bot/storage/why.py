"""What became of an article: listed, matched, told to whom, added to which message, held or suppressed and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.decide import covers
from bot.articles.address import canonical_url
from bot.feeds.identity import url_identity
from bot.model import DeliveryState, Match, Reason, Scope, StoredArticle, Target, WatchedName
from bot.storage.articles import Listing, article_by_url, article_row, listing_feeds, other_listings
from bot.storage.feeds import feed_tags
from bot.storage.names import names_matched, watchlist_rows
from bot.storage.schema import alerts, articles, deliveries, feeds, messages, story_articles
from bot.storage.stories import matches_of, story_of, title_followed


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
    edited_at: datetime | None = None
    """When its message was edited last, as more outlets joined."""


class Shown(StrEnum):
    """How a message about a story shows an article that joined it."""

    AT_ONCE = "at-once"
    """It had joined when the message was sent."""
    EDITED = "edited"
    DUE = "due"
    """The message is to be edited."""
    NOT_EDITED = "not-edited"
    """It could not be edited, or nothing would have changed."""
    OTHER_FEEDS = "other-feeds"
    """The watchlist does not look at the article's feed."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An alert that tells, or is to tell, the same story from another article."""

    target: Target
    title: str
    feed_title: str
    sent_at: datetime | None
    shown: Shown = Shown.AT_ONCE
    at: datetime | None = None
    """When the message was edited, or is to be."""
    why: str | None = None
    """Of an edit that was not made, or of a delivery that was not sent."""
    state: DeliveryState = DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class Joined:
    """How the article came into its story."""

    at: datetime
    why: Reason
    follows: str | None = None
    """The headline of the earlier story that this one follows."""


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
    joined: Joined | None = None
    listings: tuple[Listing, ...] = ()
    """Where else it was listed, and by what it was known again."""


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
    joined = None if story_id is None else await _joined(connection, story_id, article_id)
    return Explanation(
        article=await article_row(connection, article_id),
        feed_title=row.title or row.id,
        state="baseline" if row.baseline and not deliveries_made else row.state,
        story_id=story_id,
        found=tuple(
            Found(names.get((match.scope, match.name_id)), match) for match in await matches_of(connection, article_id)
        ),
        deliveries=deliveries_made,
        earlier=() if joined is None else await _earlier(connection, story_id, article_id, joined.at),
        joined=joined,
        listings=tuple(await other_listings(connection, article_id)),
    )


async def _joined(connection: AsyncConnection, story_id: int, article_id: int) -> Joined | None:
    query = select(story_articles).where(story_articles.c.article_id == article_id)
    row = (await connection.execute(query)).one()
    code, values = row.why
    return Joined(row.joined_at, Reason(code, values), await title_followed(connection, story_id))


async def _earlier(
    connection: AsyncConnection, story_id: int | None, article_id: int, joined_at: datetime
) -> tuple[Earlier, ...]:
    query = (
        select(deliveries, articles.c.title)
        .add_columns(feeds.c.title.label("feed_title"), feeds.c.id.label("feed_id"))
        .add_columns(messages.c.edited_at, messages.c.edit_due_at, messages.c.edit_why)
        .select_from(
            deliveries.join(alerts)
            .join(articles, articles.c.id == alerts.c.article_id)
            .join(feeds)
            .outerjoin(messages, messages.c.id == deliveries.c.message_row)
        )
        .where(
            alerts.c.story_id == story_id,
            alerts.c.article_id != article_id,
            # One that was not rung for the number of outlets alone: the alert that showed them is here itself.
            deliveries.c.why.is_distinct_from("shown-already"),
        )
        .order_by(deliveries.c.id)
    )
    rows = (await connection.execute(query)).all()
    article_tags = await feed_tags(connection, await listing_feeds(connection, article_id)) if rows else frozenset()
    list_tags = {each.scope: each.tags for each in await watchlist_rows(connection)} if rows else {}
    found = []
    for row in rows:
        looks_at = [list_tags.get(Scope(scope), frozenset()) for scope, _ in row.names]
        state, target = DeliveryState(row.state), Target(row.chat_id, row.topic_id)
        if state is DeliveryState.SENT:
            shown, at = _shown(row, joined_at, covered=any(covers(tags, article_tags) for tags in looks_at))
            why = row.edit_why if shown in {Shown.NOT_EDITED, Shown.DUE} else None
        else:
            shown, at, why = Shown.AT_ONCE, None, row.why
        found.append(Earlier(target, row.title, row.feed_title or row.feed_id, row.sent_at, shown, at, why, state))
    return tuple(found)


def _shown(row: Row[Any], joined_at: datetime, *, covered: bool) -> tuple[Shown, datetime | None]:
    if not covered:
        return Shown.OTHER_FEEDS, None
    if row.edited_at is not None and row.edited_at >= joined_at:
        return Shown.EDITED, row.edited_at
    if row.sent_at >= joined_at:
        return Shown.AT_ONCE, None
    if row.edit_due_at is not None:
        return Shown.DUE, row.edit_due_at
    return Shown.NOT_EDITED, None


async def _told(connection: AsyncConnection, article_id: int) -> tuple[Told, ...]:
    query = (
        select(deliveries, messages.c.edited_at)
        .select_from(deliveries.join(alerts).outerjoin(messages, messages.c.id == deliveries.c.message_row))
        .where(alerts.c.article_id == article_id)
        .order_by(deliveries.c.chat_id, deliveries.c.topic_id, deliveries.c.id)
    )
    return tuple(
        Told(Target(row.chat_id, row.topic_id), DeliveryState(row.state), row.why, row.sent_at, row.edited_at)
        for row in await connection.execute(query)
    )
