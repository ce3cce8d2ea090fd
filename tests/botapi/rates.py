"""How fast the bot may write, and how fast it did."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.botapi.people import Chat
from tests.botapi.wire import RefusedError


@dataclass(frozen=True)
class Rates:
    """Telegram's limits (reference, A); a test may choose smaller ones."""

    per_second: int = 30
    per_group_minute: int = 20
    burst: int = 3
    """To one chat within two seconds; more than one a second is tolerated for a moment."""
    retry_after: int = 3


@dataclass
class Statistics:
    """What an outsider would count."""

    max_in_a_second: int = 0
    max_in_a_minute_in_a_group: int = 0
    sent_during_retry_after: int = 0
    refused_for_flood: int = 0


@dataclass
class FloodControl:
    rates: Rates
    statistics: Statistics = field(default_factory=Statistics)
    held_until: float = 0.0
    """The whole bot."""
    was_told: bool = False
    _arrivals: deque[float] = field(default_factory=lambda: deque(maxlen=256))

    def count(self, chat: Chat, now: float) -> None:
        """A message arrives now.

        Raises:
            FloodError: it comes too early.
        """
        until = max(chat.held_until, self.held_until)
        if now < until:
            again = chat.was_told or self.was_told
            chat.was_told, self.was_told = chat.held_until > now, self.held_until > now
            self.statistics.sent_during_retry_after += again
            complaint = f"sent to {chat.id} while told to wait" if again else None
            raise FloodError(max(1, round(until - now)), complaint)
        chat.was_told = self.was_told = False
        chat.arrivals.append(now)
        self._arrivals.append(now)
        second = sum(now - each < 1.0 for each in self._arrivals)
        minute = sum(now - each < 60.0 for each in chat.arrivals) if chat.id < 0 else 0
        burst = sum(now - each < 2.0 for each in chat.arrivals)
        seen = self.statistics
        seen.max_in_a_second = max(seen.max_in_a_second, second)
        seen.max_in_a_minute_in_a_group = max(seen.max_in_a_minute_in_a_group, minute)
        if second > self.rates.per_second:
            self.held_until, self.was_told = now + self.rates.retry_after, True
        elif minute > self.rates.per_group_minute or burst > self.rates.burst:
            chat.held_until, chat.was_told = now + self.rates.retry_after, True
        else:
            return
        seen.refused_for_flood += 1
        too_fast = f"too fast: {second} a second, {minute} a minute and {burst} in two seconds to {chat.id}"
        raise FloodError(self.rates.retry_after, too_fast)


class FloodError(RefusedError):
    """429; `complaint` is what a strict reader would hold against the bot."""

    def __init__(self, retry_after: int, complaint: str | None) -> None:
        super().__init__(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
        self.complaint = complaint
