"""kill -9 at any moment in the real program: nothing is lost, and nothing told twice but what was on its way.

At the moments of a story's life one by one, and at random ones while news never stop coming: by `make soak` a hundred
of them (`GUETTEUR_SOAK_KILLS`, `GUETTEUR_SOAK_SEED`). `tests/test_killed.py` dies in the suite, and at every statement.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.botapi import BotApi, Sent, User
from tests.e2e.daemon import Daemon, installed
from tests.e2e.long_run import LongRun, Size, long_run
from tests.e2e.readers import MARK
from tests.newsstand import Item, Newsstand, newsstand

ANNA = User(1001)
QUIET = Item("Marée haute sur le port", "Rien à signaler.")
TITLE = "Deux complices présumés de Mohamed Amra ont été transférés en France"
TEXT = "Ils avaient été arrêtés au Maroc six mois plus tôt, après l'évasion de mai 2024."
PATHS = ("/phare.xml", "/dune.xml")
MOMENTS = {
    "T1": "SELECT 1 FROM articles WHERE title LIKE '%complices%'",
    "T2": "SELECT 1 FROM alerts",
    "sending": "SELECT 1 FROM deliveries WHERE state IN ('sending', 'sent')",
    "sent": "SELECT 1 FROM messages",
    "joined": "SELECT 1 FROM story_articles GROUP BY story_id HAVING count(*) = 2",
}
"""The program is killed as soon as the database answers this."""


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as opened:
        yield opened


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        for path in PATHS:
            opened.publish(QUIET, path=path)
        yield opened


@pytest.fixture
async def daemon(tmp_path: Path, api: BotApi, stand: Newsstand) -> AsyncIterator[Daemon]:
    async with installed(tmp_path, api, *map(stand.url, PATHS)) as made:
        yield made


def alerts(api: BotApi) -> list[Sent]:
    return [message for message in api.sent_to(ANNA.id) if "complices" in message.text]


@pytest.mark.soak
@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed_at_a_moment_of_a_storys_life(moment: str, daemon: Daemon, api: BotApi, stand: Newsstand) -> None:
    await daemon.start()
    api.says(ANNA, "/start")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 1, timeout=20)
    api.says(ANNA, "/watch Mohamed Amra")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 2, timeout=20)
    both = [Item(TITLE, TEXT), Item(f"Justice : {TITLE}", TEXT)]
    for path, item in zip(PATHS, both, strict=True):
        stand.publish(item, QUIET, path=path)
    await api.until(lambda: daemon.ask(MOMENTS[moment]), timeout=30)
    await daemon.kill()
    in_flight = daemon.ask("SELECT count(*) FROM deliveries WHERE state = 'sending'")[0][0]
    await daemon.start()
    joined = "SELECT count(*), count(DISTINCT story_id) FROM story_articles"
    await api.until(lambda: daemon.ask(joined) == [(2, 1)] and alerts(api), timeout=30)
    settled = "SELECT 1 FROM deliveries WHERE state NOT IN ('sent', 'suppressed')"
    await api.until(lambda: not daemon.ask(settled), timeout=30)
    assert 1 <= len(alerts(api)) <= 1 + in_flight
    assert api.violations == []
    assert await daemon.stop() == 0


# --- At random moments -------------------------------------------------------------------------------------------

KILLS = int(os.environ.get("GUETTEUR_SOAK_KILLS", "100"))
SEED = int(os.environ.get("GUETTEUR_SOAK_SEED", "1"))
PRESS = Size(
    feeds=6, names=1000, lists=5, chats=10, hosts=3, interval_s=1, news_every_s=0.8,
    quiet_s=2, ails_s=0, drop_s=0, settles_s=0,
)  # fmt: skip
UNTIL_LATE_S = 300.0
MOST_A_KILL = 4
MOST_A_CHAT = 1
UNSETTLED = "SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'suppressed')"


async def killed(run: LongRun, luck: random.Random) -> str:
    """A start, and kill -9 somewhen afterwards: while it gets ready, when it is, or when something was published."""
    when = luck.choice(("starting", "ready", "news"))
    if when == "starting":
        await run.daemon.begin("--log-level", "info")
        await asyncio.sleep(luck.uniform(0.05, 2.0))
    else:
        await run.daemon.start("--log-level", "info")
        if when == "news":
            published = len(run.ledger.owed)
            await run.readers.until(lambda: len(run.ledger.owed) > published)
        await asyncio.sleep(luck.uniform(0.2, 3.0))
    await run.daemon.kill()
    await run.readers.anything()  # what it said last is still on its way
    run.readers.life += 1
    return when


def complaints(database: Path, folder: Path) -> list[str]:
    """Of SQLite about a copy of the files as they were left; the next start is to mend the ones it left itself."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in database.parent.glob("guetteur.db*"):
        shutil.copy(file, folder)
    with closing(sqlite3.connect(folder / "guetteur.db")) as connection:
        whole = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        return [*whole, *map(str, connection.execute("PRAGMA foreign_key_check"))]


async def lives(run: LongRun, kills: int) -> None:
    luck, moments = random.Random(run.seed), Counter[str]()
    await run.daemon.stop()
    async with run.told():
        for _ in range(kills):
            moments[await killed(run, luck)] += 1
            figures(f"{moments.total()} kills, {len(run.ledger.owed)} news")
            assert complaints(run.daemon.database, run.daemon.folder / "checked") == []
        await run.daemon.start("--log-level", "info")
    await run.settled(within_s=UNTIL_LATE_S)
    await run.readers.until(lambda: run.daemon.ask(UNSETTLED) == [(0,)], timeout=60)
    repeats = run.ledger.repeats
    figures(
        f"seed {run.seed}: {kills} kills {dict(moments)}, {len(run.ledger.owed)} news, told {len(run.readers.arrivals)} times,"
        f" missing {run.ledger.missing}, repeats (life, chat, message) {sorted(repeats)}"
    )
    assert run.ledger.missing == [], "no alert is lost"
    assert run.ledger.astray == []
    assert all(number <= MOST_A_KILL for number in Counter(life for life, _, _ in repeats).values())
    assert all(number <= MOST_A_CHAT for number in Counter((life, chat) for life, chat, _ in repeats).values())
    stored = Counter(int(MARK.findall(title)[0]) for title in titles(run.daemon))
    assert stored.keys() == run.ledger.listings.keys(), "no entry is lost"
    assert stored <= run.ledger.listings, "none is stored twice; of two feeds of one host it is one article"
    assert await run.daemon.stop() == 0


def figures(line: str) -> None:
    print(line)  # noqa: T201  what a soak is for


def titles(daemon: Daemon) -> Sequence[str]:
    return [row[0] for row in daemon.ask("SELECT title FROM articles WHERE title LIKE '%(dossier %'")]


@pytest.mark.soak
@pytest.mark.timeout(60 + 20 * KILLS)
async def test_killed_at_a_hundred_random_moments(tmp_path: Path) -> None:
    async with long_run(tmp_path, PRESS, SEED) as run:
        await lives(run, KILLS)
