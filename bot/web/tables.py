"""Rows as the dashboard's tables and charts show them, from what the tables of the database hold. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.feeds.health import SHORTEST_GAP
from bot.matching.near import NearMiss
from bot.model import Reason, StoredArticle, Tier
from bot.storage.coverage import FeedStanding, Gap, PollsOfDay
from bot.storage.dashboard import ListedName, Mentioned
from bot.web.charts import Day

CHARTS = 24
"""Names with a chart of their own, those in the news most; the others are a line."""
MISSES = 60
NOT_WORTH_IT = frozenset({"other-person", "excluded", "namesake-context", "relative", "no-capital"})
"""Why a near miss is none: the rules did what they are for."""
FEED_ORDER = ("suspended", "refused", "failing", "quiet", "unpolled", "ok")
"""Those that want somebody's attention first."""
OURS = frozenset({"network", "stopped", "late"})
"""Reasons that stop all feeds at once."""


@dataclass(frozen=True, slots=True)
class NameMentions:
    name: ListedName
    total: int
    last_at: datetime
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class MentionPages:
    every: tuple[Day, ...]
    """All names together."""
    charted: tuple[NameMentions, ...]
    rest: tuple[NameMentions, ...]
    unnamed: tuple[ListedName, ...]


def mention_pages(
    mentioned: Iterable[Mentioned], names: Sequence[ListedName], days: Sequence[date], zone: ZoneInfo
) -> MentionPages:
    """Per name and day of the reader, the names that are in the news most first."""
    every: Counter[tuple[date, Tier]] = Counter()
    by_name: dict[tuple[str, str], Counter[tuple[date, Tier]]] = {}
    last: dict[tuple[str, str], datetime] = {}
    for each in mentioned:
        key, day = (each.scope, each.name_id), each.published_at.astimezone(zone).date()
        every[day, each.tier] += 1
        by_name.setdefault(key, Counter())[day, each.tier] += 1
        last[key] = max(last.get(key, each.published_at), each.published_at)
    told = [
        NameMentions(name, sum(by_name[key].values()), last[key], _days(by_name[key], days))
        for name in names
        if (key := (name.scope, name.name_id)) in by_name
    ]
    told.sort(key=lambda each: (-each.total, each.name.shown))
    unnamed = tuple(name for name in names if (name.scope, name.name_id) not in by_name)
    return MentionPages(_days(every, days), tuple(told[:CHARTS]), tuple(told[CHARTS:]), unnamed)


def _days(counted: Mapping[tuple[date, Tier], int], days: Sequence[date]) -> tuple[Day, ...]:
    return tuple(Day(day, counted.get((day, Tier.CERTAIN), 0), counted.get((day, Tier.POSSIBLE), 0)) for day in days)


@dataclass(frozen=True, slots=True)
class Miss:
    shown: str
    written: str
    lacks: Reason
    title: str
    url: str | None
    outlet: str
    published_at: datetime


def near_rows(
    nearly: Iterable[tuple[StoredArticle, Sequence[NearMiss]]],
    names: Mapping[tuple[str, str], str],
    titles: Mapping[str, str],
) -> list[Miss]:
    """The near misses of watchlists that are worth a look, in the order of the articles."""
    rows = []
    for stored, misses in nearly:
        article = stored.article
        for miss in misses:
            shown = names.get((miss.scope, miss.name_id))
            if shown is not None and miss.lacks.code not in NOT_WORTH_IT:
                outlet = titles.get(article.feed_id) or article.feed_id
                rows.append(
                    Miss(shown, miss.text, miss.lacks, article.title, article.url, outlet, article.published_at)
                )
    return rows[:MISSES]


@dataclass(frozen=True, slots=True)
class FeedRow:
    feed: FeedStanding
    standing: str


def feed_rows(feeds: Iterable[FeedStanding], standing: Callable[[FeedStanding], str]) -> list[FeedRow]:
    """Troubles first, then by title."""
    rows = [FeedRow(each, standing(each)) for each in feeds]
    return sorted(rows, key=lambda row: (FEED_ORDER.index(row.standing), (row.feed.title or row.feed.id).casefold()))


@dataclass(frozen=True, slots=True)
class CoverageRow:
    feed_id: str
    title: str
    days: tuple[PollsOfDay | None, ...]
    made: int
    failed: int
    new_articles: int


def covered(polls: Iterable[PollsOfDay], days: Sequence[date], titles: Mapping[str, str]) -> list[CoverageRow]:
    """A row a feed, with a cell a day; what failed most comes first."""
    by_feed: dict[str, dict[date, PollsOfDay]] = {}
    for each in polls:
        by_feed.setdefault(each.feed_id, {})[each.day] = each
    rows = [
        CoverageRow(
            feed_id=feed_id,
            title=titles.get(feed_id) or feed_id,
            days=tuple(made.get(day) for day in days),
            made=sum(each.made for each in made.values()),
            failed=sum(each.failed for each in made.values()),
            new_articles=sum(each.new_articles for each in made.values()),
        )
        for feed_id, made in by_feed.items()
    ]
    return sorted(rows, key=lambda row: (-row.failed, row.title.casefold()))


@dataclass(frozen=True, slots=True)
class GapRow:
    begin_at: datetime
    end_at: datetime | None
    why: str
    titles: tuple[str, ...]
    lost: bool | None


def gap_rows(gaps: Iterable[Gap], titles: Mapping[str, str], now: datetime) -> list[GapRow]:
    """The latest first; the gaps of all feeds in one outage of ours are one row."""
    found: list[list[Gap]] = []
    open_of: dict[str, list[Gap]] = {}
    for gap in gaps:
        if gap.end_at is None and now - gap.begin_at < SHORTEST_GAP:
            continue
        outage = open_of.get(gap.why, [])
        if any(each.end_at is None or gap.begin_at <= each.end_at for each in outage):
            outage.append(gap)
            continue
        found.append([gap])
        if gap.why in OURS:
            open_of[gap.why] = found[-1]
    rows = [_gap_row(each, titles) for each in found]
    return sorted(rows, key=lambda row: row.begin_at, reverse=True)


def _gap_row(gaps: Sequence[Gap], titles: Mapping[str, str]) -> GapRow:
    ends = [gap.end_at for gap in gaps]
    known = [end for end in ends if end is not None]
    lost = [gap.lost for gap in gaps]
    return GapRow(
        begin_at=min(gap.begin_at for gap in gaps),
        end_at=max(known) if len(known) == len(ends) else None,
        why=gaps[0].why,
        titles=tuple(dict.fromkeys(titles.get(gap.feed_id) or gap.feed_id for gap in gaps)),
        lost=None if None in lost else any(lost),
    )
