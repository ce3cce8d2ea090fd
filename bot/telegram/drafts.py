"""What one message is to say: read from the tables and rendered in the chat's language and zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access, access_by
from bot.alerts.outbox import is_late
from bot.config import Settings
from bot.model import AlertView
from bot.storage import edits
from bot.storage.chats import Chat, chat_of
from bot.storage.outbox import CATCH_UP, Delivery, alert_of
from bot.storage.views import Facts, blindness_of, facts_of, view_of
from bot.telegram.render import Rendered, render_alert, render_bundle

CATCHING_UP = timedelta(hours=1)
"""How long before a bundle its feeds may have come back."""

SHARED_FOR = timedelta(seconds=1)
"""A name that nobody watches any more is told for no longer than this."""
MOST_SHARED = 64


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
    access: Access
    """By which it is decided what a chat may be told."""
    max_age: timedelta = timedelta(hours=48)
    """What is older when it can be told at last is said to be so."""
    _recent: dict[int, tuple[datetime, edits.Stamp, Facts]] = field(default_factory=dict, compare=False, repr=False)
    """Alert → when its facts were read, the stamp of the story as it was then, and they."""

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        self.language, self.timezone = settings.alerts.language, ZoneInfo(settings.alerts.timezone)
        self.max_age, self.access = settings.alerts.max_age, access_by(settings)

    async def draft(self, connection: AsyncConnection, deliveries: Sequence[Delivery], now: datetime) -> Draft:
        """One delivery, or several of one target and bundle, the oldest first."""
        # The stamp first: what changes between the two readings is then shown and looked at once more.
        stamp = await edits.stamp_of(connection, [each.id for each in deliveries])
        alone = stamp if len(deliveries) == 1 else None
        views = [
            (each, await view_of(connection, each, self.access, await self._shared(connection, each, alone, now)))
            for each in deliveries
        ]
        told = [(each, self._aged(each, view, now)) for each, view in views if view is not None]
        unwatched = tuple(each for each, view in views if view is None)
        if not told:
            return Draft(None, (), (), unwatched, stamp, None)
        chat = await chat_of(connection, deliveries[0].target.chat_id)
        shown, number = await self._rendered(connection, told, chat, now)
        reply_to = await _replied_to(connection, *told[0])
        every = tuple(each for each, _ in told)
        return Draft(shown, every[:number], every[number:], unwatched, stamp, reply_to)

    async def _shared(
        self, connection: AsyncConnection, delivery: Delivery, stamp: edits.Stamp | None, now: datetime
    ) -> Facts:
        """The facts of its alert; what was read a moment ago for another chat serves a whole broadcast."""
        seen = stamp or await edits.stamp_of(connection, [delivery.id])
        read_at, then, facts = self._recent.get(delivery.alert_id, (None, None, None))
        if facts is None or read_at is None or then != seen or not now - SHARED_FOR <= read_at <= now:
            facts = await facts_of(connection, delivery.alert_id)
            if len(self._recent) >= MOST_SHARED:
                self._recent.clear()
            self._recent[delivery.alert_id] = (now, seen, facts)
        return facts

    def _aged(self, delivery: Delivery, view: AlertView, now: datetime) -> AlertView:
        """The alert with what there is to say of its age, when it is told or was."""
        went = delivery.sent_at or now
        late = is_late(delivery.could_go, went)
        old = late and went - view.outlets[0].published_at > self.max_age
        return replace(view, late=late and delivery.bundle is None, old=old)

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
        blind = await blindness_of(connection, first.target, began, self.access) if first.bundle == CATCH_UP else None
        views = [view for _, view in told]
        return render_bundle(views, blind, bundle=first.bundle, language=language, timezone=timezone, now=now)


async def _replied_to(connection: AsyncConnection, delivery: Delivery, view: AlertView) -> int | None:
    if delivery.bundle is not None or not (view.reply_to_story or view.follows):
        return None
    story_id, _ = await alert_of(connection, delivery.alert_id)
    return await edits.first_message_of_story(connection, story_id, delivery.target)
