"""Gathers from the tables what an alert shows to one target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.compose import compose
from bot.alerts.decide import Hit
from bot.model import AlertView, Blindness, Scope, Target
from bot.storage import articles, feeds, names, stories
from bot.storage.outbox import Delivery, alert_of, told_before
from bot.storage.subscriptions import scopes_followed


async def view_of(connection: AsyncConnection, delivery: Delivery) -> AlertView | None:
    """The alert as it stands now; None when every name it was to tell is no longer watched."""
    story_id, article_id = await alert_of(connection, delivery.alert_id)
    hits = await hits_of(connection, article_id)
    by_name = {(hit.name.scope, hit.name.id): hit for hit in hits}
    earlier = await told_before(connection, story_id, delivery)
    told = [by_name[key] for key in delivery.names if key in by_name]
    if not told:
        return None
    view = await _compose(connection, story_id, article_id, delivery.target, told, hits)
    return replace(view, reply_to_story=earlier)


async def blindness_of(connection: AsyncConnection, target: Target, since: datetime) -> Blindness | None:
    """The outage of ours since then, with what the feeds that the target follows may have lost."""
    followed = set(await scopes_followed(connection, target))
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


async def _compose(
    connection: AsyncConnection,
    story_id: int,
    article_id: int,
    target: Target,
    told: Sequence[Hit],
    hits: Sequence[Hit],
) -> AlertView:
    scopes = {*await scopes_followed(connection, target), *(hit.name.scope for hit in told)}
    story = await stories.articles_of(connection, story_id)
    lists: dict[Scope, str] = {each.scope: each.title for each in await names.watchlist_rows(connection)}
    return compose(
        (await articles.article_row(connection, article_id)).article,
        told,
        [hit for hit in hits if hit.name.scope in scopes],
        target=target,
        story=story,
        feed_titles=await feeds.feed_titles(connection, [each.article.feed_id for each in story]),
        list_titles=lists,
    )
