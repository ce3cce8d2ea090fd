"""What a feed looks like to somebody who wonders whether to add it: its rhythm, and how far its entries can be trusted.

Pure; fetches nothing and decides nothing: polling goes by `schedule` and `traits`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.feeds.schedule import rhythm_of
from bot.model import Entry

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Portrait:
    """Counts of entries, in one document."""

    entries: int
    with_guid: int
    repeated_guids: int
    """Entries whose guid an earlier one has."""
    with_link: int
    repeated_links: int
    dated: int
    in_future: int
    oldest_at: datetime | None
    newest_at: datetime | None
    """Of those that are not in the future."""
    usual_gap_s: float | None
    """Seconds between two entries, the median of the latest."""
    a_day: float | None
    """Entries a day from the oldest one to now; None of those that list less than a day, which says nothing of days."""


def portrait_of(entries: Sequence[Entry], now: datetime) -> Portrait:
    dates = [date for entry in entries if (date := entry.published or entry.updated)]
    past = sorted(date for date in dates if date <= now)
    guids = [entry.guid for entry in entries if entry.guid]
    links = [entry.link for entry in entries if entry.link]
    span_s = (now - past[0]).total_seconds() if past else 0
    return Portrait(
        entries=len(entries),
        with_guid=len(guids),
        repeated_guids=_repeated(guids),
        with_link=len(links),
        repeated_links=_repeated(links),
        dated=len(dates),
        in_future=len(dates) - len(past),
        oldest_at=past[0] if past else None,
        newest_at=past[-1] if past else None,
        usual_gap_s=rhythm_of(past, now).usual_gap_s,
        a_day=len(past) * DAY_S / span_s if span_s >= DAY_S else None,
    )


def newest_first(entries: Sequence[Entry]) -> list[Entry]:
    """By date where they have one; the undated after them, in the document's order."""
    dated = [(date, entry) for entry in entries if (date := entry.published or entry.updated)]
    undated = [entry for entry in entries if not (entry.published or entry.updated)]
    return [entry for _, entry in sorted(dated, key=lambda pair: pair[0], reverse=True)] + undated


def _repeated(values: Sequence[str]) -> int:
    return sum(times - 1 for times in Counter(values).values())
