"""The order of the steps, from feeds to what is owed. Decides nothing itself; every decision is a pure function.

    due feeds | fetch_feed | read_document (worker) | decide_changes | save           T1: ledger
    new articles | match (thread) | assign_story | decide | save alert + deliveries   T2: editor
    due deliveries | render | send | record                                           telegram/sender.py
    messages whose story changed | render | edit | record                             telegram/reviser.py

T1 keeps what a poll brought, with the feed's validators and next time; T2 keeps what was found in an article, its story
and what is owed, and only then is the article done. A restart goes on with what is due, new or pending: nothing that
matters lives only in memory. The editor is one and serial: the order of feeds within a settle batch changes nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import access_by
from bot.alerts.decide import News, decide
from bot.alerts.edits import SETTLES_S
from bot.clock import Clock
from bot.config import Settings
from bot.model import Match, Reason, Scope, StoredArticle, Subscription
from bot.pulse import Pulse
from bot.storage import articles, edits, feeds, names, outbox, stories
from bot.storage.database import Database
from bot.storage.views import hits_of
from bot.storage.wishes import wishes_of
from bot.stories.facts import Facts
from bot.stories.group import Assignment, Grouping, read

log = structlog.get_logger(__name__)


class Matching(Protocol):
    """The matcher's thread, or a test's fake."""

    async def match(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[Match]]:
        """Per (title, text, language): what was found."""
        ...


SETTLE_S = 2.0
"""How long the editor waits for other feeds of the same moment, so that the earliest article leads."""
BATCH = 200
OUTAGE = timedelta(hours=1)
"""What was published while we were away for so long is told in one message; a shorter absence shows nowhere."""


class Editor:
    """Looks at what is new, one article after the other; who is told is decided here and nowhere else."""

    def __init__(
        self,
        database: Database,
        matching: Matching,
        clock: Clock,
        settings: Settings,
        *,
        edits_settle_s: float = SETTLES_S,
        pulse: Pulse | None = None,
    ) -> None:
        """`pulse` hears what is found.

        `edits_settle_s`: how long a message waits for more outlets before it is edited.
        """
        self._pulse = pulse or Pulse(clock)
        self._edits_settle_s = edits_settle_s
        self._database = database
        self._matching = matching
        self._clock = clock
        self._window: timedelta = settings.alerts.story_window
        self._grouping: Grouping | None = None
        """The stories of the window, read from the database when the first article needs them."""
        self._zone = ZoneInfo(settings.alerts.timezone)
        self._access = access_by(settings)
        self.broken: set[int] = set()
        """Articles that could not be looked at since the start."""

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        if settings.alerts.story_window != self._window:
            self._window, self._grouping = settings.alerts.story_window, None
        self._zone, self._access = ZoneInfo(settings.alerts.timezone), access_by(settings)

    async def edit_new(self, within_s: float = math.inf) -> bool:
        """Look at the articles that wait, in order of publication; whether none is left after so long."""
        until = self._clock.monotonic() + within_s
        while batch := await self._next_batch():
            nobody = [each for each in batch if not await self.look_at(each)]
            await self._put_aside(nobody)
            if self._clock.monotonic() >= until:
                return False
        return True

    async def _next_batch(self) -> list[StoredArticle]:
        async with self._database.read() as connection:
            return await articles.new_articles(connection, BATCH, without=self.broken)

    async def look_at(self, each: StoredArticle) -> bool:
        """Match one article and edit what it names; whether it is dealt with, not when it names nobody."""
        try:
            article = each.article
            [matches] = await self._matching.match([(article.title, article.text, article.language)])
            alerted = await self._edit(each, matches) if matches else False
        except SQLAlchemyError:
            raise  # the database's trouble, not the article's
        except Exception:  # a job's boundary: one article that breaks us must not hold up the others
            log.exception("an article could not be looked at; it stays new until the next start", article=each.id)
            self.broken.add(each.id)
            return True
        self._pulse.looked_at((match.tier for match in matches), alerted=alerted)
        return bool(matches)

    async def _put_aside(self, batch: Sequence[StoredArticle]) -> None:
        """Articles that name nobody: done, and whatever an earlier version named is no longer said of them."""
        if not batch:
            return
        async with self._database.transaction() as tx:
            for each in batch:
                if each.looked_at:
                    await stories.save_matches(tx, each.id, [])
                    await edits.story_changed(tx, each.id, self._clock.now(), settles_s=self._edits_settle_s)
            await articles.mark_done(tx, batch)

    async def _edit(self, each: StoredArticle, matches: Sequence[Match]) -> bool:
        """T2: the matches, the story, the alert and its deliveries, and the article is done: all or nothing.

        Whether there is something to tell.
        """
        now = self._clock.now()
        known = await self._known_at_baseline(each, matches)
        if all((match.scope, match.name_id) in known for match in matches):
            await self._keep_silently(each, matches)
            return False
        grouping = await self._current_grouping(now)
        facts, assignment = await self._assign(grouping, each)
        async with self._database.transaction() as tx:
            # First of all: on PostgreSQL `/forget` and this would else hold what the other waits for.
            followers = await outbox.live_subscriptions(tx, sorted({each.scope for each in matches}), self._access)
            await stories.save_matches(tx, each.id, matches)
            story_id, is_new = await _settle_story(tx, each, matches, assignment, now)
            alert_id = await _owe(tx, each, story_id, now, self._zone, followers, known)
            await edits.story_changed(tx, each.id, now, settles_s=self._edits_settle_s)
            await articles.mark_done(tx, [each])
        # What is not committed never was.
        if is_new:
            grouping.forget_story(story_id)  # SQLite gives the number of an erased story again
        grouping.keep(each.id, story_id, each.article.title, facts)
        write = log.info if alert_id is not None else log.debug
        write(
            "names found",
            feed=each.article.feed_id,
            article=each.id,
            story=story_id,
            alert=alert_id,
            names=len(matches),
        )
        return alert_id is not None

    async def _known_at_baseline(self, each: StoredArticle, matches: Sequence[Match]) -> set[tuple[Scope, str]]:
        """The names that an article named already when its feed was first read: those that no alert was owed about."""
        if not each.baseline:
            return set()
        if not each.looked_at:
            return {(match.scope, match.name_id) for match in matches}
        async with self._database.read() as connection:
            before = await stories.matches_of(connection, each.id)
            owed = await outbox.names_owed(connection, each.id)
        return {(match.scope, match.name_id) for match in before} - owed

    async def _keep_silently(self, each: StoredArticle, matches: Sequence[Match]) -> None:
        async with self._database.transaction() as tx:
            await stories.save_matches(tx, each.id, matches)
            await edits.story_changed(tx, each.id, self._clock.now(), settles_s=self._edits_settle_s)
            await articles.mark_done(tx, [each])

    async def _assign(self, grouping: Grouping, each: StoredArticle) -> tuple[Facts, Assignment]:
        """Among the stories that are stored still: one that was erased since would draw each later article to itself,
        and all of them would begin stories of their own."""
        facts = await asyncio.to_thread(read, each.article)
        while True:
            assignment = await asyncio.to_thread(grouping.assign, facts)
            meant = [story for story in (assignment.story_id, assignment.follows) if story is not None]
            async with self._database.read() as connection:
                erased = [story for story in meant if not await stories.is_stored(connection, story)]
            if not erased:
                return facts, assignment
            for story in erased:
                grouping.forget_story(story)

    async def _current_grouping(self, now: datetime) -> Grouping:
        if self._grouping is None:
            async with self._database.read() as connection:
                current = await stories.current_articles(connection, now - self._window)
            self._grouping = await asyncio.to_thread(_grouping_of, self._window, current)
        self._grouping.slide(now)
        return self._grouping


def _grouping_of(window: timedelta, current: Sequence[tuple[int, StoredArticle]]) -> Grouping:
    grouping = Grouping(window)
    for story_id, each in current:
        grouping.keep(each.id, story_id, each.article.title, read(each.article))
    return grouping


async def _settle_story(
    tx: AsyncConnection, each: StoredArticle, matches: Sequence[Match], assignment: Assignment, now: datetime
) -> tuple[int, bool]:
    """The story that the article has already, or the one it was assigned to, if that is still stored; else a new one.

    A new one follows the story that is taken for an earlier stage if both name one of those who are watched: a port has
    its weather, its ferries and its fires.

    Returns:
        The story, and whether it is new.
    """
    known = await stories.story_of(tx, each.id)
    if known is not None:
        return known, False
    joined = assignment.story_id
    if joined is not None and await stories.is_stored(tx, joined):
        await stories.join_story(tx, joined, each, assignment.why, now)
        return joined, False
    why = assignment.why if joined is None else Reason("new-story")
    follows = assignment.follows
    names = {(match.scope, match.name_id) for match in matches}
    if follows is not None and not await stories.names_any(tx, follows, names):
        follows = None
    return await stories.begin_story(tx, each, why, now, follows=follows), True


async def _owe(
    tx: AsyncConnection,
    each: StoredArticle,
    story_id: int,
    now: datetime,
    zone: ZoneInfo,
    followers: Sequence[Subscription],
    known: Collection[tuple[Scope, str]],
) -> int | None:
    """Decide who of them is owed what about the article, `known` names apart, and keep it; the alert's id, or None."""
    hits = [hit for hit in await hits_of(tx, each.id) if (hit.name.scope, hit.name.id) not in known]
    scopes = {hit.name.scope for hit in hits}
    subscriptions = [each for each in followers if each.scope in scopes]
    some_lack_access = not all(each.served for each in subscriptions)
    owed = decide(
        hits,
        subscriptions,
        await outbox.told_in_story(tx, story_id),
        news=await _news(tx, each, story_id),
        list_tags={watchlist.scope: watchlist.tags for watchlist in await names.watchlist_rows(tx)},
        wishes=await wishes_of(tx, {each.target for each in subscriptions}, now, zone),
        today=now.astimezone(zone).date(),
        now=now,
        on_their_way=await outbox.on_their_way(tx, story_id),
        refused_already=await outbox.refused_in_story(tx, story_id) if some_lack_access else (),
    )
    article = each.article
    late = await feeds.caught_up(tx, article.feed_id, article.seen_at, at_least=OUTAGE) if owed else False
    return await outbox.save_alert(tx, story_id, each.id, owed, now, bundle=outbox.CATCH_UP if late else None)


async def _news(tx: AsyncConnection, each: StoredArticle, story_id: int) -> News:
    return News(
        article_id=each.id,
        article=each.article,
        story_id=story_id,
        tags=await feeds.feed_tags(tx, await articles.listing_feeds(tx, each.id)),
        outlets=await edits.outlets_of(tx, story_id),
    )
