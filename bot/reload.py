"""Edits of the files, taken up while the daemon runs: notice → wait until they rest → read → compare → apply → tell.

The last good version stays where the new one is wrong, and where it would remove more than half until somebody agrees.
Names reach the database first and the matcher then, as differences. What is read and compared, is so in a thread.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access, access_by
from bot.clock import Clock
from bot.config import Loaded, Settings, Source
from bot.config.changes import Changes, compare, version_of
from bot.config.footprint import Settling, footprint
from bot.current import Current
from bot.errors import ConfigError, UsageError
from bot.feeds.schedule import first_poll
from bot.model import CONSOLE, Feed, Scope, WatchedName, Watchlist
from bot.reload_words import Told, about_changes, about_mistakes, about_question
from bot.storage import confirmations, feeds, names
from bot.storage.access import followers
from bot.storage.chats import Chat, pause_chat, save_chat
from bot.storage.confirmations import Word
from bot.storage.database import Database
from bot.storage.notices import add_chat_notice, add_notice, withdraw
from bot.storage.subscriptions import subscribe

log = structlog.get_logger(__name__)

LOOK_S = 2.0
"""Between two looks at the files where the system says nothing: an edit counts within five seconds."""
SPREAD_A_FEED_S = 0.1
LONGEST_SPREAD_S = 60.0
"""The first polls are spread over a tenth of a second a feed, a minute at most: no burst at a start."""

Act = Callable[[Settings], None]
"""How a part is told of new settings."""


class Names(Protocol):
    """The part of the matcher that an edit changes."""

    async def change(self, went: Sequence[tuple[Scope, str]], came: Sequence[WatchedName]) -> None: ...


class Feeds(Protocol):
    """The part of the poller that an edit changes."""

    async def reconfigure(self, settings: Settings, configured: dict[str, Feed]) -> None: ...


class Notifications(Protocol):
    """`Stir`, or a test's fake that hears nothing."""

    happened: asyncio.Event

    async def follow(self, folders: Sequence[Path]) -> None: ...
    async def stop(self) -> None: ...


class Reloader:
    """One a daemon."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        source: Source,
        current: Current,
        names: Names,
        feeds: Feeds,
        acts: Sequence[Act],
        stir: Notifications,
        *,
        console: bool,
    ) -> None:
        """`acts`: the parts that are told of new settings; some may join later."""
        self._database = database
        self._clock = clock
        self._source = source
        self._current = current
        self._started = current.settings
        self._names = names
        self._feeds = feeds
        self._console = console
        self._acts = acts
        self._stir = stir
        self._places = source.places()
        self._settling = Settling(footprint(self._places))
        self._looked_at = clock.monotonic()
        self._mistakes: tuple[str, ...] = ()
        """Of the files as they are; told, unless there are none."""
        self._asked: Loaded | None = None
        """What waits for somebody's word."""

    async def start(self) -> None:
        """Listen for edits."""
        await self._stir.follow(self._places.folders)

    async def stop(self) -> None:
        await self._stir.stop()

    # --- Looking -------------------------------------------------------------------------------------------------

    async def look(self) -> None:
        """A tick: see whether the files changed, and take up what they say once they rest."""
        now = self._clock.monotonic()
        hurry = self._stir.happened.is_set() or self._settling.is_under_way
        if not hurry and now - self._looked_at < LOOK_S:
            return
        self._looked_at = now
        self._stir.happened.clear()
        seen = await asyncio.to_thread(footprint, self._places)
        if seen != self._settling.seen:
            await self._stir.follow(self._places.folders)  # a folder may have been made anew
        if self._settling.is_ready(seen, now):
            await self._read(seen, now)
        elif self._asked is not None:
            await self._hear()

    async def _read(self, seen: frozenset[object], now: float) -> None:
        """Read the files and take up what they say, unless they are being written at this moment."""
        loaded, mistakes = await asyncio.to_thread(self._load)
        if await asyncio.to_thread(footprint, self._places) != seen:
            return  # edited while we read: the next look begins anew
        changes = Changes()
        if loaded is not None:
            changes = await asyncio.to_thread(compare, self._current.loaded, loaded, self._started)
        if (loaded is None or changes.is_doubtful) and self._settling.may_be_half_written(now):
            return
        places, self._places = self._places, await asyncio.to_thread(self._source.places)
        if self._places != places:  # the settings name other files: these count from now on
            self._settling = Settling(await asyncio.to_thread(footprint, self._places))
            await self._stir.follow(self._places.folders)
        if loaded is None:
            await self._refuse(mistakes)
        elif changes.removes_most:
            await self._ask(loaded, changes)
        else:
            await self._take(loaded, changes)
        self._settling.done()

    def _load(self) -> tuple[Loaded | None, tuple[str, ...]]:
        """In a thread: what the files say, or their mistakes."""
        try:
            return self._source.load(), ()
        except ConfigError as error:
            return None, tuple(str(problem) for problem in error.problems if not problem.warning)
        except UsageError as error:
            return None, (str(error),)

    # --- Wrong, or doubtful --------------------------------------------------------------------------------------

    async def _refuse(self, mistakes: tuple[str, ...]) -> None:
        """Go on with the last good version; say once what is wrong."""
        if mistakes == self._mistakes:
            return
        for mistake in mistakes:
            log.warning("the files are wrong, the last good version stays", mistake=mistake)
        await self._tell([about_mistakes(mistakes)], instead_of=("reload-wrong", "reload-mended", "reload-asked"))
        self._mistakes, self._asked = mistakes, None

    async def _ask(self, loaded: Loaded, changes: Changes) -> None:
        """Go on as before until somebody agrees to so large a removal."""
        version = version_of(loaded)
        if self._asked is not None and version_of(self._asked) == version:
            return
        log.warning(
            "more than half would be removed: it waits until an admin agrees, or for `guetteur watchlists confirm`",
            names=len(changes.went),
            feeds=len(changes.gone_feeds),
        )
        asked = about_question(self._current.loaded, changes, version)
        await self._tell([asked], instead_of=("reload-asked", "reload-wrong"), question=version)
        self._mistakes, self._asked = (), loaded

    async def _hear(self) -> None:
        """What somebody said of what waits; an edit in between would have made it another question."""
        async with self._database.read() as connection:
            word = await confirmations.answered(connection)
        loaded = self._asked
        if word is None or loaded is None:
            return
        if word is Word.APPLY:
            changes = await asyncio.to_thread(compare, self._current.loaded, loaded, self._started)
            await self._take(loaded, changes)
            return
        log.info("the removal was refused: the last good version stays until the next edit")
        async with self._database.transaction() as tx:
            await confirmations.settle(tx)
        self._asked = None

    # --- Good ----------------------------------------------------------------------------------------------------

    async def _take(self, loaded: Loaded, changes: Changes) -> None:
        """Make everything act by what the files say, and tell the difference."""
        told = about_changes(changes, mended=bool(self._mistakes), waited=self._asked is not None)
        await self._apply(loaded, changes, told)
        for warning in loaded.warnings:
            if warning not in self._current.loaded.warnings:
                log.warning("doubtful in the files", warning=str(warning))
        self._current.loaded = loaded
        self._mistakes, self._asked = (), None
        if changes:
            log.info("files read again", **(told.values if told else {}))

    async def _apply(self, loaded: Loaded, changes: Changes, told: Told | None) -> None:
        settings = loaded.settings
        if changes.touches_feeds or changes.keys:
            await self._feeds.reconfigure(settings, {feed.id: feed for feed in loaded.feeds})
        await self._store(loaded, changes, told)
        if changes.touches_names:
            await self._names.change(changes.went, (*changes.came, *changes.altered))
        if changes.keys:
            for act in self._acts:
                act(settings)

    async def _store(self, loaded: Loaded, changes: Changes, told: Told | None) -> None:
        """The rows that follow the files, and what is told of it: all or nothing."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            if changes.touches_names:
                changed = (*changes.new_lists, *changes.kept_lists)
                await names.change_watchlists(tx, changed, changes.gone_lists, now)
            if changes.touches_feeds:
                await feeds.sync_feeds(tx, loaded.feeds, _first_polls(loaded.feeds, changes.new_feeds, now))
            for feed_ids, longest in _hastened(loaded, changes):
                await feeds.hasten(tx, feed_ids, now + longest)
            for kind in ("reload-wrong", "reload-asked"):
                await withdraw(tx, kind)
            await confirmations.settle(tx)
            if told is not None:
                await add_notice(tx, told.kind, now, **told.values)
            if self._console:
                for each in changes.new_lists:
                    await subscribe(tx, CONSOLE, each.scope, now, None)
                return
            access = access_by(loaded.settings)
            await tell_followers(tx, "list-gone", changes.gone_lists, now, access)
            await tell_followers(tx, "list-back", changes.new_lists, now, access)

    async def _tell(self, told: Sequence[Told], *, instead_of: Sequence[str], question: str | None = None) -> None:
        """Tell it in place of what nobody has read yet."""
        async with self._database.transaction() as tx:
            for kind in instead_of:
                await withdraw(tx, kind)
            await confirmations.settle(tx)
            if question is not None:
                await confirmations.ask(tx, question)
            for each in told:
                await add_notice(tx, each.kind, self._clock.now(), **each.values)


async def store_at_start(database: Database, loaded: Loaded, clock: Clock, *, console: bool, spread_s: float) -> None:
    """The rows that follow the files, before anything runs: whatever they say now is taken."""
    now = clock.now()
    first = {feed.id: first_poll(now, spread_s=spread_s, jitter=random.random()) for feed in loaded.feeds}
    async with database.transaction() as tx:
        before = {each.id: each for each in await names.watchlist_rows(tx)}
        listed = {each.id for each in loaded.watchlists}
        await names.sync_watchlists(tx, loaded.watchlists, now)
        await feeds.sync_feeds(tx, loaded.feeds, first)
        await feeds.release_leases(tx, now, spread_s=spread_s)
        await confirmations.settle(tx)
        if console:
            await save_chat(tx, Chat(CONSOLE.chat_id, "console", "console"), now)
            for each in loaded.watchlists:
                await subscribe(tx, CONSOLE, each.scope, now, None)
            return
        await pause_chat(tx, CONSOLE.chat_id, "not running with --console")
        gone = [each for each in before.values() if each.id not in listed]
        access = access_by(loaded.settings)
        await tell_followers(tx, "list-gone", gone, now, access)
        back = [each for each in loaded.watchlists if each.id not in before]
        await tell_followers(tx, "list-back", back, now, access)


async def tell_followers(
    tx: AsyncConnection, kind: str, lists: Iterable[Watchlist], now: datetime, access: Access
) -> None:
    """A notice to every chat and topic that follows one of the lists: silence is explained."""
    for each in lists:
        for target in await followers(tx, each.scope, access):
            await add_chat_notice(tx, kind, now, target, list=each.title)


def first_spread_s(fresh: Sequence[Feed]) -> float:
    """Within how long so many feeds get their first polls."""
    return min(SPREAD_A_FEED_S * len(fresh), LONGEST_SPREAD_S)


def _first_polls(listed: Sequence[Feed], fresh: Sequence[Feed], now: datetime) -> dict[str, datetime]:
    within_s = first_spread_s(fresh)
    return {feed.id: first_poll(now, spread_s=within_s, jitter=random.random()) for feed in listed}


def _hastened(loaded: Loaded, changes: Changes) -> list[tuple[list[str], timedelta]]:
    """Feeds that would else wait for as long as the last settings had it."""
    of_their_own = [
        ([feed.id], timedelta(seconds=feed.interval_s)) for feed in changes.altered_feeds if feed.interval_s is not None
    ]
    polling = loaded.settings.polling
    if "polling.max_interval" not in changes.keys:
        return of_their_own
    return [*of_their_own, ([feed.id for feed in loaded.feeds], polling.max_interval)]
