"""An upgrade from any revision keeps every row, rings for nobody, and rolls back whole when a step fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import chdir, closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, MetaData, create_engine, select, text

from bot.errors import NewerDatabaseError, StorageError
from bot.model import CONSOLE
from bot.storage import migrate, outbox
from bot.storage.database import driver_url, open_database, sqlite_file
from bot.storage.notices import waiting_notices
from bot.storage.revision import HISTORY
from bot.storage.schema import subscriptions
from bot.storage.upkeep import prepare
from bot.telegram.notices import render_notices
from tests.everything import DAY_ONE, fill_every_table, snapshot
from tests.storage.test_upkeep import differences


@pytest.fixture(autouse=True)
def here(tmp_path: Path) -> Iterator[None]:
    """Where a backup of PostgreSQL goes."""
    with chdir(tmp_path):
        yield


def on(url: str, work: Any) -> Any:
    """What `work` makes of a connection to the database, committed."""
    target = driver_url(url)
    engine = create_engine(target.set(drivername="sqlite") if target.get_backend_name() == "sqlite" else target)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


def reflected(connection: Connection) -> MetaData:
    """The tables that are there; not those of the text index, which follows the articles by itself."""
    tables = MetaData()
    tables.reflect(connection, only=lambda name, _tables: not name.startswith("article_words"))
    return tables


def fill(connection: Connection) -> dict[str, Any]:
    """Rows in every table of the revision that the database has; what is stored then."""
    tables = reflected(connection)
    fill_every_table(connection, tables)
    return contents(connection, tables)


def contents(connection: Connection, tables: MetaData | None = None) -> dict[str, Any]:
    """By table, the rows as dictionaries."""
    if tables is None:
        tables = reflected(connection)
    stored = snapshot(connection, tables)
    return {
        name: [dict(zip(tables.tables[name].c.keys(), row, strict=True)) for row in rows]
        for name, rows in stored.items()
    }


@pytest.mark.parametrize("revision", HISTORY[:-1])
async def test_an_upgrade_keeps_every_row_of_every_table(empty_url: str, revision: str) -> None:
    migrate.upgrade(empty_url, revision)
    before = on(empty_url, fill)
    assert set(before) >= {"feeds", "articles", "identities", "subscriptions", "told", "deliveries"}
    said = await prepare(empty_url)
    assert said[-1] == f"The database was upgraded from revision {revision} to {HISTORY[-1]}."
    after = on(empty_url, contents)
    assert after["notices"].pop()["kind"] == "upgraded"
    for name, rows in before.items():
        kept = [{key: row[key] for key in rows[0]} for row in after[name]]
        assert kept == rows, name
    assert differences(empty_url) == []


async def test_an_upgrade_is_backed_up_first_and_told_once_to_the_admins(empty_url: str, tmp_path: Path) -> None:
    migrate.upgrade(empty_url, HISTORY[0])
    on(empty_url, fill)
    await prepare(empty_url)
    assert await prepare(empty_url) == []
    [backup] = [file for file in tmp_path.iterdir() if file.suffix == ".bak"]
    if file := sqlite_file(empty_url):
        assert backup.name.startswith(f"{file.name}.{HISTORY[0]}-")
        with closing(sqlite3.connect(backup)) as copy:
            assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (HISTORY[0],)
    database = await open_database(empty_url)
    async with database.read() as connection:
        waiting = await waiting_notices(connection, 10)
        assert (await connection.execute(select(subscriptions.c.scope))).scalars().all()
    await database.close()
    [notice] = [each for each in waiting if each.kind == "upgraded"]
    for language in ("fr", "en", "ar"):
        html, _ = render_notices([notice], language=language, timezone=ZoneInfo("Europe/Paris"), now=DAY_ONE)
        assert HISTORY[0] in html
        assert HISTORY[-1] in html
        assert backup.name in html


async def test_an_upgrade_leaves_nothing_more_to_send(empty_url: str) -> None:
    """What was sent stays sent, on both sides of every step."""
    migrate.upgrade(empty_url, HISTORY[0])
    on(empty_url, fill)
    on(empty_url, lambda connection: connection.execute(text("UPDATE deliveries SET state = 'sent'")))
    await prepare(empty_url)
    database = await open_database(empty_url)
    async with database.read() as connection:
        assert await outbox.count_due(connection, DAY_ONE.replace(year=2030), only=None) == 0
        assert await outbox.count_due(connection, DAY_ONE.replace(year=2030), only=CONSOLE.chat_id) == 0
    await database.close()


@pytest.mark.parametrize("revision", HISTORY[: HISTORY.index("0007")])
async def test_a_step_that_fails_leaves_the_database_as_it_was(empty_url: str, revision: str) -> None:
    migrate.upgrade(empty_url, revision)

    def stand_in_the_way(connection: Connection) -> dict[str, Any]:
        connection.execute(text("CREATE TABLE past_deliveries (taken INTEGER PRIMARY KEY)"))
        return fill(connection)

    before = on(empty_url, stand_in_the_way)
    with pytest.raises(StorageError, match="could not be upgraded, nothing was changed"):
        await prepare(empty_url)
    assert on(empty_url, contents) == before
    assert on(empty_url, lambda connection: set(reflected(connection).tables)) == {*before, "alembic_version"}


async def test_an_older_program_refuses_a_newer_database(empty_url: str) -> None:
    await prepare(empty_url)
    on(empty_url, lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(NewerDatabaseError, match=r"newer Guetteur .revision 9999.: run that version, or restore"):
        await prepare(empty_url)
