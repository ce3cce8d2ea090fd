"""When a target is to be left in peace and when its digest is due, on its own clock. Pure.

Times of day are the reader's; a time that a change of clocks skips or repeats stands for its first occurrence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import Quiet, Rhythm

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def quiet_until(quiet: Quiet | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that hold now end; None outside of them. Equal times of day are a whole day."""
    if quiet is None:
        return None
    nights = DAY if quiet.end <= quiet.begin else timedelta()
    for midnight in _midnights(now, zone, first=-1, last=0):
        begins, ends = _at(midnight, quiet.begin, zone), _at(midnight + nights, quiet.end, zone)
        if begins <= now < ends:
            return ends
    return None


def in_peace(quiet: Quiet | None, now: datetime, zone: ZoneInfo) -> tuple[datetime, bool]:
    """When what could ring now, and is not urgent, is told under these quiet hours; and whether without a sound."""
    until = quiet_until(quiet, now, zone)
    if quiet is None or until is None:
        return now, False
    return (until, False) if quiet.held else (now, True)


def next_digest(rhythm: Rhythm, at: time, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment after now at which a digest is due; None where none is wanted."""
    match rhythm:
        case Rhythm.OFF:
            return None
        case Rhythm.HOURLY:
            local = now.astimezone(zone)
            since_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            return now - since_hour + HOUR
        case Rhythm.DAILY:
            days = (_at(midnight, at, zone) for midnight in _midnights(now, zone, first=0, last=2))
            return next(moment for moment in days if moment > now)


def _midnights(now: datetime, zone: ZoneInfo, *, first: int, last: int) -> Iterator[datetime]:
    """The beginnings of days around the reader's today, without a zone."""
    today = datetime.combine(now.astimezone(zone).date(), time())
    return (today + days * DAY for days in range(first, last + 1))


def _at(midnight: datetime, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(midnight.date(), moment, zone).astimezone(UTC)
