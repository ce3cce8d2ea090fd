"""Due feeds → fetch → worker (parse, clean) → ledger. Decides not when a feed is due, and not what is new.

A poll that is cut off is due again after a restart: what it brought is kept in one transaction, or not at all.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.config import Settings
from bot.errors import FetchError, GuetteurError, ParseError
from bot.feeds.fetch import NotModified, Validators, fetch_feed
from bot.feeds.moved import after_good_poll, feed_to_poll
from bot.feeds.outage import ANSWERED, UNREACHED
from bot.ledger import Ledger
from bot.lull import Lull
from bot.model import Feed
from bot.net import GuardedSession, Limits, host_of
from bot.own_network import OwnNetwork
from bot.pulse import Pulse
from bot.reading import PARSE_DEADLINE_S, read_document
from bot.storage import articles, feeds
from bot.storage.database import Database
from bot.storage.feeds import FeedRecord
from bot.worker import Worker

log = structlog.get_logger(__name__)

LEASE_S = 900.0
"""Longer than the wait for a slow host's other feeds, this one's fetch and its parsing."""
MOST_WAITING = 5_000
"""Due feeds that a tick looks at to find some whose hosts are free."""
QUEUED = 10
"""Polls that wait for a slot, for each that is under way."""
READ_AT_ONCE = 4
"""Changed documents on their way through worker and database: one in each, and the next ones ready."""
CLAIMED_AT_ONCE = 100
"""More in one statement would hold the loop for long."""
PROBES = 3
"""While nobody answers, a few feeds are asked now and then: the rest stay due, and have not failed."""


class Poller:
    """Polls what is due, as far as hosts, slots and our own network allow."""

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
        pulse: Pulse | None = None,
    ) -> None:
        """`news` is set when a poll brought something to look at; `pulse` hears of every poll."""
        self._pulse = pulse or Pulse(clock)
        self._database = database
        self._session = session
        self._worker = worker
        self._clock = clock
        self._news = news
        self._lull = Lull(database, clock)
        self._network = OwnNetwork(database, clock, hosts=0)
        self.ledger = Ledger(database, clock, settings, configured, self._network)
        self._act_by(settings, configured)
        self._polls: dict[asyncio.Task[None], str] = {}
        self._reading = asyncio.Semaphore(READ_AT_ONCE)
        self._probed_at: datetime | None = None
        self.failed = 0
        """Polls that failed since the start."""

    def _act_by(self, settings: Settings, configured: Mapping[str, Feed]) -> None:
        polling = settings.polling
        self._configured = configured
        self._concurrency, self._per_host = polling.concurrency, polling.per_host
        self._configured_host = {feed.id: host_of(feed.url) for feed in configured.values()}
        self._host = self._configured_host
        self._network.reconfigure(hosts=len(set(self._host.values())))
        self.ledger.reconfigure(settings, configured)
        self._limits = Limits(
            timeout_s=polling.timeout.total_seconds(), max_bytes=polling.max_bytes, rest_s=self.ledger.rest_s
        )

    async def reconfigure(self, settings: Settings, configured: Mapping[str, Feed]) -> None:
        """From now on by these settings, and these feeds only.

        Polls of feeds that are no longer there, or elsewhere, are broken off: whoever stores the feeds frees them
        (`sync_feeds`). What ended before is written down.
        """
        before = self._configured
        self._act_by(settings, configured)
        outdated = {each for each in before if each not in configured or configured[each].url != before[each].url}
        polls = [task for task, feed_id in self._polls.items() if feed_id in outdated]
        for task in polls:
            task.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
        await self.ledger.flush()

    @property
    def is_blind(self) -> bool:
        """Nobody answers: our own network is down."""
        return self._network.is_down

    # --- What is polled now --------------------------------------------------------------------------------------

    async def poll_due(self, as_of: datetime | None = None) -> int:
        """Start polls of what is due (by then), as far as there is room; returns how many. Waits for no answer."""
        await self.ledger.flush()
        await self._network.tell()
        room = self._room()
        if room <= 0 or (self._lull.lasts() and as_of is None):
            return 0
        by_then, writes = as_of or self._clock.now(), self._database.writes
        async with self._database.read() as connection:
            if self._network.is_down:
                waiting = await self._probes(connection, by_then)
            elif (next_due := await feeds.next_due(connection, by_then)) is not None and next_due <= by_then:
                waiting = await feeds.due(connection, by_then, limit=MOST_WAITING)
            else:  # most ticks: nobody waits for the writer's turn
                if not self._polls:
                    self._lull.begin(writes, next_due)
                return 0
            self._host = self._configured_host | await self._hosts_of_moved(connection)
        waiting = [each for each in waiting if each in self._configured]  # one was taken out of the files just now
        chosen = self._chosen(waiting, room)
        for start in range(0, len(chosen), CLAIMED_AT_ONCE):
            async with self._database.transaction() as tx:
                some = chosen[start : start + CLAIMED_AT_ONCE]
                claimed = await feeds.claim(tx, some, by_then, lease_s=LEASE_S)
            for record in claimed:
                task = asyncio.create_task(self._poll(record), name=f"poll {record.id}")
                self._polls[task] = record.id
                task.add_done_callback(self._ended)
        return len(chosen)

    def _ended(self, task: asyncio.Task[None]) -> None:
        feed_id = self._polls.pop(task)
        error = None if task.cancelled() else task.exception()
        if error:  # its end could not be written down: it is due again when its lease ends
            self.failed += 1
            if isinstance(error, OperationalError):  # the database says so itself, once
                log.debug("a poll was not written down", feed=feed_id, error=str(error.orig))
            else:
                log.error("a poll was not written down", feed=feed_id, exc_info=error)

    def _room(self) -> int:
        """How many polls may be started: beyond those with a slot, some that wait for one."""
        if not self._network.is_down:
            return self._concurrency * QUEUED - len(self._polls)
        now = self._clock.now()
        if self._polls or (self._probed_at and now - self._probed_at < self._network.probe_pause()):
            return 0
        self._probed_at = now
        return PROBES

    def _chosen(self, waiting: Sequence[str], room: int) -> list[str]:
        """Of the feeds that wait, longest first, those for which there is room: over all, and at their host.

        A host that hangs must not fill the room with feeds that only wait for it; one that rests is not asked.
        """
        polled = set(self._polls.values())
        at_host = Counter(self._host[feed_id] for feed_id in polled if feed_id in self._host)
        chosen: list[str] = []
        for feed_id in waiting:
            host = self._host[feed_id]
            is_free = at_host[host] < self._per_host * QUEUED and not self.ledger.rest_s(host)
            if len(chosen) < room and feed_id not in polled and is_free:
                at_host[host] += 1
                chosen.append(feed_id)
        return chosen

    async def _hosts_of_moved(self, connection: AsyncConnection) -> dict[str, str]:
        """The hosts that feeds are asked at whose redirect is remembered."""
        return {
            feed_id: host_of(feed_to_poll(self._configured[feed_id], move, failures).url)
            for feed_id, (move, failures) in (await feeds.moved(connection)).items()
            if feed_id in self._configured
        }

    async def _probes(self, connection: AsyncConnection, now: datetime) -> list[str]:
        """Whom to ask whether the network is back: feeds that were well, due or not, each time others.

        If only three dead hosts happened to fail in a row, the first of them ends the suspicion at once.
        """
        well = await feeds.answering(connection, now) or await feeds.due(connection, now, limit=MOST_WAITING)
        return random.sample(well, len(well))

    async def settle(self, timeout_s: float | None) -> None:
        """Wait until the polls under way have ended, or for so long; and keep the ends of those that have."""
        if self._polls:
            await asyncio.wait(list(self._polls), timeout=timeout_s)
        await self.ledger.flush()

    async def stop(self) -> None:
        """Break off the polls under way: they are due again at the next start."""
        polls = list(self._polls)
        for task in polls:
            task.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
        await self.ledger.flush()

    # --- One poll ------------------------------------------------------------------------------------------------

    async def _poll(self, record: FeedRecord) -> None:
        feed = self._configured.get(record.id)
        if feed is None:  # taken out of the files since it was claimed
            return
        began = self._clock.monotonic()
        outcome: str | None = "failed"
        try:
            outcome = await self._fetch_and_keep(feed, record)
        except (FetchError, ParseError) as error:
            await self._fail(feed, record, error)
        except OperationalError:
            raise  # the database's trouble, not the feed's: it stays due
        except Exception as error:  # a job's boundary: one bad feed disturbs no other
            log.exception("a poll failed unexpectedly", feed=feed.id)
            await self._fail(feed, record, GuetteurError(type(error).__name__))
        if outcome is not None:
            self._pulse.polled(outcome, self._clock.monotonic() - began)

    async def _fetch_and_keep(self, feed: Feed, record: FeedRecord) -> str | None:
        """How the poll ended, `good` or `unchanged`; None when none was made, because the host rests."""
        polled = feed_to_poll(feed, record.move, record.failures)
        validators = Validators(record.etag, record.last_modified)
        try:
            fetched = await fetch_feed(self._session, polled, validators, self._limits)
        except FetchError as error:
            if error.code != "paused":
                raise
            await self.ledger.put_off(record, error.retry_after_s or 0.0)
            return None
        self._network.heard()
        now = self._clock.now()
        move = after_good_poll(feed, record.move, polled=polled.url, moved_to=fetched.moved_to, now=now)
        if isinstance(fetched, NotModified) or fetched.digest == record.body_digest:
            await self.ledger.unchanged(record, fetched, move)
            return "unchanged"
        async with self._reading:
            known = await self._known(record)
            read = partial(read_document, fetched.body, fetched.content_type, fetched.url, feed, known, now)
            reading = await self._worker.run(read, deadline_s=PARSE_DEADLINE_S)
            fresh = await self.ledger.read(record, fetched, reading, move, now)
        log.debug("feed polled", feed=feed.id, articles=len(reading.articles), fresh=fresh, fault=reading.fault)
        self._pulse.took_in(fresh)
        if fresh:
            self._news.set()
        return "good"

    async def _known(self, record: FeedRecord) -> frozenset[str]:
        """Digests of the items in the document before this one; of a faulty one no item is read by itself."""
        if not record.faultless or record.read_at is None:
            return frozenset()
        async with self._database.read() as connection:
            return await articles.listed_items(connection, record.id, since=record.read_at)

    async def _fail(self, feed: Feed, record: FeedRecord, error: GuetteurError) -> None:
        self.failed += 1
        code = error.code if isinstance(error, FetchError) else None
        if code in UNREACHED:
            self._network.unheard(self._host[feed.id])
        elif code in ANSWERED:
            self._network.heard()
        await self.ledger.failed(record, error)
