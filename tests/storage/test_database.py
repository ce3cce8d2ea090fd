"""Transactions keep what concurrent tasks write, and errors name what cannot be opened."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.errors import StorageError
from bot.storage.database import Database, open_database
from bot.storage.schema import feeds

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
FEED = {
    "id": "a",
    "url_digest": "0",
    "title": "A",
    "tags": ["x"],
    "active": True,
    "state": "ok",
    "next_poll_at": NOW,
}


async def test_no_concurrent_update_is_lost(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(insert(feeds).values(FEED))

    async def count_up() -> None:
        for _ in range(10):
            async with database.transaction() as tx:
                query = select(feeds.c.failures).where(feeds.c.id == "a").with_for_update()
                failures = (await tx.execute(query)).scalar_one()
                await asyncio.sleep(0)
                await tx.execute(update(feeds).values(failures=failures + 1))

    await asyncio.gather(*(count_up() for _ in range(8)))
    async with database.read() as connection:
        assert (await connection.execute(select(feeds.c.failures))).scalar_one() == 80


async def test_times_come_back_aware_and_a_time_without_zone_is_refused(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(insert(feeds).values(FEED))
    async with database.read() as connection:
        stored = (await connection.execute(select(feeds.c.next_poll_at))).scalar_one()
    assert stored == NOW
    assert stored.utcoffset() is not None
    with pytest.raises(Exception, match="without a zone"):
        async with database.transaction() as tx:
            await tx.execute(update(feeds).values(next_poll_at=NOW.replace(tzinfo=None)))


async def test_a_failing_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            await tx.execute(insert(feeds).values(FEED))
            raise ZeroDivisionError
    async with database.read() as connection:
        assert (await connection.execute(select(feeds.c.id))).all() == []


async def test_an_impossible_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        await open_database(f"sqlite:///{tmp_path}/nowhere/guetteur.db")


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are my notes, and not a database at all\n" * 100)
    with pytest.raises(StorageError, match=r"notes\.db cannot be opened.* put a backup in its place") as caught:
        await open_database(f"sqlite:///{tmp_path / 'notes.db'}")
    assert "aiosqlite" not in str(caught.value)


async def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(StorageError) as caught:
        await open_database("postgresql://guetteur:hunter2@127.0.0.1:1/guetteur")
    assert "the database postgresql://guetteur:***@127.0.0.1:1/guetteur cannot" in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(StorageError, match="mysql"):
        await open_database("mysql://127.0.0.1/guetteur")
