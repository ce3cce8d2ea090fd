"""When a message may go out: Telegram's limits as arithmetic. Pure; `limiter.py` waits, this only counts.

Telegram counts arrivals, we count departures; the margins here are for what happens to them on the way.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

PER_SECOND = 25
"""Over the whole bot, evenly spaced; Telegram's word is "about 30"."""
CATCH_UP_S = 2 / PER_SECOND
"""Who wakes up a little late does not slow down all that follow: two turns may be caught up with."""
CHAT_SPACING_S = 1.05
"""Telegram: not more than one message a second to one chat."""
GROUP_MESSAGES = 20
GROUP_WINDOW_S = 61.0
"""Telegram: not more than 20 messages a minute to one group; edits count, and channels too (reference, A)."""
KEPT_FOR_REPLIES = 3
"""Of a group's 20: alerts leave room for the answer to somebody's command."""
KEPT_FOR_ALERTS = 5
"""Of the rest: edits leave room for what is new."""
REFUSALS_OF_THE_BOT = 3
"""Chats refused at the same time: it is the bot that is limited, not they. The answer itself does not say."""


class Lane(IntEnum):
    """Who goes first; given to a bot method as `rate_limit_args`."""

    REPLY = 0
    BROADCAST = 1
    EDIT = 2


_MOST = {
    Lane.REPLY: GROUP_MESSAGES,
    Lane.BROADCAST: GROUP_MESSAGES - KEPT_FOR_REPLIES,
    Lane.EDIT: GROUP_MESSAGES - KEPT_FOR_REPLIES - KEPT_FOR_ALERTS,
}
"""What may have gone out to a group within a minute when a call of this lane goes."""


@dataclass(slots=True)
class _Chat:
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_MESSAGES))
    held_until: float = 0.0


class Limits:
    """Counts what went out. Times are seconds of one monotonic clock.

    A negative chat id is a group or channel. Decides nothing about who goes first.
    """

    def __init__(self) -> None:
        self._chats: dict[int, _Chat] = {}
        self._next_of_bot = 0.0
        self._held_until = 0.0

    def wait_s(self, chat_id: int, now: float, lane: Lane) -> float:
        """Seconds until a call to this chat may go out; 0 for at once."""
        of_chat = self._chat_free_at(chat_id, now, _MOST[lane])
        return max(of_chat, self._next_of_bot, self._held_until, now) - now

    def record(self, chat_id: int, now: float) -> None:
        """A message goes out now."""
        self._next_of_bot = max(self._next_of_bot, now - CATCH_UP_S) + 1 / PER_SECOND
        self._chats.setdefault(chat_id, _Chat()).sent.append(now)
        if len(self._chats) > PER_SECOND * GROUP_WINDOW_S:
            self._forget_idle(now)

    def recall(self, chat_id: int, when: float) -> None:
        """A message went out then, before the program was started: Telegram counts it still. Oldest first."""
        self._chats.setdefault(chat_id, _Chat()).sent.append(when)

    def is_crowded(self, chat_id: int, now: float) -> bool:
        """Whether more than half of what may go out to a group within a minute went out already."""
        chat = self._chats.get(chat_id)
        if chat is None or chat_id >= 0:
            return False
        return sum(now - each < GROUP_WINDOW_S for each in chat.sent) > GROUP_MESSAGES // 2

    def refuse(self, chat_id: int | None, retry_after_s: float, now: float) -> bool:
        """Telegram said `retry_after`. True when that concerns the whole bot from now on."""
        until = now + retry_after_s
        if chat_id is not None:
            chat = self._chats.setdefault(chat_id, _Chat())
            chat.held_until = max(chat.held_until, until)
        held = sum(chat.held_until > now for chat in self._chats.values())
        whole_bot = chat_id is None or held >= REFUSALS_OF_THE_BOT
        if whole_bot:
            self._held_until = max(self._held_until, until)
        return whole_bot

    def held(self, now: float) -> bool:
        """Whether Telegram told the whole bot to wait, and the wait is not over."""
        return self._held_until > now

    def waiting_chats(self, now: float, lane: Lane) -> list[int]:
        """The chats to which nothing of this lane may go out now, for a reason of their own."""
        return [chat_id for chat_id in self._chats if self._chat_free_at(chat_id, now, _MOST[lane]) > now]

    def _chat_free_at(self, chat_id: int, now: float, most: int) -> float:
        chat = self._chats.get(chat_id)
        if chat is None:
            return now
        spaced = chat.sent[-1] + CHAT_SPACING_S if chat.sent else now
        full = chat_id < 0 and len(chat.sent) >= most
        return max(chat.held_until, spaced, chat.sent[-most] + GROUP_WINDOW_S if full else now)

    def _forget_idle(self, now: float) -> None:
        for chat_id, chat in list(self._chats.items()):
            if chat.held_until <= now and chat.sent and chat.sent[-1] + GROUP_WINDOW_S <= now:
                del self._chats[chat_id]
