"""`python -m benchmarks.search`: builds the stock where it is not there yet, asks, and prints a table."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks.search.corpus import DAYS, NOW, Newsroom
from benchmarks.search.stock import FEEDS, build
from benchmarks.tables import Table, machine
from bot.clock import SystemClock
from bot.matching.advice import advise
from bot.model import Entity, Scope, WatchedName
from bot.search.query import read_query
from bot.storage.database import Database, open_database
from bot.storage.search import search_articles
from bot.telegram.tries import SEARCHED, tried

WINDOW = timedelta(hours=72)
TIMES = 5


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="benchmarks.search", description=__doc__)
    options.add_argument("--articles", type=int, default=400_000)
    options.add_argument("--database", default="var/bench-search.db", help="a SQLite file; kept for the next time")
    chosen = options.parse_args(arguments)
    newsroom, file = Newsroom(), Path(chosen.database)
    url = f"sqlite:///{file.absolute()}"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        cost = build(url, newsroom, chosen.articles)
        sys.stdout.write(f"Built in {cost}.\n")
    size = file.stat().st_size / 1e9
    sys.stdout.write(f"{chosen.articles:,} articles of {DAYS} days from {FEEDS} feeds, {size:.1f} GB\n\n")
    rows = asyncio.run(_measure(url, newsroom))
    header = ["asked", "articles found", "median s", "worst s"]
    sys.stdout.write(Table(machine(), header, rows).for_terminal() + "\n")
    return 0


async def _measure(url: str, newsroom: Newsroom) -> list[list[str]]:
    database = await open_database(url)
    try:
        return [
            await _timed(label, ask)
            for label, ask in [
                *((f"/watch {label}", _watch(database, name)) for label, name in _names(newsroom)),
                *((f"/search {label}", _search(database, words)) for label, words in _words(newsroom)),
            ]
        ]
    finally:
        await database.close()


def _names(newsroom: Newsroom) -> list[tuple[str, str]]:
    given = newsroom.given(3)
    return [
        ("somebody rare", f"{given} {newsroom.surname(100_000)}"),
        ("somebody of a surname in one article of 200", f"{given} {newsroom.surname(1_000)}"),
        ("somebody of the most common surname", f"{given} {newsroom.surname(1)}"),
        ("the most common surname alone", newsroom.surname(1)),
        ("somebody in Arabic", "باديس بجو"),
        ("a foreign name of many spellings", "Mohammed Bajjou"),
    ]


def _words(newsroom: Newsroom) -> list[tuple[str, str]]:
    common = newsroom.common(1), newsroom.common(2)
    return [
        ("two common words", " ".join(common)),
        ('"two common words"', f'"{" ".join(common)}"'),
        ("a surname", newsroom.surname(1_000)),
        ("begin*", f"{newsroom.surname(50)[:4]}*"),
    ]


def _watch(database: Database, name: str) -> Callable[[], Awaitable[str]]:
    async def ask() -> str:
        _, seen = await tried(database, SystemClock(), Entity(name), window=WINDOW, now=NOW)
        await asyncio.to_thread(advise, WatchedName(Scope("chat:1:0"), name, Entity(name)))
        back = {"all read": seen.complete_since, "surname alone read": seen.bare_since}
        read = "".join(f" ({what} back to {since:%d %b})" for what, since in back.items() if since)
        return f"{len(seen.found[0]):,}{read}"

    return ask


def _search(database: Database, words: str) -> Callable[[], Awaitable[str]]:
    async def ask() -> str:
        query = read_query(words)
        assert query is not None  # noqa: S101 - there are words
        async with database.read() as connection:
            return f"{(await search_articles(connection, query, NOW - SEARCHED, 6)).total:,}"

    return ask


async def _timed(label: str, ask: Callable[[], Awaitable[str]]) -> list[str]:
    spent, found = [], ""
    for _ in range(TIMES):
        began = time.perf_counter()
        found = await ask()
        spent.append(time.perf_counter() - began)
    return [label, found, f"{median(spent):.2f}", f"{max(spent):.2f}"]


if __name__ == "__main__":
    sys.exit(main())
