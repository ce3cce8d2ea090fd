"""One daemon a database: a second one would double every alert.

SQLite: a lock on a file beside the database, freed by the system even after kill -9. PostgreSQL: an advisory lock of
the schema, held by a connection of its own for as long as the daemon lives. The server frees it when that connection
drops, and another daemon may then begin: so we look after it all the time, and stop when it is lost.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import AnotherInstanceError, StorageError
from bot.storage.database import Database, sqlite_file

CHECK_S = 5.0
"""How often we look whether the lock is still ours."""
ANSWER_S = 15.0
"""A connection that gives no answer for so long is lost."""
LOST = "the connection that holds the lock was lost ({cause}): stopped, since another instance may run by now"
KEY = "hashtext('guetteur daemon ' || current_schema())"


@asynccontextmanager
async def only_instance(database: Database, url: str, *, check_s: float = CHECK_S) -> AsyncIterator[None]:
    """Hold the lock of the database at `url` (as in the settings); the body is cancelled when it is lost.

    Raises:
        AnotherInstanceError: somebody else holds it.
        StorageError: it was lost.
    """
    file = sqlite_file(url)
    if file is not None:
        with _locked(file.with_name(file.name + ".lock")):
            yield
        return
    async with database.read() as connection:
        taken = await connection.execute(text(f"SELECT pg_try_advisory_lock({KEY})"))
        if not taken.scalar_one():
            raise AnotherInstanceError("another instance runs on this database; stop it first")
        await connection.commit()  # the lock belongs to the session, not to a transaction left open for days
        try:
            async with _while_held(connection, check_s):
                yield
        finally:
            with suppress(SQLAlchemyError):  # of a connection that is lost there is nothing to free
                await connection.execute(text(f"SELECT pg_advisory_unlock({KEY})"))


@asynccontextmanager
async def _while_held(connection: AsyncConnection, check_s: float) -> AsyncIterator[None]:
    """Look after the lock while the body runs; cancel the body when it is lost."""
    holder = asyncio.current_task()
    assert holder is not None  # noqa: S101 - we are awaited
    ended = asyncio.Event()
    watching = asyncio.create_task(_watch(connection, check_s, ended), name="lock")
    watching.add_done_callback(lambda task: holder.cancel() if task.exception() else None)
    try:
        yield
    except asyncio.CancelledError:
        lost = watching.exception() if watching.done() else None
        if lost is None:
            raise
        holder.uncancel()
        raise lost from None
    finally:
        ended.set()
        await asyncio.wait({watching})


async def _watch(connection: AsyncConnection, check_s: float, ended: asyncio.Event) -> None:
    """Look again and again until the work has ended.

    Raises:
        StorageError: the connection has dropped.
    """
    while not ended.is_set():
        try:
            async with asyncio.timeout(ANSWER_S):
                await connection.execute(text("SELECT 1"))
                await connection.commit()
        except (SQLAlchemyError, TimeoutError) as error:
            cause = str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0]
            raise StorageError(LOST.format(cause=cause)) from error
        with suppress(TimeoutError):
            async with asyncio.timeout(check_s):
                await ended.wait()


async def is_running(database: Database, url: str) -> bool:
    """Whether a daemon holds the lock."""
    try:
        async with only_instance(database, url):
            return False
    except AnotherInstanceError:
        return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AnotherInstanceError(f"another instance runs on {path.with_suffix('')}; stop it first") from error
        yield
