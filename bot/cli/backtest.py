"""`guetteur backtest NAME`: what the stored articles would have alerted. Only reads, also beside the running daemon."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from bot.backtest import NEW, Entry, Found, Stock, Trial, level, listed_entries, new_entry, result_of, with_stories
from bot.cli import EXIT_FAILED, config_option
from bot.cli.backtest_screen import data, lines, nothing_read
from bot.errors import UsageError
from bot.matching.index import matcher_of
from bot.model import WatchedName, Watchlist
from bot.watchlists.names import NameRefusal, parse_name

if TYPE_CHECKING:  # the help page lists this command, and need not load the database for it
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.model import StoredArticle
    from bot.storage.database import Database

BATCH = 500
"""Articles a query: a few megabytes."""
RATED = timedelta(days=14)
"""What an import is judged by."""


@click.command()
@config_option
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=14,
    show_default=True,
    help="Read what was published in so many days.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with every article that was found.")
@click.argument("name")
def backtest(config_path: Path, name: str, days: int, *, as_json: bool) -> int:
    """Say what the stored articles would have alerted for NAME: at its threshold, and at 5 points less and more.

    NAME is on your watchlists (by name, id, label or alias; its entry is tried among the other names of its list, and
    every list that has it is shown), or else any name, which is tried as /watch would take it. Exit code 1 when there
    is no article to read.
    """
    from bot.clock import SystemClock
    from bot.config import load

    loaded = load(config_path, os.environ, need_token=False)
    entries = _entries(name, loaded.watchlists)
    now = SystemClock().now()
    read = asyncio.run(_read(loaded.settings.storage.url, entries, now - timedelta(days=days)))
    window = loaded.settings.alerts.story_window
    results = [
        result_of(entry, read.found[number], outside=read.outside[number], stock=read.stock, window=window, now=now)
        for number, entry in enumerate(entries)
    ]
    _say_progress("")
    if as_json:
        click.echo(json.dumps(data(name, days, read.stock, results, read.outlets), ensure_ascii=False))
    elif read.stock.articles:
        zone = ZoneInfo(loaded.settings.alerts.timezone)
        click.echo("\n".join(lines(days, read.stock, results, read.outlets, zone)))
    else:
        click.echo(nothing_read(days))
    return 0 if read.stock.articles else EXIT_FAILED


def _entries(written: str, watchlists: Iterable[Watchlist]) -> list[Entry]:
    listed = listed_entries(written, watchlists)
    if listed:
        return listed
    entity = parse_name(written)
    if isinstance(entity, NameRefusal):
        raise UsageError(f"backtest: {entity.wrong}; {entity.mend}")
    return [new_entry(entity)]


@dataclass(slots=True)
class Read:
    """What was read, and what was found in it by the number of the entry."""

    stock: Stock = field(default_factory=Stock)
    found: defaultdict[int, list[Found]] = field(default_factory=lambda: defaultdict(list))
    outside: Counter[int] = field(default_factory=Counter)
    """Articles in feeds that the entry's list does not look at."""
    outlets: Mapping[str, str] = field(default_factory=dict)
    """The names of the feeds of what was found, by id."""


async def _read(url: str, entries: Sequence[Entry], since: datetime) -> Read:
    from bot.storage.upkeep import open_existing

    database = await open_existing(url)
    try:
        return await read_stock(database, entries, since)
    finally:
        await database.close()


async def read_stock(database: Database, entries: Sequence[Entry], since: datetime) -> Read:
    """Try the entries on every article published since then."""
    from bot.storage.feeds import feed_titles, reading_since

    read, trial = Read(), Trial(entries)
    async for connection, batch in batches(database, since):
        for each in batch:
            read.stock.count(each)
            article = each.article
            for number, at in trial.find(article.title, article.text, article.language).items():
                if await _is_in(connection, entries[number], each):
                    read.found[number].append(Found(each, await _story(connection, each.id), at))
                else:
                    read.outside[number] += 1
        _say_progress(f"{read.stock.articles:,} articles read …")
    _say_progress("Grouping what was found into stories …")
    async with database.read() as connection:
        feeds = {each.article.article.feed_id for found in read.found.values() for each in found}
        read.outlets = await feed_titles(connection, sorted(feeds))
        began = await reading_since(connection)
    read.stock.read_since = began and max(began, since)
    return read


async def batches(database: Database, since: datetime) -> AsyncIterator[tuple[AsyncConnection, list[StoredArticle]]]:
    """What was published since then, in batches, each with a connection that reads its time.

    One connection for all would keep SQLite's log growing beside the daemon.
    """
    from bot.storage.articles import published_since

    before: int | None = None
    while True:
        async with database.read() as connection:
            batch = await published_since(connection, since, BATCH, before=before)
            if not batch:
                return
            yield connection, batch
        before = batch[-1].id


async def rates_of(
    database: Database, fresh: Sequence[WatchedName], target: Watchlist | None, *, window: timedelta, now: datetime
) -> dict[str, float] | None:
    """Alerts a week that each of these names would have rung on a watchlist, by id; None where we read too little.

    All of them, and those that the list has, in one scope: as they will compete.
    """
    from bot.storage.feeds import reading_since

    async with database.read() as connection:
        read_since = await reading_since(connection)
    since = max(read_since or now, now - RATED)
    listed = [replace(name, scope=NEW) for name in (*(target.names if target else ()), *fresh)]
    matcher, wanted = matcher_of(listed), {name.id: name.entity.threshold for name in fresh}
    found: dict[str, list[Found]] = {name_id: [] for name_id in wanted}
    async for connection, batch in batches(database, since):
        for each in batch:
            article = each.article
            for match in matcher.find(article.title, article.text, article.language):
                if match.name_id in wanted:
                    at = {wanted[match.name_id]: match}
                    found[match.name_id].append(Found(each, await _story(connection, each.id), at))
    rates = {
        name_id: level(with_stories(those, window), wanted[name_id], read_since=since, now=now).a_week
        for name_id, those in found.items()
    }
    return {name_id: rate for name_id, rate in rates.items() if rate is not None} or None


async def _is_in(connection: AsyncConnection, entry: Entry, each: StoredArticle) -> bool:
    """Whether the entry's list looks at a feed that lists the article, or did when it brought it."""
    from bot.storage.articles import listing_feeds
    from bot.storage.feeds import feed_tags

    if not entry.tags:
        return True
    feeds = [each.article.feed_id, *await listing_feeds(connection, each.id)]
    return entry.looks_at(await feed_tags(connection, feeds))


async def _story(connection: AsyncConnection, article_id: int) -> int | None:
    from bot.storage.stories import story_of

    return await story_of(connection, article_id)


def _say_progress(text: str) -> None:
    """In place of what it said before; only to somebody who watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{text}", nl=False, err=True)
