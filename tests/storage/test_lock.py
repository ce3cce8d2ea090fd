"""One daemon a database, on either kind; the next may start once the first is gone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import AnotherInstanceError, StorageError
from bot.storage.database import Database, open_database
from bot.storage.lock import only_instance
from tests.conftest import POSTGRES


def url_of(database: Database, tmp_path: Path) -> str:
    """As the settings would name it; the schema of the fixture's database in PostgreSQL."""
    if database.dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return f"{POSTGRES}?options=-csearch_path%3Dguetteur_test_{os.getpid()}"


async def test_a_second_instance_is_refused_while_the_first_runs(database: Database, tmp_path: Path) -> None:
    url = url_of(database, tmp_path)
    second = await open_database(url)
    async with only_instance(database, url):
        with pytest.raises(AnotherInstanceError, match="stop it first"):
            async with only_instance(second, url):
                pass
    async with only_instance(second, url):
        pass
    await second.close()


async def test_a_lock_that_is_lost_ends_what_it_guards(database: Database, tmp_path: Path) -> None:
    if database.dialect == "sqlite":
        pytest.skip("the system keeps a file's lock for as long as we live")
    mine = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
        "AND objid = hashtext('guetteur daemon ' || current_schema())::bit(32)::bigint::oid"
    )
    with pytest.raises(StorageError, match=r"the connection that holds the lock was lost .*another instance may run"):
        async with only_instance(database, POSTGRES, check_s=0):
            async with database.transaction() as tx:
                assert (await tx.execute(mine)).scalar_one()
            await asyncio.Event().wait()
    async with only_instance(database, POSTGRES):
        pass


async def test_what_goes_wrong_under_the_lock_is_told_as_it_is_and_frees_it(database: Database, tmp_path: Path) -> None:
    url = url_of(database, tmp_path)
    with pytest.raises(ZeroDivisionError):
        async with only_instance(database, url):
            raise ZeroDivisionError
    async with only_instance(database, url):
        pass


async def test_two_installations_in_one_server_do_not_lock_each_other_out(database: Database, tmp_path: Path) -> None:
    if database.dialect == "sqlite":
        pytest.skip("each has its file")
    elsewhere = await open_database(f"{POSTGRES}?options=-csearch_path%3Dpublic")
    async with only_instance(database, POSTGRES), only_instance(elsewhere, POSTGRES):
        pass
    await elsewhere.close()
