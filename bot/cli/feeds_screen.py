"""What `guetteur feeds list` says: a line a feed, troubles first with their error; or all of it as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.cli.words import ago, at, count, duration, in_line, padded, width
from bot.logs import redacted
from bot.model import Feed
from bot.net import redact_url
from bot.storage.coverage import FeedStanding


class Doing(StrEnum):
    """How a feed is doing, those that want somebody's attention first."""

    SUSPENDED = "suspended"
    REFUSED = "refused"
    FAILING = "failing"
    QUIET = "quiet"
    NOT_POLLED = "not polled yet"
    OK = "ok"


MEANS = {
    Doing.SUSPENDED: "taken down for good (410); not polled until `guetteur feeds resume ID`",
    Doing.REFUSED: "the publisher does not want us; asked again seldom",
    Doing.FAILING: "no usable answer; tried again later each time, and never given up",
    Doing.QUIET: "it answers, and lists nothing new for far longer than usual",
}
COLOURS = {Doing.SUSPENDED: "red", Doing.REFUSED: "red", Doing.FAILING: "red", Doing.QUIET: "yellow"}
STATES = {"gone": Doing.SUSPENDED, "refused": Doing.REFUSED, "failing": Doing.FAILING}
"""What the table `feeds` calls them."""
HEADS = ("id", "last good", "next", "one every", "7 days", "title, address, tags")


@dataclass(frozen=True, slots=True)
class Row:
    """A configured feed, and what polling it has told; `url` has no secret left."""

    feed: Feed
    url: str
    standing: FeedStanding | None

    @property
    def title(self) -> str:
        return self.feed.title or (self.standing.title if self.standing else "")

    @property
    def doing(self) -> Doing:
        known = self.standing
        if known is None:
            return Doing.NOT_POLLED
        if known.state in STATES:
            return STATES[known.state]
        if known.noticed == "quiet":
            return Doing.QUIET
        return Doing.OK if known.last_good_at else Doing.NOT_POLLED


def lines(rows: Sequence[Row], now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """Troubles first, else in the order of the files."""
    if not rows:
        yield "No feed is configured: `guetteur feeds add URL` adds one."
        return
    groups = {doing: [row for row in rows if row.doing is doing] for doing in Doing}
    total = count(len(rows), "feed")
    if len(groups[Doing.NOT_POLLED]) == len(rows):
        yield f"{total}; nothing was polled yet: `guetteur run` polls them."
    else:
        yield f"{total}: {', '.join(f'{len(group)} {doing}' for doing, group in groups.items() if group)}."
    table = _table([row for group in groups.values() for row in group], now)
    yield click.style(next(table), dim=True)
    for doing, group in groups.items():
        if group and doing in MEANS:
            yield ""
            yield click.style(f"{doing.capitalize()}: {MEANS[doing]}", fg=COLOURS[doing], bold=True)
        elif group:
            yield ""
        for row in group:
            yield next(table)
            yield from _details(row, now, zone)


def _table(rows: Iterable[Row], now: datetime) -> Iterator[str]:
    cells = [HEADS, *(_cells(row, now) for row in rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    for *others, last in cells:
        fitted = [padded(cell, columns) for cell, columns in zip(others, widths[:-1], strict=True)]
        yield "  ".join([*fitted, last])


def _cells(row: Row, now: datetime) -> tuple[str, ...]:
    known = row.standing
    tags = f"[{', '.join(in_line(tag) for tag in sorted(row.feed.tags))}]" if row.feed.tags else ""
    shown = "  ".join(part for part in (in_line(row.title), in_line(row.url), tags) if part)
    if known is None:
        return row.feed.id, "never", "–", "–", "–", shown
    gap = duration(known.usual_gap_s) if known.usual_gap_s else "–"
    good = ago(known.last_good_at, now) if known.last_good_at else "never"
    return row.feed.id, good, _next(row, known, now), gap, f"{known.recent_articles:,}", shown


def _next(row: Row, known: FeedStanding, now: datetime) -> str:
    wait_s = (known.next_poll_at - now).total_seconds()
    if row.doing is Doing.SUSPENDED:
        return "–"
    return f"in {duration(wait_s)}" if wait_s > 0 else f"due {duration(-wait_s)} ago" if wait_s < -60 else "now"


def _details(row: Row, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    known = row.standing
    if known is None:
        return
    if known.moved_to:
        yield f"    now at {in_line(redact_url(known.moved_to))}, where it is polled: write that address in its file"
    if row.doing is Doing.QUIET:
        newest = f"{at(known.newest_at, zone)} ({ago(known.newest_at, now)})" if known.newest_at else "never"
        yield f"    its newest entry: {newest}"
    if known.failing_since and row.doing is not Doing.OK:
        since = f"{at(known.failing_since, zone)} ({duration((now - known.failing_since).total_seconds())})"
        yield f"    since {since}, {count(known.failures, 'failed poll')} in a row"
    if known.last_error and row.doing is not Doing.OK:
        yield f"    {in_line(redacted(known.last_error))}"


def data(rows: Iterable[Row]) -> dict[str, Any]:
    """docs/feeds.md describes it; in the order of the files."""
    return {"feeds": [_row_data(row) for row in rows]}


def _row_data(row: Row) -> dict[str, Any]:
    known = row.standing
    times = ("last_good_at", "next_poll_at", "failing_since", "newest_at")
    moments = {name: getattr(known, name) if known else None for name in times}
    if row.doing is Doing.SUSPENDED:
        moments["next_poll_at"] = None
    return {
        "id": row.feed.id,
        "title": row.title,
        "url": row.url,
        "tags": sorted(row.feed.tags),
        "language": row.feed.language,
        "interval_s": row.feed.interval_s,
        "state": row.doing.value,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
        "failures": known.failures if known else 0,
        "last_error": redacted(known.last_error) if known and known.last_error else None,
        "moved_to": redact_url(known.moved_to) if known and known.moved_to else None,
        "usual_gap_s": known.usual_gap_s if known else None,
        "articles_7_days": known.recent_articles if known else 0,
    }
