"""What each feed told us last and when it is due. The feeds' addresses and headers stay in the configuration."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Feed
from bot.storage.database import insert
from bot.storage.schema import feeds, polls


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A feed's row, as a poll needs it."""

    id: str
    etag: str | None
    last_modified: str | None
    body_digest: str | None
    baseline_at: datetime | None
    """The first good poll; None before it."""
    failures: int
    state: str


async def sync_feeds(tx: AsyncConnection, listed: Sequence[Feed], first_polls: Mapping[str, datetime]) -> None:
    """Make the rows say what the configuration says.

    A feed that is new, or back, is due at its time in `first_polls`. One whose URL changed keeps its identities (a
    moved feed tells nothing twice) and forgets its validators. One no longer listed is kept, inactive.
    """
    known = {row.id: row for row in await tx.execute(select(feeds))}
    await tx.execute(update(feeds).values(active=False))
    for feed in listed:
        digest = hashlib.blake2b(feed.url.encode(), digest_size=16).hexdigest()
        described: dict[str, Any] = {
            "url_digest": digest,
            "language": feed.language,
            "tags": sorted(feed.tags),
            "active": True,
        }
        if feed.title:  # else what the feed calls itself is kept
            described["title"] = feed.title
        row = known.get(feed.id)
        if row is None:
            fresh = described | {
                "id": feed.id,
                "title": feed.title,
                "state": "ok",
                "next_poll_at": first_polls[feed.id],
                "failures": 0,
            }
            await tx.execute(insert(tx, feeds).values(fresh))
            continue
        if row.url_digest != digest:
            described |= {"etag": None, "last_modified": None, "body_digest": None, "failures": 0, "state": "ok"}
        if row.url_digest != digest or not row.active:
            described["next_poll_at"] = first_polls[feed.id]
        await tx.execute(update(feeds).where(feeds.c.id == feed.id).values(described))


async def due(connection: AsyncConnection, now: datetime, *, limit: int) -> list[str]:
    """The feeds that are due and that nobody holds, the longest waiting first."""
    query = select(feeds.c.id).where(feeds.c.active, feeds.c.next_poll_at <= now, _is_free(now))
    return list((await connection.execute(query.order_by(feeds.c.next_poll_at, feeds.c.id).limit(limit))).scalars())


async def claim(tx: AsyncConnection, feed_ids: Sequence[str], now: datetime, *, lease_s: float) -> list[FeedRecord]:
    """Those of the feeds that are still free; nobody else gets them until the lease ends or the poll does."""
    values = {"lease_until": now + timedelta(seconds=lease_s)}
    mine = update(feeds).where(feeds.c.id.in_(feed_ids), _is_free(now)).values(values).returning(feeds)
    return [_record(row) for row in await tx.execute(mine)]


def _is_free(now: datetime) -> ColumnElement[bool]:
    return feeds.c.lease_until.is_(None) | (feeds.c.lease_until < now)


async def release_leases(tx: AsyncConnection) -> None:
    """At a start: whoever held them is gone, there is one instance."""
    await tx.execute(update(feeds).values(lease_until=None))


async def record_poll(
    tx: AsyncConnection, feed_id: str, *, now: datetime, next_poll_at: datetime, outcome: str, **changes: Any
) -> None:
    """The end of a poll. `outcome`: `good`, `unchanged` or `failed`; `changes` are columns of `feeds`."""
    if outcome != "failed":
        changes |= {"failures": 0, "state": "ok", "last_error": None, "last_good_at": now}
    values = changes | {"next_poll_at": next_poll_at, "lease_until": None}
    await tx.execute(update(feeds).where(feeds.c.id == feed_id).values(values))
    counted = {"made": 1, "failed": int(outcome == "failed"), "unchanged": int(outcome == "unchanged")}
    await count_polls(tx, feed_id, now, **counted)


async def count_polls(tx: AsyncConnection, feed_id: str, now: datetime, **counted: int) -> None:
    """Add to the feed's figures of the day (UTC): made, failed, unchanged, new_articles."""
    statement = insert(tx, polls)
    added = {name: polls.c[name] + number for name, number in counted.items()}
    await tx.execute(
        statement.values(feed_id=feed_id, day=now.date(), **counted).on_conflict_do_update(
            index_elements=["feed_id", "day"], set_=added
        )
    )


async def next_due_at(connection: AsyncConnection) -> datetime | None:
    """When the next poll of any feed is due; None without feeds."""
    query = select(feeds.c.next_poll_at).where(feeds.c.active).order_by(feeds.c.next_poll_at).limit(1)
    return (await connection.execute(query)).scalar_one_or_none()


async def reading_since(connection: AsyncConnection) -> datetime | None:
    """The first good poll of any feed; None before it."""
    since: datetime | None = (await connection.execute(select(func.min(feeds.c.baseline_at)))).scalar_one()
    return since


async def feed_tags(connection: AsyncConnection, feed_ids: Sequence[str]) -> frozenset[str]:
    """The tags of these feeds together."""
    rows = await connection.execute(select(feeds.c.tags).where(feeds.c.id.in_(feed_ids)))
    return frozenset(tag for row in rows for tag in row.tags)


async def feed_titles(connection: AsyncConnection, feed_ids: Sequence[str]) -> dict[str, str]:
    """The outlets' names by feed id."""
    rows = await connection.execute(select(feeds.c.id, feeds.c.title).where(feeds.c.id.in_(feed_ids)))
    return {row.id: row.title for row in rows}


def _record(row: Row[Any]) -> FeedRecord:
    return FeedRecord(
        id=row.id,
        etag=row.etag,
        last_modified=row.last_modified,
        body_digest=row.body_digest,
        baseline_at=row.baseline_at,
        failures=row.failures,
        state=row.state,
    )
