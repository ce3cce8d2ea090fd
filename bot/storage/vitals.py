"""What waits to be done, and how much there is of everything: for health, `/metrics` and `status`. Only reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.feeds.health import State, Trouble
from bot.model import CONSOLE, DeliveryState
from bot.storage.outbox import WAITING
from bot.storage.schema import articles, chats, deliveries, feeds, stories, subscriptions, watched_names, watchlists

QUIET = "quiet"
SUSPENDED = "suspended"
UNPOLLED = "unpolled"
FEED_STATES = ("ok", QUIET, UNPOLLED, "failing", "refused", SUSPENDED)


@dataclass(frozen=True, slots=True)
class Oldest:
    """Since when the oldest piece of each kind of work is due; None: nothing is."""

    feed: datetime | None = None
    article: datetime | None = None
    """When it was first seen; an edit may have made it new again since."""
    delivery: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    feeds: Mapping[str, int]
    """By one of `FEED_STATES`, those that are listed."""
    deliveries: Mapping[str, int]
    """By `model.DeliveryState`."""
    articles_waiting: int
    names: int
    watchlists: int
    chats: int
    """Those that can be reached, the console apart."""
    subscriptions: int
    stories: int
    bytes: int
    """Of the database."""
    last_good_poll_at: datetime | None
    last_sent_at: datetime | None


async def oldest_waiting(
    connection: AsyncConnection,
    now: datetime,
    *,
    broken: Collection[int] = (),
    waiting_chats: Sequence[int] = (),
    only: int | None = None,
) -> Oldest:
    """What could be done at this moment, and for how long.

    Args:
        broken: articles that are put aside until a restart.
        waiting_chats: chats that limits hold back.
        only: the one chat that is served; None: all but the console.
    """
    free = feeds.c.lease_until.is_(None) | (feeds.c.lease_until < now)
    due_feed = select(func.min(feeds.c.next_poll_at)).where(
        feeds.c.active, feeds.c.state != State.GONE.value, feeds.c.next_poll_at <= now, free
    )
    new_article = select(func.min(articles.c.seen_at)).where(articles.c.state == "new", articles.c.id.not_in(broken))
    chat = deliveries.c.chat_id == only if only is not None else deliveries.c.chat_id != CONSOLE.chat_id
    due_delivery = select(func.min(deliveries.c.due_at)).where(
        deliveries.c.state.in_(WAITING), deliveries.c.due_at <= now, chat, deliveries.c.chat_id.not_in(waiting_chats)
    )
    # One question: it is asked every few seconds, for as long as the daemon lives.
    every = select(*(query.scalar_subquery() for query in (due_feed, new_article, due_delivery)))
    return Oldest(*(await connection.execute(every)).one())


async def count_all(connection: AsyncConnection) -> Counts:
    async def number(condition: ColumnElement[bool], of: ColumnElement[int]) -> int:
        return int((await connection.execute(select(of).where(condition))).scalar_one())

    every = func.count()
    return Counts(
        feeds=await feed_states(connection),
        deliveries=await _deliveries(connection),
        articles_waiting=await number(articles.c.state == "new", every),
        names=await number(watched_names.c.id.is_not(None), every),
        watchlists=await number(watchlists.c.present, every),
        chats=await number((chats.c.state == "active") & (chats.c.chat_id != CONSOLE.chat_id), every),
        subscriptions=await number(subscriptions.c.id.is_not(None), every),
        stories=await number(stories.c.id.is_not(None), every),
        bytes=await database_bytes(connection),
        last_good_poll_at=(await connection.execute(select(func.max(feeds.c.last_good_at)))).scalar_one(),
        last_sent_at=(await connection.execute(select(func.max(deliveries.c.sent_at)))).scalar_one(),
    )


async def feed_states(connection: AsyncConnection) -> dict[str, int]:
    """How many of the listed feeds are in each of `FEED_STATES`."""
    polled = feeds.c.last_good_at.is_not(None)
    query = (
        select(feeds.c.state, feeds.c.noticed, polled, func.count())
        .where(feeds.c.active)
        .group_by(feeds.c.state, feeds.c.noticed, polled)
    )
    found = dict.fromkeys(FEED_STATES, 0)
    for state, noticed, was_polled, number in await connection.execute(query):
        found[standing(state, noticed, polled=bool(was_polled))] += number
    return found


def standing(state: str, noticed: str | None, *, polled: bool) -> str:
    """One of `FEED_STATES`, from a feed's row."""
    if state == State.GONE.value:
        return SUSPENDED
    if state != State.OK.value:
        return state
    if noticed == Trouble.QUIET.value:
        return QUIET
    return state if polled else UNPOLLED


async def _deliveries(connection: AsyncConnection) -> dict[str, int]:
    found = {state.value: 0 for state in DeliveryState}
    query = select(deliveries.c.state, func.count().label("number")).group_by(deliveries.c.state)
    return found | {row.state: row.number for row in await connection.execute(query)}


async def database_bytes(connection: AsyncConnection) -> int:
    if connection.dialect.name == "postgresql":
        return int((await connection.execute(text("SELECT pg_database_size(current_database())"))).scalar_one())
    pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
    return int(pages) * int((await connection.execute(text("PRAGMA page_size"))).scalar_one())
