"""`guetteur backtest NAME`: what the stored articles would have alerted. Only reads, also beside the running daemon."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from bot.backtest import Entry, listed_entries, new_entry, result_of
from bot.cli import EXIT_FAILED, config_option
from bot.cli.backtest_screen import data, lines, nothing_read
from bot.errors import UsageError
from bot.model import Watchlist
from bot.watchlists.names import NameRefusal, parse_name

if TYPE_CHECKING:  # the help page lists this command, and need not load the database for it
    from bot.lookback import LookBack


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
    read = asyncio.run(_look_back(loaded.settings.storage.url, entries, now - timedelta(days=days)))
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


async def _look_back(url: str, entries: Sequence[Entry], since: datetime) -> LookBack:
    from bot.lookback import look_back
    from bot.storage.upkeep import open_existing

    database = await open_existing(url)
    try:
        return await look_back(database, entries, since, progress=_say_progress)
    finally:
        await database.close()


def _say_progress(text: str) -> None:
    """In place of what it said before; only to somebody who watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{text}", nl=False, err=True)
