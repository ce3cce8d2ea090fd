"""Everything moves from one kind of database to the other and back, or nothing does."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text

from bot.errors import StorageError
from bot.storage.copying import copy_database
from bot.storage.database import Database, open_database
from bot.storage.schema import admin_log, articles, chats, feeds, metadata
from bot.storage.upkeep import prepare
from tests.conftest import POSTGRES, open_postgres
from tests.everything import fill_every_table, snapshot
from tests.shelves import FEED, NOW, add_article, count


@pytest.fixture(params=["sqlite→postgresql", "postgresql→sqlite", "sqlite→sqlite"])
async def urls(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """(source, target), each of the kind that the parameter says, both not there yet."""
    if "postgresql" not in request.param:
        yield f"sqlite:///{tmp_path / 'source.db'}", f"sqlite:///{tmp_path / 'target.db'}"
        return
    admin = await open_postgres()
    schema = f"guetteur_copy_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    async with admin.transaction() as tx:
        await tx.execute(text(f"CREATE SCHEMA {schema}"))
    of_kind = {
        "sqlite": f"sqlite:///{tmp_path / 'one.db'}",
        "postgresql": f"{POSTGRES}?options=-csearch_path%3D{schema}",
    }
    source, target = request.param.split("→")
    yield of_kind[source], of_kind[target]
    async with admin.transaction() as tx:
        await tx.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    await admin.close()


async def filled(url: str) -> Database:
    await prepare(url)
    database = await open_database(url)
    async with database.transaction() as tx:
        await tx.run_sync(lambda sync: fill_every_table(sync, metadata, rows=3))
        # What only one kind stores as it is: a big id, letters beyond the basic plane, a story that follows another.
        chat = {"chat_id": -1_002_345_678_901, "type": "group", "title": "القناة 🗞", "state": "active", "since": NOW}
        await tx.execute(insert(chats).values(chat))
        await tx.execute(text("UPDATE stories SET follows_id = 1 WHERE id = 3"))
    return database


async def stored(database: Database) -> dict[str, Any]:
    async with database.read() as connection:
        return await connection.run_sync(lambda sync: snapshot(sync, metadata))


async def test_every_row_moves_as_it_is(urls: tuple[str, str]) -> None:
    source = await filled(urls[0])
    copied = await copy_database(*urls)
    target = await open_database(urls[1])
    assert await stored(target) == await stored(source)
    assert copied.keys() == metadata.tables.keys()
    assert copied["chats"] == 4
    assert await prepare(urls[1]) == []
    await source.close()
    await target.close()


async def test_the_copy_goes_on_numbering(urls: tuple[str, str]) -> None:
    source = await filled(urls[0])
    async with source.transaction() as tx:
        await tx.execute(delete(admin_log))
    await source.close()
    await copy_database(*urls)
    target = await open_database(urls[1])
    async with target.transaction() as tx:
        await tx.execute(insert(feeds).values(FEED))
        assert await add_article(tx, NOW) == 4
        first = insert(admin_log).values(at=NOW, action="a", detail={}).returning(admin_log.c.id)
        assert (await tx.execute(first)).scalar_one() == 1
    await target.close()


async def test_a_target_that_holds_something_is_refused_and_stays_as_it_is(urls: tuple[str, str]) -> None:
    source = await filled(urls[0])
    await source.close()
    await prepare(urls[1])
    target = await open_database(urls[1])
    async with target.transaction() as tx:
        await tx.execute(insert(feeds).values(FEED))
    with pytest.raises(StorageError, match=r"not empty \(there are feeds\)"):
        await copy_database(*urls)
    async with target.read() as connection:
        assert list((await connection.execute(select(feeds.c.id))).scalars()) == ["f"]
        assert await count(connection, articles) == 0
    await target.close()


async def test_a_row_that_does_not_fit_is_named_and_nothing_is_copied(urls: tuple[str, str]) -> None:
    source = await filled(urls[0])
    await source.close()
    await prepare(urls[1])
    target = await open_database(urls[1])
    async with target.transaction() as tx:
        await tx.execute(text("DROP TABLE polls"))
        await tx.execute(text("CREATE TABLE polls (feed_id VARCHAR(64), day DATE)"))
    with pytest.raises(StorageError, match="polls cannot be copied, nothing was"):
        await copy_database(*urls)
    async with target.read() as connection:
        assert await count(connection, feeds) == 0
    await target.close()


async def test_a_source_that_is_not_there_is_said(urls: tuple[str, str]) -> None:
    with pytest.raises(StorageError, match="nothing yet"):
        await copy_database(*urls)


async def test_the_copy_is_of_one_moment_while_others_write(urls: tuple[str, str]) -> None:
    """Whoever writes an article and its identity together finds both in the copy, or neither."""
    source = await filled(urls[0])
    stop = asyncio.Event()

    async def write() -> None:
        number = 0
        while not stop.is_set():
            async with source.transaction() as tx:
                if not number:
                    await tx.execute(insert(feeds).values(FEED))
                await add_article(tx, NOW, f"{number}")
            number += 1

    writing = asyncio.create_task(write())
    await copy_database(*urls)
    stop.set()
    await writing
    target = await open_database(urls[1])
    async with target.read() as connection:
        whole = text(
            "SELECT (SELECT count(*) FROM articles WHERE feed_id = 'f'), (SELECT count(*) FROM identities WHERE feed_id = 'f')"
        )
        told, known = (await connection.execute(whole)).one()
    assert told == known
    await source.close()
    await target.close()


async def test_a_text_that_postgresql_cannot_hold_is_mended(urls: tuple[str, str]) -> None:
    if not urls[0].startswith("sqlite") or urls[1].startswith("sqlite"):
        pytest.skip("only SQLite stores a NUL")
    source = await filled(urls[0])
    async with source.transaction() as tx:
        await tx.execute(text("UPDATE articles SET title = 'a' || char(0) || 'b' WHERE id = 1"))
    await source.close()
    await copy_database(*urls)
    target = await open_database(urls[1])
    async with target.read() as connection:
        title = await connection.execute(select(articles.c.title).where(articles.c.id == 1))
        assert title.scalar_one() == "ab"
    await target.close()
