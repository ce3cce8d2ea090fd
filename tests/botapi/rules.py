"""What Telegram takes and what it refuses, beside the HTML itself (`tests/telegram_html.py`)."""

from __future__ import annotations

import itertools

from tests import telegram_html
from tests.botapi.people import Chat
from tests.botapi.wire import Json, bad_request, button_complaint

MAX_CAPTION = 1024
MAX_PHOTO = 10_000_000
MAX_FILE = 50_000_000


class RuleError(Exception):
    """A refusal that a well-behaved bot never meets."""


def parsed(text: str, parse_mode: str | None) -> telegram_html.Parsed:
    """What the message shows.

    Raises:
        RuleError
    """
    markup = text if parse_mode == "HTML" else text.replace("&", "&amp;").replace("<", "&lt;")
    try:
        return telegram_html.parse(markup)
    except telegram_html.HtmlError as error:
        raise RuleError(str(error)) from error


def caption(given: Json) -> telegram_html.Parsed:
    """The same for what stands under a picture or file, which may be nothing."""
    if not given.get("caption"):
        return telegram_html.Parsed("", ())
    shown = parsed(str(given["caption"]), given.get("parse_mode"))
    if telegram_html.utf16(shown.text) > MAX_CAPTION:
        raise RuleError("message caption is too long")
    return shown


def buttons(given: Json) -> list[list[Json]]:
    rows: list[list[Json]] = given.get("reply_markup", {}).get("inline_keyboard", [])
    for button in itertools.chain.from_iterable(rows):
        complaint = button_complaint(button)
        if complaint:
            raise RuleError(complaint)
    if sum(map(len, rows)) > 100:
        raise RuleError("reply markup is too long")
    return rows


def uploaded(given: Json, key: str, most: int) -> tuple[str, bytes]:
    """(name, content) of a file that came with the call."""
    file = given.get(key)
    if not isinstance(file, tuple):
        raise RuleError(f"there is no {key} in the request")
    if not file[1]:
        raise RuleError("file must be non-empty")
    if len(file[1]) > most:
        raise RuleError("Request Entity Too Large")
    return file


def check_right_to_write(chat: Chat) -> None:
    """Whether the bot may post here at all."""
    if chat.type == "channel" and (chat.bot != "administrator" or not chat.bot_writes):
        raise bad_request("need administrator rights in the channel chat")
    free = chat.type not in {"group", "supergroup"} or chat.bot == "administrator"
    if not free and not (chat.writable if chat.bot == "member" else chat.bot_writes):
        raise bad_request("not enough rights to send text messages to the chat")


def topic_of(chat: Chat, given: Json) -> int:
    """The topic that a message goes to, 0 for General and where there are none."""
    topic = int(given.get("message_thread_id", 0))
    if not chat.forum:
        return 0
    if topic and topic not in chat.topics:  # General has no id to send with: 1 is refused as well
        raise bad_request("message thread not found")
    if topic in chat.closed and chat.bot != "administrator":
        raise bad_request("TOPIC_CLOSED")
    return topic
