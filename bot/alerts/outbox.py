"""What becomes of a delivery when Telegram answers, as a decision: no clock, no database, no Telegram.

The policy (docs/decisions/0004): what certainly did not arrive is tried again for ever, at growing distances; what
may have arrived is sent once more, because a repeated alert is a nuisance and a lost one is a failure; what can never
arrive is closed, and the chat with it where the chat is the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.model import DeliveryState

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 300.0
"""A network that is away for hours is asked again every five minutes."""
UNKNOWN_WAIT_S = 5.0
"""Long enough for a slow answer's message to be in the chat, short enough for news."""

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
        if lost_before:  # it went out twice by now: a third time would only be noise
            return GiveUp(DeliveryState.SENT, "unconfirmed")
        return RetryAt(now + timedelta(seconds=UNKNOWN_WAIT_S), DeliveryState.UNKNOWN, "answer-lost")
    state = DeliveryState.UNKNOWN if lost_before else DeliveryState.PENDING
    if not isinstance(error, DeliveryError):
        return RetryAt(now + _backoff(attempts), state, "unexpected")
    if error.permanent:
        return GiveUp(DeliveryState.FAILED, error.code, pause_chat=error.code in PAUSING)
    if error.retry_after_s is not None:
        return RetryAt(now + timedelta(seconds=error.retry_after_s), state, error.code, counts=False)
    return RetryAt(now + _backoff(attempts), state, error.code)


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=min(FIRST_WAIT_S * 2.0 ** min(attempts, 16), LONGEST_WAIT_S))
