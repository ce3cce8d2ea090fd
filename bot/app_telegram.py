"""The half of `app.py` that talks to Telegram: put together, connected when the network lets it, and taken apart."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from bot.access import access_by
from bot.clock import Clock
from bot.config import Loaded
from bot.current import Current
from bot.logs import keep_secret
from bot.matching import MatchingThread
from bot.pulse import Pulse
from bot.reload import Act
from bot.storage import people
from bot.storage.database import Database
from bot.storage.notices import add_notice
from bot.storage.outbox import held_by_telegram, sent_since
from bot.telegram.bot import build_bot, connect
from bot.telegram.desk import Desk, Health, claim_offer
from bot.telegram.handlers import COMMANDS, catch_up, register
from bot.telegram.limiter import TelegramLimiter
from bot.telegram.limits import GROUP_WINDOW_S
from bot.telegram.menu import Menu, offers_of
from bot.telegram.messenger import TelegramMessenger
from bot.telegram.recheck import Rechecker
from bot.telegram.updates import ALLOWED, UpdateLoop
from bot.telegram.webhook import listening, register_webhook
from bot.worker import Worker

log = structlog.get_logger(__name__)

NOTICE_EVERY = timedelta(hours=1)
"""Two programs that fight for updates meet again and again; people are told once an hour at most."""


@dataclass(frozen=True, slots=True)
class Here:
    """What is needed of the other half."""

    database: Database
    matching: MatchingThread
    current: Current
    acts: list[Act]
    """How the parts are told of new settings."""
    reachable: asyncio.Event
    """Set once messages can be sent."""


class TelegramSide:
    """What talks to Telegram: connects when the network lets it, while feeds are read already."""

    def __init__(self, loaded: Loaded, clock: Clock) -> None:
        self._settings = loaded.settings
        self._clock = clock
        self.pulse = Pulse(clock)
        telegram = loaded.settings.telegram
        keep_secret(telegram.token.get_secret_value() if telegram.token else "")
        keep_secret(telegram.webhook.secret.get_secret_value() if telegram.webhook else "")
        self.limiter = TelegramLimiter(clock)
        self.application = build_bot(
            telegram, self.limiter, proxy=loaded.settings.network.telegram_proxy, on_answer=self.pulse.asked_telegram
        )
        self.messenger = TelegramMessenger(self.application.bot)
        self.updates: UpdateLoop | None = None
        """Once we are connected; knows whether another program uses the token."""
        self._menu: Menu | None = None
        self._charts = Worker()  # its own: matplotlib is large, and feeds are not to wait for a picture

    async def connect(self, here: Here) -> Desk:
        """Wait for Telegram, be ready for people, and let the sender go.

        Raises:
            UsageError: Telegram does not accept the token.
        """
        settings, database = here.current.settings, here.database
        telegram, alerts = settings.telegram, settings.alerts
        await self._recall(database)
        username = await connect(self.application, keep_webhook=telegram.webhook is not None)
        desk = Desk(
            database=database,
            clock=self._clock,
            matching=here.matching,
            access=access_by(settings),
            language=alerts.language,
            timezone=ZoneInfo(alerts.timezone),
            bot_username=username,
            story_window=alerts.story_window,
            draw=self._draw,
            watchlists=settings.watchlists,
            feed_files=settings.feeds,
        )
        here.acts.append(desk.reconfigure)
        self._menu = Menu(self.application.bot, database, list(offers_of(COMMANDS)), language=alerts.language)
        register(self.application, desk, self._menu)
        sys.stdout.write(await claim_offer(desk))
        sys.stdout.flush()
        here.reachable.set()
        return desk

    async def talk(self, here: Here, health: Health) -> None:
        """Connect, then serve people until cancelled; `health` is what admins are told of the daemon."""
        desk, database = await self.connect(here), here.database
        desk.health = health
        # Beside the work: twenty calls at a first start are no reason to let people wait.
        showing = asyncio.create_task(self._show_menu(desk), name="menu")
        try:
            await self._listen(desk, database)
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)

    async def _show_menu(self, desk: Desk) -> None:
        try:
            async with desk.database.read() as connection:
                admins = [*desk.access.admins, *await people.admin_ids(connection)]
            if self._menu is not None:
                await self._menu.tell(list(dict.fromkeys(admins)))
        except Exception:  # a job's boundary: what Telegram shows of us must not stop what we do
            log.exception("Telegram was not told what to show")

    async def _listen(self, desk: Desk, database: Database) -> None:
        """Serve people until cancelled, called by Telegram or asking it."""
        loop = self.updates = UpdateLoop(
            self.application,
            database,
            self._clock,
            on_received=self.pulse.received,
            on_conflict=_Conflicts(database, self._clock).tell,
            catch_up=partial(catch_up, desk, self.application.bot),
        )
        webhook = self._settings.telegram.webhook
        if webhook is None:
            log.info("on the lookout", tells="Telegram")
            await loop.run()
            return
        async with listening(webhook, loop.take):
            await register_webhook(self.application.bot, webhook, database, ALLOWED)
            log.info("on the lookout", tells="Telegram", listens=webhook.listen)
            await loop.serve()

    def rechecker(self, database: Database) -> Rechecker:
        """What asks about chats that were paused."""
        settings = self._settings
        to_chats = (self.application.bot, self.messenger, self._clock)
        return Rechecker(database, *to_chats, language=settings.alerts.language, access=access_by(settings))

    async def _draw(self, picture: Callable[[], bytes], /, *, deadline_s: float) -> bytes:
        return await self._charts.run(picture, deadline_s=deadline_s)

    async def close(self) -> None:
        await self.application.shutdown()
        await self._charts.close()

    async def _recall(self, database: Database) -> None:
        """Telegram counts on what went out before we were started, and so do we."""
        now = self._clock.now()
        async with database.read() as connection:
            sent = await sent_since(connection, now - timedelta(seconds=GROUP_WINDOW_S))
            self.limiter.recall(sent, await held_by_telegram(connection, now))


class _Conflicts:
    """Tells the people who run the bot that another program uses its token."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._told_at: float | None = None

    async def tell(self) -> None:
        ticks = self._clock.monotonic()
        if self._told_at is not None and ticks - self._told_at < NOTICE_EVERY.total_seconds():
            return
        self._told_at = ticks
        async with self._database.transaction() as tx:
            await add_notice(tx, "two-instances", self._clock.now())
