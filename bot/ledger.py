"""The ends of polls, written down (T1): what a poll brought, with the feed's validators, health and next time.

Polls that brought nothing, by far the most, end many in one transaction. What is new, when a feed is due next and what
is told of its health are decided by pure functions; this only asks them and keeps what they say.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.articles.changes import Change, Changed, KnownArticle, New, decide_changes, observed
from bot.articles.reading import wants_page
from bot.clock import Clock
from bot.config import Settings
from bot.errors import FetchError, GuetteurError, ParseError
from bot.feeds.fetch import AnswerError, Document, NotModified, Validators
from bot.feeds.health import Health, State, Trouble, missed_since, to_tell
from bot.feeds.identity import Identity, identities
from bot.feeds.moved import NOWHERE, Move, after_failure, feed_to_poll
from bot.feeds.schedule import NEWEST, Pace, next_poll, next_try, rest, rhythm_of
from bot.feeds.traits import Traits
from bot.logs import redacted
from bot.model import Feed
from bot.net import host_of, host_of_pause
from bot.own_network import OwnNetwork
from bot.reading import Reading
from bot.storage import articles, feeds
from bot.storage.database import Database
from bot.storage.feeds import FeedRecord, UnchangedPoll
from bot.storage.notices import add_notice
from bot.storage.pages import plan_pages

log = structlog.get_logger(__name__)

T = TypeVar("T")

LARGE = 100
"""Articles of a document that are compared in a thread: two thousand take a quarter of a second."""
LONG_UNCHANGED = timedelta(days=1)
"""Shorter, it makes no difference to how long we remember what a feed lists."""
KEPT_AT_ONCE = 100
"""Ends without news in one transaction: a tenth of a second's polls at most."""


class Ledger:
    """Writes down how polls ended; fetches and parses nothing."""

    def __init__(
        self, database: Database, clock: Clock, settings: Settings, configured: Mapping[str, Feed], network: OwnNetwork
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._configured = configured
        self._network = network
        self._started_at = clock.now()
        self._unchanged: list[UnchangedPoll] = []
        self._moving_ends = asyncio.Lock()
        self._rests: dict[str, datetime] = {}
        self._one_at_a_time = asyncio.Lock()

    def reconfigure(self, settings: Settings, configured: Mapping[str, Feed]) -> None:
        """From now on by these settings, for these feeds."""
        self._settings, self._configured = settings, configured

    # --- Good polls ----------------------------------------------------------------------------------------------

    async def unchanged(self, record: FeedRecord, fetched: Document | NotModified, move: Move) -> None:
        """The feed has nothing new."""
        now = self._clock.now()
        if move == record.move and not self._deserves_a_word(record, now):
            due = self._next_poll(record, fetched, now)
            validators = fetched.validators
            self._unchanged.append(UnchangedPoll(record.id, now, due, validators.etag, validators.last_modified))
            if len(self._unchanged) % KEPT_AT_ONCE == 0:
                await self._try_to_flush()
            return
        changes = _validators(fetched.validators)
        async with self._database.transaction() as tx:
            await self._end_good(tx, record, fetched, move, now, outcome="unchanged", lost=False, **changes)

    async def flush(self) -> None:
        """Write down the ends without news. Lost in a crash, they would only be polled again."""
        async with self._moving_ends:
            ended, self._unchanged = self._unchanged, []
            if not ended:  # perhaps written down by another while we waited
                return
            try:
                async with self._database.transaction() as tx:
                    await feeds.record_unchanged(tx, ended)
            except BaseException:
                self._unchanged = ended + self._unchanged
                raise

    async def _try_to_flush(self) -> None:
        try:
            await self.flush()
        except SQLAlchemyError as error:  # no fault of the feed whose end was the hundredth: the next tick tries again
            log.warning("polls without news are not written down yet", waiting=len(self._unchanged), error=str(error))

    async def read(
        self, record: FeedRecord, document: Document, reading: Reading, move: Move, seen_at: datetime
    ) -> int:
        """A document that was read; returns how many articles are to be looked at."""
        large = len(reading.articles) > LARGE
        listed = await _aside(large, partial(_identities, reading))
        # What is known must still be so when it is written: two feeds that list one URL in one moment are one article.
        async with self._one_at_a_time, self._database.transaction() as tx:
            known = await articles.known_articles(tx, record.id, listed)
            judged = partial(_judged, reading, known, record, seen_at, self._settings.alerts.max_age)
            decided, habits = await _aside(large, judged)
            stored = await articles.save_changes(tx, record.id, decided, seen_at)
            await self._plan_pages(tx, stored, seen_at)
            await articles.still_listed(tx, record.id, reading.unchanged, seen_at)
            await _listed_meanwhile(tx, record)
            published = await articles.latest_published(tx, record.id, NEWEST)
            ended = replace(record, rhythm=rhythm_of(published, seen_at, record.rhythm), hints=reading.hints)
            changes = self._of_document(ended, document, reading, seen_at) | {"traits": habits.to_json()}
            lost = not reading.unchanged and _all_new(decided)
            new = len(stored)
            await self._end_good(
                tx, ended, document, move, seen_at, outcome="good", lost=lost, new_articles=new, **changes
            )
        return new

    async def _plan_pages(
        self, tx: AsyncConnection, stored: Sequence[tuple[int, New | Changed]], now: datetime
    ) -> None:
        """Whose page is to be read beside what the feed gave."""
        policy = self._settings.polling.full_text
        wanted = [
            article_id
            for article_id, change in stored
            if isinstance(change, New)
            and wants_page(
                change.article.text,
                policy,
                url=change.article.url,
                baseline=not change.alerts,
                published_at=change.article.published_at,
                now=now,
            )
        ]
        if wanted:
            await plan_pages(tx, wanted, now)

    def _of_document(
        self, ended: FeedRecord, document: Document, reading: Reading, seen_at: datetime
    ) -> dict[str, Any]:
        """What the feed's row keeps of a document; of a broken one no validators, so that it comes whole next time."""
        kept: dict[str, Any] = {
            "baseline_at": ended.baseline_at or self._first_baseline(ended, reading, seen_at),
            "usual_gap_s": ended.rhythm.usual_gap_s,
            "newest_at": ended.rhythm.newest_at,
            "hints": feeds.hints_json(reading.hints),
            "faultless": reading.complete and reading.fault is None,
        }
        if reading.title and not self._configured[ended.id].title:
            kept["title"] = reading.title
        if reading.complete:
            kept |= _validators(document.validators) | {"body_digest": document.digest, "read_at": seen_at}
        return kept

    def _first_baseline(self, ended: FeedRecord, reading: Reading, seen_at: datetime) -> datetime | None:
        """A first document that broke off listed only a part of what was there before us; the second one counts."""
        return seen_at if reading.complete or ended.last_good_at else None

    async def _end_good(
        self,
        tx: AsyncConnection,
        record: FeedRecord,
        fetched: Document | NotModified,
        move: Move,
        now: datetime,
        *,
        outcome: str,
        lost: bool,
        new_articles: int = 0,
        **changes: Any,
    ) -> None:
        noticed, news = to_tell(record.noticed, Health(State.OK, rhythm=record.rhythm), now)
        was_quiet = noticed is Trouble.QUIET and record.baseline_at is None
        if record.failures:
            log.info("the feed is well again", feed=record.id, failures=record.failures)
        if news and not was_quiet:  # a feed that was quiet when we came is no news
            await _tell(tx, record.id, noticed, now, since=record.rhythm.newest_at)
        begin = self._missed_since(record, now)
        if begin:
            await feeds.add_gap(tx, record.id, begin, now, why=self._why_missed(record), lost=lost)
        due = self._next_poll(record, fetched, now)
        changes |= {"noticed": noticed} | _redirect(move)
        await feeds.record_poll(
            tx, record.id, now=now, next_poll_at=due, outcome=outcome, new_articles=new_articles, **changes
        )

    def _deserves_a_word(self, record: FeedRecord, now: datetime) -> bool:
        """Whether there is more to say of a poll without news than that it was made."""
        _, news = to_tell(record.noticed, Health(State.OK, rhythm=record.rhythm), now)
        in_trouble = record.failures > 0 or record.failing_since is not None
        return news or in_trouble or self._missed_since(record, now) is not None

    def _missed_since(self, record: FeedRecord, now: datetime) -> datetime | None:
        failures = record.failures or int(record.failing_since is not None)  # somebody resumed it since
        ours = max(self._stopped_for(record), self._network.down_for(record.planned_at))
        return missed_since(record.last_good_at, record.planned_at, now, failures=failures, ours=ours)

    def _stopped_for(self, record: FeedRecord) -> timedelta:
        return max(timedelta(), self._started_at - record.planned_at)

    def _why_missed(self, record: FeedRecord) -> str:
        stopped, down = self._stopped_for(record), self._network.down_for(record.planned_at)
        if max(stopped, down) > timedelta():
            return "network" if down >= stopped else "stopped"
        if record.failing_since:
            return record.state.value if record.failures else State.GONE.value
        return "late"

    # --- Failed polls --------------------------------------------------------------------------------------------

    async def failed(self, record: FeedRecord, error: GuetteurError) -> None:
        """No answer, a refusal, or no feed."""
        if self._network.was_ours(record.failing_since):
            record = replace(record, failures=0, failing_since=None, state=State.OK)
        now = self._clock.now()
        tired = self._begin_rest(error, now)
        async with self._database.transaction() as tx:
            if self._network.is_down:
                # It is us, not the feed: it stays due, and nothing is held against it.
                kept: dict[str, Any] = {"next_poll_at": record.planned_at, "last_error": redacted(str(error))}
                await feeds.record_poll(tx, record.id, now=now, outcome="failed", **kept)
            else:
                await self._end_failed(tx, record, error, now)
        if tired is not None:
            await self._pause_host(tired)

    async def _end_failed(self, tx: AsyncConnection, record: FeedRecord, error: GuetteurError, now: datetime) -> None:
        feed, said = self._configured[record.id], redacted(str(error))
        answered = error.url if isinstance(error, AnswerError) else None
        status = error.status if isinstance(error, FetchError) else None
        move = after_failure(feed, record.move, answered=answered, status=status)
        if move != record.move:
            # The old address is gone, not the feed: the known new one is asked next.
            due = self._next_poll(record, None, now)
            kept: dict[str, Any] = {"last_error": said} | _redirect(move)
            await feeds.record_poll(tx, record.id, now=now, next_poll_at=due, outcome="failed", **kept)
            return
        state = _state_after(error)
        if state is State.GONE and feed_to_poll(feed, move, record.failures).url != feed.url:
            state = State.FAILING  # the configured address has the last word
        health = Health(state, record.failures + 1, record.failing_since or now, record.rhythm)
        due = next_try(
            now,
            self._pace(record),
            record.rhythm,
            failures=health.failures,
            refused=state is State.REFUSED,
            retry_after_s=_retry_after_s(error),
            jitter=random.random(),
        )
        due = max(due, self._rest_of(record, health.failures) or due)
        noticed, news = to_tell(record.noticed, health, now)
        if news:
            fault = error.code if isinstance(error, FetchError | ParseError) else "unexpected"
            shown = {"fault": fault, "status": str(status or "")}
            await _tell(tx, feed.id, noticed, now, since=health.failing_since, **shown)
        # The first failure is worth a line, and what is told of it; a feed that goes on failing is not.
        write = log.warning if news or health.failures == 1 else log.debug
        after = "not before it is resumed" if state is State.GONE else due.isoformat()
        write("a poll failed", feed=feed.id, error=said, state=state.value, failures=health.failures, next=after)
        changes: dict[str, Any] = {
            "failures": health.failures,
            "failing_since": health.failing_since,
            "state": state.value,
            "noticed": noticed,
            "last_error": said,
        }
        await feeds.record_poll(tx, feed.id, now=now, next_poll_at=due, outcome="failed", **changes)

    async def put_off(self, record: FeedRecord, wait_s: float) -> None:
        """The feed was not asked: its host rests for so long."""
        async with self._database.transaction() as tx:
            await feeds.put_off(tx, record.id, self._clock.now() + timedelta(seconds=wait_s))

    # --- Hosts that asked for a rest -----------------------------------------------------------------------------

    def rest_s(self, host: str) -> float:
        """For how many seconds the host is still to be left alone."""
        until = self._rests.get(host)
        return max(0.0, (until - self._clock.now()).total_seconds()) if until else 0.0

    def _begin_rest(self, error: GuetteurError, now: datetime) -> str | None:
        """The host whose feeds all pause now, whatever is on its way already; None when the error asks for no rest."""
        wait_s = _retry_after_s(error)
        host = host_of_pause(error.url) if wait_s and isinstance(error, AnswerError) else None
        if host is None:
            return None
        self._rests = {each: until for each, until in self._rests.items() if until > now}
        self._rests[host] = max(now + rest(wait_s), self._rests.get(host, now))
        return host

    async def _pause_host(self, host: str) -> None:
        """None of the host's feeds is due before, in the table or among the ends that wait for it.

        In a transaction of its own, which holds no other row: two feeds of one host may be refused at once.
        """
        until = self._rests[host]
        async with self._moving_ends:
            async with self._database.transaction() as tx:
                away = await feeds.moved(tx)
                asked = (feed_to_poll(feed, *away.get(feed.id, (NOWHERE, 0))) for feed in self._configured.values())
                same = {feed.id for feed in asked if host_of(feed.url) == host}
                await feeds.push_back(tx, sorted(same), until)
            self._unchanged = [
                replace(each, next_poll_at=max(each.next_poll_at, until)) if each.feed_id in same else each
                for each in self._unchanged
            ]

    def _rest_of(self, record: FeedRecord, failures: int) -> datetime | None:
        """Until when the host rests that the feed is asked at next."""
        if not self._rests:
            return None  # nearly always
        return self._rests.get(host_of(feed_to_poll(self._configured[record.id], record.move, failures).url))

    # --- When next -----------------------------------------------------------------------------------------------

    def _next_poll(self, record: FeedRecord, fetched: Document | NotModified | None, now: datetime) -> datetime:
        asked_s, retry_after_s = (fetched.min_wait_s, fetched.retry_after_s) if fetched else (None, None)
        due = next_poll(
            now,
            self._pace(record),
            record.rhythm,
            hints=record.hints,
            asked_s=asked_s,
            retry_after_s=retry_after_s,
            jitter=random.random(),
        )
        return max(due, self._rest_of(record, 0) or due)

    def _pace(self, record: FeedRecord) -> Pace:
        polling = self._settings.polling
        return Pace(
            default_s=polling.interval.total_seconds(),
            # A short interval was asked for on purpose; the bound that nobody wrote gives way.
            min_s=min(polling.min_interval, polling.interval).total_seconds(),
            max_s=polling.max_interval.total_seconds(),
            interval_s=self._configured[record.id].interval_s,
        )


async def _listed_meanwhile(tx: AsyncConnection, record: FeedRecord) -> None:
    """What the last document listed was listed as long as the feed answered that nothing has changed."""
    if record.read_at and record.last_good_at and record.last_good_at - record.read_at >= LONG_UNCHANGED:
        await articles.listed_until(tx, record.id, record.read_at, record.last_good_at)


def _identities(reading: Reading) -> list[Identity]:
    return sorted({identity for article in reading.articles for identity in identities(article)})


def _judged(
    reading: Reading,
    known: Mapping[Identity, KnownArticle],
    record: FeedRecord,
    seen_at: datetime,
    max_age: timedelta,
) -> tuple[list[Change], Traits]:
    """What the document brings, and what it shows of its feed."""
    traits = Traits.from_json(record.traits)
    decided = decide_changes(
        reading.articles,
        known,
        first_poll=record.baseline_at is None,
        now=seen_at,
        max_age=max_age,
        last_good_at=record.last_good_at,
        traits=traits,
        unchanged=reading.unchanged,
        tail=reading.tail,
    )
    habits = observed(
        reading.articles,
        known,
        now=seen_at,
        last_good_at=record.last_good_at,
        traits=traits,
        unchanged=reading.unchanged,
        tail=reading.tail,
    )
    return decided, habits


async def _aside(large: bool, work: Callable[[], T]) -> T:
    """In a thread, where it would hold the loop for long."""
    return await asyncio.to_thread(work) if large else work()


async def _tell(
    tx: AsyncConnection,
    feed_id: str,
    found: Trouble | None,
    now: datetime,
    *,
    since: datetime | None,
    **values: str,
) -> None:
    if since:
        values["since"] = since.isoformat()
    await add_notice(tx, f"feed-{found or 'recovered'}", now, feed_id=feed_id, **values)


def _state_after(error: GuetteurError) -> State:
    match error:
        case FetchError(code="gone"):
            return State.GONE
        case FetchError(code="refused") | ParseError(code="challenge"):
            return State.REFUSED
        case _:
            return State.FAILING


def _retry_after_s(error: GuetteurError) -> float | None:
    return error.retry_after_s if isinstance(error, FetchError) else None


def _all_new(decided: Sequence[Change]) -> bool:
    """Nothing that the document lists was known: what stood between it and the document before may be lost."""
    return bool(decided) and all(isinstance(change, New) for change in decided)


def _validators(validators: Validators) -> dict[str, Any]:
    return {"etag": validators.etag, "last_modified": validators.last_modified}


def _redirect(move: Move) -> dict[str, Any]:
    return {"redirected_to": move.to, "redirected_since": move.since}
