"""What each feed told us last and when it is due. The feeds' addresses and headers stay in the configuration."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Row, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.feeds.health import State, Trouble
from bot.feeds.moved import NOWHERE, Move
from bot.feeds.schedule import UNKNOWN, Rhythm
from bot.model import NO_HINTS, Blindness, Feed, Hints
from bot.storage.database import insert
from bot.storage.schema import feeds, gaps


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A feed's row, as a poll needs it."""

    id: str
    planned_at: datetime
    """When the poll that it was claimed for was due."""
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    move: Move = NOWHERE
    baseline_at: datetime | None = None
    """The first good poll; None before it."""
    last_good_at: datetime | None = None
    read_at: datetime | None = None
    """The last document that was read to its end."""
    faultless: bool = False
    failures: int = 0
    failing_since: datetime | None = None
    state: State = State.OK
    noticed: Trouble | None = None
    rhythm: Rhythm = UNKNOWN
    hints: Hints = NO_HINTS
    traits: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class UnchangedPoll:
    """A poll of a healthy feed that brought nothing."""

    feed_id: str
    at: datetime
    next_poll_at: datetime
    etag: str | None
    last_modified: str | None


async def sync_feeds(tx: AsyncConnection, listed: Sequence[Feed], first_polls: Mapping[str, datetime]) -> None:
    """Make the rows say what the configuration says.

    A feed that is new, or back, is due at its time in `first_polls`. One whose URL changed keeps its identities (a
    moved feed tells nothing twice) and forgets its validators. One no longer listed is kept, inactive.
    """
    known = {row.id: row for row in await tx.execute(select(feeds))}
    listed_ids = {feed.id for feed in listed}
    for feed_id in known.keys() - listed_ids:
        if known[feed_id].active:
            await tx.execute(update(feeds).where(feeds.c.id == feed_id).values(active=False))
    for feed in listed:
        row = known.get(feed.id)
        if row is None:
            await add_feed(tx, feed, first_polls[feed.id])
            continue
        described = _described(feed)
        digest = described["url_digest"]
        if row.url_digest != digest:
            described |= dict.fromkeys(_OF_THE_ADDRESS) | {"failures": 0, "state": State.OK.value, "faultless": False}
        if row.url_digest != digest or not row.active:  # whoever polled it was broken off
            described |= {"next_poll_at": first_polls[feed.id], "lease_until": None}
        if not row.active:  # nobody waited for what it listed meanwhile
            described |= {"baseline_at": None, "last_good_at": None}
        if any(getattr(row, key) != value for key, value in described.items()):
            await tx.execute(update(feeds).where(feeds.c.id == feed.id).values(described))


async def add_feed(tx: AsyncConnection, feed: Feed, first_poll: datetime) -> None:
    """A feed that has no row yet."""
    fresh = {"title": feed.title, "state": State.OK.value, "next_poll_at": first_poll, "failures": 0, "id": feed.id}
    await tx.execute(insert(tx, feeds).values(fresh | _described(feed)))


def _described(feed: Feed) -> dict[str, Any]:
    """The columns that repeat what the configuration says."""
    described: dict[str, Any] = {
        "url_digest": hashlib.blake2b(feed.url.encode(), digest_size=16).hexdigest(),
        "language": feed.language,
        "tags": sorted(feed.tags),
        "active": True,
    }
    if feed.title:  # else what the feed calls itself is kept
        described["title"] = feed.title
    return described


_OF_THE_ADDRESS = (
    "etag",
    "last_modified",
    "body_digest",
    "redirected_to",
    "redirected_since",
    "failing_since",
    "noticed",
    "last_error",
    "hints",
    "traits",
)


async def hasten(tx: AsyncConnection, feed_ids: Sequence[str], by: datetime) -> None:
    """Feeds that are well are due by then at the latest, for they are to be polled more often from now on."""
    well = feeds.c.id.in_(feed_ids) & (feeds.c.failures == 0)
    await tx.execute(update(feeds).where(well, feeds.c.next_poll_at > by).values(next_poll_at=by))


async def due(connection: AsyncConnection, now: datetime, *, limit: int) -> list[str]:
    """The feeds that are due and that nobody holds, the longest waiting first; not those that were taken down."""
    query = select(feeds.c.id).where(_is_polled(), feeds.c.next_poll_at <= now, _is_free(now))
    return list((await connection.execute(query.order_by(feeds.c.next_poll_at, feeds.c.id).limit(limit))).scalars())


async def answering(connection: AsyncConnection, now: datetime) -> list[str]:
    """The feeds that answered their last poll and that nobody holds, due or not."""
    well = (feeds.c.failures == 0) & feeds.c.last_good_at.is_not(None)
    return list((await connection.execute(select(feeds.c.id).where(_is_polled(), well, _is_free(now)))).scalars())


async def claim(tx: AsyncConnection, feed_ids: Sequence[str], now: datetime, *, lease_s: float) -> list[FeedRecord]:
    """Those of the feeds that are still free; nobody else gets them until the lease ends or the poll does.

    Their order counts: of many polls only the first come to their end before a crash, and the next start begins with
    those that were left over.
    """
    values = {"lease_until": now + timedelta(seconds=lease_s)}
    await _lock(tx, feed_ids)
    mine = update(feeds).where(feeds.c.id.in_(feed_ids), _is_free(now)).values(values).returning(feeds)
    claimed = {row.id: _record(row) for row in await tx.execute(mine)}
    return [claimed[feed_id] for feed_id in feed_ids if feed_id in claimed]


def _is_free(now: datetime) -> ColumnElement[bool]:
    return feeds.c.lease_until.is_(None) | (feeds.c.lease_until < now)


def _is_polled() -> ColumnElement[bool]:
    return feeds.c.active & (feeds.c.state != State.GONE.value)


async def release_leases(tx: AsyncConnection, now: datetime, *, spread_s: float = 0.0) -> None:
    """At a start: whoever held them is gone, there is one instance.

    Feeds that are overdue, because we were stopped, are held back for up to `spread_s` seconds, each for another time:
    a start must not be a burst. The longest waiting come first, or those at the end would never be read by a program
    that dies again and again.
    """
    await tx.execute(update(feeds).values(lease_until=None))
    longest = (
        select(feeds.c.id).where(_is_polled(), feeds.c.next_poll_at <= now).order_by(feeds.c.next_poll_at, feeds.c.id)
    )
    overdue = list((await tx.execute(longest)).scalars())
    if spread_s and overdue:
        step = timedelta(seconds=spread_s / len(overdue))
        held = [{"feed": each, "until": now + number * step} for number, each in enumerate(overdue)]
        statement = update(feeds).where(feeds.c.id == bindparam("feed")).values(lease_until=bindparam("until"))
        await tx.execute(statement, held)


async def forgive(tx: AsyncConnection, since: datetime) -> None:
    """Feeds that began to fail since then were blamed for an outage of ours."""
    blamed = (feeds.c.state == State.FAILING.value) & (feeds.c.failing_since >= since)
    await tx.execute(update(feeds).where(blamed).values(failures=0, failing_since=None, state=State.OK.value))


async def push_back(tx: AsyncConnection, feed_ids: Sequence[str], until: datetime) -> None:
    """Their host asked for a rest: none of them is due before."""
    await _lock(tx, feed_ids)
    earlier = feeds.c.id.in_(feed_ids) & (feeds.c.next_poll_at < until)
    await tx.execute(update(feeds).where(earlier).values(next_poll_at=until))


async def _lock(tx: AsyncConnection, feed_ids: Sequence[str]) -> None:
    """Lock rows in the order of their ids, as everybody does who writes several: two who cross would end in a deadlock.

    SQLite has one writer at a time, and needs none of this.
    """
    if tx.dialect.name == "postgresql":
        rows = select(feeds.c.id).where(feeds.c.id.in_(feed_ids)).order_by(feeds.c.id)
        await tx.execute(rows.with_for_update(key_share=True))


async def moved(connection: AsyncConnection) -> dict[str, tuple[Move, int]]:
    """The feeds that are polled at another address than the configured one, with their failures in a row."""
    remembered = feeds.c.redirected_to.is_not(None) & feeds.c.redirected_since.is_(None)
    query = select(feeds.c.id, feeds.c.redirected_to, feeds.c.failures).where(feeds.c.active, remembered)
    return {row.id: (Move(row.redirected_to), row.failures) for row in await connection.execute(query)}


async def put_off(tx: AsyncConnection, feed_id: str, until: datetime) -> None:
    """A claimed feed that was not asked after all: free, and due then."""
    await tx.execute(update(feeds).where(feeds.c.id == feed_id).values(next_poll_at=until, lease_until=None))


async def record_poll(
    tx: AsyncConnection,
    feed_id: str,
    *,
    now: datetime,
    next_poll_at: datetime,
    outcome: str,
    new_articles: int = 0,
    **changes: Any,
) -> None:
    """The end of a poll. `outcome`: `good`, `unchanged` or `failed`; `changes` are columns of `feeds`."""
    if outcome != "failed":
        changes |= {**_GOOD, "last_good_at": now}
    values = changes | {"next_poll_at": next_poll_at, "lease_until": None}
    await tx.execute(update(feeds).where(feeds.c.id == feed_id).values(values))
    failed, unchanged = int(outcome == "failed"), int(outcome == "unchanged")
    counted = _counted(feed_id, now, made=1, failed=failed, unchanged=unchanged, new_articles=new_articles)
    await tx.execute(_COUNT, counted)


_GOOD: Mapping[str, Any] = {"failures": 0, "state": State.OK.value, "last_error": None, "failing_since": None}


# Made once: SQLAlchemy compiles an `ON CONFLICT` of its own anew at each execution.
_END_UNCHANGED = (
    update(feeds)
    .where(feeds.c.id == bindparam("feed"))
    .values(
        next_poll_at=bindparam("next_poll_at"),
        last_good_at=bindparam("at"),
        etag=bindparam("etag"),
        last_modified=bindparam("last_modified"),
        lease_until=None,
    )
)
_COUNT = text(
    "INSERT INTO polls (feed_id, day, made, failed, unchanged, new_articles) "
    "VALUES (:feed_id, :day, :made, :failed, :unchanged, :new_articles) ON CONFLICT (feed_id, day) DO UPDATE SET "
    "made = polls.made + excluded.made, failed = polls.failed + excluded.failed, "
    "unchanged = polls.unchanged + excluded.unchanged, new_articles = polls.new_articles + excluded.new_articles"
).bindparams(bindparam("day", type_=Date()))


async def record_unchanged(tx: AsyncConnection, ended: Sequence[UnchangedPoll]) -> None:
    """The ends of polls that brought nothing: by far the most frequent, hence many at once."""
    await _lock(tx, [each.feed_id for each in ended])
    rows = [
        {
            "feed": each.feed_id,
            "next_poll_at": each.next_poll_at,
            "at": each.at,
            "etag": each.etag,
            "last_modified": each.last_modified,
        }
        for each in ended
    ]
    await tx.execute(_END_UNCHANGED, rows)
    await tx.execute(_COUNT, [_counted(each.feed_id, each.at, made=1, unchanged=1) for each in ended])


async def add_gap(tx: AsyncConnection, feed_id: str, begin: datetime, end: datetime, *, why: str, lost: bool) -> None:
    """The feed told us nothing from `begin` to `end`. `lost`: entries may have come and gone meanwhile."""
    row = {"feed_id": feed_id, "begin_at": begin, "end_at": end, "why": why, "lost": lost}
    await tx.execute(insert(tx, gaps).values(row))


def _counted(
    feed_id: str, at: datetime, *, made: int = 0, failed: int = 0, unchanged: int = 0, new_articles: int = 0
) -> dict[str, Any]:
    return {
        "feed_id": feed_id,
        "day": at.date(),
        "made": made,
        "failed": failed,
        "unchanged": unchanged,
        "new_articles": new_articles,
    }


OURS = ("network", "stopped", "late")
"""Reasons of gaps that are our own doing."""


async def caught_up(connection: AsyncConnection, feed_id: str, seen_at: datetime, *, at_least: timedelta) -> bool:
    """Whether what the feed listed at `seen_at` was the first after an outage of ours of such a length."""
    query = select(gaps).where(gaps.c.feed_id == feed_id, gaps.c.end_at == seen_at, gaps.c.why.in_(OURS))
    return any(row.end_at - row.begin_at >= at_least for row in await connection.execute(query))


async def blindness_since(
    connection: AsyncConnection, since: datetime, *, tags: frozenset[str] | None = None
) -> Blindness | None:
    """The outage of ours that feeds came back from since then; None when there was none.

    `tags`: of the feeds whose losses count; None: all.
    """
    query = (
        select(gaps, feeds.c.title, feeds.c.tags)
        .join(feeds)
        .where(gaps.c.end_at >= since, gaps.c.why.in_(OURS))
        .order_by(feeds.c.title)
    )
    found = (await connection.execute(query)).all()
    rows = [row for row in found if tags is None or tags & set(row.tags)]
    if not rows:
        return None
    lost = dict.fromkeys(row.title or row.feed_id for row in rows if row.lost)
    return Blindness(min(row.begin_at for row in rows), max(row.end_at for row in rows), tuple(lost))


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """When the next of the feeds that are free now is due, or was."""
    query = select(func.min(feeds.c.next_poll_at)).where(_is_polled(), _is_free(now))
    due: datetime | None = (await connection.execute(query)).scalar_one()
    return due


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
        planned_at=row.next_poll_at,
        etag=row.etag,
        last_modified=row.last_modified,
        body_digest=row.body_digest,
        move=Move(row.redirected_to, row.redirected_since),
        baseline_at=row.baseline_at,
        last_good_at=row.last_good_at,
        read_at=row.read_at,
        faultless=row.faultless,
        failures=row.failures,
        failing_since=row.failing_since,
        state=State(row.state),
        noticed=Trouble(row.noticed) if row.noticed else None,
        rhythm=Rhythm(row.usual_gap_s, row.newest_at),
        hints=_hints(row.hints),
        traits=row.traits,
    )


def hints_json(hints: Hints) -> dict[str, Any] | None:
    """As `feeds.hints` keeps them; None for none."""
    if hints == NO_HINTS:
        return None
    return {
        "min_wait_s": hints.min_wait_s,
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }


def _hints(stored: Mapping[str, Any] | None) -> Hints:
    if not stored:
        return NO_HINTS
    return Hints(stored["min_wait_s"], frozenset(stored["skip_hours"]), frozenset(stored["skip_days"]))
