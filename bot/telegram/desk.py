"""Where people are received: what every command needs, and who stands before us."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import Chat as TelegramChat
from telegram import Message, Update

from bot.access import Access, access_by, may_see, may_use
from bot.clock import Clock
from bot.config import Settings
from bot.health.report import Report
from bot.model import Scope, Target, WatchedName, Watchlist
from bot.storage import names, people
from bot.storage.chats import ACTIVE, Chat, chat_of, ids_of, move_chat
from bot.storage.database import Database
from bot.storage.people import Role, person
from bot.storage.subscriptions import scopes_followed
from bot.telegram.patience import Counter
from bot.texts import language_of


class Matching(Protocol):
    """The part of the matcher that a command changes."""

    async def add(self, name: WatchedName) -> None: ...
    async def remove(self, scope: Scope, name_id: str) -> None: ...


class Health(Protocol):
    """Who looks after the daemon."""

    async def report(self) -> Report: ...


class Draw(Protocol):
    """Where charts are drawn: another process."""

    async def __call__(self, picture: Callable[[], bytes], /, *, deadline_s: float) -> bytes:
        """
        Raises:
            ParseError: it took too long, or broke.
        """
        ...


@dataclass(slots=True)
class Desk:
    """What commands work with."""

    database: Database
    clock: Clock
    matching: Matching
    access: Access
    language: str
    """Spoken where neither the chat nor the person has one that we know."""
    timezone: ZoneInfo
    bot_username: str
    story_window: timedelta
    """An article joins no story that has been silent for longer."""
    draw: Draw
    watchlists: Path
    """The folder of the files."""
    served: frozenset[str] = frozenset()
    """The kinds of buttons that something is done for: no screen shows another."""
    late: set[int] = field(default_factory=set)
    """Updates with presses that are not to be answered: Telegram takes no answer for them any more, or has one."""
    feed_files: tuple[Path, ...] = ()
    asked: Counter = field(default_factory=Counter)
    """How much each chat asked in the last minute."""
    health: Health | None = None
    """None where nobody looks after us: `run --once` does not last."""

    def watchlist_file(self, scope: Scope) -> Path:
        """The file of a `list:` scope."""
        stem = scope.removeprefix("list:")
        files = (self.watchlists / f"{stem}{ending}" for ending in (".yaml", ".yml"))
        return next((file for file in files if file.is_file()), self.watchlists / f"{stem}.yaml")

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        self.access, self.watchlists, self.feed_files = access_by(settings), settings.watchlists, settings.feeds
        self.language, self.timezone = settings.alerts.language, ZoneInfo(settings.alerts.timezone)
        self.story_window = settings.alerts.story_window


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody asks for something in a chat or topic."""

    target: Target
    chat: Chat
    known: bool
    """The chat is stored and can be reached."""
    chat_ids: frozenset[int]
    user_id: int | None
    """None for an anonymous administrator or a channel's post, both of which only administrators can write."""
    user_name: str
    admin: bool
    """Of the bot, not of a group."""
    welcome: bool
    language: str
    timezone: ZoneInfo
    now: datetime
    message_id: int | None = None
    """What was written, or the message under which a button was pressed."""

    @property
    def private(self) -> bool:
        return self.chat.type == TelegramChat.PRIVATE

    def sees(self, watchlist: Watchlist) -> bool:
        return may_see(watchlist, chat_ids=self.chat_ids, admin=self.admin, private=self.private)


async def receive(desk: Desk, update: Update) -> Visit | None:
    """Who asks, where, and whether they are welcome; None for an update from nowhere."""
    chat, message, user = update.effective_chat, update.effective_message, update.effective_user
    if chat is None:
        return None
    unnamed = update.callback_query is None and message is not None and _speaks_as_chat(message)
    user_id = None if unnamed or user is None else user.id
    async with desk.database.read() as connection:
        stored = await chat_of(connection, chat.id)
        chat_ids = await ids_of(connection, chat.id)
        known_person = await person(connection, user_id) if user_id is not None else None
    admin = user_id in desk.access.admins or (known_person is not None and known_person.role is Role.ADMIN)
    code = user.language_code if user is not None and not unnamed else None
    language = (stored and stored.language) or language_of(code, desk.language)
    title = chat.effective_name or ""
    return Visit(
        target=Target(chat.id, topic_of(message)),
        chat=Chat(chat.id, chat.type, title, language=language),
        known=stored is not None and stored.state == ACTIVE,
        chat_ids=chat_ids,
        user_id=user_id,
        user_name=user.full_name if user is not None else title,
        admin=admin,
        welcome=may_use(
            desk.access,
            user_id=user_id,
            chat_ids=chat_ids,
            admin=admin,
            member=known_person is not None,
            adopted=stored is not None and chat.type != TelegramChat.PRIVATE,
        ),
        language=language,
        timezone=ZoneInfo(stored.timezone) if stored is not None and stored.timezone else desk.timezone,
        now=desk.clock.now(),
        message_id=message.message_id if message is not None else None,
    )


async def scopes_seen(connection: AsyncConnection, visit: Visit) -> list[Scope]:
    """What is followed here, without the lists that may not be seen here any more."""
    followed = await scopes_followed(connection, visit.target)
    lists = await names.lists_of(connection, followed)
    return [scope for scope in followed if scope not in lists or visit.sees(lists[scope])]


async def follow_move(database: Database, matching: Matching, old: int, new: int) -> None:
    """A group has a new id: what is stored and what the matcher holds follow it."""
    async with database.transaction() as tx:
        renamed = await move_chat(tx, old, new)
        moved = {before: await names.names_of(tx, after) for before, after in renamed.items()}
    for before, watched in moved.items():
        for name in watched:
            await matching.remove(before, name.id)
            await matching.add(name)


def topic_of(message: object) -> int:
    """The forum topic of a message; 0 for General and wherever there are none (reply threads have ids too)."""
    if isinstance(message, Message) and message.is_topic_message and message.message_thread_id:
        return message.message_thread_id
    return 0


def _speaks_as_chat(message: Message) -> bool:
    return message.sender_chat is not None and message.sender_chat.id == message.chat.id


async def claim_offer(desk: Desk) -> str:
    """Where nobody is admin yet: the link that makes its bearer one, in words for the terminal; else nothing."""
    if desk.access.admins:
        return ""
    async with desk.database.transaction() as tx:
        if await people.has_admin(tx):
            return ""
        secret = await people.new_claim(tx, desk.clock.now())
    link = f"https://t.me/{desk.bot_username}?start=claim-{secret}"
    return f"Nobody administers this bot yet. Open this link, once, to become its admin:\n  {link}\n"


def number_of(words: str) -> int:
    """A number of a button, which anybody may forge; 0 for what is none, or too great for any row."""
    return int(words) if words.isdecimal() and len(words) < 19 else 0
