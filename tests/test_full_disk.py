"""A disk that is full, or another who holds the database: it is said once, what is to be written waits, nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.storage.database import Database, open_database
from bot.storage.schema import articles
from bot.ticker import Ticker
from bot.worker import Worker
from tests.desk import VANTADOUR, about, desk
from tests.newsstand import Newsstand, newsstand
from tests.shelves import count


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker()
    yield made
    await made.close()


@contextmanager
def full_disk(database: Database, file: Path) -> Iterator[None]:
    """SQLite's own limit, on each of our connections: the file may not grow by a page."""
    with closing(sqlite3.connect(file)) as connection:
        [pages] = connection.execute("PRAGMA page_count").fetchone()
    engine = database._engine.sync_engine
    limit = pages

    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")

    event.listen(engine, "begin", on_begin)
    yield
    limit = 1_000_000


def trouble(database: Database) -> str | None:
    return database.trouble


def complaints(logs: list[Any]) -> list[str]:
    return [each["event"] for each in logs if each["log_level"] in {"error", "critical", "warning"}]


async def test_a_full_disk_is_said_once_and_what_was_published_meanwhile_is_told_later(
    sqlite: Database, worker: Worker, stand: Newsstand, tmp_path: Path
) -> None:
    quiet = about("Marée haute sur le port")
    async with desk(sqlite, worker, stand, items=[quiet]) as here:
        long = about("Une longue enquête sur les quais", "Rien de neuf. " * 20_000)
        with full_disk(sqlite, tmp_path / "test.db"), capture_logs() as logs:
            stand.publish(VANTADOUR, long, quiet)
            await here.poll()
            await here.poll()
            assert trouble(sqlite) == "database or disk is full"
            async with sqlite.read() as connection:
                assert await count(connection, articles) == 1
        assert complaints(logs) == ["the database takes nothing; all that is to be written waits"]
        here.clock.advance(1200)  # whatever the leases were
        await here.round()
        assert trouble(sqlite) is None
        assert len(here.phone.sent) == 1


async def test_another_who_writes_for_too_long_is_said_once_and_the_next_try_writes(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path / 'test.db'}", patience_s=0.05)
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE notes (words TEXT)"))
    with closing(sqlite3.connect(tmp_path / "test.db", isolation_level=None)) as other, capture_logs() as logs:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(OperationalError, match="locked"):
                async with database.transaction() as tx:
                    await tx.execute(text("INSERT INTO notes VALUES ('mine')"))
        assert trouble(database) == "database is locked"
        async with database.read() as connection:  # who only reads is not held up
            assert (await connection.execute(text("SELECT count(*) FROM notes"))).scalar_one() == 0
        other.execute("COMMIT")
        async with database.transaction() as tx:
            await tx.execute(text("INSERT INTO notes VALUES ('mine')"))
    assert trouble(database) is None
    assert [each["event"] for each in logs] == [
        "the database takes nothing; all that is to be written waits",
        "the database takes everything again",
    ]
    await database.close()


async def test_another_who_writes_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path / 'test.db'}")
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE notes (words TEXT)"))
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO notes VALUES ('theirs')")

    async def write() -> None:
        async with database.transaction() as tx:
            await tx.execute(text("INSERT INTO notes VALUES ('mine')"))

    writing = asyncio.create_task(write())
    await asyncio.sleep(0)
    other.execute("COMMIT")
    await writing
    assert other.execute("SELECT words FROM notes").fetchall() == [("theirs",), ("mine",)]
    other.close()
    await database.close()


async def test_a_tick_that_finds_the_database_away_says_nothing_itself_and_comes_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    again = asyncio.Event()
    ticks = 0

    async def failing() -> None:
        nonlocal ticks
        ticks += 1
        if ticks > 2:
            again.set()
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    ticker = Ticker()
    ticker.every(0.01, "failing", failing)
    ticker.start()
    await again.wait()
    ticker.stop()
    assert [record for record in caplog.records if record.levelname in {"ERROR", "WARNING"}] == []
