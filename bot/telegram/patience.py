"""How much one chat may ask of the bot: so many commands and presses a minute. Pure; forgets who has gone quiet."""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, auto

A_MINUTE = 40
"""A person who presses through every screen of the settings stays below; a script does not."""
WINDOW_S = 60.0
MANY = 10_000
"""Chats in memory before the quiet ones are looked for."""


class Patience(Enum):
    SERVE = auto()
    SAY_SO = auto()
    """Too much, for the first time: the chat is told, once for all that comes before it is served again."""
    SILENT = auto()


class Counter:
    """Counts what each chat asked. Times are seconds of one monotonic clock."""

    def __init__(self, most: int = A_MINUTE) -> None:
        self._most = most
        self._asked: dict[int, deque[float]] = {}
        self._told_until: dict[int, float] = {}

    def ask(self, chat_id: int, now: float) -> Patience:
        """Whether the chat is served; what is not served is not counted, so that it ends within a minute."""
        asked = self._asked.setdefault(chat_id, deque())
        while asked and asked[0] <= now - WINDOW_S:
            asked.popleft()
        if len(asked) < self._most:
            asked.append(now)
            if len(self._asked) > MANY:
                self._forget(now)
            return Patience.SERVE
        if now < self._told_until.get(chat_id, now):
            return Patience.SILENT
        self._told_until[chat_id] = now + WINDOW_S
        return Patience.SAY_SO

    def ready_in_s(self, chat_id: int, now: float) -> int:
        """After how many whole seconds the chat is served again; 0 where it is served now."""
        asked = self._asked.get(chat_id)
        full = asked is not None and len(asked) >= self._most
        return max(0, math.ceil(asked[0] + WINDOW_S - now)) if asked and full else 0

    @property
    def most(self) -> int:
        """Of a minute."""
        return self._most

    @property
    def chats(self) -> int:
        """Held in memory."""
        return len(self._asked)

    def _forget(self, now: float) -> None:
        for chat_id, asked in list(self._asked.items()):
            if not asked or asked[-1] <= now - WINDOW_S:
                del self._asked[chat_id]
                self._told_until.pop(chat_id, None)
