"""Sends or edits one message and says what became of it in our own words; the only place that reads Telegram's errors.

Repeats nothing: whether and when to try again is decided by `alerts/outbox.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.model import Target
from bot.telegram.limiter import retry_after_s
from bot.telegram.limits import Lane
from bot.telegram.render import Button

CERTAINLY_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Every other fault of the network or of a server may come after Telegram took the message."""

SAYINGS: Sequence[tuple[str, str]] = (
    ("bot was blocked by the user", "blocked"),
    ("user is blocked", "blocked"),
    ("can't initiate conversation", "blocked"),
    ("user is deactivated", "deactivated"),
    ("bot was kicked", "kicked"),
    ("bot is not a member", "kicked"),
    ("the group chat was deleted", "kicked"),
    ("group chat was deactivated", "kicked"),
    ("chat not found", "chat-not-found"),
    ("peer_id_invalid", "chat-not-found"),
    ("need administrator rights", "no-rights"),
    ("not enough rights", "no-rights"),
    ("have no rights", "no-rights"),
    ("chat_write_forbidden", "no-rights"),
    ("message thread not found", "topic-gone"),
    ("topic_closed", "topic-gone"),
    ("topic_deleted", "topic-gone"),
    ("message is not modified", "not-modified"),
    ("message to edit not found", "message-gone"),
    ("message can't be edited", "message-gone"),
    ("message_id_invalid", "message-gone"),
    ("there is no text in the message to edit", "message-gone"),
)
"""What Telegram's answer contains → our code (reference/telegram.md, A); the first that fits counts."""

FLOOD_WAIT_S = 30.0
"""For a 429 that does not say how long."""


class TelegramMessenger:
    """Alerts through the bot, in the lane of broadcasts, and their edits in one of their own."""

    def __init__(self, bot: ExtBot[Lane]) -> None:
        self._bot = bot

    async def send(
        self,
        target: Target,
        html: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
        reply_to: int | None = None,
    ) -> int:
        """The id of the message.

        Args:
            reply_to: the message it answers; where that one is gone, the answer stands alone.

        Raises:
            DeliveryError, DeliveryUnknownError, ChatMovedError
        """
        try:
            message = await self._bot.send_message(
                target.chat_id,
                html,
                message_thread_id=target.topic_id or None,
                reply_markup=keyboard(buttons),
                reply_parameters=ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None,
                disable_notification=silent,
                rate_limit_args=Lane.BROADCAST,
            )
        except TelegramError as error:
            raise translate(error) from error
        return message.message_id

    async def edit(self, target: Target, message_id: int, html: str, buttons: Sequence[Sequence[Button]]) -> None:
        """Put this in place of what the message shows; Telegram rings for no edit. A button left out is gone.

        Raises:
            DeliveryError: with the code `not-modified` where it showed just that, `message-gone` where it cannot be
                edited any more.
            DeliveryUnknownError, ChatMovedError
        """
        try:
            await self._bot.edit_message_text(
                html,
                chat_id=target.chat_id,
                message_id=message_id,
                reply_markup=keyboard(buttons),
                rate_limit_args=Lane.EDIT,
            )
        except TelegramError as error:
            raise translate(error) from error


def keyboard(buttons: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    rows = [
        [InlineKeyboardButton(each.label, callback_data=each.data, url=each.url) for each in row] for row in buttons
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def translate(error: TelegramError) -> GuetteurError:
    """What a failed send means for the message and its chat."""
    match error:
        case ChatMigrated(new_chat_id=new_chat_id):
            return ChatMovedError(new_chat_id)
        case RetryAfter():
            wait_s = retry_after_s(error)
            return DeliveryError("flood", f"Telegram asks to wait {wait_s:.0f} s", retry_after_s=wait_s)
        case InvalidToken():
            # Not permanent: the alert waits until somebody mends the token.
            return DeliveryError("token", "Telegram does not accept the bot's token")
        case Forbidden() | BadRequest():
            return DeliveryError(_code(error), error.message, permanent=True)
        case NetworkError() if error.message.startswith("Too Many Requests"):
            return DeliveryError("flood", "Telegram asks to wait", retry_after_s=FLOOD_WAIT_S)
        case NetworkError() if isinstance(error.__cause__, CERTAINLY_NOT_SENT):
            return DeliveryError("network", f"Telegram cannot be reached ({type(error.__cause__).__name__})")
    # A server's error as well (500, 502 …) and an answer that nobody can read: the message may have been taken.
    return DeliveryUnknownError("the answer was lost")


def _code(error: TelegramError) -> str:
    said = error.message.lower()
    found = next((code for saying, code in SAYINGS if saying in said), None)
    return found or ("no-rights" if isinstance(error, Forbidden) else "bad-request")
