"""What a chat missed while it could not be reached, and its return.

Nothing was owed to it meanwhile, so that what it missed is not poured out: it is counted, and `/latest` shows it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access
from bot.alerts.decide import covers
from bot.alerts.outbox import PAUSING
from bot.model import DeliveryState
from bot.storage import names
from bot.storage.access import scopes_served
from bot.storage.chats import PAUSED, chat_of, resume_chat
from bot.storage.schema import alerts, articles, deliveries, feeds, matches, story_articles, told


async def come_back(tx: AsyncConnection, chat_id: int, access: Access) -> int:
    """A chat that was paused can be reached again; how many stories it missed of what it may be told of now.

    None (0) for a chat that was not paused.
    """
    chat = await chat_of(tx, chat_id)
    if chat is None or chat.state != PAUSED:
        return 0
    missed = set() if chat.paused_at is None else await _missed(tx, chat_id, chat.paused_at, access)
    await resume_chat(tx, chat_id)
    return len(missed)


async def _missed(connection: AsyncConnection, chat_id: int, since: datetime, access: Access) -> set[int]:
    """The stories that were not sent because of the refusal, and those of which nothing was owed since."""
    followed = await scopes_served(connection, chat_id, access)
    closed = [DeliveryState.FAILED.value, DeliveryState.SUPPRESSED.value]
    refused = (
        select(alerts.c.story_id, deliveries.c.names)
        .join(deliveries)
        .where(deliveries.c.chat_id == chat_id, deliveries.c.state.in_(closed), deliveries.c.why.in_(PAUSING))
        .where(deliveries.c.due_at >= since)
    )
    found = {
        row.story_id for row in await connection.execute(refused) if any(scope in followed for scope, _ in row.names)
    }
    heard = select(told.c.story_id).where(told.c.chat_id == chat_id)
    query = (
        select(story_articles.c.story_id, matches.c.scope, feeds.c.tags)
        .select_from(story_articles.join(articles).join(matches).join(feeds, feeds.c.id == articles.c.feed_id))
        .where(
            story_articles.c.joined_at >= since,
            matches.c.scope.in_(followed),
            story_articles.c.story_id.not_in(heard),
        )
    )
    tags = {each.scope: each.tags for each in await names.watchlist_rows(connection)}
    for row in await connection.execute(query):
        if covers(tags.get(row.scope, frozenset()), frozenset(row.tags)):
            found.add(row.story_id)
    return found
