"""The only place where real parts are put together, started and stopped.

No part makes another one: what a part needs is passed to it here. Everything is checked (configuration, database, lock)
before anything begins to run.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from bot.access import access_by
from bot.alerts.edits import SETTLES_S
from bot.app_telegram import Here, TelegramSide
from bot.clock import Clock
from bot.config import Loaded, Settings, Source
from bot.config.stir import Stir
from bot.current import Current
from bot.housekeeper import Housekeeper
from bot.matching import MatchingThread
from bot.model import CONSOLE
from bot.net import GuardedSession, WayOut, user_agent
from bot.operation import Operation, Watched, allow_many_connections, operating
from bot.page_reader import PageReader
from bot.pages import Pages
from bot.pipeline import SETTLE_S, Editor
from bot.poller import Poller
from bot.pulse import Pulse
from bot.reload import Act, Reloader, first_spread_s, store_at_start
from bot.robots import Robots
from bot.storage import names, outbox
from bot.storage.database import Database, open_database
from bot.storage.lock import only_instance
from bot.storage.upkeep import make_folder, prepare
from bot.telegram.console import ConsoleMessenger, NoPace
from bot.telegram.desk import follow_move
from bot.telegram.digester import Digester
from bot.telegram.drafts import Drafter
from bot.telegram.notices import Notifier, recipients_of
from bot.telegram.recheck import Rechecker
from bot.telegram.reviser import Reviser
from bot.telegram.sender import Messenger, Pace, Sender
from bot.ticker import Ticker
from bot.worker import Worker

log = structlog.get_logger(__name__)

POLL_TICK_S = 0.5
PAGE_TICK_S = 1.0
EDIT_TICK_S = 0.25
SEND_TICK_S = 0.5
REVISE_TICK_S = 1.0
RECOVER_TICK_S = 60.0
NOTICE_TICK_S = 5.0
RECHECK_TICK_S = 60.0
FILES_TICK_S = 0.5
DIGEST_TICK_S = 5.0
TIDY_TICK_S = 3600.0
WORK_S = 30.0
"""A tick with much to do leaves the rest to the next one."""
STOP_WITHIN_S = 5.0
"""What is being sent may finish; SPEC promises ten seconds for the whole stop."""
TICKS_END_WITHIN_S = 2.0
"""Most end within a moment; one that waits for long is broken off."""
CONNECT_WITHIN_S = 60.0
"""How long one round waits for Telegram; the daemon waits for ever."""
RETRY_S = 5.0
PAUSE_S = 0.05
"""Between two looks at what a limit still holds back, in `run --once`."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The running parts."""

    database: Database
    clock: Clock
    matching: MatchingThread
    poller: Poller
    pages: Pages
    editor: Editor
    sender: Sender
    reviser: Reviser
    notifier: Notifier
    digester: Digester
    housekeeper: Housekeeper
    news: asyncio.Event
    reachable: asyncio.Event
    """Set once messages can be sent."""
    current: Current
    acts: list[Act]
    """How the parts are told of new settings."""
    only: int | None
    """The chat this run serves (the console), None for Telegram."""
    session: GuardedSession
    pace: Pace
    pulse: Pulse

    async def edit(self) -> None:
        """A tick: look at what is new, once the polls of the same moment have ended or two seconds have passed."""
        if not self.news.is_set():
            return
        self.news.clear()
        await self.poller.settle(SETTLE_S)
        done = False
        try:
            done = await self.editor.edit_new(within_s=WORK_S)
        except Exception:
            await asyncio.sleep(RETRY_S)  # the database is away: one complaint every few seconds is enough
            raise
        finally:
            if not done:
                self.news.set()  # what was not looked at is looked at by the next tick

    async def send(self) -> None:
        """A tick: send what is due, once there is somebody to send it through."""
        until = self.clock.monotonic() + WORK_S
        if self.reachable.is_set():
            while await self.sender.deliver_due() and self.clock.monotonic() < until:
                await self.sender.one_done()

    async def revise(self) -> None:
        """A tick: edit the messages whose stories went on; the limits let alerts go first."""
        until = self.clock.monotonic() + WORK_S
        if self.reachable.is_set():
            while await self.reviser.revise_due() and self.clock.monotonic() < until:
                await self.reviser.one_done()

    async def notify(self) -> None:
        """A tick: tell the people who run the bot what happened to it."""
        if self.reachable.is_set():
            await self.notifier.tell()

    async def _recheck(self, rechecker: Rechecker) -> None:
        if self.reachable.is_set():
            await rechecker.recheck_due()

    async def digest(self) -> None:
        """A tick: tell what did not ring, where that is due."""
        until = self.clock.monotonic() + WORK_S
        if self.reachable.is_set():
            while await self.digester.tell_due() and self.clock.monotonic() < until:
                pass

    async def once(self) -> bool:
        """Poll what is due now, look at it, send until nothing is due; whether all of it went well."""
        await self.read_once()
        async with self.database.transaction() as tx:
            await outbox.complete_bundles(tx, self.clock.now())  # all feeds were read: nothing more will join
        await self.drain()
        await self.read_pages()
        await self.drain()
        await self.digest()
        await self.notify()
        return not (self.poller.failed or self.editor.broken or self.sender.troubles)

    async def read_once(self) -> None:
        """Poll what is due now and look at what is new.

        Where nobody answers, feeds stay due: they wait for the next run.
        """
        started = self.clock.now()
        while not self.poller.is_blind and await self.poller.poll_due(as_of=started):
            await self.poller.settle(None)
        await self.editor.edit_new()

    async def read_pages(self) -> None:
        """Read the pages that are due, which may take long at one host, and look at what they add."""
        while await self.pages.read_due():
            await self.pages.settle()
        await self.editor.edit_new()

    async def drain(self) -> None:
        """Send until nothing is due, then make the edits that are due by now."""
        while not self.sender.is_cut_off and await self._due():
            if not await self.sender.deliver_due():
                await asyncio.sleep(PAUSE_S)
        await self.sender.finish(None)
        while await self.reviser.revise_due():
            await self.reviser.finish(None)

    async def _due(self) -> int:
        async with self.database.read() as connection:
            return await outbox.count_due(connection, self.clock.now(), only=self.only)

    @asynccontextmanager
    async def ticking(
        self,
        reloader: Reloader | None = None,
        operation: Operation | None = None,
        rechecker: Rechecker | None = None,
    ) -> AsyncIterator[None]:
        """The scheduler's ticks, until the body ends; then what is in flight ends, and nothing new begins."""
        ticker = Ticker(pulse=self.pulse)
        if reloader is not None:
            await reloader.start()
            ticker.every(FILES_TICK_S, "files", reloader.look)
        ticker.every(POLL_TICK_S, "poll", self.poller.poll_due)
        ticker.every(PAGE_TICK_S, "pages", self.pages.read_due)
        ticker.every(EDIT_TICK_S, "edit", self.edit)
        ticker.every(SEND_TICK_S, "send", self.send)
        ticker.every(REVISE_TICK_S, "revise", self.revise)
        ticker.every(RECOVER_TICK_S, "recover", self.sender.recover_expired)
        ticker.every(NOTICE_TICK_S, "notices", self.notify)
        ticker.every(DIGEST_TICK_S, "digests", self.digest)
        ticker.every(TIDY_TICK_S, "tidy", self.housekeeper.tidy)
        if operation:
            operation.tick_by(ticker)
        if rechecker is not None:
            ticker.every(RECHECK_TICK_S, "recheck", partial(self._recheck, rechecker))
        ticker.start()
        try:
            if operation:
                await operation.health.look()  # at once: whoever started us waits to hear that we are ready
            yield
        finally:
            if operation:
                operation.health.stopping()
            await ticker.rest(TICKS_END_WITHIN_S)
            ticker.stop()
            if reloader is not None:
                await reloader.stop()
            await self.poller.stop()
            await self.pages.stop()
            await asyncio.gather(self.sender.finish(STOP_WITHIN_S), self.reviser.finish(STOP_WITHIN_S))


def _here(parts: Parts) -> Here:
    return Here(parts.database, parts.matching, parts.current, parts.acts, parts.reachable)


@asynccontextmanager
async def _watched(
    parts: Parts, source: Source, *, console: bool, rechecker: Rechecker | None = None
) -> AsyncIterator[Operation]:
    """The ticks of the daemon, and what looks after it."""
    of_work = (parts.database, parts.clock, parts.pulse, parts.matching, parts.poller, parts.editor, parts.pace)
    watched = Watched(parts.current, *of_work, parts.session, parts.acts, parts.only)
    reloader = _reloader(parts, source, console=console)
    async with operating(watched) as operation, parts.ticking(reloader, operation, rechecker):
        yield operation


def _reloader(parts: Parts, source: Source, *, console: bool) -> Reloader:
    told = (parts.current, parts.matching, parts.poller, parts.acts)
    return Reloader(parts.database, parts.clock, source, *told, Stir(), console=console)


async def _run_on_telegram(loaded: Loaded, clock: Clock, source: Source, stopped: asyncio.Event) -> None:
    side = TelegramSide(loaded, clock)
    starting = running_parts(
        loaded,
        clock,
        side.messenger,
        side.limiter,
        console=False,
        spread_s=first_spread_s(loaded.feeds),
        pulse=side.pulse,
    )
    async with starting as parts:
        try:
            rechecker = side.rechecker(parts.database)
            parts.acts.append(rechecker.reconfigure)
            async with _watched(parts, source, console=False, rechecker=rechecker) as operation:
                await _until_stopped(side.talk(_here(parts), operation.health), stopped)
        finally:
            await side.close()


async def _until_stopped(work: Coroutine[None, None, None], stopped: asyncio.Event) -> None:
    """Run `work` until it ends (by an error: it never ends by itself) or until we are told to stop."""
    working = asyncio.create_task(work, name="work")
    stopping = asyncio.create_task(stopped.wait(), name="stop")
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    stopping.cancel()
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


async def run_once(loaded: Loaded, clock: Clock, *, console: bool, connect_within_s: float = CONNECT_WITHIN_S) -> bool:
    """One round of everything; False when something failed or is left."""
    if console:
        messenger = _terminal(clock)
        async with running_parts(loaded, clock, messenger, NoPace(), console=True) as parts:
            return await parts.once()
    side = TelegramSide(loaded, clock)
    async with running_parts(loaded, clock, side.messenger, side.limiter, console=False) as parts:
        try:
            async with asyncio.timeout(connect_within_s):
                await side.connect(_here(parts))
        except TimeoutError:
            log.warning("Telegram cannot be reached: the feeds are read, what is owed waits for the next run")
            await parts.read_once()
            return False
        else:
            return await parts.once()
        finally:
            await side.close()


def _terminal(clock: Clock) -> ConsoleMessenger:
    """Its messages are numbered from the time in milliseconds, so that no run repeats the numbers of another."""
    return ConsoleMessenger(sys.stdout, first=round(clock.now().timestamp() * 1000))


async def run_daemon(loaded: Loaded, clock: Clock, source: Source, *, console: bool) -> None:
    """Run until SIGTERM or SIGINT, by what the files say: now as they were `loaded`, later as they are edited."""
    allow_many_connections()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if console:
        messenger = _terminal(clock)
        starting = running_parts(
            loaded, clock, messenger, NoPace(), console=True, spread_s=first_spread_s(loaded.feeds)
        )
        async with starting as parts, _watched(parts, source, console=True):
            log.info("on the lookout", tells="the terminal")
            await stopped.wait()
            log.info("stopping")
        return
    await _run_on_telegram(loaded, clock, source, stopped)


@asynccontextmanager
async def running_parts(
    loaded: Loaded,
    clock: Clock,
    messenger: Messenger,
    pace: Pace,
    *,
    console: bool,
    spread_s: float = 0.0,
    edits_settle_s: float = SETTLES_S,
    pulse: Pulse | None = None,
) -> AsyncIterator[Parts]:
    """Make the parts that every kind of run needs, and take them apart afterwards, whatever happens.

    Args:
        spread_s: feeds that were never polled get their first poll somewhere within.
        edits_settle_s: how long a message waits for more outlets before it is edited.
    """
    settings, pulse = loaded.settings, pulse or Pulse(clock)
    async with AsyncExitStack() as stack:
        database = await _prepared_database(stack, settings.storage.url)
        log.info("starting", feeds=len(loaded.feeds), watchlists=len(loaded.watchlists))
        await store_at_start(database, loaded, clock, console=console, spread_s=spread_s)
        news, reachable = asyncio.Event(), asyncio.Event()
        news.set()  # a restart goes on with what the last run left
        if console:
            reachable.set()  # the terminal always is
        matching = await _matching(stack, database)
        current, acts = Current(loaded), list[Act]()
        session = GuardedSession(**_way_out(settings))
        stack.push_async_callback(session.close)
        poller, pages = _readers(stack, database, loaded, clock, session, news, acts, pulse)
        sender, reviser, notifier, digester = _tellers(
            database,
            matching,
            messenger,
            pace,
            clock,
            current,
            acts,
            pulse,
            console=console,
            edits_settle_s=edits_settle_s,
        )
        editor = Editor(database, matching, clock, settings, edits_settle_s=edits_settle_s, pulse=pulse)
        housekeeper = Housekeeper(database, clock, settings)
        acts += [editor.reconfigure, housekeeper.reconfigure]
        await sender.recover()
        gc.collect()
        gc.freeze()  # what is there now stays: to look through all of it, again and again, would hold the loop
        yield Parts(
            database=database,
            clock=clock,
            matching=matching,
            poller=poller,
            pages=pages,
            editor=editor,
            sender=sender,
            reviser=reviser,
            notifier=notifier,
            digester=digester,
            housekeeper=housekeeper,
            news=news,
            reachable=reachable,
            current=current,
            acts=acts,
            only=CONSOLE.chat_id if console else None,
            session=session,
            pace=pace,
            pulse=pulse,
        )


async def _prepared_database(stack: AsyncExitStack, url: str) -> Database:
    """Ours alone until `stack` is left, and of this version."""
    make_folder(url)
    database = await open_database(url)
    stack.push_async_callback(database.close)
    # The lock first: no second instance may upgrade what a running one reads.
    await stack.enter_async_context(only_instance(database, url))
    for done in await prepare(url):
        log.info(done)
    return database


async def _matching(stack: AsyncExitStack, database: Database) -> MatchingThread:
    """The matcher, with the names that are stored."""
    matching = MatchingThread()
    stack.callback(matching.close)
    async with database.read() as connection:
        await matching.replace(await names.all_names(connection))
    return matching


def _readers(
    stack: AsyncExitStack,
    database: Database,
    loaded: Loaded,
    clock: Clock,
    session: GuardedSession,
    news: asyncio.Event,
    acts: list[Act],
    pulse: Pulse,
) -> tuple[Poller, Pages]:
    """What reads feeds and pages, through one session."""
    settings = loaded.settings
    worker = Worker()
    stack.push_async_callback(worker.close)
    configured = {feed.id: feed for feed in loaded.feeds}
    poller = Poller(database, session, worker, clock, settings, configured, news=news, pulse=pulse)
    stack.push_async_callback(poller.stop)
    for_pages = Worker()  # its own: a page that takes seconds must not hold up the feeds
    stack.push_async_callback(for_pages.close)
    reader = PageReader(session, Robots(session, clock), for_pages, clock)
    pages = Pages(database, reader, clock, max_age=settings.alerts.max_age, news=news)
    stack.push_async_callback(pages.stop)
    acts += [lambda new: session.reconfigure(_way_out(new)), pages.reconfigure]
    return poller, pages


def _tellers(
    database: Database,
    matching: MatchingThread,
    messenger: Messenger,
    pace: Pace,
    clock: Clock,
    current: Current,
    acts: list[Act],
    pulse: Pulse,
    *,
    console: bool,
    edits_settle_s: float,
) -> tuple[Sender, Reviser, Notifier, Digester]:
    """What sends alerts, what edits them, what tells of the bot itself, and what tells the things that did not ring."""
    language, timezone = current.settings.alerts.language, ZoneInfo(current.settings.alerts.timezone)
    access = access_by(current.settings)
    drafter = Drafter(language, timezone, access, current.settings.alerts.max_age)
    to_telegram = (database, messenger, pace, clock, drafter)
    moving, only = partial(follow_move, database, matching), CONSOLE if console else None
    sender = Sender(*to_telegram, follow_move=moving, only=only, edits_settle_s=edits_settle_s, pulse=pulse)
    reviser = Reviser(*to_telegram, follow_move=moving, only=only, settles_s=edits_settle_s)
    recipients = recipients_of(current, console=console)
    notifier = Notifier(*to_telegram[:4], recipients=recipients, language=language, timezone=timezone)
    digester = Digester(*to_telegram[:4], language=language, timezone=timezone, access=access, follow_move=moving)
    acts += [drafter.reconfigure, notifier.reconfigure, digester.reconfigure]
    return sender, reviser, notifier, digester


def _way_out(settings: Settings) -> WayOut:
    return WayOut(
        allow_networks=settings.polling.allow_networks,
        user_agent=user_agent(settings.polling.user_agent_contact),
        concurrency=settings.polling.concurrency,
        per_host=settings.polling.per_host,
        proxy=settings.network.proxy,
        ca_file=settings.network.ca_file,
    )
