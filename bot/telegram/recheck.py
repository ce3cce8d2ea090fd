"""Asks Telegram whether a chat that was paused can be reached again, where Telegram would not tell by itself.

Rights that a whole group gets back are announced to nobody, and a chat that was not found may have been a mistake. It
asks about the chat and the bot's place in it, and writes nothing there unless it may.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from telegram import ChatFullInfo, ChatMember, ChatMemberAdministrator, ChatMemberRestricted
from telegram.error import TelegramError

from bot.access import Access, access_by
from bot.alerts.outbox import PAUSING, is_gone, recheck_at
from bot.clock import Clock
from bot.config import Settings
from bot.errors import DeliveryError, GuetteurError
from bot.model import Target
from bot.storage.chats import Chat, chats_to_recheck, give_up_chat, put_off_recheck
from bot.storage.database import Database
from bot.storage.missed import come_back
from bot.telegram.bot import GuetteurBot
from bot.telegram.messenger import translate
from bot.telegram.screens import back
from bot.telegram.sender import Messenger

log = structlog.get_logger(__name__)

AT_ONCE = 20


class Rechecker:
    """One a bot token."""

    def __init__(
        self,
        database: Database,
        bot: GuetteurBot,
        messenger: Messenger,
        clock: Clock,
        *,
        language: str,
        access: Access,
    ) -> None:
        self._database = database
        self._bot = bot
        self._messenger = messenger
        self._clock = clock
        self._language = language
        self._access = access

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        self._language, self._access = settings.alerts.language, access_by(settings)

    async def recheck_due(self) -> int:
        """Look at the chats that are due; returns how many came back."""
        async with self._database.read() as connection:
            due = await chats_to_recheck(connection, self._clock.now(), AT_ONCE)
        return sum([await self._recheck(chat) for chat in due])

    async def _recheck(self, chat: Chat) -> bool:
        now = self._clock.now()
        try:
            reachable = await self._may_write(chat.id)
        except TelegramError as error:
            reason = translate(error)
            if not (isinstance(reason, DeliveryError) and reason.code in PAUSING):
                log.info("a chat could not be looked at", chat=chat.id, error=str(reason))
            reachable = False
        if not reachable:
            await self._put_off(chat, now)
            return False
        async with self._database.transaction() as tx:
            missed = await come_back(tx, chat.id, self._access)
        log.info("a chat is back", chat=chat.id, missed=missed)
        if missed:
            await self._tell(chat, missed)
        return True

    async def _may_write(self, chat_id: int) -> bool:
        chat = await self._bot.get_chat(chat_id)
        if chat.type == ChatFullInfo.PRIVATE:
            return True
        return may_write(chat, await self._bot.get_chat_member(chat_id, self._bot.id))

    async def _put_off(self, chat: Chat, now: datetime) -> None:
        why, since = chat.state_reason or "", chat.paused_at or now
        async with self._database.transaction() as tx:
            if is_gone(why, since, now):
                await give_up_chat(tx, chat.id, why)
                return
            when = recheck_at(why, since, now)
            if when is not None:
                await put_off_recheck(tx, chat.id, when)

    async def _tell(self, chat: Chat, missed: int) -> None:
        screen = back(missed, chat.language or self._language)
        try:
            await self._messenger.send(Target(chat.id), screen.html, screen.buttons)
        except GuetteurError as error:
            log.warning("a chat was not told that we are back", chat=chat.id, error=str(error))


def may_write(chat: ChatFullInfo, bot: ChatMember) -> bool:
    """Whether the bot, as this member, may write in the group or channel."""
    if chat.type == ChatFullInfo.CHANNEL:
        return isinstance(bot, ChatMemberAdministrator) and bool(bot.can_post_messages)
    if isinstance(bot, ChatMemberRestricted):
        return bot.is_member and bot.can_send_messages
    if bot.status == ChatMember.MEMBER:
        return chat.permissions is None or bool(chat.permissions.can_send_messages)
    return bot.status == ChatMember.ADMINISTRATOR
