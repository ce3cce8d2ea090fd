"""A running installation moves to PostgreSQL and back: subscriptions stay, nothing rings twice, what is new rings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.botapi import BotApi, User
from tests.e2e.daemon import Daemon, installed
from tests.newsstand import Item, Newsstand, newsstand

ANNA = User(1001)
QUIET = Item("Marée haute sur le port", "Rien à signaler.")
FIRST = Item("Aurélie Vantadour quitte le port", "Elle dirigeait les quais de Sainte-Ombre depuis dix ans.")
SECOND = Item("Tomás Berenguel élu au conseil", "Le scrutin de Port-Salins lui a donné une large avance.")


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
        yield made


def move_to(daemon: Daemon, url: str) -> None:
    file = daemon.folder / "guetteur.yaml"
    lines = file.read_text("utf-8").splitlines()
    moved = [f'storage: {{url: "{url}"}}' if line.startswith("storage:") else line for line in lines]
    file.write_text("\n".join(moved) + "\n", encoding="utf-8")


def rung(api: BotApi, words: str) -> int:
    return sum(words in text for text in api.texts(ANNA.id))


async def polled_again(stand: Newsstand) -> None:
    await stand.arrived(len(stand.asked()) + 2)


@pytest.mark.postgres
@pytest.mark.timeout(180)
async def test_a_copy_goes_on_where_the_source_stopped(
    daemon: Daemon, api: BotApi, stand: Newsstand, postgres_url: str
) -> None:
    await daemon.start()
    api.says(ANNA, "/start")
    await api.until(lambda: api.sent_to(ANNA.id), timeout=20)
    api.says(ANNA, "/watch Aurélie Vantadour")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 2, timeout=20)
    api.says(ANNA, "/watch Tomás Berenguel")
    await api.until(lambda: len(api.sent_to(ANNA.id)) == 3, timeout=20)
    stand.publish(FIRST, QUIET)
    await api.until(lambda: rung(api, "quitte le port"), timeout=20)
    code, said = await daemon.output("db", "copy", "--to", f"sqlite:///{daemon.folder / 'while-running.db'}")
    assert (code, "A daemon is running" in said) == (0, True), said
    assert await daemon.stop() == 0

    code, said = await daemon.output("db", "copy", "--to", postgres_url)
    assert code == 0, said
    assert "it goes on where this one stopped" in said
    move_to(daemon, postgres_url)
    await daemon.start()
    await polled_again(stand)
    stand.publish(SECOND, FIRST, QUIET)
    await api.until(lambda: rung(api, "élu au conseil"), timeout=20)
    assert rung(api, "quitte le port") == 1
    assert await daemon.stop() == 0

    code, said = await daemon.output("db", "copy", "--to", f"sqlite:///{daemon.folder / 'back.db'}")
    assert code == 0, said
    move_to(daemon, "sqlite:///back.db")
    await daemon.start()
    await polled_again(stand)
    assert (rung(api, "quitte le port"), rung(api, "élu au conseil")) == (1, 1)
    assert await daemon.stop() == 0
    assert api.violations == []


async def test_a_program_that_is_older_than_its_database_ends_with_exit_code_2(daemon: Daemon) -> None:
    code, said = await daemon.output("run", "--once", "--console")
    assert code == 0, said
    daemon.write("UPDATE alembic_version SET version_num = ?", ("9999",))
    for command in (("run", "--console"), ("db", "upgrade"), ("coverage",)):
        code, said = await daemon.output(*command)
        assert code == 2, said
        assert "the database is of a newer Guetteur (revision 9999): run that version, or restore the backup" in said
