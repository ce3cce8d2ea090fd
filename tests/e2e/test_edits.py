"""An alert grows as more outlets tell its story: the real program, real feeds, a strict Bot API, kill -9 in between."""

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
    return [message for message in api.sent_to(ANNA.id) if "Deux complices" in message.text]


async def told_and_joined(daemon: Daemon, api: BotApi, stand: Newsstand) -> Sent:
    """The alert of one outlet; another joined its story, and the program was killed before it edited anything."""
    await daemon.start()
    api.says(ANNA, "/start")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 1, timeout=10)
    api.says(ANNA, "/watch Mohamed Amra")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 2, timeout=10)
    stand.publish(Item(TITLE, TEXT), QUIET, path=PATHS[0])
    await api.until(lambda: alerts(api), timeout=15)
    stand.publish(Item(f"Justice : {TITLE}", TEXT), QUIET, path=PATHS[1])
    marked = "SELECT 1 FROM messages WHERE edit_due_at IS NOT NULL"
    await api.until(lambda: daemon.ask(marked), timeout=15)
    await daemon.kill()
    # The twenty seconds that a message waits for more outlets have passed meanwhile.
    daemon.write("UPDATE messages SET edit_due_at = ?", ("2026-02-03 08:00:00.000000",))
    [message] = alerts(api)
    assert message.edits == 0
    return message


def waiting(daemon: Daemon) -> list[tuple[object, ...]]:
    return daemon.ask("SELECT edit_why FROM messages WHERE edit_due_at IS NOT NULL")


async def test_an_edit_survives_kill_and_keeps_its_button(daemon: Daemon, api: BotApi, stand: Newsstand) -> None:
    message = await told_and_joined(daemon, api, stand)
    before = message.buttons
    await daemon.start()
    await api.until(lambda: not waiting(daemon), timeout=15)
    assert "2 médias" in message.text
    assert (message.edits, message.buttons, len(alerts(api))) == (1, before, 1)
    assert api.violations == []
    assert await daemon.stop() == 0


async def test_a_lost_answer_to_an_edit_is_cleared_up_by_asking_again(
    daemon: Daemon, api: BotApi, stand: Newsstand
) -> None:
    message = await told_and_joined(daemon, api, stand)
    api.drop_next_answer("editMessageText")
    await daemon.start()
    await api.until(lambda: not waiting(daemon), timeout=25)
    assert message.edits == 1
    assert len([method for method, _ in api.calls if method == "editMessageText"]) == 2
    assert api.violations == []


async def test_a_deleted_message_is_let_go_and_why_says_so(daemon: Daemon, api: BotApi, stand: Newsstand) -> None:
    message = await told_and_joined(daemon, api, stand)
    message.deleted = True
    await daemon.start()
    await api.until(lambda: not waiting(daemon), timeout=15)
    [(url,)] = daemon.ask("SELECT url FROM articles WHERE title LIKE 'Justice%'")
    code, said = await daemon.output("why", str(url))
    assert code == 0, said
    assert "that message was not edited (message-gone)" in said
