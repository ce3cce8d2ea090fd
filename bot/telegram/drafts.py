"""What one message is to say: read from the tables and rendered in the chat's language and zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Settings
from bot.model import AlertView
from bot.storage import edits
from bot.storage.chats import Chat, chat_of
from bot.storage.outbox import CATCH_UP, Delivery, alert_of
from bot.storage.views import blindness_of, view_of
from bot.telegram.render import Rendered, render_alert, render_bundle

CATCHING_UP = timedelta(hours=1)
"""How long before a bundle its feeds may have come back."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Deliveries as they stand now, in one message."""

    shown: Rendered | None
    """None when nothing of it is watched any more."""
    told: tuple[Delivery, ...]
    no_room: tuple[Delivery, ...]
    """Of a bundle: for another message."""
    unwatched: tuple[Delivery, ...]
    """Every name that they were to tell is no longer watched."""
    stamp: edits.Stamp
    """Of the stories as they were read."""
    reply_to: int | None
    """Telegram's id of the message about the same story, or the one it follows."""


@dataclass(slots=True)
class Drafter:
    """Spoken and dated thus where the chat says nothing else."""

    language: str
    timezone: ZoneInfo

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        self.language, self.timezone = settings.alerts.language, ZoneInfo(settings.alerts.timezone)

    async def draft(self, connection: AsyncConnection, deliveries: Sequence[Delivery], now: datetime) -> Draft:
        """One delivery, or several of one target and bundle, the oldest first."""
        # The stamp first: what changes between the two readings is then shown and looked at once more.
        stamp = await edits.stamp_of(connection, [each.id for each in deliveries])
        views = [(each, await view_of(connection, each)) for each in deliveries]
        told = [(each, view) for each, view in views if view is not None]
        unwatched = tuple(each for each, view in views if view is None)
        if not told:
            return Draft(None, (), (), unwatched, stamp, None)
        chat = await chat_of(connection, deliveries[0].target.chat_id)
        shown, number = await self._rendered(connection, told, chat, now)
        reply_to = await _replied_to(connection, *told[0])
        every = tuple(each for each, _ in told)
        return Draft(shown, every[:number], every[number:], unwatched, stamp, reply_to)

    async def _rendered(
        self,
        connection: AsyncConnection,
        told: Sequence[tuple[Delivery, AlertView]],
        chat: Chat | None,
        now: datetime,
    ) -> tuple[Rendered, int]:
        """The message, and how many of the deliveries it tells."""
        language = (chat and chat.language) or self.language
        timezone = ZoneInfo(chat.timezone) if chat and chat.timezone else self.timezone
        first, view = told[0]
        if first.bundle is None:
            return render_alert(view, delivery_id=first.id, language=language, timezone=timezone, now=now), 1
        began = min(each.created_at for each, _ in told) - CATCHING_UP
        blind = await blindness_of(connection, first.target, began) if first.bundle == CATCH_UP else None
        views = [view for _, view in told]
        return render_bundle(views, blind, bundle=first.bundle, language=language, timezone=timezone, now=now)


async def _replied_to(connection: AsyncConnection, delivery: Delivery, view: AlertView) -> int | None:
    if delivery.bundle is not None or not (view.reply_to_story or view.follows):
        return None
    story_id, _ = await alert_of(connection, delivery.alert_id)
    return await edits.first_message_of_story(connection, story_id, delivery.target)
