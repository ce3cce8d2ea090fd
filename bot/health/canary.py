"""A test entry that goes the whole way once a day, so that a way that is broken is noticed without news to carry.

The steps are the real ones: a feed's text through the worker, changes, matcher, editor, outbox, sender, the rendered
message. Only the last hand is not Telegram's but ours, and all of it is one transaction that is undone: nobody sees it,
and a crash leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.access import access_by
from bot.articles.changes import decide_changes
from bot.clock import Clock
from bot.config import Settings
from bot.errors import GuetteurError
from bot.matching import MatchingThread
from bot.model import Entity, Feed, Scope, Target, WatchedName
from bot.pipeline import Editor
from bot.reading import PARSE_DEADLINE_S, Reading, read_document
from bot.storage import names
from bot.storage.articles import new_articles, save_changes
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database
from bot.storage.feeds import add_feed
from bot.storage.notices import add_notice
from bot.storage.subscriptions import subscribe
from bot.telegram.drafts import Drafter
from bot.telegram.render import Button
from bot.telegram.sender import Sender
from bot.worker import Worker

log = structlog.get_logger(__name__)

FIRST_AFTER = timedelta(minutes=10)
"""A start has other things to do."""
EVERY = timedelta(days=1)
AGAIN_AFTER = timedelta(hours=1)
WITHIN_S = 30.0
"""For the steps in the transaction; they take a tenth of a second."""

SCOPE = Scope("canary")
NOBODY = Target(-(1 << 61))
"""No chat of Telegram's has this id."""
FEED = Feed("canary", "https://canary.invalid/feed", "Canary", "en")
NAME = "Ombeline Testarossignol"
DOCUMENT = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Canary</title><item>
<title>The daily test of the lookout</title><link>https://canary.invalid/{stamp}</link><guid>canary-{stamp}</guid>
<pubDate>{date}</pubDate><description>Nobody but {name} is named in this entry, which nobody reads.</description>
</item></channel></rss>"""


class Lost(Exception):  # noqa: N818  (it is the canary that is)
    """It did not arrive; the text names the step."""


class Catcher:
    """Stands where Telegram stands, and keeps what it is given."""

    def __init__(self) -> None:
        self.caught: list[tuple[Target, str]] = []

    async def send(
        self,
        target: Target,
        html: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
        reply_to: int | None = None,
    ) -> int:
        self.caught.append((target, html))
        return len(self.caught)

    async def edit(self, target: Target, message_id: int, html: str, buttons: Sequence[Sequence[Button]]) -> None:
        """Nothing is edited on a flight so short."""

    def held(self) -> bool:
        return False

    def waiting_chats(self, *, edits: bool = False) -> list[int]:
        return []

    def is_crowded(self, _: int) -> bool:
        return False


class Canary:
    """Flies when it is due; keeps whether it arrived. Tells the admins once when it did not."""

    def __init__(
        self, database: Database, matching: MatchingThread, worker: Worker, clock: Clock, settings: Settings
    ) -> None:
        self._database = database
        self._matching = matching
        self._worker = worker
        self._clock = clock
        alerts = settings.alerts
        # Its own story and no other: the real ones of the window need not be read for it. Nobody has no access.
        own = {
            "alerts": alerts.model_copy(update={"story_window": timedelta(minutes=1)}),
            "telegram": settings.telegram.model_copy(update={"access": "open"}),
        }
        self._settings = settings.model_copy(update=own)
        self._drafter = Drafter(alerts.language, ZoneInfo(alerts.timezone), access_by(self._settings))
        self._due_at = clock.now() + FIRST_AFTER
        self.lost_at: str | None = None
        """The step at which the last one was lost; None: it arrived, or there was none yet."""
        self.arrived_at: datetime | None = None

    async def fly_if_due(self) -> None:
        """A tick."""
        now = self._clock.now()
        if now < self._due_at:
            return
        self._due_at = now + AGAIN_AFTER
        began = self._clock.monotonic()
        try:
            with structlog.contextvars.bound_contextvars(canary=True):
                await self.fly()
        except (Lost, GuetteurError, SQLAlchemyError, TimeoutError) as error:
            await self._tell(str(error) if isinstance(error, Lost) else type(error).__name__)
            return
        self._due_at, self.lost_at, self.arrived_at = now + EVERY, None, now
        log.info("the daily test entry went the whole way", took_s=round(self._clock.monotonic() - began, 3))

    async def fly(self) -> None:
        """Go the whole way now.

        Raises:
            Lost: with the step.
            GuetteurError, SQLAlchemyError, TimeoutError: what a step said.
        """
        now = self._clock.now()
        reading = await self._read(now)
        watched = WatchedName(SCOPE, NAME, Entity(NAME))
        await self._matching.add(watched)
        try:
            async with asyncio.timeout(WITHIN_S), self._database.rehearsal() as here:
                await self._set_up(here, watched, now)
                await self._take_in(here, reading, now)
                await self._edit(here)
                await self._deliver(here)
        finally:
            await self._matching.remove(SCOPE, NAME)

    async def _read(self, now: datetime) -> Reading:
        stamp = f"{now:%Y%m%dT%H%M%S}"
        body = DOCUMENT.format(stamp=stamp, date=f"{now:%a, %d %b %Y %H:%M:%S} GMT", name=NAME).encode()
        read = partial(read_document, body, "application/rss+xml", FEED.url, FEED, frozenset(), now)
        reading = await self._worker.run(read, deadline_s=PARSE_DEADLINE_S)
        return reading if len(reading.articles) == 1 else _lost("feed")

    async def _set_up(self, here: Database, watched: WatchedName, now: datetime) -> None:
        """A feed, a name and somebody who follows it, for the length of the flight."""
        async with here.transaction() as tx:
            await add_feed(tx, FEED, now)
            await names.add_name(tx, watched, now, None)
            await save_chat(tx, Chat(NOBODY.chat_id, "private", ""), now)
            await subscribe(tx, NOBODY, SCOPE, now, None)

    async def _take_in(self, here: Database, reading: Reading, now: datetime) -> None:
        decided = decide_changes(
            reading.articles, {}, first_poll=False, now=now, max_age=self._settings.alerts.max_age, last_good_at=now
        )
        async with here.transaction() as tx:
            stored = await save_changes(tx, FEED.id, decided, now)
        if len(stored) != 1:
            _lost("articles")

    async def _edit(self, here: Database) -> None:
        """By the real editor, in a story of its own; the articles that wait beside it are none of its business."""
        editor = Editor(here, self._matching, self._clock, self._settings)
        async with here.read() as connection:
            mine = await new_articles(connection, 1, feed_id=FEED.id)
        if len(mine) != 1 or not await editor.look_at(mine[0]) or editor.broken:
            _lost("matching")

    async def _deliver(self, here: Database) -> None:
        catcher = Catcher()
        sender = Sender(here, catcher, catcher, self._clock, self._drafter, follow_move=_stay, only=NOBODY)
        if not await sender.deliver_due():
            _lost("alerts")
        await sender.finish(WITHIN_S)
        if sender.troubles or not [html for to, html in catcher.caught if to == NOBODY and NAME in html]:
            _lost("telegram")

    async def _tell(self, step: str) -> None:
        log.error("the daily test entry was lost", step=step)
        known, self.lost_at = self.lost_at, step
        if known is None:
            async with self._database.transaction() as tx:
                await add_notice(tx, "canary-lost", self._clock.now(), step=step)


def _lost(step: str) -> Reading:
    raise Lost(step)


async def _stay(_old: int, _new: int) -> None:
    """Nobody moves."""
