"""The connection: one `Database` for SQLite and PostgreSQL, with honest transactions on both.

The default transactions of aiosqlite begin late and silently lose updates of concurrent tasks; here every writing
transaction begins with BEGIN IMMEDIATE and one writer at a time (docs/decisions/0002). Knows nothing of tables.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import URL, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StorageError

log = structlog.get_logger(__name__)

BUSY_TIMEOUT_S = 30.0
"""How long SQLite waits for a command line or a backup that writes beside the daemon."""

CONNECTIONS = 10
"""Of SQLite, a thread each. Those beyond a pool's size would be opened and closed for every query of a busy moment."""

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
"""The settings' scheme → SQLAlchemy's dialect and asynchronous driver."""


DAMAGED = ("not a database", "malformed")
"""SQLite's words for a file that is broken."""
RESTORE = (
    ". Stop `guetteur run`, move the file away together with those named like it (-wal, -shm), and put a backup in its "
    "place (`guetteur db backup` makes them); without one, the next run begins anew"
)


class Database:
    """A pool of connections. `transaction` writes, `read` only reads."""

    def __init__(self, engine: AsyncEngine, *, patience_s: float = BUSY_TIMEOUT_S) -> None:
        self._engine = engine
        self._patience_s = patience_s
        self.trouble: str | None = None
        """What keeps us from reading or writing just now: a full disk, another who holds the file, a server away."""
        self._one_writer = asyncio.Lock() if engine.dialect.name == "sqlite" else None
        self.writes = 0
        """Transactions that ended here since the start: where it stayed the same, this program changed no row."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """All or nothing; no network and no long work inside."""
        async with AsyncExitStack() as stack:
            if self._one_writer is not None:
                await stack.enter_async_context(self._one_writer)
            stack.enter_context(self._watched())
            connection = await stack.enter_async_context(self._engine.connect())
            await connection.execution_options(writing=True)
            try:
                async with connection.begin():
                    yield connection
            finally:
                self.writes += 1

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[Database]:
        """A database in which everything can be done and nothing is kept: one transaction, undone at the end.

        Short, as any transaction: on SQLite all other writers wait for it.
        """
        async with AsyncExitStack() as stack:
            if self._one_writer is not None:
                await stack.enter_async_context(self._one_writer)
            connection = await stack.enter_async_context(self._engine.connect())
            await connection.execution_options(writing=True)
            undone = await connection.begin()
            try:
                yield _Rehearsal(self._engine, connection)
            finally:
                await undone.rollback()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """For reading; nothing written here is kept."""
        async with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Say once that the database takes nothing, and once that it does again; whoever writes tries again later.

        Only of who writes: a full disk still gives what it has.
        """
        try:
            yield
        except OperationalError as error:
            said = str(error.orig)
            if self.trouble is None:
                log.error(  # noqa: TRY400 - who writes has the traceback
                    "the database takes nothing; all that is to be written waits", error=said
                )
            self.trouble = said
            raise
        if self.trouble is not None:
            log.info("the database takes everything again", after=self.trouble)
            self.trouble = None

    async def clear_log(self) -> None:
        """What was deleted stands in no file of the database any more, unless somebody is reading just now.

        Pages are overwritten when rows are deleted (`secure_delete`); the write-ahead log still holds them as they were
        until it is cut. PostgreSQL does the like by itself, in its own time (VACUUM).
        """
        if self._one_writer is None:
            return
        async with self._one_writer, self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            # First what needs nobody to wait, so that the cut itself is short; and none waits for those who read.
            for step in ("busy_timeout=0", "wal_checkpoint(PASSIVE)", "wal_checkpoint(TRUNCATE)"):
                await (await driver.execute(f"PRAGMA {step}")).close()
            await (await driver.execute(f"PRAGMA busy_timeout={round(self._patience_s * 1000)}")).close()

    async def close(self) -> None:
        await self._engine.dispose()


class _Rehearsal(Database):
    """Its transactions are parts of one that will be undone."""

    def __init__(self, engine: AsyncEngine, connection: AsyncConnection) -> None:
        super().__init__(engine)
        self._connection = connection
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn, self._connection.begin_nested():
            yield self._connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn:
            yield self._connection

    async def close(self) -> None:
        """Belongs to the database that it was made from."""


def driver_url(url: str) -> URL:
    """The settings' storage URL with the driver we use.

    Raises:
        StorageError: neither SQLite nor PostgreSQL.
    """
    parsed = make_url(url)
    scheme = DRIVERS.get(parsed.get_backend_name())
    if scheme is None:
        raise StorageError(
            f"storage.url: {parsed.get_backend_name()} is not supported; use sqlite:/// or postgresql://"
        )
    return parsed.set(drivername=scheme)


def sqlite_file(url: str) -> Path | None:
    """The database file of a SQLite URL, None for anything else."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


async def open_database(url: str, *, patience_s: float = BUSY_TIMEOUT_S) -> Database:
    """Connect, and prove it by one round trip. `patience_s`: how long one waits for another who writes to SQLite.

    Raises:
        StorageError: the file or server cannot be used; the text says why, without the password.
    """
    target = driver_url(url)
    if target.get_backend_name() == "sqlite":
        await _prove_file(target)
        engine = create_async_engine(
            target,
            connect_args={"timeout": patience_s},
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=2 * patience_s,
        )
        _honest_transactions(engine)
    else:
        engine = create_async_engine(target, pool_pre_ping=True)
    try:
        async with engine.connect():
            pass
    except (SQLAlchemyError, OSError) as error:
        await engine.dispose()
        raise _cannot_be_opened(target, getattr(error, "orig", None) or error) from error
    return Database(engine, patience_s=patience_s)


def shown_url(url: str) -> str:
    """As people may see it: without the password."""
    return make_url(url).render_as_string(hide_password=True)


def _cannot_be_opened(target: URL, cause: object) -> StorageError:
    if target.get_backend_name() == "sqlite":
        mend = RESTORE if any(sign in str(cause) for sign in DAMAGED) else ""
        return StorageError(f"the database {target.database} cannot be opened: {cause}{mend}")
    shown = target.set(drivername=target.get_backend_name()).render_as_string(hide_password=True)
    return StorageError(f"the database {shown} cannot be opened: {cause}")


async def _prove_file(target: URL) -> None:
    """Open the file once before aiosqlite does: of what it cannot open it leaves a thread that outlives the loop."""
    try:
        await asyncio.to_thread(lambda: sqlite3.connect(target.database or ":memory:").close())
    except sqlite3.Error as error:
        raise _cannot_be_opened(target, error) from error


def _honest_transactions(engine: AsyncEngine) -> None:
    """SQLite: we say BEGIN ourselves, IMMEDIATE for a writer, so that it never works on a stale reading."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def insert(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say `on_conflict_do_nothing` and `on_conflict_do_update` on either database."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
