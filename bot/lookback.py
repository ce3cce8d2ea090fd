"""Tries names on the stored articles: the text index says where they may stand, the matcher whether they do.

For `/watch`, which has a second, and for `backtest`, which has not; only reads. What the articles come to (stories,
alerts a week) is decided by the pure `backtest.py`.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.backtest import NEW, Entry, Found, Stock, Trial, level, with_stories
from bot.clock import Clock
from bot.matching.candidates import Candidates, Plan
from bot.matching.index import matcher_of
from bot.model import Match, StoredArticle, WatchedName
from bot.storage.articles import listing_feeds
from bot.storage.database import Database
from bot.storage.feeds import feed_tags, feed_titles, reading_since
from bot.storage.search import articles_by_id, articles_with, articles_with_signs, stored_since, words_under
from bot.storage.stories import story_of

BATCH = 40
"""Articles read at once: a hundredth of a second or two, after which the time is looked at."""
MOST_AT_ONCE = 3_000
"""Candidates that are asked for where there is no time for more."""
EVERY = 1_000_000_000
RATED = timedelta(days=14)
"""What an import is judged by."""

Place = tuple[int, datetime]
"""An article's id and its publication."""


@dataclass(frozen=True, slots=True)
class Budget:
    """For how long articles may be read."""

    clock: Clock
    until: float
    """Of the clock's monotonic time."""
    most: int
    """Articles found, after which it is enough: to group them into stories takes some milliseconds each."""

    def is_spent(self, found: int) -> bool:
        return found >= self.most or self.clock.monotonic() >= self.until


@dataclass(slots=True)
class LookBack:
    """What was read, and what was found in it by the number of the entry."""

    stock: Stock
    feeds: int
    """How many are read."""
    found: defaultdict[int, list[Found]] = field(default_factory=lambda: defaultdict(list))
    outside: Counter[int] = field(default_factory=Counter)
    """Articles in feeds that the entry's list does not look at."""
    outlets: Mapping[str, str] = field(default_factory=dict)
    """The names of the feeds of what was found, by id."""
    complete_since: datetime | None = None
    """Where the time did not suffice: of what was published before, not all was read."""
    bare_since: datetime | None = None
    """The same for articles that have no more of the name than its last word."""


async def look_back(
    database: Database,
    entries: Sequence[Entry],
    since: datetime,
    *,
    budget: Budget | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> LookBack:
    """Try the entries on the articles published since then; with a budget, on the latest of them."""
    async with database.read() as connection:
        stored = await stored_since(connection, since)
        began = await reading_since(connection)
    stock = Stock(stored.articles, stored.first, stored.last, began and max(began, since))
    seen = LookBack(stock, stored.feeds)
    likely, perhaps = await _places(database, entries, since, most=MOST_AT_ONCE if budget else EVERY)
    trial = await asyncio.to_thread(Trial, entries)
    seen.complete_since = await _try(database, trial, entries, likely, seen, budget, progress)
    if seen.complete_since is None:
        seen.bare_since = await _try(database, trial, entries, perhaps, seen, budget, progress)
    else:
        stock.read_since = max(stock.read_since or since, seen.complete_since)
    async with database.read() as connection:
        feeds = {each.article.article.feed_id for found in seen.found.values() for each in found}
        seen.outlets = await feed_titles(connection, sorted(feeds))
    return seen


async def _places(
    database: Database, entries: Sequence[Entry], since: datetime, *, most: int
) -> tuple[list[Place], list[Place]]:
    """Where a name may stand in full, and where in part or in signs that no index can look up; the latest first."""
    candidates = await asyncio.to_thread(Candidates, [entry.name.entity for entry in entries])
    async with database.read() as connection:
        stored = await words_under(connection, await asyncio.to_thread(candidates.keys))
        plan = await asyncio.to_thread(candidates.plan, stored)
        likely = await articles_with(connection, plan.likely, since, most)
        others = await _others(connection, plan, since, most)
    known = {article_id for article_id, _ in likely}
    return likely, [place for place in others if place[0] not in known]


async def _others(connection: AsyncConnection, plan: Plan, since: datetime, most: int) -> list[Place]:
    others = dict.fromkeys(await articles_with(connection, plan.perhaps, since, most))
    if plan.signs:
        others |= dict.fromkeys(await articles_with_signs(connection, since, most))
    return sorted(others, key=lambda place: (place[1], place[0]), reverse=True)


async def _try(
    database: Database,
    trial: Trial,
    entries: Sequence[Entry],
    places: Sequence[Place],
    seen: LookBack,
    budget: Budget | None,
    progress: Callable[[str], None],
) -> datetime | None:
    """Read the articles, the latest first; where it ended for want of time, None at the end.

    In batches, each with a connection of its own: one for all would keep SQLite's log growing beside the daemon.
    """
    for start in range(0, len(places), BATCH):
        if budget is not None and start and budget.is_spent(sum(map(len, seen.found.values()))):
            return places[start - 1][1]
        async with database.read() as connection:
            batch = await articles_by_id(connection, [article_id for article_id, _ in places[start : start + BATCH]])
            for each, at in await asyncio.to_thread(_read, trial, batch):
                for number, found in at.items():
                    if await _is_in(connection, entries[number], each):
                        story = await story_of(connection, each.id)
                        seen.found[number].append(Found(each, story, found))
                    else:
                        seen.outside[number] += 1
        progress(f"{start + len(batch):,} of {len(places):,} articles read that may name it …")
    return places[-1][1] if budget is not None and len(places) >= MOST_AT_ONCE else None


def _read(trial: Trial, batch: Sequence[StoredArticle]) -> list[tuple[StoredArticle, dict[int, dict[int, Match]]]]:
    found = [(each, trial.find(each.article.title, each.article.text, each.article.language)) for each in batch]
    return [(each, at) for each, at in found if at]


async def _is_in(connection: AsyncConnection, entry: Entry, each: StoredArticle) -> bool:
    """Whether the entry's list looks at a feed that lists the article, or did when it brought it."""
    if not entry.tags:
        return True
    feeds = [each.article.feed_id, *await listing_feeds(connection, each.id)]
    return entry.looks_at(await feed_tags(connection, feeds))


# --- Many names at once ----------------------------------------------------------------------------------------------


async def rates_of(
    database: Database, fresh: Sequence[WatchedName], listed: Sequence[WatchedName], *, window: timedelta, now: datetime
) -> dict[str, float] | None:
    """Alerts a week that each fresh name would have rung beside those that its list has; None where we read too little.

    All of them in one scope, as they will compete; at their own thresholds only.
    """
    async with database.read() as connection:
        began = await reading_since(connection)
    since = max(began or now, now - RATED)
    likely, perhaps = await _places(database, [Entry(name) for name in fresh], since, most=EVERY)
    matcher = await asyncio.to_thread(matcher_of, [replace(name, scope=NEW) for name in (*listed, *fresh)])
    found: dict[str, list[Found]] = {name.id: [] for name in fresh}
    thresholds = {name.id: name.entity.threshold for name in fresh}
    places = [*likely, *perhaps]
    for start in range(0, len(places), BATCH):
        async with database.read() as connection:
            batch = await articles_by_id(connection, [article_id for article_id, _ in places[start : start + BATCH]])
            for each in batch:
                article = each.article
                for match in await asyncio.to_thread(matcher.find, article.title, article.text, article.language):
                    if match.name_id in found:
                        at = {thresholds[match.name_id]: match}
                        found[match.name_id].append(Found(each, await story_of(connection, each.id), at))
    levels = {
        name_id: level(with_stories(those, window), thresholds[name_id], read_since=since, now=now)
        for name_id, those in found.items()
    }
    return {name_id: each.a_week for name_id, each in levels.items() if each.a_week is not None} or None
