"""What becomes of a delivery when Telegram answers, as a decision: no clock, no database, no Telegram.

The policy (docs/decisions/0004): what certainly did not arrive is tried again for ever, at growing distances; so is
what may have arrived, at distances that grow faster, because a repeated alert is a nuisance and a lost one a failure;
what can never arrive is closed, and the chat with it where the chat is the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.model import DeliveryState

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 300.0
"""A network that is away for hours is asked again every five minutes."""
FIRST_UNKNOWN_WAIT_S = 5.0
LONGEST_UNKNOWN_WAIT_S = 900.0
"""After a lost answer. Telegram's server errors look the same and last minutes: giving up would lose the alert, and
should every answer be lost although every message arrives, four an hour is what that costs."""
MOST_UNEXPECTED = 10
"""An alert that breaks our own program this often will do so for ever."""

PAUSING = {"blocked", "kicked", "deactivated", "chat-not-found", "no-rights"}
"""Permanent errors that concern the chat, not the message."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again then. `counts` says whether this was the delivery's own failure, which lengthens the next wait."""

    when: datetime
    state: DeliveryState
    why: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Closed. `pause_chat`: nothing more goes to this chat until it comes back."""

    state: DeliveryState
    why: str
    pause_chat: bool = False


def after_failure(error: GuetteurError, *, attempts: int, lost_before: bool, now: datetime) -> RetryAt | GiveUp:
    """What to do about a delivery that was not confirmed.

    Args:
        attempts: failures before this one that counted.
        lost_before: an earlier answer to this delivery was lost (or we died while sending it).
    """
    if isinstance(error, ChatMovedError):
        return RetryAt(now, DeliveryState.PENDING, "moved", counts=False)
    if isinstance(error, DeliveryUnknownError):
        wait_s = min(FIRST_UNKNOWN_WAIT_S * 6.0 ** min(attempts, 8), LONGEST_UNKNOWN_WAIT_S)
        return RetryAt(now + timedelta(seconds=wait_s), DeliveryState.UNKNOWN, "answer-lost")
    state = DeliveryState.UNKNOWN if lost_before else DeliveryState.PENDING
    if not isinstance(error, DeliveryError):
        if attempts >= MOST_UNEXPECTED:
            return GiveUp(DeliveryState.FAILED, "unexpected")
        return RetryAt(now + _backoff(attempts), state, "unexpected")
    if error.permanent:
        return GiveUp(DeliveryState.FAILED, error.code, pause_chat=error.code in PAUSING)
    if error.retry_after_s is not None:
        return RetryAt(now + timedelta(seconds=error.retry_after_s), state, error.code, counts=False)
    return RetryAt(now + _backoff(attempts), state, error.code)


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=min(FIRST_WAIT_S * 2.0 ** min(attempts, 16), LONGEST_WAIT_S))
