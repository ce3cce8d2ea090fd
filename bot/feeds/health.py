"""How a feed is doing, and what the people who run the bot are told about it: each trouble once, its end once. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.feeds.schedule import UNKNOWN, Rhythm

TOLD_AFTER = timedelta(hours=3)
"""Sites are down for an hour or two at night, and nobody need know."""
TOLD_AFTER_FAILURES = 3
"""A feed that is polled every six hours is not failing because of one bad answer."""
REFUSALS_TOLD = 2
"""One refusal may be a firewall's whim."""
QUIET_FLOOR = timedelta(days=3)
QUIET_GAPS = 20
"""A feed is quiet when it lists nothing new for so many of its usual gaps, and for `QUIET_FLOOR` at least."""
SHORTEST_GAP = timedelta(minutes=30)
"""Feeds that miss less than this missed nothing: they list their entries for longer."""
INTERVALS_MISSED = 3


class State(StrEnum):
    """What a feed's last poll said; `feeds.state`."""

    OK = "ok"
    FAILING = "failing"
    REFUSED = "refused"
    """The publisher does not want us."""
    GONE = "gone"
    """Taken down for good: not polled until somebody resumes it."""


class Trouble(StrEnum):
    """What is told of a feed; `feeds.noticed`."""

    FAILING = "failing"
    REFUSED = "refused"
    GONE = "gone"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Health:
    """A feed after a poll."""

    state: State
    failures: int = 0
    failing_since: datetime | None = None
    rhythm: Rhythm = UNKNOWN


def trouble(health: Health, now: datetime) -> Trouble | None:
    """What is wrong with a feed that deserves to be told, None when nothing does (yet)."""
    match health.state:
        case State.GONE:
            return Trouble.GONE
        case State.REFUSED:
            return Trouble.REFUSED if health.failures >= REFUSALS_TOLD else None
        case State.FAILING:
            for_long = health.failing_since is not None and now - health.failing_since >= TOLD_AFTER
            return Trouble.FAILING if for_long and health.failures >= TOLD_AFTER_FAILURES else None
        case State.OK:
            return Trouble.QUIET if _is_quiet(health.rhythm, now) else None


def to_tell(told: Trouble | None, health: Health, now: datetime) -> tuple[Trouble | None, bool]:
    """What the people know after this poll, and whether that is news to them.

    Until a feed answers again all its troubles are one: it is told again only when it gets graver, so that an address
    that is refused and fails in turn is no stream of notices. A feed that answers after a trouble is told as recovered
    (None, True).
    """
    found = trouble(health, now)
    if health.state is not State.OK and _gravity(found) <= _gravity(told):
        return told, False
    return found, found != told


def _gravity(found: Trouble | None) -> int:
    return (None, Trouble.QUIET, Trouble.FAILING, Trouble.REFUSED, Trouble.GONE).index(found)


def missed_since(
    last_good_at: datetime | None,
    planned_at: datetime,
    now: datetime,
    *,
    failures: int,
    ours: timedelta = timedelta(),
) -> datetime | None:
    """The beginning of the time that a good poll found unwatched, None when the feed was polled as planned.

    Args:
        planned_at: when this poll was due. Without failures before, only the delay beyond it was missed.
        failures: failed polls before this one.
        ours: how long, since it was due, we were stopped or without a network.
    """
    if last_good_at is None:
        return None
    if ours >= SHORTEST_GAP:
        return last_good_at
    late = now - planned_at if not failures else now - last_good_at
    planned = planned_at - last_good_at if not failures else timedelta()
    return last_good_at if late >= max(SHORTEST_GAP, INTERVALS_MISSED * planned) else None


def _is_quiet(rhythm: Rhythm, now: datetime) -> bool:
    if rhythm.usual_gap_s is None or rhythm.newest_at is None:
        return False
    return now - rhythm.newest_at >= max(QUIET_FLOOR, QUIET_GAPS * timedelta(seconds=rhythm.usual_gap_s))
