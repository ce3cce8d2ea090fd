"""Guetteur's side of the trial: the parts of the daemon as `app.py` makes them, and only their poller set to work."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select, update

from benchmarks.polling.heartbeat import heartbeat
from benchmarks.polling.trial import Trial
from bot.app import Parts, running_parts
from bot.clock import SystemClock
from bot.config import Loaded, load
from bot.logs import configure
from bot.storage.schema import articles, feeds
from bot.telegram.console import ConsoleMessenger, NoPace

SETTINGS = """\
storage: {url: "sqlite:///guetteur.db"}
polling: {allow_networks: [127.0.0.0/8]}
feeds: [feeds.yaml]
watchlists: watchlists
"""


async def run(trial: Trial, folder: Path) -> None:
    clock = SystemClock()
    messenger = ConsoleMessenger(io.StringIO())
    async with running_parts(configuration(trial.urls, folder), clock, messenger, NoPace(), console=True) as parts:
        for cycle in trial.cycles:
            await make_all_due(parts)
            with trial.lap(cycle) as lap:
                async with heartbeat() as heart:
                    await poll_all(parts)
                lap["longest_hold_ms"] = heart.longest_hold_s * 1000
        async with parts.database.read() as connection:
            stored = (await connection.execute(select(func.count()).select_from(articles))).scalar_one()
    trial.finish(stored)


def configuration(urls: list[str], folder: Path) -> Loaded:
    """As a user would write it."""
    (folder / "watchlists").mkdir()
    (folder / "feeds.yaml").write_text("".join(f"- {url}\n" for url in urls), "utf-8")
    (folder / "guetteur.yaml").write_text(SETTINGS, "utf-8")
    return load(folder / "guetteur.yaml", {}, need_token=False)


async def make_all_due(parts: Parts) -> None:
    async with parts.database.transaction() as tx:
        await tx.execute(update(feeds).values(next_poll_at=parts.clock.now()))


async def poll_all(parts: Parts) -> None:
    """Poll what is due now, as `run --once` does."""
    started = parts.clock.now()
    while await parts.poller.poll_due(as_of=started):
        await parts.poller.settle(None)


if __name__ == "__main__":
    configure("WARNING", json=False)
    with TemporaryDirectory(prefix="bench-polling-") as place:
        asyncio.run(run(Trial.asked_for(), Path(place)))
