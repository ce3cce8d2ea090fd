"""A stand-in for Telegram's Bot API server, as strict as the real one where the reference says how it is.

HTTP on 127.0.0.1, so that the real program can be pointed at it, from the same event loop or as a process of its own.
"""

from tests.botapi.people import BOT_ID, BOT_NAME, TOKEN, Chat, Sent, User
from tests.botapi.server import BotApi

__all__ = ["BOT_ID", "BOT_NAME", "TOKEN", "BotApi", "Chat", "Sent", "User"]
