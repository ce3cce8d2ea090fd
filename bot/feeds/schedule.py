"""When to poll a feed next. Pure: jitter comes in as a number from 0 to 1, the time as `now`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

NEWEST = 12
"""Publication times that tell a feed's rhythm: about half a day of a newspaper's front page."""
POLLS_A_GAP = 4
"""Polls between two entries of an ordinary day: an entry waits an eighth of the usual gap on average."""
JITTER = 0.1
"""Keeps feeds that were polled together from coming together for ever."""
MAX_DOUBLINGS = 20


def next_poll(
    now: datetime,
    *,
    interval_s: float | None,
    default_s: float,
    min_s: float,
    max_s: float,
    published: Sequence[datetime] = (),
    asked_s: float | None = None,
    failures: int = 0,
    jitter: float = 0.0,
) -> datetime:
    """The time of the next poll, after a good one or after `failures` failed ones in a row.

    Args:
        interval_s: the feed's explicit interval, honoured as it is, even below `min_s` and above `max_s`.
        default_s: the interval of a feed whose rhythm is unknown.
        published: publication times of the entries it lists; their rhythm sets the interval.
        asked_s: how long the server asked us to stay away; only ever lengthens, and never beyond `max_s`.
    """
    usual_s = interval_s or _usual_s(published, now, default_s)
    longest_s = max(max_s, interval_s or 0)
    if failures:
        wait_s = max(usual_s * 2 ** min(failures - 1, MAX_DOUBLINGS), asked_s or 0)
    elif interval_s:
        # A person chose it, knowing better than a cache header; a refusal (429, 503) comes as a failure.
        return now + timedelta(seconds=interval_s)
    else:
        wait_s = max(usual_s, asked_s or 0)
    shortest_s = min(min_s, interval_s or min_s)
    jittered_s = max(wait_s, shortest_s) * (1 + JITTER * jitter)
    return now + timedelta(seconds=min(jittered_s, longest_s))


def first_poll(now: datetime, *, spread_s: float, jitter: float) -> datetime:
    """Somewhere in the first `spread_s` seconds: a start with many feeds must not be a burst."""
    return now + timedelta(seconds=spread_s * jitter)


def _usual_s(published: Sequence[datetime], now: datetime, default_s: float) -> float:
    newest = sorted((moment for moment in set(published) if moment <= now), reverse=True)[:NEWEST]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(newest)]
    if not gaps:
        return default_s
    # A feed that fell silent is polled less: the gap since its last entry counts like one more.
    gaps.append((now - newest[0]).total_seconds())
    return median(gaps) / POLLS_A_GAP
