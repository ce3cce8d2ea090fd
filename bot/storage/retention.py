"""What is old enough to be forgotten, and how it is forgotten: a table at a time, a few rows a transaction.

A step first reads the keys of what is due, beside the writer, and then deletes them in the caller's small transactions.
The order of `STEPS` matters: what was decided is put aside before the alert it hangs on is deleted. How long things are
kept is not decided here (`bot.retention`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, exists, insert, not_, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState
from bot.retention import Cutoffs
from bot.storage.outbox import WAITING
from bot.storage.schema import (
    admin_log,
    alerts,
    articles,
    deliveries,
    feeds,
    gaps,
    identities,
    invites,
    matches,
    messages,
    mutes,
    past_deliveries,
    polls,
    questions,
    stories,
    story_articles,
    told,
    verdicts,
)

Key = tuple[Any, ...]
"""A row's primary key."""
Condition = Callable[[Cutoffs], ColumnElement[bool]]


async def _nothing_first(_tx: AsyncConnection, _keys: Sequence[Key]) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Step:
    """The rows of a table that are due by one clock."""

    table: Table
    is_due: Condition
    first: Callable[[AsyncConnection, Sequence[Key]], Awaitable[None]] = _nothing_first
    """What is done in the same transaction before the rows are deleted."""

    async def due(self, connection: AsyncConnection, before: Cutoffs, limit: int) -> list[Key]:
        """The keys of so many rows that are to be forgotten."""
        query = select(*self.table.primary_key).where(self.is_due(before)).limit(limit)
        return [tuple(row) for row in await connection.execute(query)]

    async def forget(self, tx: AsyncConnection, keys: Sequence[Key], before: Cutoffs) -> int:
        """Delete these rows, unless something happened to them meanwhile; returns how many there were."""
        these = self._these(keys) & self.is_due(before)
        still = [tuple(row) for row in await tx.execute(select(*self.table.primary_key).where(these))]
        if not still:
            return 0
        await self.first(tx, still)
        await tx.execute(delete(self.table).where(self._these(still)))
        return len(still)

    def _these(self, keys: Sequence[Key]) -> ColumnElement[bool]:
        columns = list(self.table.primary_key)
        if len(columns) == 1:
            return columns[0].in_([key[0] for key in keys])
        return tuple_(*columns).in_(keys)


# --- Stories -----------------------------------------------------------------------------------------------------


def _ended(before: Cutoffs) -> Select[tuple[int]]:
    """Stories to which nothing was added for so long, and of which nobody is owed anything any more."""
    joined = exists().where(story_articles.c.story_id == stories.c.id, story_articles.c.joined_at >= before.matched)
    open_states = (*WAITING, DeliveryState.SENDING.value)
    owed = (
        exists()
        .where(alerts.c.story_id == stories.c.id, deliveries.c.alert_id == alerts.c.id)
        .where(deliveries.c.state.in_(open_states))
    )
    return select(stories.c.id).where(stories.c.last_at < before.matched, ~joined, ~owed)


def _deliveries_of_stories(before: Cutoffs) -> ColumnElement[bool]:
    return deliveries.c.alert_id.in_(select(alerts.c.id).where(alerts.c.story_id.in_(_ended(before))))


def _told_of_stories(before: Cutoffs) -> ColumnElement[bool]:
    return told.c.story_id.in_(_ended(before))


def _articles_of_stories(before: Cutoffs) -> ColumnElement[bool]:
    theirs = select(story_articles.c.article_id).where(story_articles.c.story_id.in_(_ended(before)))
    return articles.c.id.in_(theirs) & ~_is_told()


def _empty_stories(before: Cutoffs) -> ColumnElement[bool]:
    return stories.c.id.in_(_ended(before)) & ~exists().where(story_articles.c.story_id == stories.c.id)


def _messages_of_nothing(before: Cutoffs) -> ColumnElement[bool]:
    return (messages.c.sent_at < before.matched) & ~exists().where(deliveries.c.message_row == messages.c.id)


async def put_aside(tx: AsyncConnection, delivery_ids: Sequence[int]) -> None:
    """Keep what was decided: who was told what, when and why, without the article's words."""
    query = (
        select(deliveries, alerts.c.article_id, articles.c.url)
        .select_from(deliveries.join(alerts).join(articles, articles.c.id == alerts.c.article_id))
        .where(deliveries.c.id.in_(delivery_ids))
        .order_by(deliveries.c.id)
    )
    rows = (await tx.execute(query)).all()
    found = await evidence_of(tx, {row.article_id for row in rows})
    kept = ("chat_id", "topic_id", "names", "url", "state", "tier", "priority", "why", "created_at", "sent_at")
    past = [
        {key: getattr(row, key) for key in kept}
        | {"evidence": [found.get((row.article_id, scope, name_id)) for scope, name_id in row.names]}
        for row in rows
    ]
    if past:
        await tx.execute(insert(past_deliveries), past)


async def evidence_of(connection: AsyncConnection, article_ids: set[int]) -> dict[tuple[int, str, str], dict[str, Any]]:
    """Of each match in these articles: what was read, and why it was accepted."""
    rows = await connection.execute(select(matches).where(matches.c.article_id.in_(article_ids)))
    return {
        (row.article_id, row.scope, row.name_id): {
            "text": row.text,
            "score": row.score,
            "tier": row.tier,
            "reasons": row.reasons,
        }
        for row in rows
    }


async def _put_aside(tx: AsyncConnection, keys: Sequence[Key]) -> None:
    await put_aside(tx, [key[0] for key in keys])


# --- Articles ----------------------------------------------------------------------------------------------------


def _is_told() -> ColumnElement[bool]:
    return exists().where(alerts.c.article_id == articles.c.id, deliveries.c.alert_id == alerts.c.id)


def _in_a_story() -> ColumnElement[bool]:
    return exists().where(story_articles.c.article_id == articles.c.id) | exists().where(
        alerts.c.article_id == articles.c.id
    )


def _unmatched(before: Cutoffs) -> ColumnElement[bool]:
    named = exists().where(matches.c.article_id == articles.c.id)
    dealt_with = (articles.c.state == "done") & articles.c.page_due_at.is_(None)
    return (articles.c.seen_at < before.unmatched) & dealt_with & ~named & ~_in_a_story()


def _in_no_story(before: Cutoffs) -> ColumnElement[bool]:
    """What was there already when its feed was first read, and what nobody could look at for so long."""
    return (articles.c.seen_at < before.matched) & ~_in_a_story()


async def _keep_urls(tx: AsyncConnection, keys: Sequence[Key]) -> None:
    """A verdict outlives its article, and says of which one it was."""
    url = select(articles.c.url).where(articles.c.id == verdicts.c.article_id).scalar_subquery()
    theirs = verdicts.c.article_id.in_([key[0] for key in keys])
    await tx.execute(update(verdicts).where(theirs).values(url=url))


def _unlisted(before: Cutoffs) -> ColumnElement[bool]:
    """Identities of forgotten articles that their feed has not listed for long.

    It must have been read to its end since; of a feed that is not configured any more, whatever it lists when it comes
    back alerts nobody.
    """
    old = identities.c.article_id.is_(None) & (identities.c.listed_at < before.unlisted)
    read_since = ~feeds.c.active | (feeds.c.read_at > identities.c.listed_at)
    return old & exists().where(feeds.c.id == identities.c.feed_id, read_since)


# --- The rest ----------------------------------------------------------------------------------------------------


def _past_links(before: Cutoffs) -> ColumnElement[bool]:
    unused = invites.c.used_at.is_(None) & (invites.c.expires_at < before.passed)
    return unused | (invites.c.used_at < before.decisions)


def _deserted_feeds(_before: Cutoffs) -> ColumnElement[bool]:
    """Not configured any more, and nothing is known of them."""
    holds = (exists().where(table.c.feed_id == feeds.c.id) for table in (articles, identities, polls, gaps))
    return not_(or_(feeds.c.active, *holds))


STEPS = (
    Step(deliveries, _deliveries_of_stories, _put_aside),
    Step(told, _told_of_stories),
    Step(articles, _articles_of_stories, _keep_urls),
    Step(stories, _empty_stories),
    Step(messages, _messages_of_nothing),
    Step(articles, _unmatched, _keep_urls),
    Step(articles, _in_no_story, _keep_urls),
    Step(identities, _unlisted),
    Step(past_deliveries, lambda before: past_deliveries.c.created_at < before.decisions),
    Step(verdicts, lambda before: verdicts.c.given_at < before.decisions),
    Step(admin_log, lambda before: admin_log.c.at < before.decisions),
    Step(polls, lambda before: polls.c.day < before.decisions.date()),
    Step(gaps, lambda before: gaps.c.end_at < before.decisions),
    Step(invites, _past_links),
    Step(mutes, lambda before: mutes.c.ended_at < before.passed),
    Step(questions, lambda before: questions.c.asked_at < before.passed),
    Step(feeds, _deserted_feeds),
)
"""What is forgotten, in this order."""
