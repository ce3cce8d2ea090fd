"""What is told in a digest or at the end of a mute: held deliveries, what rang meanwhile, how the feeds fared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.digest import Digest, FeedsRead, Hidden, Line
from bot.model import DeliveryState, Scope, Target
from bot.storage import names
from bot.storage.outbox import NIGHT, Delivery, delivery_of
from bot.storage.schema import articles, deliveries, feeds
from bot.storage.subscriptions import scopes_followed
from bot.storage.views import blindness_of, view_of
from bot.storage.wishes import current_mutes

WORTH_SAYING = timedelta(hours=1)
"""A shorter trouble of ours, a restart, loses nothing that the next poll does not bring."""
MOST_TOLD = 30
MOST_HELD = 60
"""Deliveries looked at for one message; what does not fit waits for the next one."""


async def digest_of(connection: AsyncConnection, target: Target, since: datetime, now: datetime) -> Digest:
    """All that a digest of this target says now. `since`: the last one."""
    held = await held_for(connection, target, ("digest", "possible"))
    told = await _told_since(connection, target, since)
    return Digest(
        told=await lines_of(connection, told),
        waiting=await lines_of(connection, [each for each in held if each.why == "digest"]),
        to_check=await lines_of(connection, [each for each in held if each.why == "possible"]),
        hidden=tuple(each for each in await hidden_by_mutes(connection, target, now) if each.stories),
        feeds=await feeds_read(connection, target, since),
    )


async def lines_of(connection: AsyncConnection, owed: Sequence[Delivery]) -> tuple[Line, ...]:
    """As they stand now; those whose every name is no longer watched are left out."""
    views = [(each, await view_of(connection, each)) for each in owed]
    return tuple(Line(each.id, view, each.bundle == NIGHT) for each, view in views if view is not None)


async def held_for(connection: AsyncConnection, target: Target, whys: Collection[str]) -> list[Delivery]:
    """The oldest deliveries that are held for these reasons."""
    return await _held(connection, target, deliveries.c.why.in_(whys))


async def held_by_mute(connection: AsyncConnection, target: Target, mute_id: int) -> list[Delivery]:
    return await _held(connection, target, deliveries.c.mute_id == mute_id)


async def _held(connection: AsyncConnection, target: Target, which: ColumnElement[bool]) -> list[Delivery]:
    held = deliveries.c.state == DeliveryState.HELD.value
    query = select(deliveries).where(_to(target), held, which).order_by(deliveries.c.id).limit(MOST_HELD)
    return [delivery_of(row) for row in await connection.execute(query)]


async def _told_since(connection: AsyncConnection, target: Target, since: datetime) -> list[Delivery]:
    sent = (deliveries.c.state == DeliveryState.SENT.value) & (deliveries.c.sent_at > since)
    query = select(deliveries).where(_to(target), sent).order_by(deliveries.c.id.desc()).limit(MOST_TOLD)
    return sorted((delivery_of(row) for row in await connection.execute(query)), key=lambda each: each.id)


async def hidden_by_mutes(connection: AsyncConnection, target: Target, now: datetime) -> tuple[Hidden, ...]:
    """The mutes in force here, oldest first, with how much each hides so far."""
    held = deliveries.c.state == DeliveryState.HELD.value
    query = select(deliveries.c.mute_id, func.count()).where(_to(target), held, deliveries.c.mute_id.is_not(None))
    counts = dict((await connection.execute(query.group_by(deliveries.c.mute_id))).tuples().all())
    mutes = (await current_mutes(connection, [target], now)).get(target, [])
    return tuple(Hidden(mute, counts.get(mute.id, 0)) for mute in mutes)


def _to(target: Target) -> ColumnElement[bool]:
    return (deliveries.c.chat_id == target.chat_id) & (deliveries.c.topic_id == target.topic_id)


# --- How the feeds fared ----------------------------------------------------------------------------------------------


async def feeds_read(connection: AsyncConnection, target: Target, since: datetime) -> FeedsRead:
    """Of the feeds that this target's lists look at, since then."""
    tags = await _tags_looked_at(connection, target)
    blind = await blindness_of(connection, target, since)
    query = select(feeds).where(feeds.c.active).order_by(feeds.c.title, feeds.c.id)
    rows = [row for row in await connection.execute(query) if tags is None or tags.intersection(row.tags)]
    taken_in = select(func.count()).where(
        articles.c.feed_id.in_([row.id for row in rows]), articles.c.seen_at > since, ~articles.c.baseline
    )
    return FeedsRead(
        feeds=len(rows),
        articles=(await connection.execute(taken_in)).scalar_one(),
        quiet=tuple((row.title or row.id, row.newest_at) for row in rows if row.noticed == "quiet" and row.newest_at),
        failing=tuple(
            (row.title or row.id, row.failing_since) for row in rows if row.noticed == "failing" and row.failing_since
        ),
        refused=tuple(row.title or row.id for row in rows if row.noticed in {"refused", "gone"}),
        blind=blind if blind and blind.end_at - blind.begin_at >= WORTH_SAYING else None,
    )


async def _tags_looked_at(connection: AsyncConnection, target: Target) -> frozenset[str] | None:
    """None for all feeds: a name of one's own looks at them, and a list without tags."""
    lists = {each.scope: each.tags for each in await names.watchlist_rows(connection)}
    followed: list[Scope] = await scopes_followed(connection, target)
    if any(not lists.get(scope) for scope in followed):
        return None
    return frozenset[str]().union(*(lists[scope] for scope in followed))
