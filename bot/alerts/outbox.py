"""What becomes of a delivery when Telegram answers, as a decision: no clock, no database, no Telegram.

The policy (docs/decisions/0004): what certainly did not arrive is tried again for ever, at growing distances; so is
what may have arrived, at distances that grow faster, because a repeated alert is a nuisance and a lost one a failure;
what can never arrive is closed, and the chat with it where the chat is the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
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
FINAL = {"deactivated"}
"""Those after which nobody comes back."""
RECHECKED = {"chat-not-found", "no-rights"}
"""Those whose end Telegram does not always tell: we ask. It does tell of the others."""
FIRST_RECHECK = timedelta(minutes=10)
LONGEST_RECHECK = timedelta(days=1)
GONE_AFTER = timedelta(days=7)
"""A chat that was not found for so long is not there."""

BURST = "burst"
"""The bundle of what came all at once."""
LATE = "late"
"""The bundle of what could not be sent for long."""
BURST_FROM = 5
"""More than a few alerts at once are one message …"""
CROWDED_FROM = 2
"""… and two are, where the chat's minute is nearly full."""
LATE_AFTER = timedelta(minutes=30)
LATE_FROM = 2
"""What waited so long is no news of this minute: it rings once."""
OUTAGE_FROM = 4
"""As many failures in a row as there are calls in flight: it is not this alert, it is Telegram or our network."""
LONGEST_REST_S = 60.0


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


def together(waiting: Sequence[datetime], now: datetime, *, burst_from: int | None) -> str | None:
    """The bundle in which a chat's due alerts are told in one message; None for one by one.

    Args:
        waiting: since when each could have gone out.
        burst_from: how many make a burst; None where nothing is ever bundled (the terminal).
    """
    if burst_from is None:
        return None
    if len(waiting) >= LATE_FROM and min(waiting) <= now - LATE_AFTER:
        return LATE
    return BURST if len(waiting) >= burst_from else None


def is_late(could_go: datetime, went: datetime) -> bool:
    """Whether an alert reached its readers so late that they should know."""
    return went - could_go >= LATE_AFTER


def outage_rest_s(failures: int) -> float:
    """How long nothing is sent after so many failures in a row that blame no chat; then one call tries."""
    if failures < OUTAGE_FROM:
        return 0.0
    return min(FIRST_WAIT_S * 2.0 ** min(failures - OUTAGE_FROM, 16), LONGEST_REST_S)


def blames_no_chat(error: GuetteurError) -> bool:
    """Whether Telegram could not be reached or gave no answer that can be read."""
    return isinstance(error, DeliveryUnknownError) or (isinstance(error, DeliveryError) and error.code == "network")


def recheck_at(why: str, paused_at: datetime, now: datetime) -> datetime | None:
    """When to ask Telegram whether a paused chat can be reached again, ever more rarely; None for never."""
    if why not in RECHECKED:
        return None
    return now + min(max(now - paused_at, FIRST_RECHECK), LONGEST_RECHECK)


def is_gone(why: str, paused_at: datetime, now: datetime) -> bool:
    return why in FINAL or (why == "chat-not-found" and now - paused_at >= GONE_AFTER)


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=min(FIRST_WAIT_S * 2.0 ** min(attempts, 16), LONGEST_WAIT_S))
