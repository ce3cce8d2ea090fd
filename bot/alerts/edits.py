"""When a message is brought up to date with its story. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

SETTLES_S = 20.0
"""After the first change: outlets follow an agency's flash within seconds of each other."""
SPACED = 6
LONGEST_SPACED = 45
"""Edits stand so many settling times apart at least (2 minutes), and at most (15 minutes)."""


def edit_due(now: datetime, *, sent_at: datetime, edited_at: datetime | None, settles_s: float = SETTLES_S) -> datetime:
    """When a message whose story changes now is edited, no edit being due yet.

    The first edit waits `settles_s` for more of the same. Each later one waits as long again as the message took to its
    last edit: a burst costs few edits, and a story that grows for a day is up to date within a quarter of an hour.
    """
    due = now + timedelta(seconds=settles_s)
    if edited_at is None:
        return due
    age_s = (edited_at - sent_at).total_seconds()
    spaced_s = min(max(age_s, SPACED * settles_s), LONGEST_SPACED * settles_s)
    return max(due, edited_at + timedelta(seconds=spaced_s))
