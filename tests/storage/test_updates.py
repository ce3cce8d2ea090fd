from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.storage import schema
from bot.storage.database import Database
from bot.storage.updates import StoredUpdate, finish_update, prune_updates, store_updates, waiting_updates

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
ONE, TWO, THREE = (StoredUpdate(number, f'{{"update_id": {number}}}') for number in (1, 2, 3))


async def test_an_update_is_stored_once_and_waits_until_it_is_done(database: Database) -> None:
    async with database.transaction() as tx:
        assert await store_updates(tx, [ONE, TWO], NOW) == [ONE, TWO]
        await finish_update(tx, 1)
        assert await store_updates(tx, [ONE, TWO, THREE], NOW) == [THREE]
        await finish_update(tx, 2, failed=True)
        assert await waiting_updates(tx) == [THREE]


async def test_a_done_update_forgets_what_was_written_and_a_failed_one_does_not(database: Database) -> None:
    async with database.transaction() as tx:
        await store_updates(tx, [ONE, TWO], NOW)
        await finish_update(tx, 1)
        await finish_update(tx, 2, failed=True)
        rows = await tx.execute(select(schema.updates.c.payload).order_by(schema.updates.c.update_id))
        assert list(rows.scalars()) == ["", TWO.payload]


async def test_old_updates_go_but_not_those_that_wait(database: Database) -> None:
    async with database.transaction() as tx:
        await store_updates(tx, [ONE, TWO], NOW)
        await store_updates(tx, [THREE], NOW + timedelta(days=1))
        await finish_update(tx, 1)
        await finish_update(tx, 3)
        await prune_updates(tx, NOW + timedelta(days=7, hours=1))
        left = await tx.execute(select(schema.updates.c.update_id).order_by(schema.updates.c.update_id))
        assert list(left.scalars()) == [2, 3]
