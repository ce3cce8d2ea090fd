"""What is told in a digest or at the end of a mute: held deliveries, what rang meanwhile, how the feeds fared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access
from bot.alerts.digest import Digest, FeedsRead, Hidden, Line
from bot.model import DeliveryState, Target
from bot.storage import names
from bot.storage.access import scopes_closed, scopes_served
from bot.storage.outbox import NIGHT, Delivery, delivery_of
from bot.storage.schema import articles, deliveries, feeds
from bot.storage.views import blindness_of, view_of
from bot.storage.wishes import current_mutes

WORTH_SAYING = timedelta(hours=1)
"""A shorter trouble of ours, a restart, loses nothing that the next poll does not bring."""
MOST_TOLD = 30
MOST_HELD = 60
"""Deliveries looked at for one message; what does not fit waits for the next one."""


async def digest_of(
    connection: AsyncConnection, target: Target, since: datetime, now: datetime, access: Access
) -> Digest:
    """All that a digest of this target says now. `since`: the last one."""
    held = await held_for(connection, target, ("digest", "possible"))
    told = await _told_since(connection, target, since, access)
    return Digest(
        told=await lines_of(connection, told, access),
        waiting=await lines_of(connection, [each for each in held if each.why == "digest"], access),
        to_check=await lines_of(connection, [each for each in held if each.why == "possible"], access),
        hidden=tuple(each for each in await hidden_by_mutes(connection, target, now) if each.stories),
        feeds=await feeds_read(connection, target, since, access),
    )


async def lines_of(connection: AsyncConnection, owed: Sequence[Delivery], access: Access) -> tuple[Line, ...]:
    """As they stand now; those whose every name is no longer watched are left out."""
    views = [(each, await view_of(connection, each, access)) for each in owed]
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


async def _told_since(connection: AsyncConnection, target: Target, since: datetime, access: Access) -> list[Delivery]:
    """What rang here, without what may no longer be shown here."""
    sent = (deliveries.c.state == DeliveryState.SENT.value) & (deliveries.c.sent_at > since)
    query = select(deliveries).where(_to(target), sent).order_by(deliveries.c.id.desc()).limit(MOST_TOLD)
    told = sorted((delivery_of(row) for row in await connection.execute(query)), key=lambda each: each.id)
    closed = await scopes_closed(connection, target, {scope for each in told for scope, _ in each.names}, access)
    shown = [replace(each, names=tuple(name for name in each.names if name[0] not in closed)) for each in told]
    return [each for each in shown if each.names]


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


async def feeds_read(connection: AsyncConnection, target: Target, since: datetime, access: Access) -> FeedsRead:
    """Of the feeds that this target's lists look at, since then."""
    tags = await _tags_looked_at(connection, target, access)
    blind = await blindness_of(connection, target, since, access)
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


async def _tags_looked_at(connection: AsyncConnection, target: Target, access: Access) -> frozenset[str] | None:
    """None for all feeds: a name of one's own looks at them, and a list without tags."""
    lists = {each.scope: each.tags for each in await names.watchlist_rows(connection)}
    followed = await scopes_served(connection, target.chat_id, access, topic_id=target.topic_id)
    if any(not lists.get(scope) for scope in followed):
        return None
    return frozenset[str]().union(*(lists[scope] for scope in followed))
