"""Gathers from the tables what an alert shows to one target."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access
from bot.alerts.compose import compose
from bot.alerts.decide import OUTLETS, covers
from bot.alerts.hit import Hit
from bot.model import AlertView, Blindness, Scope, StoredArticle, Target, WatchedName, Watchlist
from bot.storage import articles, edits, feeds, names, stories
from bot.storage.access import scopes_served
from bot.storage.outbox import Delivery, alert_of, delivery_of, identities_told, told_before
from bot.storage.schema import deliveries


@dataclass(frozen=True, slots=True)
class Facts:
    """What an alert says to whomever it is told."""

    story_id: int
    lead: StoredArticle
    hits: tuple[Hit, ...]
    story: tuple[StoredArticle, ...]
    tags: Mapping[int, frozenset[str]]
    """Article → the tags of the feeds that list it."""
    feed_titles: Mapping[str, str]
    lists: tuple[Watchlist, ...]


async def facts_of(connection: AsyncConnection, alert_id: int) -> Facts:
    story_id, article_id = await alert_of(connection, alert_id)
    story = tuple(await stories.articles_of(connection, story_id))
    return Facts(
        story_id=story_id,
        lead=await articles.article_row(connection, article_id),
        hits=tuple(await hits_of(connection, article_id)),
        story=story,
        tags=await edits.tags_of_story(connection, story_id),
        feed_titles=await feeds.feed_titles(connection, [each.article.feed_id for each in story]),
        lists=tuple(await names.watchlist_rows(connection)),
    )


async def view_of(
    connection: AsyncConnection, delivery: Delivery, access: Access, facts: Facts | None = None
) -> AlertView | None:
    """The alert as it stands now; None when there is nothing to tell: every name it was about is no longer watched,
    or was taken out of the article before the alert was sent.

    Args:
        access: what else is named in the article is shown where it may be.
        facts: of its alert, where they were read a moment ago for another target.
    """
    facts = facts or await facts_of(connection, delivery.alert_id)
    by_name = {(hit.name.scope, hit.name.id): hit for hit in facts.hits}
    told = [by_name[key] for key in delivery.names if key in by_name]
    missing = [key for key in delivery.names if key not in by_name] if delivery.sent_at else []
    gone = await names.watched_among(connection, missing)
    if not told and not gone:
        return None
    lead = facts.lead
    earlier = await told_before(connection, facts.story_id, delivery)
    scopes = {*(hit.name.scope for hit in told), *(name.scope for name in gone)}
    followed = await scopes_served(connection, delivery.target.chat_id, access, topic_id=delivery.target.topic_id)
    view = _compose(facts, delivery.target, told, scopes, {*followed, *scopes})
    corrected = lead.retitled_at and delivery.sent_at and lead.retitled_at > delivery.sent_at
    return replace(
        view,
        reply_to_story=earlier,
        outlets_reached=earlier and await identities_told(connection, delivery) == {OUTLETS},
        retitled_at=lead.retitled_at if corrected else None,
        follows=await _follows(connection, facts.story_id, delivery),
        no_longer=tuple(dict.fromkeys(name.shown for name in gone)),
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """What a delivery is about, for those who want to hear no more of it."""

    target: Target
    story_id: int
    title: str
    """Of the article."""
    name: WatchedName | None
    """The leading one; None when it is no longer watched."""


async def subject_of(connection: AsyncConnection, delivery_id: int) -> Subject | None:
    """None for a delivery that is not there any more."""
    row = (await connection.execute(select(deliveries).where(deliveries.c.id == delivery_id))).one_or_none()
    if row is None:
        return None
    delivery = delivery_of(row)
    story_id, article_id = await alert_of(connection, delivery.alert_id)
    watched = await names.names_matched(connection, article_id)
    lead = next((watched[key] for key in delivery.names if key in watched), None)
    title = (await articles.article_row(connection, article_id)).article.title
    return Subject(delivery.target, story_id, title, lead)


async def _follows(connection: AsyncConnection, story_id: int, delivery: Delivery) -> str | None:
    """The headline of the earlier story, where that named somebody whom the delivery is about: what other chats watch
    for stays theirs."""
    earlier = await stories.followed_by(connection, story_id)
    if earlier is None or not await stories.names_any(connection, earlier, delivery.names):
        return None
    return await stories.title_followed(connection, story_id)


async def blindness_of(
    connection: AsyncConnection, target: Target, since: datetime, access: Access
) -> Blindness | None:
    """The outage of ours since then, with what the feeds that the target follows may have lost."""
    followed = await scopes_served(connection, target.chat_id, access, topic_id=target.topic_id)
    tags = {each.scope: each.tags for each in await names.watchlist_rows(connection)}
    of_all = any(not tags.get(scope) for scope in followed)  # a name of one's own, or a list without tags
    narrowed = frozenset[str]().union(*(tags[scope] for scope in followed)) if not of_all else None
    return await feeds.blindness_since(connection, since, tags=narrowed)


async def hits_of(connection: AsyncConnection, article_id: int) -> list[Hit]:
    """The article's matches whose names are still watched."""
    watched = await names.names_matched(connection, article_id)
    found = await stories.matches_of(connection, article_id)
    return [
        Hit(watched[match.scope, match.name_id], match) for match in found if (match.scope, match.name_id) in watched
    ]


def _compose(
    facts: Facts, target: Target, told: Sequence[Hit], told_scopes: Collection[Scope], shown_scopes: Collection[Scope]
) -> AlertView:
    """`told_scopes`: of the names that the alert is about, those included that the article no longer holds.
    `shown_scopes`: of those that may be named beside them."""
    list_tags = {each.scope: each.tags for each in facts.lists}
    looks_at = [list_tags.get(scope, frozenset()) for scope in told_scopes]
    story = [
        each
        for each in facts.story
        if each.id == facts.lead.id
        or any(covers(of_list, facts.tags.get(each.id, frozenset())) for of_list in looks_at)
    ]
    return compose(
        facts.lead,
        told,
        [hit for hit in facts.hits if hit.name.scope in shown_scopes],
        target=target,
        story=story,
        feed_titles=facts.feed_titles,
        list_titles={each.scope: each.title for each in facts.lists},
    )
