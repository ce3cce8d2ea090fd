"""Edits while the real program runs: a new name rings without a restart, and a wrong edit stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.botapi import BotApi, User
from tests.e2e.daemon import Daemon, installed
from tests.newsstand import Item, Newsstand, newsstand

ANNA = User(1001)
QUIET = Item("Marée haute sur le port", "Rien à signaler.")
NAMES = ("Aurélie Vantadour", "Karim Lazregui", "Yann Kerbrazou", "Maël Quincampoix")
NEWS = Item("Badiss Kerbrazec arrêté à Tanger", "Il était recherché.")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as opened:
        yield opened


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        opened.publish(QUIET)
        yield opened


@pytest.fixture
async def daemon(tmp_path: Path, api: BotApi, stand: Newsstand) -> AsyncIterator[Daemon]:
    async with installed(tmp_path, api, stand.url()) as made:
        write(made, *NAMES)
        yield made


def write(daemon: Daemon, *names: str) -> None:
    text = "title: Les quais\nnames:\n" + "".join(f"  - {name}\n" for name in names)
    (daemon.folder / "watchlists" / "quais.yaml").write_text(text, encoding="utf-8")


async def became_admin(daemon: Daemon, api: BotApi) -> None:
    link = await daemon.says("?start=claim-")
    api.says(ANNA, f"/start {link.split('?start=')[1]}")
    await api.until(lambda: api.sent_to(ANNA.id), timeout=10)
    api.says(ANNA, "/subscribe quais")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 2, timeout=10)


def told(api: BotApi, words: str) -> bool:
    return any(words in text for text in api.texts(ANNA.id))


async def test_a_new_name_rings_and_a_wrong_edit_stops_nothing(daemon: Daemon, api: BotApi, stand: Newsstand) -> None:
    await daemon.start()
    await became_admin(daemon, api)
    write(daemon, *NAMES, "Mohamed")
    await api.until(lambda: told(api, "quais.yaml:7:5"), timeout=20)
    write(daemon, *NAMES, "Badiss Kerbrazec")
    async with asyncio.timeout(5):
        await daemon.says("files read again")
    await api.until(lambda: told(api, "+1 nom (+ Badiss Kerbrazec)"), timeout=20)
    stand.publish(NEWS, QUIET)
    await api.until(lambda: told(api, "arrêté à Tanger"), timeout=20)
    assert api.violations == []
    assert await daemon.stop() == 0


async def test_a_large_removal_is_applied_once_an_admin_agrees(daemon: Daemon, api: BotApi) -> None:
    await daemon.start()
    await became_admin(daemon, api)
    write(daemon, NAMES[0])
    await api.until(lambda: told(api, "plus de la moitié"), timeout=20)
    assert len(daemon.ask("SELECT 1 FROM watched_names")) == 4
    [asked] = [each for each in api.sent_to(ANNA.id) if "plus de la moitié" in each.text]
    api.presses(ANNA, asked, asked.button("Appliquer"))
    await api.until(lambda: told(api, "−3 noms ("), timeout=20)
    assert daemon.ask("SELECT name_id FROM watched_names") == [(NAMES[0],)]
    assert await daemon.stop() == 0


async def test_at_the_terminal_it_is_agreed_by_a_command(daemon: Daemon) -> None:
    await daemon.start("--console")
    write(daemon, NAMES[0])
    await daemon.says("more than half would be removed")
    code, said = await daemon.output("watchlists", "confirm", token=None)
    assert code == 0, said
    await daemon.says("files read again")
    assert daemon.ask("SELECT name_id FROM watched_names") == [(NAMES[0],)]
    code, said = await daemon.output("watchlists", "confirm", token=None)
    assert code == 1, said
    assert await daemon.stop() == 0


async def test_access_that_an_edit_of_the_settings_ends_is_over_at_once(
    daemon: Daemon, api: BotApi, stand: Newsstand
) -> None:
    boris = User(1002)
    await daemon.start()
    await became_admin(daemon, api)
    api.says(boris, "/subscribe quais")  # open to all
    await api.until(lambda: api.sent_to(boris.id), timeout=10)
    settings = daemon.folder / "guetteur.yaml"
    before = settings.read_text("utf-8")
    settings.write_text(before.replace("access: open", "access: invite"), encoding="utf-8")
    await daemon.says("files read again")
    stand.publish(Item("Karim Lazregui arrêté à Tanger", "Il était recherché."), QUIET)
    await api.until(lambda: told(api, "arrêté à Tanger"), timeout=20)
    fates = "SELECT state, why FROM deliveries WHERE chat_id = 1002"
    assert daemon.ask(fates) == [("suppressed", "no-access")]
    settings.write_text(before, encoding="utf-8")
    await api.until(lambda: len([line for line in daemon.lines if "files read again" in line]) == 2, timeout=20)
    stand.publish(Item("Yann Kerbrazou vend trois navires", "Il en avait sept."), QUIET)
    await api.until(lambda: any("vend trois navires" in text for text in api.texts(boris.id)), timeout=20)
    assert len(api.sent_to(boris.id)) == 2
    assert await daemon.stop() == 0
