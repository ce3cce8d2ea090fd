"""The only place where real parts are put together, started and stopped.

No part makes another one: what a part needs is passed to it here. Everything is checked (configuration, database, lock)
before anything begins to run.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from bot.clock import Clock
from bot.config import Loaded, Settings
from bot.feeds.schedule import first_poll
from bot.matching import MatchingThread
from bot.model import CONSOLE
from bot.net import GuardedSession, user_agent
from bot.pipeline import SETTLE_S, Editor, Poller
from bot.storage import feeds, names, outbox
from bot.storage.chats import Chat, pause_chat, save_chat
from bot.storage.database import Database, open_database
from bot.storage.lock import only_instance
from bot.storage.subscriptions import subscribe
from bot.storage.upkeep import prepare
from bot.telegram.console import ConsoleMessenger
from bot.telegram.sender import Messenger, Pace, Sender
from bot.ticker import Ticker
from bot.worker import Worker

log = structlog.get_logger(__name__)

POLL_TICK_S = 0.5
EDIT_TICK_S = 0.25
SEND_TICK_S = 0.5
SPREAD_A_FEED_S = 0.1
LONGEST_SPREAD_S = 60.0
"""The first polls are spread over a tenth of a second a feed, a minute at most: no burst at a start."""
PAUSE_S = 0.05
"""Between two looks at what a limit still holds back, in `run --once`."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The running parts."""

    settings: Settings
    database: Database
    clock: Clock
    matching: MatchingThread
    poller: Poller
    editor: Editor
    sender: Sender
    news: asyncio.Event
    only: int | None
    """The chat this run serves (the console), None for Telegram."""

    async def edit(self) -> None:
        """A tick: look at what is new, once the polls of the same moment have ended or two seconds have passed."""
        if not self.news.is_set():
            return
        self.news.clear()
        await self.poller.settle(SETTLE_S)
        try:
            await self.editor.edit_new()
        except BaseException:
            self.news.set()  # what was not looked at is looked at by the next tick
            raise

    async def send(self) -> None:
        """A tick: send what is due."""
        await self.sender.deliver_due()

    async def once(self) -> bool:
        """Poll what is due now, look at it, send until nothing is due; whether every poll was good."""
        started = self.clock.now()
        while await self.poller.poll_due(as_of=started):
            await self.poller.settle(None)
        await self.drain()
        return self.poller.failed == 0

    async def drain(self) -> None:
        """Look at what is new and send until nothing is due."""
        await self.editor.edit_new()
        while await self._due():
            if not await self.sender.deliver_due():
                await asyncio.sleep(PAUSE_S)
        await self.sender.finish()

    async def _due(self) -> int:
        async with self.database.read() as connection:
            return await outbox.count_due(connection, self.clock.now(), only=self.only)

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[None]:
        """The scheduler's ticks, until the body ends; then what is in flight ends, and nothing new begins."""
        ticker = Ticker()
        ticker.every(POLL_TICK_S, "poll", self.poller.poll_due)
        ticker.every(EDIT_TICK_S, "edit", self.edit)
        ticker.every(SEND_TICK_S, "send", self.send)
        ticker.start()
        try:
            yield
        finally:
            ticker.stop()
            await self.poller.stop()
            await self.sender.finish()


class NoPace:
    """The terminal has no limits."""

    def waiting_chats(self) -> list[int]:
        return []


async def run_once(loaded: Loaded, clock: Clock, *, console: bool) -> bool:
    """One round of everything; False when a feed could not be read."""
    if console:
        messenger = ConsoleMessenger(sys.stdout)
        async with running_parts(loaded, clock, messenger, NoPace(), console=True) as parts:
            return await parts.once()
    async with telegram_parts(loaded, clock) as (parts, _):
        return await parts.once()


async def run_daemon(loaded: Loaded, clock: Clock, *, console: bool) -> None:
    """Run until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if console:
        messenger = ConsoleMessenger(sys.stdout)
        async with running_parts(loaded, clock, messenger, NoPace(), console=True) as parts, parts.ticking():
            log.info("on the lookout", feeds=len(loaded.feeds), watchlists=len(loaded.watchlists), tells="the terminal")
            await stopped.wait()
            log.info("stopping")
        return
    await _run_on_telegram(loaded, clock, stopped)


@asynccontextmanager
async def running_parts(
    loaded: Loaded, clock: Clock, messenger: Messenger, pace: Pace, *, console: bool
) -> AsyncIterator[Parts]:
    """Make the parts that every kind of run needs, and take them apart afterwards, whatever happens."""
    settings = loaded.settings
    for done in await prepare(settings.storage.url):
        log.info(done)
    async with AsyncExitStack() as stack:
        database = await open_database(settings.storage.url)
        stack.push_async_callback(database.close)
        await stack.enter_async_context(only_instance(database, settings.storage.url))
        await _store_configuration(database, loaded, clock, console=console)
        session = _session(settings)
        stack.push_async_callback(session.close)
        worker = Worker()
        stack.push_async_callback(worker.close)
        matching = MatchingThread()
        stack.callback(matching.close)
        async with database.read() as connection:
            await matching.replace(await names.all_names(connection))
        news = asyncio.Event()
        news.set()  # a restart goes on with what the last run left
        configured = {feed.id: feed for feed in loaded.feeds}
        poller = Poller(database, session, worker, clock, settings, configured, news=news)
        stack.push_async_callback(poller.stop)
        sender = Sender(
            database,
            messenger,
            pace,
            clock,
            language=settings.alerts.language,
            timezone=ZoneInfo(settings.alerts.timezone),
            only=CONSOLE if console else None,
        )
        await sender.recover()
        yield Parts(
            settings=settings,
            database=database,
            clock=clock,
            matching=matching,
            poller=poller,
            editor=Editor(database, matching, clock, settings),
            sender=sender,
            news=news,
            only=CONSOLE.chat_id if console else None,
        )


async def _store_configuration(database: Database, loaded: Loaded, clock: Clock, *, console: bool) -> None:
    now = clock.now()
    spread_s = min(SPREAD_A_FEED_S * len(loaded.feeds), LONGEST_SPREAD_S)
    first = {feed.id: first_poll(now, spread_s=spread_s, jitter=random.random()) for feed in loaded.feeds}
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, loaded.watchlists, now)
        await feeds.sync_feeds(tx, loaded.feeds, first)
        await feeds.release_leases(tx)
        if console:
            await save_chat(tx, Chat(CONSOLE.chat_id, "console", "console"), now)
            for each in loaded.watchlists:
                await subscribe(tx, CONSOLE, each.scope, now, None)
        else:
            await pause_chat(tx, CONSOLE.chat_id, "not running with --console")


def _session(settings: Settings) -> GuardedSession:
    return GuardedSession(
        allow_networks=settings.polling.allow_networks,
        user_agent=user_agent(settings.polling.user_agent_contact),
        concurrency=settings.polling.concurrency,
        per_host=settings.polling.per_host,
        proxy=settings.network.proxy,
        ca_file=settings.network.ca_file,
    )
