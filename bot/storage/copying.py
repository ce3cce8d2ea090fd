"""Moves an installation to another database, of the other kind or the same: every row of every table, or none.

The source is read as it is at one moment, whoever writes to it meanwhile; the target is written in one transaction.
Decides nothing about rows: what the schema names is copied.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Table, exists, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError
from bot.storage.database import Database
from bot.storage.revision import upgrade_in_child
from bot.storage.schema import metadata
from bot.storage.text_index import fill
from bot.storage.upkeep import is_empty, make_folder, open_existing

BATCH = 500


async def copy_database(source_url: str, target_url: str) -> dict[str, int]:
    """Copy everything; returns how many rows of each table.

    Raises:
        StorageError: the source is not of this version, the target holds something already, or a row does not fit;
            nothing was copied then.
    """
    source = await open_existing(source_url)
    try:
        make_folder(target_url)
        if await is_empty(target_url):
            await upgrade_in_child(target_url)
        target = await open_existing(target_url)
        try:
            async with _snapshot(source) as reading, target.transaction() as tx:
                await _refuse_what_is_filled(tx)
                copied = {table.name: await _copy(reading, tx, table) for table in metadata.sorted_tables}
                if tx.dialect.name == "postgresql":
                    await _go_on_counting(tx)
                await tx.run_sync(fill)  # the text index is each database's own
                return copied
        finally:
            await target.close()
    finally:
        await source.close()


@asynccontextmanager
async def _snapshot(source: Database) -> AsyncIterator[AsyncConnection]:
    """Of SQLite, every reading transaction is one."""
    async with source.read() as connection:
        if source.dialect == "postgresql":
            await connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


async def _refuse_what_is_filled(tx: AsyncConnection) -> None:
    for table in metadata.sorted_tables:
        if (await tx.execute(select(exists(select(1).select_from(table))))).scalar_one():
            raise StorageError(f"the target is not empty (there are {table.name}): nothing was copied; name another")


async def _copy(reading: AsyncConnection, tx: AsyncConnection, table: Table) -> int:
    """All rows of a table, in the order of their keys: what a row points to in its own table came before it."""
    number = 0
    result = await reading.stream(select(table).order_by(*table.primary_key))
    try:
        async for rows in result.mappings().partitions(BATCH):
            await tx.execute(insert(table), _fitting(rows, tx.dialect.name))
            number += len(rows)
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise StorageError(f"{table.name} cannot be copied, nothing was: {cause}") from error
    finally:
        await result.close()
    arrived = (await tx.execute(select(func.count()).select_from(table))).scalar_one()
    if arrived != number:
        raise StorageError(f"of {number} {table.name} {arrived} arrived: nothing was copied")
    return number


def _fitting(rows: Sequence[Any], dialect: str) -> list[dict[str, Any]]:
    """PostgreSQL stores no NUL in a text."""
    if dialect != "postgresql":
        return [dict(row) for row in rows]
    return [
        {key: value.replace("\0", "") if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    ]


async def _go_on_counting(tx: AsyncConnection) -> None:
    """The next row gets a number of its own: PostgreSQL counts apart from the rows."""
    for table in metadata.sorted_tables:
        if "id" in table.c and table.c.id.autoincrement is True:
            last = f"(SELECT max(id) FROM {table.name})"  # noqa: S608 - a table of ours
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            await tx.execute(text(f"SELECT setval({sequence}, coalesce({last}, 1), {last} IS NOT NULL)"))
