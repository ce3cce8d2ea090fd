"""When to poll a feed next. Pure: jitter comes in as a number from 0 to 1, the time as `now`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from bot.model import NO_HINTS, Hints

NEWEST = 12
"""Publication times that tell a feed's rhythm: about half a day of a newspaper's front page."""
POLLS_A_GAP = 4
"""Polls between two entries of an ordinary day: an entry waits an eighth of the usual gap on average."""
SILENCE_GAPS = 8
"""A feed silent for so many of its usual gaps is asleep: its silence, so divided, counts as the gap."""
JITTER = 0.1
"""Keeps feeds that were polled together from coming together for ever."""
MAX_DOUBLINGS = 20
REFUSED_S = 3600.0
"""The first try after a publisher's refusal; it doubles from there."""
LONGEST_RETRY_AFTER_S = 48 * 3600.0
"""A server's Retry-After is kept even above `max_interval`: coming sooner gets whole networks blocked. Not for ever."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What bounds the time between two polls of a feed, in seconds."""

    default_s: float
    """Of a feed whose rhythm is unknown."""
    min_s: float
    max_s: float
    interval_s: float | None = None
    """The feed's explicit interval, honoured on average, even below `min_s` and above `max_s`."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a feed publishes."""

    usual_gap_s: float | None = None
    """Seconds between two entries, the median of the latest; None when they tell nothing."""
    newest_at: datetime | None = None


UNKNOWN = Rhythm()


def rhythm_of(published: Iterable[datetime], now: datetime, before: Rhythm = UNKNOWN) -> Rhythm:
    """The rhythm of entries published at these times; those of the future do not count.

    `before`: what it was so far, for a slow feed whose earlier articles are forgotten by now.
    """
    newest = sorted({moment for moment in published if moment <= now}, reverse=True)[:NEWEST]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(newest)]
    return Rhythm(median(gaps) if gaps else before.usual_gap_s, newest[0] if newest else before.newest_at)


def next_poll(
    now: datetime,
    pace: Pace,
    rhythm: Rhythm = UNKNOWN,
    *,
    hints: Hints = NO_HINTS,
    asked_s: float | None = None,
    retry_after_s: float | None = None,
    jitter: float = 0.0,
) -> datetime:
    """The time of the next poll after a good one.

    An explicit interval was chosen by a person, who knows better than a cache header, a `ttl` or skip hours; it only
    sways a little, around itself. Else what the server (`asked_s`: Cache-Control, Expires) and the document (`hints`)
    ask for lengthens the wait, within `max_s`. A Retry-After, rare beside a good answer, outdoes all of them.
    """
    due = _planned(now, pace, rhythm, hints, asked_s, jitter)
    return max(due, now + rest(retry_after_s))


def rest(retry_after_s: float | None) -> timedelta:
    """How long a server that sent this Retry-After is left alone."""
    return timedelta(seconds=min(retry_after_s or 0.0, LONGEST_RETRY_AFTER_S))


def _planned(now: datetime, pace: Pace, rhythm: Rhythm, hints: Hints, asked_s: float | None, jitter: float) -> datetime:
    if pace.interval_s:
        return now + timedelta(seconds=pace.interval_s * (1 + JITTER * (jitter - 0.5)))
    wait_s = max(_usual_s(pace, rhythm, now), asked_s or 0, hints.min_wait_s or 0, pace.min_s)
    due = now + timedelta(seconds=wait_s * (1 + JITTER * jitter))
    latest = now + timedelta(seconds=pace.max_s)
    return min(_after_skipped(due, hints, latest), latest)


def next_try(
    now: datetime,
    pace: Pace,
    rhythm: Rhythm = UNKNOWN,
    *,
    failures: int,
    refused: bool = False,
    retry_after_s: float | None = None,
    jitter: float = 0.0,
) -> datetime:
    """The time of the next poll after `failures` failed ones in a row (from 1): later each time, and never given up."""
    usual_s = max(REFUSED_S if refused else 0.0, pace.interval_s or _usual_s(pace, rhythm, now))
    shortest_s = min(pace.min_s, pace.interval_s or pace.min_s)
    wait_s = max(usual_s * 2 ** min(failures - 1, MAX_DOUBLINGS), shortest_s) * (1 + JITTER * jitter)
    bounded_s = min(wait_s, max(pace.max_s, pace.interval_s or 0))
    return now + max(timedelta(seconds=bounded_s), rest(retry_after_s))


def first_poll(now: datetime, *, spread_s: float, jitter: float) -> datetime:
    """Somewhere in the first `spread_s` seconds: a start with many feeds must not be a burst."""
    return now + timedelta(seconds=spread_s * jitter)


def _usual_s(pace: Pace, rhythm: Rhythm, now: datetime) -> float:
    if not rhythm.usual_gap_s or rhythm.newest_at is None:
        return pace.default_s
    silence_s = max(0.0, (now - rhythm.newest_at).total_seconds())
    return max(rhythm.usual_gap_s, silence_s / SILENCE_GAPS) / POLLS_A_GAP


def _after_skipped(due: datetime, hints: Hints, latest: datetime) -> datetime:
    """The first moment from `due` on that lies in no hour or day the publisher asked to leave out."""
    while due < latest and (due.hour in hints.skip_hours or due.weekday() in hints.skip_days):
        due = due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due
