"""What was polled, what failed and what was missed, a feed and UTC day; and how each feed stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.feeds.health import SHORTEST_GAP, State
from bot.storage.schema import articles, feeds, gaps, polls

RECENT = timedelta(days=7)
"""Over which a feed's articles are counted."""


@dataclass(frozen=True, slots=True)
class PollsOfDay:
    """A feed's polls of a UTC day."""

    feed_id: str
    day: date
    made: int
    failed: int
    unchanged: int
    new_articles: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time about which a feed told us nothing."""

    feed_id: str
    begin_at: datetime
    end_at: datetime | None
    """None: it lasts."""
    why: str
    """`failing`, `refused`, `gone`, `network`, `stopped`, `late`; `late` never while it lasts."""
    lost: bool | None
    """Entries may have come and gone meanwhile; None while it lasts: the feed's next answer tells."""


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """A feed's row, as the people who run the bot want to see it."""

    id: str
    title: str
    state: str
    next_poll_at: datetime
    last_good_at: datetime | None
    failures: int
    failing_since: datetime | None
    last_error: str | None
    noticed: str | None
    usual_gap_s: float | None
    newest_at: datetime | None
    recent_articles: int
    """Taken in during the last `RECENT`."""
    moved_to: str | None = None
    """Where it is polled instead of at its configured address: it has moved for good. May hold secrets."""
    active: bool = True
    """It is among the configured feeds."""


async def polls_since(connection: AsyncConnection, day: date, feed_id: str | None = None) -> list[PollsOfDay]:
    """By feed, then day, from that UTC day on; of all feeds that are still listed, or of one, listed or not."""
    query = (
        select(polls.c.feed_id, polls.c.day, polls.c.made, polls.c.failed, polls.c.unchanged, polls.c.new_articles)
        .join(feeds)
        .where(polls.c.day >= day, _chosen(feed_id))
        .order_by(polls.c.feed_id, polls.c.day)
    )
    return [PollsOfDay(*row) for row in await connection.execute(query)]


async def gaps_since(
    connection: AsyncConnection, since: datetime, now: datetime, feed_id: str | None = None
) -> list[Gap]:
    """The gaps that reach beyond that time, by their beginning; those that last are among them.

    So is a feed that was due long ago and that nobody polls: the daemon does not run, and records it when it does.
    """
    ended = (
        select(gaps.c.feed_id, gaps.c.begin_at, gaps.c.end_at, gaps.c.why, gaps.c.lost)
        .join(feeds)
        .where(gaps.c.end_at > since, _chosen(feed_id))
    )
    lasting: Select[Any] = select(feeds.c.id, feeds.c.last_good_at, feeds.c.failing_since, feeds.c.state).where(
        feeds.c.failing_since.is_not(None), _chosen(feed_id)
    )
    waiting: Select[Any] = select(feeds.c.id, feeds.c.last_good_at).where(
        feeds.c.active.is_(True),
        feeds.c.failing_since.is_(None),
        feeds.c.last_good_at.is_not(None),
        feeds.c.next_poll_at < now - SHORTEST_GAP,
        feeds.c.lease_until.is_(None) | (feeds.c.lease_until < now),
        _chosen(feed_id),
    )
    found = [Gap(*row) for row in await connection.execute(ended)]
    found += [Gap(row.id, row.last_good_at, None, "stopped", None) for row in await connection.execute(waiting)]
    found += [
        # Nothing is known from the last good poll on, which is earlier than the first failure. A feed that is ok and
        # fails since then was suspended, and resumed without an answer yet.
        Gap(
            row.id,
            row.last_good_at or row.failing_since,
            None,
            row.state if row.state != State.OK else State.GONE.value,
            None,
        )
        for row in await connection.execute(lasting)
    ]
    return sorted(found, key=lambda gap: (gap.begin_at, gap.feed_id))


async def all_titles(connection: AsyncConnection) -> dict[str, str]:
    """The outlets' names by feed id, of all feeds that were ever listed."""
    return {row.id: row.title for row in await connection.execute(select(feeds.c.id, feeds.c.title))}


async def feed_standings(connection: AsyncConnection, now: datetime) -> dict[str, FeedStanding]:
    """By id, of all feeds that were ever listed."""
    recent = (
        select(articles.c.feed_id, func.count().label("number"))
        .where(articles.c.seen_at >= now - RECENT)
        .group_by(articles.c.feed_id)
    )
    counted = {row.feed_id: row.number for row in await connection.execute(recent)}
    return {
        row.id: FeedStanding(
            id=row.id,
            state=row.state,
            next_poll_at=row.next_poll_at,
            last_good_at=row.last_good_at,
            failures=row.failures,
            failing_since=row.failing_since,
            last_error=row.last_error,
            noticed=row.noticed,
            usual_gap_s=row.usual_gap_s,
            newest_at=row.newest_at,
            title=row.title,
            recent_articles=counted.get(row.id, 0),
            moved_to=row.redirected_to if row.redirected_since is None else None,
            active=row.active,
        )
        for row in await connection.execute(select(feeds))
    }


async def resume(tx: AsyncConnection, feed_id: str, now: datetime) -> bool:
    """Poll a suspended feed again, now; False when it is not suspended.

    Since when it fails is kept: what it may have missed is recorded by its next good poll. What that one lists is a
    baseline, as of a new feed: nobody waited for it.
    """
    suspended = (feeds.c.id == feed_id) & (feeds.c.state == State.GONE.value)
    values = {"state": State.OK.value, "next_poll_at": now, "failures": 0, "baseline_at": None}
    resumed = await tx.execute(update(feeds).where(suspended).values(values))
    return resumed.rowcount > 0


def _chosen(feed_id: str | None) -> ColumnElement[bool]:
    return feeds.c.active.is_(True) if feed_id is None else feeds.c.id == feed_id
