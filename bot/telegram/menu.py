"""What Telegram itself shows of the bot: its commands, per scope and language, and what it says about itself.

Told to Telegram only where it changed: a digest of each part is kept. Derived from the table of commands, so that
none is forgotten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog
from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import BadRequest, TelegramError

from bot.storage.database import Database
from bot.storage.marks import mark, mark_of
from bot.telegram.bot import GuetteurBot
from bot.texts import LANGUAGES, text

log = structlog.get_logger(__name__)

FALLBACK = ""
"""Telegram's language code for everybody else."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A command as the menu needs to know it."""

    name: str
    changes: bool
    admin: bool
    private: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing to tell Telegram; `content` is what its digest is made of."""

    key: str
    content: str
    tell: Callable[[], Awaitable[object]]


class Menu:
    """One a bot."""

    def __init__(self, bot: GuetteurBot, database: Database, offers: Sequence[Offer], *, language: str) -> None:
        """`language`: of those whose language we do not speak."""
        self._bot = bot
        self._database = database
        self._offers = offers
        self._language = language

    async def tell(self, admins: Sequence[int]) -> None:
        """Tell Telegram what changed. A failure is logged: the next start tries again, and nothing depends on it."""
        for part in [*self._texts(), *self._scopes(), *(each for admin in admins for each in self._of_admin(admin))]:
            await self._tell(part)

    async def tell_admin(self, user_id: int) -> None:
        """The commands of somebody who administers the bot, in the private chat with it."""
        for part in self._of_admin(user_id):
            await self._tell(part)

    async def _tell(self, part: _Part) -> None:
        key = f"{self._bot.id}:{part.key}"
        digest = hashlib.blake2b(part.content.encode(), digest_size=16).hexdigest()
        async with self._database.read() as connection:
            if await mark_of(connection, key) == digest:
                return
        try:
            await part.tell()
        except BadRequest as error:
            # Mostly an admin of the settings who never pressed Start: told when they do.
            log.debug("not shown by Telegram", part=part.key, error=error.message)
        except TelegramError as error:
            log.warning("Telegram was not told what to show", part=part.key, error=error.message)
        else:
            async with self._database.transaction() as tx:
                await mark(tx, key, digest)

    def _texts(self) -> Iterator[_Part]:
        for code, language in self._languages():
            described, about = text(language, "profile.description"), text(language, "profile.about")
            yield _Part(f"description:{code}", described, _later(self._bot.set_my_description, described, code))
            yield _Part(f"about:{code}", about, _later(self._bot.set_my_short_description, about, code))

    def _scopes(self) -> Iterator[_Part]:
        everybody = [each for each in self._offers if not each.admin]
        in_groups = [each for each in everybody if not each.private]
        yield from self._commands(BotCommandScopeDefault(), everybody)
        yield from self._commands(BotCommandScopeAllGroupChats(), [each for each in in_groups if not each.changes])
        yield from self._commands(BotCommandScopeAllChatAdministrators(), in_groups)

    def _of_admin(self, user_id: int) -> Iterator[_Part]:
        yield from self._commands(BotCommandScopeChat(user_id), self._offers)

    def _commands(self, scope: BotCommandScope, offers: Sequence[Offer]) -> Iterator[_Part]:
        where = f"{scope.type}:{scope.chat_id}" if isinstance(scope, BotCommandScopeChat) else scope.type
        for code, language in self._languages():
            listed = [BotCommand(each.name, text(language, f"menu.{each.name}")) for each in offers]
            content = "\n".join(f"{each.command} {each.description}" for each in listed)
            yield _Part(f"{where}:{code}", content, self._setting(listed, scope, code))

    def _setting(self, listed: list[BotCommand], scope: BotCommandScope, code: str) -> Callable[[], Awaitable[object]]:
        return lambda: self._bot.set_my_commands(listed, scope=scope, language_code=code or None)

    def _languages(self) -> Iterator[tuple[str, str]]:
        """(Telegram's code, the language that is spoken for it)"""
        yield FALLBACK, self._language
        yield from ((language, language) for language in LANGUAGES)


def _later(method: Callable[..., Awaitable[object]], words: str, code: str) -> Callable[[], Awaitable[object]]:
    return lambda: method(words, language_code=code or None)


def offers_of(commands: Mapping[str, object]) -> Iterator[Offer]:
    """From the table of commands (`handlers.COMMANDS`)."""
    for name, command in commands.items():
        yield Offer(
            name,
            changes=bool(getattr(command, "changes", False)),
            admin=bool(getattr(command, "admin", False)),
            private=bool(getattr(command, "private", False)),
        )
