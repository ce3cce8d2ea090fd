"""`guetteur demo`: the real pipeline on the sample newsroom, in a temporary folder, with neither token nor network."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path

import click

from bot.cli import EXIT_FAILED

EDITS_SETTLE_A_DAY_S = 0.005
"""A message waits a little for more outlets before it is edited; the demo's day is short, so are its waits."""


@click.command()
@click.option("--day", "day_s", default=40.0, show_default=True, help="How many seconds the sample day takes.")
def demo(day_s: float) -> int:
    """Play a day of the sample newsroom: no token, no network; about a minute.

    Every alert is printed as it would look in Telegram; a summary says why each fired and what to do next.
    """
    from bot.logs import configure

    configure("WARNING")
    # One sample feed breaks on purpose: the summary tells of it, its warnings would only be noise between the alerts.
    logging.getLogger("bot.ledger").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="guetteur-demo-") as folder:
        whole = asyncio.run(_play(Path(folder), day_s))
    return 0 if whole else EXIT_FAILED


async def _play(folder: Path, day_s: float) -> bool:
    from bot.app import running_parts
    from bot.cli.demo_screen import DemoScreen
    from bot.clock import SystemClock
    from bot.config import Loaded, Settings
    from bot.newsroom.server import Newsroom
    from bot.telegram.console import ConsoleMessenger, NoPace
    from bot.watchlists import read_folder

    clock = SystemClock()
    newsroom = Newsroom(day_s=day_s, clock=clock)
    await newsroom.start()
    try:
        watchlists, _ = read_folder(newsroom.watchlist_folder)
        loaded = Loaded(Settings.model_validate(_settings(folder)), newsroom.feeds, watchlists)
        screen = DemoScreen(sys.stdout, newsroom, clock)
        screen.open(watchlists, day_s)
        messenger = ConsoleMessenger(sys.stdout)
        starting = running_parts(
            loaded, clock, messenger, NoPace(), console=True, edits_settle_s=EDITS_SETTLE_A_DAY_S * day_s
        )
        async with starting as parts:
            async with parts.ticking():
                await screen.follow(parts, patience_s=day_s + 45)
            await parts.once()
            return await screen.close(parts)
    finally:
        await newsroom.stop()


def _settings(folder: Path) -> dict[str, object]:
    """As a file would give them, but for the pace: a day in under a minute wants a poll every second."""
    polling = {
        "interval": "1s",
        "min_interval": "1s",
        "max_interval": "2s",
        "allow_networks": ["127.0.0.0/8"],
        "full_text": "never",
    }
    return {"storage": {"url": f"sqlite:///{folder / 'demo.db'}"}, "polling": polling}
