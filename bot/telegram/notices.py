"""Tells the people who run the bot what happens to it: feeds that fail, fall quiet or recover, an outage of ours.

What waits is told together, in one message. Who is told where is passed in; nothing is decided here but the words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.errors import DeliveryError, DeliveryUnknownError, GuetteurError
from bot.model import Target
from bot.storage.chats import chat_of
from bot.storage.database import Database
from bot.storage.notices import Notice, mark_told, waiting_notices
from bot.telegram.markup import Html, bold, clean, cut, isolated, join, plain
from bot.telegram.render import shown_time
from bot.telegram.sender import Messenger, Pace
from bot.texts import text

log = structlog.get_logger(__name__)

AT_ONCE = 20
"""Notices in one message; with their faults they fit Telegram's 4,096 characters."""
FAULT = 120
Recipients = Callable[[AsyncConnection], Awaitable[Sequence[Target]]]


class Notifier:
    """Tells what waits in the table of notices."""

    def __init__(
        self,
        database: Database,
        messenger: Messenger,
        pace: Pace,
        clock: Clock,
        *,
        recipients: Recipients,
        language: str,
        timezone: ZoneInfo,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._pace = pace
        self._clock = clock
        self._recipients = recipients
        self._language = language
        self._timezone = timezone

    async def tell(self) -> int:
        """Tell what waits; returns how many notices were told. What reached nobody is told by the next call."""
        async with self._database.read() as connection:
            waiting = await waiting_notices(connection, AT_ONCE)
            targets = await self._recipients(connection) if waiting else ()
        if not targets or self._pace.held():
            return 0
        done = [await self._tell(target, waiting) for target in targets]
        if not any(done):
            return 0
        async with self._database.transaction() as tx:
            await mark_told(tx, [notice.id for notice in waiting], self._clock.now())
        return len(waiting)

    async def _tell(self, target: Target, waiting: Sequence[Notice]) -> bool:
        """Whether another try would be of no use: it arrived, may have arrived, or never can."""
        async with self._database.read() as connection:
            chat = await chat_of(connection, target.chat_id)
        html = render_notices(
            waiting,
            language=(chat and chat.language) or self._language,
            timezone=ZoneInfo(chat.timezone) if chat and chat.timezone else self._timezone,
            now=self._clock.now(),
        )
        try:
            await self._messenger.send(target, html, ())
        except GuetteurError as error:
            log.warning("a notice was not told", chat=target.chat_id, error=str(error))
            return isinstance(error, DeliveryUnknownError) or (isinstance(error, DeliveryError) and error.permanent)
        return True


def render_notices(notices: Sequence[Notice], *, language: str, timezone: ZoneInfo, now: datetime) -> str:
    """One message, a line for each."""
    head = bold(plain(text(language, "notice.title")))
    return join("\n", [head, *(_line(notice, language, timezone, now) for notice in notices)]).markup


def _line(notice: Notice, language: str, timezone: ZoneInfo, now: datetime) -> Html:
    values = {
        "title": isolated(cut(clean(notice.feed_title), FAULT)),
        "error": cut(clean(notice.values.get("error", "")), FAULT),
        "feed": notice.feed_id or "",
    }
    for key in ("since", "until"):
        moment = notice.values.get(key)
        values[key] = shown_time(datetime.fromisoformat(moment), language, timezone, now) if moment else "?"
    return plain("• " + text(language, f"notice.{notice.kind}", **values))
