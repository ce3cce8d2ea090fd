"""For every test: nothing reaches the network outside, and a fresh database of either kind is one fixture away.

`database` is a fresh SQLite file and a fresh PostgreSQL schema in turn; `sqlite` only the file, for tests that are not
about storage.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from bot.errors import StorageError
from bot.storage.database import Database, open_database
from bot.storage.schema import metadata

POSTGRES = os.environ.get("GUETTEUR_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def _stay_inside(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        if not ipaddress.ip_address(host).is_loopback:
            raise AssertionError(f"a test reached out to {host}")


sys.addaudithook(_stay_inside)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that a test calls configures the logs of the whole process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


async def _create_tables(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.run_sync(metadata.create_all)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        opened = await open_database(f"sqlite:///{tmp_path / 'test.db'}")
        await _create_tables(opened)
        yield opened
        await opened.close()
        return
    schema = f"guetteur_test_{os.getpid()}"
    admin = await open_postgres()
    async with admin.transaction() as tx:
        await tx.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        await tx.execute(text(f"CREATE SCHEMA {schema}"))
    opened = await open_database(f"{POSTGRES}?options=-csearch_path%3D{schema}")
    await _create_tables(opened)
    yield opened
    await opened.close()
    async with admin.transaction() as tx:
        await tx.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    await admin.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await open_database(f"sqlite:///{tmp_path / 'test.db'}")
    await _create_tables(opened)
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind, as the settings would name it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def postgres_url() -> AsyncIterator[str]:
    """An empty schema of the server."""
    admin = await open_postgres()
    schema = f"guetteur_migrations_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    async with admin.transaction() as tx:
        await tx.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
    async with admin.transaction() as tx:
        await tx.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    await admin.close()


async def open_postgres() -> Database:
    """The server, or a skip with the reason; where CI says so, its absence is a failure."""
    try:
        return await open_database(POSTGRES)
    except StorageError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL to test on: {error}")
