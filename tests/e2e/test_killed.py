"""kill -9 at any moment of a story's life in the real program: neither lost nor doubled. Takes half a minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.botapi import BotApi, Sent, User
from tests.e2e.daemon import Daemon, installed
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
