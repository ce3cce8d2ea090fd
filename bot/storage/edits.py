"""Messages that no longer show their story as it is: which are due, and what became of their edits.

A message is marked in the transaction that changes its story, and stays so until an edit that shows all of it is
confirmed: a restart goes on with what is marked. That an edit is repeated does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.decide import covers
from bot.alerts.edits import SETTLES_S, edit_due
from bot.model import CONSOLE, DeliveryState, Scope, Target
from bot.storage import names
from bot.storage.articles import listing_feeds
from bot.storage.chats import ACTIVE
from bot.storage.feeds import feed_tags
from bot.storage.outbox import DIGEST, WAITING, Delivery, delivery_of
from bot.storage.schema import (
    alerts,
    articles,
    chats,
    deliveries,
    feeds,
    identities,
    messages,
    stories,
    story_articles,
)
from bot.storage.stories import story_of

Stamp = tuple[int, int, int]
"""Changes whenever a story does: its articles, their revisions together, those withdrawn."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was sent and is to be edited."""

    id: int
    """Of its row."""
    target: Target
    message_id: int
    """Of Telegram's."""
    sent_at: datetime
    edited_at: datetime | None
    shown: str | None


_MARK = update(messages).where(messages.c.id == bindparam("row")).values(edit_due_at=bindparam("due_at"))


async def story_changed(tx: AsyncConnection, article_id: int, now: datetime, *, settles_s: float = SETTLES_S) -> int:
    """An article joined its story, or was corrected or withdrawn: the messages that show it are due for an edit.

    Those are the messages of the story that tell of a name of a list that looks at one of the article's feeds. What is
    due already is not put off.

    Returns:
        How many messages show the article, or will.
    """
    story_id = await story_of(tx, article_id)
    if story_id is None:
        return 0
    await _hold(tx, select(stories.c.id).where(stories.c.id == story_id))
    sent = await _sent_messages(tx, story_id)
    if not sent:
        return 0
    article_tags = await feed_tags(tx, await listing_feeds(tx, article_id))
    list_tags = {each.scope: each.tags for each in await names.watchlist_rows(tx)}
    touched: dict[int, Row[Any]] = {}
    for row in sent:
        scopes = {Scope(scope) for scope, _ in row.names}
        if row.article_id == article_id or any(
            covers(list_tags.get(each, frozenset()), article_tags) for each in scopes
        ):
            touched[row.id] = row
    due = [
        {"row": row.id, "due_at": edit_due(now, sent_at=row.sent_at, edited_at=row.edited_at, settles_s=settles_s)}
        for row in touched.values()
        if row.edit_due_at is None
    ]
    if due:
        await tx.execute(_MARK, due)
    return len(touched)


async def outlets_of(connection: AsyncConnection, story_id: int) -> dict[str, frozenset[str]]:
    """The feeds whose articles tell the story, each with the tags of all feeds that list its articles."""
    found: dict[str, frozenset[str]] = {}
    tags = await tags_of_story(connection, story_id)
    query = select(articles.c.id, articles.c.feed_id).join(story_articles).where(story_articles.c.story_id == story_id)
    for row in await connection.execute(query):
        found[row.feed_id] = found.get(row.feed_id, frozenset()) | tags.get(row.id, frozenset())
    return found


async def tags_of_story(connection: AsyncConnection, story_id: int) -> dict[int, frozenset[str]]:
    """Article id → the tags of the feeds that list it, for the articles of a story."""
    query = (
        select(identities.c.article_id, feeds.c.tags)
        .select_from(
            story_articles.join(identities, identities.c.article_id == story_articles.c.article_id).join(feeds)
        )
        .where(story_articles.c.story_id == story_id)
    )
    found: dict[int, frozenset[str]] = {}
    for row in await connection.execute(query):
        found[row.article_id] = found.get(row.article_id, frozenset()) | frozenset(row.tags)
    return found


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """When the next message that is not due yet for an edit will be."""
    earliest = select(func.min(messages.c.edit_due_at)).where(messages.c.edit_due_at > now)
    due: datetime | None = (await connection.execute(earliest)).scalar_one()
    return due


async def due_messages(
    connection: AsyncConnection,
    now: datetime,
    *,
    waiting: Sequence[int],
    only: int | None,
    limit: int,
) -> list[Message]:
    """The messages that are due for an edit, in chats that can be reached and owed no alert now, longest due first.

    Args:
        waiting: chats to leave alone for now.
        only: the one chat to look at; None for all but the console.
    """
    chat = messages.c.chat_id == only if only is not None else messages.c.chat_id != CONSOLE.chat_id
    sending = deliveries.c.state == DeliveryState.SENDING.value
    due = deliveries.c.state.in_(WAITING) & (deliveries.c.due_at <= now)
    alerts_first = select(deliveries.c.chat_id).where(sending | due)
    query = (
        select(messages)
        .join(chats, chats.c.chat_id == messages.c.chat_id)
        .where(
            chat,
            chats.c.state == ACTIVE,
            messages.c.edit_due_at <= now,
            messages.c.chat_id.not_in(waiting),
            messages.c.chat_id.not_in(alerts_first),
        )
        .order_by(messages.c.edit_due_at, messages.c.id)
        .limit(limit)
    )
    return [
        Message(row.id, Target(row.chat_id, row.topic_id), row.message_id, row.sent_at, row.edited_at, row.shown)
        for row in await connection.execute(query)
    ]


async def count_marked(connection: AsyncConnection, chat_id: int) -> int:
    """How many of the chat's messages do not show their story as it is, due or not yet."""
    query = select(func.count()).where(messages.c.chat_id == chat_id, messages.c.edit_due_at.is_not(None))
    return (await connection.execute(query)).scalar_one()


async def deliveries_shown(connection: AsyncConnection, message: Message) -> list[Delivery]:
    """What the message tells, oldest first."""
    query = select(deliveries).where(deliveries.c.message_row == message.id).order_by(deliveries.c.id)
    return [delivery_of(row) for row in await connection.execute(query)]


async def stamp_of(connection: AsyncConnection, delivery_ids: Sequence[int]) -> Stamp:
    """Of the stories that these deliveries tell."""
    told = select(alerts.c.story_id).join(deliveries).where(deliveries.c.id.in_(delivery_ids))
    query = (
        select(func.count(), func.coalesce(func.sum(articles.c.revision), 0), func.count(articles.c.withdrawn_at))
        .select_from(articles.join(story_articles))
        .where(story_articles.c.story_id.in_(told))
    )
    number, revisions, withdrawn = (await connection.execute(query)).one()
    return number, int(revisions), withdrawn


async def stamp_held(tx: AsyncConnection, delivery_ids: Sequence[int]) -> Stamp:
    """The same, and the stories stay so until the transaction ends.

    On PostgreSQL an outlet could join between this reading and what is written after it: the editor would find a
    message that is marked, or not there yet, and leave it so. It waits instead, and marks what it finds then.
    """
    told = select(alerts.c.story_id).join(deliveries).where(deliveries.c.id.in_(delivery_ids))
    await _hold(tx, told)
    return await stamp_of(tx, delivery_ids)


async def _hold(tx: AsyncConnection, story_ids: Select[tuple[int]]) -> None:
    """In one order, so that no two wait for each other. SQLite has one writer and needs no lock."""
    held = select(stories.c.id).where(stories.c.id.in_(story_ids)).order_by(stories.c.id).with_for_update()
    await tx.execute(held)


async def put_off(tx: AsyncConnection, message_row: int, due_at: datetime, why: str | None = None) -> None:
    """Another edit then: this one was not confirmed (`why`), or the story went on while it was under way."""
    await tx.execute(update(messages).where(messages.c.id == message_row).values(edit_due_at=due_at, edit_why=why))


async def record_edit(
    tx: AsyncConnection, message_row: int, shown: str, *, edited_at: datetime | None, next_at: datetime | None
) -> None:
    """It shows the story as it was read.

    Args:
        edited_at: None where it showed that before.
        next_at: when the next edit is due, for a story that went on meanwhile.
    """
    values: dict[str, Any] = {"shown": shown, "edit_due_at": next_at, "edit_why": None}
    if edited_at is not None:
        values["edited_at"] = edited_at
    await tx.execute(update(messages).where(messages.c.id == message_row).values(values))


async def close_edit(tx: AsyncConnection, message_row: int, why: str) -> None:
    """There will be no edit."""
    await tx.execute(update(messages).where(messages.c.id == message_row).values(edit_due_at=None, edit_why=why))


async def close_edits_of_chat(tx: AsyncConnection, chat_id: int, why: str) -> None:
    """The chat cannot be reached: none of its messages can."""
    due = (messages.c.chat_id == chat_id) & messages.c.edit_due_at.is_not(None)
    await tx.execute(update(messages).where(due).values(edit_due_at=None, edit_why=why))


async def first_message_of_story(connection: AsyncConnection, story_id: int, target: Target) -> int | None:
    """Telegram's id of the target's first message about the story, or else about the story it follows."""
    followed = select(stories.c.follows_id).where(stories.c.id == story_id)
    query = (
        select(messages.c.message_id)
        .select_from(deliveries.join(messages).join(alerts))
        .where(
            (alerts.c.story_id == story_id) | alerts.c.story_id.in_(followed),
            deliveries.c.chat_id == target.chat_id,
            deliveries.c.topic_id == target.topic_id,
            deliveries.c.state == DeliveryState.SENT.value,
        )
        .order_by((alerts.c.story_id == story_id).desc(), deliveries.c.id)
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def _sent_messages(tx: AsyncConnection, story_id: int) -> Sequence[Row[Any]]:
    query = (
        select(messages, deliveries.c.names, alerts.c.article_id)
        .select_from(deliveries.join(messages).join(alerts))
        .where(
            alerts.c.story_id == story_id,
            deliveries.c.state == DeliveryState.SENT.value,
            deliveries.c.bundle.is_distinct_from(DIGEST),
        )
        .order_by(messages.c.id)
    )
    return (await tx.execute(query)).all()
