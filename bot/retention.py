"""How long things are kept, and in how small steps they are forgotten. Pure: deletes nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

UNLISTED = timedelta(days=90)
"""So long a feed must have stopped listing an item before we forget that we know it: what comes back sooner is old."""
PASSED = timedelta(days=30)
"""What is over (a mute, a link that nobody used in time, a question without an answer) is kept for so long, for those
who ask what became of it."""

FIRST_STEP = 50
LONGEST_STEP = 500
"""Rows in one transaction."""
SHORT_S = 0.01
LONG_S = 0.025
"""A transaction of ours holds the only writer of SQLite: a quarter of the tenth of a second that others may notice,
for a busy disk makes some of them three times as long."""


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What is older than these is forgotten."""

    unmatched: datetime
    """Articles in which nobody was found, by when we took them in."""
    matched: datetime
    """Articles with a match and their stories, by the last article that joined."""
    decisions: datetime
    unlisted: datetime
    """Identities of items, by when their feed listed them last."""
    passed: datetime
    """Mutes, unused links and questions, by when they ended."""


def cutoffs(now: datetime, *, unmatched: timedelta, matched: timedelta, decisions: timedelta) -> Cutoffs:
    """By the three clocks of the settings."""
    return Cutoffs(now - unmatched, now - matched, now - decisions, now - UNLISTED, now - PASSED)


def next_step(rows: int, took_s: float) -> int:
    """How many rows the next transaction may delete, after one that took so long."""
    if took_s > LONG_S:
        return max(1, rows // 2)
    return min(LONGEST_STEP, rows + rows // 4 + 1) if took_s < SHORT_S else rows
