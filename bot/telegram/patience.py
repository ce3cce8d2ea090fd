"""How much one chat may ask of the bot: so many commands and presses a minute. Pure; forgets who has gone quiet."""

from __future__ import annotations

from collections import deque

A_MINUTE = 40
"""A person who presses through every screen of the settings stays below; a script does not."""
WINDOW_S = 60.0


class Patience:
    """Counts what each chat asked. Times are seconds of one monotonic clock."""

    def __init__(self, most: int = A_MINUTE) -> None:
        self._most = most
        self._asked: dict[int, deque[float]] = {}

    def ask(self, chat_id: int, now: float) -> bool:
        """Whether the chat may ask this; what may not is not counted, so that it ends within a minute."""
        asked = self._asked.setdefault(chat_id, deque())
        while asked and asked[0] <= now - WINDOW_S:
            asked.popleft()
        if len(asked) >= self._most:
            return False
        asked.append(now)
        if len(self._asked) > 10_000:
            self._forget(now)
        return True

    def _forget(self, now: float) -> None:
        for chat_id, asked in list(self._asked.items()):
            if not asked or asked[-1] <= now - WINDOW_S:
                del self._asked[chat_id]
