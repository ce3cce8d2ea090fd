"""Gathers from the tables what an alert shows to one target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.compose import compose
from bot.alerts.decide import OUTLETS, covers
from bot.alerts.hit import Hit
from bot.model import AlertView, Blindness, StoredArticle, Target, Watchlist
from bot.storage import articles, edits, feeds, names, stories
from bot.storage.outbox import Delivery, alert_of, identities_told, told_before
from bot.storage.subscriptions import scopes_followed


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
    follows: str | None


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
        follows=await stories.title_followed(connection, story_id),
    )


async def view_of(connection: AsyncConnection, delivery: Delivery, facts: Facts | None = None) -> AlertView | None:
    """The alert as it stands now; None when every name it was to tell is no longer watched.

    `facts`: of its alert, where they were read a moment ago for another target.
    """
    facts = facts or await facts_of(connection, delivery.alert_id)
    by_name = {(hit.name.scope, hit.name.id): hit for hit in facts.hits}
    told = [by_name[key] for key in delivery.names if key in by_name]
    if not told:
        return None
    lead = facts.lead
    earlier = await told_before(connection, facts.story_id, delivery)
    view = await _compose(connection, facts, delivery.target, told)
    corrected = lead.retitled_at and delivery.sent_at and lead.retitled_at > delivery.sent_at
    return replace(
        view,
        reply_to_story=earlier,
        outlets_reached=earlier and await identities_told(connection, delivery) == {OUTLETS},
        retitled_at=lead.retitled_at if corrected else None,
        follows=facts.follows,
    )


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


async def _compose(connection: AsyncConnection, facts: Facts, target: Target, told: Sequence[Hit]) -> AlertView:
    scopes = {*await scopes_followed(connection, target), *(hit.name.scope for hit in told)}
    list_tags = {each.scope: each.tags for each in facts.lists}
    looks_at = [list_tags.get(hit.name.scope, frozenset()) for hit in told]
    story = [
        each
        for each in facts.story
        if each.id == facts.lead.id
        or any(covers(of_list, facts.tags.get(each.id, frozenset())) for of_list in looks_at)
    ]
    return compose(
        facts.lead,
        told,
        [hit for hit in facts.hits if hit.name.scope in scopes],
        target=target,
        story=story,
        feed_titles=facts.feed_titles,
        list_titles={each.scope: each.title for each in facts.lists},
    )
