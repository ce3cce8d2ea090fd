"""The order of the steps, from feeds to what is owed. Decides nothing itself; every decision is a pure function.

    due feeds | fetch_feed | read_document (worker) | decide_changes | save           T1: poller
    new articles | match (thread) | assign_story | decide | save alert + deliveries   T2: editor
    due deliveries | render | send | record                                           telegram/sender.py

T1 keeps what a poll brought, with the feed's validators and next time; T2 keeps what was found in an article, its story
and what is owed, and only then is the article done. A restart goes on with what is due, new or pending: nothing that
matters lives only in memory. The editor is one and serial: the order of feeds within a settle batch changes nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.decide import decide
from bot.articles.changes import decide_changes
from bot.articles.clean import clean_entry
from bot.clock import Clock
from bot.config import Settings
from bot.errors import FetchError, GuetteurError, ParseError
from bot.feeds.fetch import Document, NotModified, Validators, fetch_feed
from bot.feeds.identity import identities
from bot.feeds.parse import parse_document
from bot.feeds.schedule import NEWEST, next_poll
from bot.model import Article, Feed, Match, Scope, StoredArticle
from bot.net import GuardedSession, Limits
from bot.storage import articles, feeds, names, outbox, stories
from bot.storage.database import Database
from bot.storage.feeds import FeedRecord
from bot.storage.views import hits_of
from bot.stories.group import Assignment, assign_story
from bot.worker import Worker

log = structlog.get_logger(__name__)


class Matching(Protocol):
    """The matcher's thread, or a test's fake."""

    async def match(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[Match]]:
        """Per (title, text, language): what was found."""
        ...


PARSE_DEADLINE_S = 10.0
"""The slowest real feed of 2.7 MB takes 2 s; what takes longer is an attack or a fault."""
MAX_ITEMS = 2_000
"""News feeds list 20 to 200 items; a feed of 480,000 exists to hurt."""
LEASE_MARGIN_S = 60.0
SETTLE_S = 2.0
"""How long the editor waits for other feeds of the same moment, so that the earliest article leads."""
BATCH = 200
MOST_WAITING = 5_000
"""Due feeds that a tick looks at to find some whose hosts are free."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the worker made of a document."""

    articles: tuple[Article, ...]
    title: str
    """What the feed calls itself."""
    complete: bool
    fault: str | None


def read_document(document: Document, feed: Feed, now: datetime) -> Reading:
    """Runs in the worker: bytes → entries → articles.

    Raises:
        ParseError: it is no feed.
    """
    parsed = parse_document(document.body, content_type=document.content_type, url=document.url, max_items=MAX_ITEMS)
    cleaned = tuple(clean_entry(entry, feed, parsed.language, now) for entry in parsed.entries)
    return Reading(cleaned, parsed.title, parsed.complete, parsed.fault)


class Poller:
    """Polls what is due; does not decide when that is, nor what is new."""

    def __init__(
        self,
        database: Database,
        session: GuardedSession,
        worker: Worker,
        clock: Clock,
        settings: Settings,
        configured: Mapping[str, Feed],
        *,
        news: asyncio.Event,
    ) -> None:
        """`news` is set when a poll brought something to look at."""
        self._database = database
        self._session = session
        self._worker = worker
        self._clock = clock
        self._settings = settings
        self._configured = configured
        self._news = news
        polling = settings.polling
        self._limits = Limits(timeout_s=polling.timeout.total_seconds(), max_bytes=polling.max_bytes)
        self._polls: dict[asyncio.Task[None], Feed] = {}
        self._one_at_a_time = asyncio.Lock()
        self.failed = 0
        """Polls that failed since the start."""

    async def poll_due(self, as_of: datetime | None = None) -> int:
        """Start polls of what is due (by then), as far as there is room; returns how many. Waits for no answer."""
        room = self._settings.polling.concurrency - len(self._polls)
        if room <= 0:
            return 0
        by_then = as_of or self._clock.now()
        async with self._database.read() as connection:
            next_due = await feeds.next_due_at(connection)
        if next_due is None or next_due > by_then:
            return 0  # most ticks: nobody waits for the writer's turn
        lease_s = self._limits.timeout_s + PARSE_DEADLINE_S + LEASE_MARGIN_S
        async with self._database.transaction() as tx:
            waiting = await feeds.due(tx, by_then, limit=MOST_WAITING)
            claimed = await feeds.claim(tx, self._chosen(waiting, room), by_then, lease_s=lease_s)
        for record in claimed:
            task = asyncio.create_task(self._poll(record), name=f"poll {record.id}")
            self._polls[task] = self._configured[record.id]
            task.add_done_callback(lambda done: self._polls.pop(done, None))
        return len(claimed)

    def _chosen(self, waiting: Sequence[str], room: int) -> list[str]:
        """Of the feeds that wait, longest first, those for which there is room: over all, and at their host.

        A host that hangs must not fill the room with feeds that only wait for it.
        """
        polled = {feed.id for feed in self._polls.values()}
        at_host = Counter(urlsplit(feed.url).hostname for feed in self._polls.values())
        chosen: list[str] = []
        for feed_id in waiting:
            host = urlsplit(self._configured[feed_id].url).hostname
            if len(chosen) < room and feed_id not in polled and at_host[host] < self._settings.polling.per_host:
                at_host[host] += 1
                chosen.append(feed_id)
        return chosen

    async def settle(self, timeout_s: float | None) -> None:
        """Wait until the polls under way have ended, or for so long."""
        if self._polls:
            await asyncio.wait(list(self._polls), timeout=timeout_s)

    async def stop(self) -> None:
        """Break off the polls under way: they are due again at the next start."""
        polls = list(self._polls)
        for task in polls:
            task.cancel()
        await asyncio.gather(*polls, return_exceptions=True)

    async def _poll(self, record: FeedRecord) -> None:
        feed = self._configured[record.id]
        try:
            await self._fetch_and_keep(feed, record)
        except (FetchError, ParseError) as error:
            await self._record_failure(feed, record, error)
        except Exception as error:  # a job's boundary: one bad feed disturbs no other
            log.exception("a poll failed unexpectedly", feed=feed.id)
            await self._record_failure(feed, record, GuetteurError(type(error).__name__))

    async def _fetch_and_keep(self, feed: Feed, record: FeedRecord) -> None:
        validators = Validators(record.etag, record.last_modified)
        fetched = await fetch_feed(self._session, feed, validators, self._limits)
        if isinstance(fetched, NotModified) or fetched.digest == record.body_digest:
            await self._keep_unchanged(feed, record, fetched)
            return
        read = partial(read_document, fetched, feed, self._clock.now())
        reading = await self._worker.run(read, deadline_s=PARSE_DEADLINE_S)
        await self._keep(feed, record, fetched, reading)

    async def _keep(self, feed: Feed, record: FeedRecord, document: Document, reading: Reading) -> None:
        """T1: the entries, the validators and the next time, all or nothing."""
        now = self._clock.now()
        listed = {identity for article in reading.articles for identity in identities(article)}
        changes: dict[str, object] = {"baseline_at": record.baseline_at or now}
        if reading.title and not feed.title:
            changes["title"] = reading.title
        if reading.complete:  # else the same answer must come whole next time
            changes |= _stored(document.validators) | {"body_digest": document.digest}
        # What is known must still be so when it is written: two feeds that list one URL in one moment are one article.
        async with self._one_at_a_time, self._database.transaction() as tx:
            known = await articles.known_articles(tx, feed.id, sorted(listed))
            decided = decide_changes(
                reading.articles,
                known,
                first_poll=record.baseline_at is None,
                now=now,
                max_age=self._settings.alerts.max_age,
            )
            fresh = await articles.save_changes(tx, feed.id, decided, now)
            rhythm = await articles.latest_published(tx, feed.id, NEWEST)
            due = self._next_poll(feed, now, document.min_wait_s, rhythm=rhythm)
            await feeds.record_poll(tx, feed.id, now=now, next_poll_at=due, outcome="good", **changes)
            await feeds.count_polls(tx, feed.id, now, new_articles=fresh)
        if reading.fault:
            log.debug("a feed has faults", feed=feed.id, fault=reading.fault)
        log.debug("feed polled", feed=feed.id, articles=len(reading.articles), fresh=fresh)
        if fresh:
            self._news.set()

    async def _keep_unchanged(self, feed: Feed, record: FeedRecord, fetched: Document | NotModified) -> None:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            rhythm = await articles.latest_published(tx, feed.id, NEWEST)
            due = self._next_poll(feed, now, fetched.min_wait_s, rhythm=rhythm)
            changes = _stored(fetched.validators)
            await feeds.record_poll(tx, feed.id, now=now, next_poll_at=due, outcome="unchanged", **changes)

    def _next_poll(
        self, feed: Feed, now: datetime, asked_s: float | None, *, failures: int = 0, rhythm: Sequence[datetime] = ()
    ) -> datetime:
        polling = self._settings.polling
        return next_poll(
            now,
            interval_s=feed.interval_s,
            default_s=polling.interval.total_seconds(),
            # A short interval was asked for on purpose; the bound that nobody wrote gives way.
            min_s=min(polling.min_interval, polling.interval).total_seconds(),
            max_s=polling.max_interval.total_seconds(),
            published=rhythm,
            asked_s=asked_s,
            failures=failures,
            jitter=random.random(),
        )

    async def _record_failure(self, feed: Feed, record: FeedRecord, error: GuetteurError) -> None:
        self.failed += 1
        now = self._clock.now()
        failures = record.failures + 1
        state = error.code if isinstance(error, FetchError) and error.code in {"refused", "gone"} else "failing"
        asked = error.retry_after_s if isinstance(error, FetchError) else None
        due = self._next_poll(feed, now, asked, failures=failures)
        log.warning("feed not polled", feed=feed.id, error=str(error), failures=failures, next=due.isoformat())
        async with self._database.transaction() as tx:
            changes = {"failures": failures, "state": state, "last_error": str(error)}
            await feeds.record_poll(tx, feed.id, now=now, next_poll_at=due, outcome="failed", **changes)


class Editor:
    """Looks at what is new, one article after the other; who is told is decided here and nowhere else."""

    def __init__(self, database: Database, matching: Matching, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._matching = matching
        self._clock = clock
        self._window: timedelta = settings.alerts.story_window
        self._zone = ZoneInfo(settings.alerts.timezone)
        self.broken: set[int] = set()
        """Articles that could not be looked at since the start."""

    async def edit_new(self) -> int:
        """Look at every article that waits, in order of publication; returns how many."""
        looked_at = 0
        while batch := await self._next_batch():
            nobody = [each for each in batch if not await self._look_at(each)]
            await self._put_aside(nobody)
            looked_at += len(batch)
        return looked_at

    async def _next_batch(self) -> list[StoredArticle]:
        async with self._database.read() as connection:
            return await articles.new_articles(connection, BATCH, without=self.broken)

    async def _look_at(self, each: StoredArticle) -> bool:
        """Whether the article is dealt with; not when it names nobody."""
        try:
            article = each.article
            [matches] = await self._matching.match([(article.title, article.text, article.language)])
            if matches:
                await self._edit(each, matches)
        except SQLAlchemyError:
            raise  # the database's trouble, not the article's
        except Exception:  # a job's boundary: one article that breaks us must not hold up the others
            log.exception("an article could not be looked at; it stays new until the next start", article=each.id)
            self.broken.add(each.id)
            return True
        return bool(matches)

    async def _put_aside(self, batch: Sequence[StoredArticle]) -> None:
        """Articles that name nobody: done, and whatever an earlier version named is no longer said of them."""
        if not batch:
            return
        async with self._database.transaction() as tx:
            for each in batch:
                if each.looked_at:
                    await stories.save_matches(tx, each.id, [])
            await articles.mark_done(tx, batch)

    async def _edit(self, each: StoredArticle, matches: Sequence[Match]) -> None:
        """T2: the matches, the story, the alert and its deliveries, and the article is done: all or nothing."""
        now = self._clock.now()
        known = await self._known_at_baseline(each, matches)
        if all((match.scope, match.name_id) in known for match in matches):
            await self._keep_silently(each, matches)
            return
        assignment = await self._assign(each, {match.text for match in matches})
        async with self._database.transaction() as tx:
            await stories.save_matches(tx, each.id, matches)
            story_id = await _settle_story(tx, each, assignment, now)
            alert_id = await _owe(tx, each.id, story_id, now, now.astimezone(self._zone).date(), known)
            await articles.mark_done(tx, [each])
        log.info("names found", article=each.id, story=story_id, alert=alert_id, names=len(matches))

    async def _known_at_baseline(self, each: StoredArticle, matches: Sequence[Match]) -> set[tuple[Scope, str]]:
        """The names that an article named already when its feed was first read."""
        if not each.baseline:
            return set()
        if not each.looked_at:
            return {(match.scope, match.name_id) for match in matches}
        async with self._database.read() as connection:
            before = await stories.matches_of(connection, each.id)
        return {(match.scope, match.name_id) for match in before}

    async def _keep_silently(self, each: StoredArticle, matches: Sequence[Match]) -> None:
        async with self._database.transaction() as tx:
            await stories.save_matches(tx, each.id, matches)
            await articles.mark_done(tx, [each])

    async def _assign(self, each: StoredArticle, named: Collection[str]) -> Assignment | None:
        """None when the article has its story already."""
        since = each.article.published_at - self._window
        async with self._database.read() as connection:
            if await stories.story_of(connection, each.id) is not None:
                return None
            current = await stories.current_stories(connection, since)
        # In a thread: months of a busy list are a second's work.
        return await asyncio.to_thread(assign_story, each.article, current, named)


async def _settle_story(tx: AsyncConnection, each: StoredArticle, assignment: Assignment | None, now: datetime) -> int:
    if assignment is None:
        story_id = await stories.story_of(tx, each.id)
        if story_id is None:
            raise RuntimeError(f"article {each.id} lost its story while it was edited")
        return story_id
    if assignment.story_id is None:
        return await stories.begin_story(tx, each, assignment.why, now)
    await stories.join_story(tx, assignment.story_id, each, assignment.why, now)
    return assignment.story_id


async def _owe(
    tx: AsyncConnection,
    article_id: int,
    story_id: int,
    now: datetime,
    today: date,
    known: Collection[tuple[Scope, str]],
) -> int | None:
    """Decide who is owed what about the article, `known` names apart, and keep it; the alert's id, or None."""
    hits = [hit for hit in await hits_of(tx, article_id) if (hit.name.scope, hit.name.id) not in known]
    owed = decide(
        hits,
        await outbox.live_subscriptions(tx, sorted({hit.name.scope for hit in hits})),
        await outbox.told_in_story(tx, story_id),
        article_tags=await feeds.feed_tags(tx, await articles.listing_feeds(tx, article_id)),
        list_tags={each.scope: each.tags for each in await names.watchlist_rows(tx)},
        today=today,
    )
    return await outbox.save_alert(tx, story_id, article_id, owed, now)


def _stored(validators: Validators) -> dict[str, str | None]:
    return {"etag": validators.etag, "last_modified": validators.last_modified}
