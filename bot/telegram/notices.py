"""Tells the people who run the bot what happens to it: feeds that fail, fall quiet or recover, an outage, an edit.

What waits is told together, as much as fits one message. Who is told where is passed in, unless a notice is for one
chat (a watchlist it follows is gone); decided here are only the words, and when a notice was told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.config import Settings
from bot.current import Current
from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.model import CONSOLE, Target
from bot.storage import people
from bot.storage.chats import chat_of
from bot.storage.database import Database
from bot.storage.notices import Notice, mark_told, tidy, waiting_notices
from bot.telegram.admin_screen import render_broadcast
from bot.telegram.markup import Html, bold, clean, cut, plain
from bot.telegram.render import Button, shown_time
from bot.telegram.sender import Messenger, Pace
from bot.texts import has_text, plural, text

log = structlog.get_logger(__name__)

AT_ONCE = 200
"""Waiting notices that are looked at: those that one person could not be told yet must not hold back the others'."""
FAULT = 120
BROADCAST = "broadcast"
"""A word of the admins to a chat, which is a message of its own."""
REST = timedelta(seconds=30)
LONG_REST = timedelta(hours=1)
"""After what will hardly be otherwise in a moment: the chat is gone for us, or Telegram does not take our words."""
TIDY_EVERY = timedelta(hours=1)
Recipients = Callable[[AsyncConnection], Awaitable[Sequence[Target]]]


def recipients_of(current: Current, *, console: bool) -> Recipients:
    """Who is told about the bot itself: the terminal, the chat for it, or every admin in private."""

    async def recipients(connection: AsyncConnection) -> list[Target]:
        telegram = current.settings.telegram
        if console:
            return [CONSOLE]
        if telegram.ops_chat:
            return [Target(telegram.ops_chat)]
        return [Target(each) for each in dict.fromkeys([*telegram.admins, *await people.admin_ids(connection)])]

    return recipients


@dataclass(slots=True)
class Listener:
    """Somebody who is told. Kept in memory: after a restart one may hear again what others could not be told."""

    target: Target
    """Where to: a group may have moved."""
    heard: set[int] = field(default_factory=set)
    """The waiting notices that arrived here, or may have."""
    is_gone: bool = False
    """The chat does not want us: nobody waits for it."""
    rests_until: datetime | None = None


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
        self._listeners: dict[Target, Listener] = {}
        self._tidied_at: datetime | None = None

    async def tell(self) -> int:
        """Tell what waits; returns how many notices were told to all. What somebody is owed is told by a later call."""
        await self._tidy()
        async with self._database.read() as connection:
            waiting = await waiting_notices(connection, AT_ONCE)
            to_all = await self._recipients(connection) if waiting else ()
        if not waiting or self._pace.held():
            return 0
        for listener in self._listeners.values():
            listener.heard &= {notice.id for notice in waiting}
        for target, notices in _by_reader(waiting, to_all).items():
            await self._tell_owed(self._listeners.setdefault(target, Listener(target)), notices)
        told = [
            notice.id
            for notice in waiting
            if _was_told(notice, [self._listeners[target] for target in _readers(notice, to_all)])
        ]
        if told:
            async with self._database.transaction() as tx:
                await mark_told(tx, told, self._clock.now())
        return len(told)

    async def _tell_owed(self, listener: Listener, notices: Sequence[Notice]) -> None:
        owed = [notice for notice in notices if notice.id not in listener.heard]
        if owed and (listener.rests_until is None or self._clock.now() >= listener.rests_until):
            await self._tell(listener, owed)

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        self._language, self._timezone = settings.alerts.language, ZoneInfo(settings.alerts.timezone)

    async def _tidy(self) -> None:
        now = self._clock.now()
        if self._tidied_at is None or now - self._tidied_at >= TIDY_EVERY:
            async with self._database.transaction() as tx:
                await tidy(tx, now)
            self._tidied_at = now

    async def _tell(self, listener: Listener, owed: Sequence[Notice]) -> None:
        """Tell one of them as much as fits, and keep what became of it."""
        async with self._database.read() as connection:
            chat = await chat_of(connection, listener.target.chat_id)
        language = (chat and chat.language) or self._language
        html, number = render_notices(
            owed,
            language=language,
            timezone=ZoneInfo(chat.timezone) if chat and chat.timezone else self._timezone,
            now=self._clock.now(),
        )
        try:
            await self._messenger.send(listener.target, html, _buttons(owed[:number], language))
        except GuetteurError as error:
            log.warning("a notice was not told", chat=listener.target.chat_id, error=str(error))
            if not isinstance(error, DeliveryUnknownError):
                self._after_failure(listener, error)
                return
        listener.heard |= {notice.id for notice in owed[:number]}
        listener.is_gone, listener.rests_until = False, None

    def _after_failure(self, listener: Listener, error: GuetteurError) -> None:
        match error:
            case ChatMovedError(new_chat_id=new_chat_id):
                log.warning("the chat for notices moved: write its new id in the settings", chat=new_chat_id)
                listener.target = Target(new_chat_id)
            case DeliveryError(permanent=True, code=code):
                listener.is_gone = code != "bad-request"  # that is our fault, not the chat's
                listener.rests_until = self._clock.now() + LONG_REST
            case DeliveryError(retry_after_s=float(wait_s)):
                listener.rests_until = self._clock.now() + timedelta(seconds=wait_s)
            case _:
                listener.rests_until = self._clock.now() + REST


def _by_reader(waiting: Sequence[Notice], to_all: Sequence[Target]) -> dict[Target, list[Notice]]:
    """What each is to read, in one message where it fits."""
    grouped: dict[Target, list[Notice]] = {}
    for notice in waiting:
        for target in _readers(notice, to_all):
            grouped.setdefault(target, []).append(notice)
    return grouped


def _readers(notice: Notice, to_all: Sequence[Target]) -> Sequence[Target]:
    return (notice.target,) if notice.target else to_all


def _was_told(notice: Notice, listeners: Sequence[Listener]) -> bool:
    """To somebody, and to all who can be told; of a chat that is gone nobody waits for a notice of its own."""
    heard = [notice.id in listener.heard for listener in listeners]
    settled = all(it_did or listener.is_gone for it_did, listener in zip(heard, listeners, strict=True))
    return settled and (any(heard) or notice.target is not None)


def render_notices(notices: Sequence[Notice], *, language: str, timezone: ZoneInfo, now: datetime) -> tuple[str, int]:
    """One message with a line for each, and for how many of them there was room: at least one.

    Somebody who runs the bot and set up a chat is told the same twice: it stands there once.
    """
    if notices[0].kind == BROADCAST:
        return render_broadcast(notices[0].values.get("words", ""), language).markup, 1
    message, lines = bold(plain(text(language, "notice.title"))), set[Html]()
    for number, notice in enumerate(notices):
        if notice.kind == BROADCAST:
            return message.markup, number
        line = _line(notice, language, timezone, now)
        longer = message + plain("\n") + line
        if number and not longer.fits():
            return message.markup, number
        message = message if notice.target and line in lines else longer
        lines.add(line)
    return message.markup, len(notices)


def _fault(notice: Notice, language: str) -> str:
    key = f"fault.{notice.values.get('fault')}"
    return text(language, key if has_text(key) else "fault.other", status=notice.values.get("status", ""))


def _buttons(notices: Sequence[Notice], language: str) -> tuple[tuple[Button, ...], ...]:
    """What may be answered to the last of the notices that ask something."""
    asked = [notice.values["version"] for notice in notices if notice.kind == "reload-asked"][-1:]
    return tuple(
        (Button(text(language, f"reload.button.{word}"), data=f"reload:{word}:{version}"),)
        for version in asked
        for word in ("apply", "keep")
    )


def _line(notice: Notice, language: str, timezone: ZoneInfo, now: datetime) -> Html:
    if notice.kind == "reloaded":
        return plain("• " + text(language, "notice.reloaded", changes=_changes(notice.values, language)))
    values = {key: cut(clean(str(value)), FAULT) for key, value in notice.values.items()} | {
        "title": cut(clean(notice.feed_title), FAULT),
        "fault": _fault(notice, language),
        "feed": notice.feed_id or "",
        "step": notice.values.get("step", "?"),
        "list": cut(clean(notice.values.get("list", "")), FAULT),
        "gone": _counted(notice.values, ("names_gone", "feeds_gone"), "−", language),
        "mistakes": clean(notice.values.get("mistakes", "")),
        "chat": cut(clean(notice.values.get("chat", "")), FAULT),
    }
    for key in ("since", "until"):
        moment = notice.values.get(key)
        values[key] = shown_time(datetime.fromisoformat(moment), language, timezone, now) if moment else "?"
    return plain("• " + text(language, f"notice.{notice.kind}", **values))


# --- What an edit changed --------------------------------------------------------------------------------------------

SIGNED = (
    ("+", ("names_new", "lists_new", "feeds_new")),
    ("−", ("names_gone", "lists_gone", "feeds_gone")),
)


def _changes(values: Mapping[str, str], language: str) -> str:
    """`+2 names, −1 feed (…); changed: 1 name; at once: polling.interval; after a restart: web.listen`."""
    counts = text(language, "list.separator").join(
        filter(None, (_counted(values, keys, sign, language) for sign, keys in SIGNED))
    )
    named = clean(values.get("named", ""))
    altered = _counted(values, ("names_altered", "feeds_altered"), "", language)
    parts = [f"{counts} ({named})" if named else counts]
    parts += [text(language, "reload.altered", what=altered)] if altered else []
    parts += [text(language, f"reload.{key}", keys=clean(values[key])) for key in ("keys", "waiting") if key in values]
    return text(language, "list.parts").join(filter(None, parts)) or text(language, "reload.details")


def _counted(values: Mapping[str, str], keys: Sequence[str], sign: str, language: str) -> str:
    return text(language, "list.separator").join(
        sign + plural(language, f"reload.{key.split('_')[0]}", int(values[key]))
        for key in keys
        if values.get(key, "0") != "0"
    )
