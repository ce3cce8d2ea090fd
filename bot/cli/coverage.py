"""`guetteur coverage`: what was polled, what failed and what was missed. Only reads, also beside the daemon."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli import config_option
from bot.cli.words import at, count, duration, in_line, padded, width
from bot.errors import UsageError
from bot.feeds.health import SHORTEST_GAP

if TYPE_CHECKING:  # the help page lists this command, and need not load the database for it
    from bot.storage.coverage import Gap, PollsOfDay

WHY = {
    "failing": "no usable answer",
    "refused": "refused by the publisher",
    "gone": "taken down (410), suspended",
    "network": "our own network was out",
    "stopped": "Guetteur was not running",
    "late": "polled late: the machine slept, or had too much to do",
}
LASTING = {"stopped": "due, and not polled: Guetteur does not run, or waits for our own network"}
"""In other words while it lasts."""
OURS = frozenset({"network", "stopped", "late"})
"""What stops all feeds at once."""


@click.command()
@config_option
@click.option("--days", type=click.IntRange(1, 3650), default=7, show_default=True, help="So many days, with today.")
@click.option("--feed", "feed_id", metavar="ID", help="Only this feed, day by day.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with every feed and day.")
def coverage(config_path: Path, days: int, feed_id: str | None, *, as_json: bool) -> int:
    """Say what was missed, and per feed and day how many polls were made, failed, unchanged, and their new articles.

    Days are UTC days; gaps stand in your time zone (alerts.timezone). Without --feed, the days of a feed are summed,
    and only those with failures stand by themselves.
    """
    from bot.clock import SystemClock
    from bot.config import load

    loaded = load(config_path, os.environ, need_token=False)
    now = SystemClock().now()
    covered = asyncio.run(_read(loaded.settings.storage.url, now, days, feed_id))
    if feed_id is not None and feed_id not in covered.titles:
        raise UsageError(f"coverage: there never was a feed {feed_id}; `guetteur feeds list` shows the ids")
    zone = ZoneInfo(loaded.settings.alerts.timezone)
    click.echo(json.dumps(data(covered), ensure_ascii=False) if as_json else "\n".join(lines(covered, zone)))
    return 0


@dataclass(frozen=True, slots=True)
class Covered:
    """What was read."""

    days: int
    since: datetime
    """The beginning of the first UTC day."""
    now: datetime
    feed_id: str | None
    """The only one that was asked for."""
    titles: Mapping[str, str]
    """Of all feeds that ever were listed, by id."""
    polls: Sequence[PollsOfDay]
    gaps: Sequence[Gap]


async def _read(url: str, now: datetime, days: int, feed_id: str | None) -> Covered:
    from bot.storage.coverage import all_titles, gaps_since, polls_since
    from bot.storage.upkeep import open_existing

    since = datetime.combine(now.date() - timedelta(days=days - 1), time(), UTC)
    database = await open_existing(url)
    try:
        async with database.read() as connection:
            return Covered(
                days=days,
                since=since,
                now=now,
                feed_id=feed_id,
                titles=await all_titles(connection),
                polls=await polls_since(connection, since.date(), feed_id),
                gaps=[gap for gap in await gaps_since(connection, since, now, feed_id) if _counts(gap, now)],
            )
    finally:
        await database.close()


def _counts(gap: Gap, now: datetime) -> bool:
    """A trouble of minutes is none yet: when it ends so soon, it is not recorded as one either."""
    return gap.end_at is not None or now - gap.begin_at >= SHORTEST_GAP


# --- What a person reads ---------------------------------------------------------------------------------------------


def lines(covered: Covered, zone: ZoneInfo) -> Iterator[str]:
    span = f"{covered.since:%Y-%m-%d} to {covered.now:%Y-%m-%d}" if covered.days > 1 else f"{covered.now:%Y-%m-%d}"
    yield f"{count(covered.days, 'day')}, {span} (UTC days), {_totals(covered.polls)}."
    yield ""
    yield from _gaps(covered, zone)
    yield ""
    if not covered.polls:
        yield "No poll was made in these days."
        return
    yield from _table(covered)
    if covered.feed_id is None:
        yield ""
        yield "Beside a sum of all days stand only the days with failures; --feed ID and --json show every day."


def _totals(polls: Iterable[PollsOfDay]) -> str:
    made, failed, _, fresh = _sums(polls)
    return f"{count(made, 'poll')}, {failed:,} failed, {count(fresh, 'new article')}"


def _sums(polls: Iterable[PollsOfDay]) -> tuple[int, int, int, int]:
    """Made, failed, unchanged, new articles."""
    figures = [(each.made, each.failed, each.unchanged, each.new_articles) for each in polls]
    made, failed, unchanged, fresh = zip(*figures, strict=True) if figures else ([0],) * 4
    return sum(made), sum(failed), sum(unchanged), sum(fresh)


def _gaps(covered: Covered, zone: ZoneInfo) -> Iterator[str]:
    if not covered.gaps:
        yield _without_gap(covered.polls)
        return
    told = list(_together(covered.gaps))
    blind = sum(any(gap.end_at is None for gap in gaps) for gaps in told)
    still = f", {blind} still open" if blind else ""
    yield click.style(f"{count(len(told), 'gap')}{still} (times of {zone.key})", bold=True)
    for gaps in told:
        yield from _gap(gaps, covered, zone)
    if not any(gap.lost for gap in covered.gaps) and not blind:
        yield "Nothing was lost: what was published meanwhile was still listed afterwards."


def _without_gap(polls: Sequence[PollsOfDay]) -> str:
    made, failed, _, _ = _sums(polls)
    if not made:
        return "No gap is known."
    if not failed:
        return "Nothing was missed."
    every = "every poll failed" if failed == made else f"{count(failed, 'poll')} failed"
    return f"No gap of half an hour so far; {every}. `guetteur feeds list` shows what fails now."


def _together(gaps: Iterable[Gap]) -> Iterator[list[Gap]]:
    """By their beginning; the gaps of all feeds in one outage of ours are one."""
    ours: dict[str, list[Gap]] = {}
    found: list[list[Gap]] = []
    for gap in gaps:
        outage = ours.get(gap.why, [])
        if outage and any(each.end_at is None or gap.begin_at <= each.end_at for each in outage):
            outage.append(gap)
            continue
        found.append([gap])
        if gap.why in OURS:
            ours[gap.why] = found[-1]
    yield from found


def _gap(gaps: Sequence[Gap], covered: Covered, zone: ZoneInfo) -> Iterator[str]:
    begin = min(gap.begin_at for gap in gaps)
    last = max(gap.end_at or covered.now for gap in gaps)
    end = "now" if any(gap.end_at is None for gap in gaps) else at(last, zone)
    feeds = list(dict.fromkeys(gap.feed_id for gap in gaps))
    title = in_line(covered.titles.get(feeds[0], ""))
    who = count(len(feeds), "feed") if len(feeds) > 1 else f"{feeds[0]}{f'  {title}' if title else ''}"
    yield f"  {at(begin, zone)} to {end:16}  {duration((last - begin).total_seconds()):>7}  {who}"
    lost = list(dict.fromkeys(gap.feed_id for gap in gaps if gap.lost))
    fate, why = "nothing was lost", gaps[0].why
    if any(gap.lost is None for gap in gaps):
        fate = "whether entries are lost, its next answer tells"
    elif lost:
        fate = "entries may have come and gone" + (f" in {', '.join(lost)}" if len(feeds) > 1 else "")
    cause = LASTING.get(why, WHY.get(why, why)) if end == "now" else WHY.get(why, why)
    yield click.style(f"    {cause}; {fate}", fg="yellow" if lost else None)


def _table(covered: Covered) -> Iterator[str]:
    rows = [("feed, day", "polls", "failed", "unchanged", "new articles", "")]
    for feed_id, group in groupby(covered.polls, key=lambda each: each.feed_id):
        polls = list(group)
        rows.append((feed_id, *_cells(_sums(polls)), in_line(covered.titles.get(feed_id, ""))))
        shown = [each for each in polls if covered.feed_id is not None or each.failed]
        rows += [(f"  {each.day:%Y-%m-%d}", *_cells(_sums([each])), "") for each in shown]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for first, *figures, last in rows:
        fitted = [f"{cell:>{columns}}" for cell, columns in zip(figures, widths[1:-1], strict=True)]
        yield "  ".join([padded(first, widths[0]), *fitted, last]).rstrip()


def _cells(sums: tuple[int, int, int, int]) -> tuple[str, str, str, str]:
    made, failed, unchanged, fresh = (f"{number:,}" for number in sums)
    return made, failed if sums[1] else "–", unchanged, fresh


# --- As data ---------------------------------------------------------------------------------------------------------


def data(covered: Covered) -> dict[str, Any]:
    """docs/feeds.md describes it."""
    return {
        "days": covered.days,
        "since": covered.since.isoformat(),
        "polls": [
            {
                "feed": each.feed_id,
                "day": each.day.isoformat(),
                "made": each.made,
                "failed": each.failed,
                "unchanged": each.unchanged,
                "new_articles": each.new_articles,
            }
            for each in covered.polls
        ],
        "gaps": [
            {
                "feed": gap.feed_id,
                "begin": gap.begin_at.isoformat(),
                "end": gap.end_at.isoformat() if gap.end_at else None,
                "why": gap.why,
                "lost": gap.lost,
            }
            for gap in covered.gaps
        ],
    }
