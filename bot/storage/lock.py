"""One daemon a database: a second one would double every alert.

SQLite: a lock on a file beside the database, freed by the system even after kill -9. PostgreSQL: an advisory lock, held
by a connection of its own for as long as the daemon lives.
"""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import text

from bot.errors import AnotherInstanceError
from bot.storage.database import Database, sqlite_file


@asynccontextmanager
async def only_instance(database: Database, url: str) -> AsyncIterator[None]:
    """Hold the lock of the database at `url` (as in the settings).

    Raises:
        AnotherInstanceError: somebody else holds it.
    """
    file = sqlite_file(url)
    if file is not None:
        with _locked(file.with_name(file.name + ".lock")):
            yield
        return
    async with database.read() as connection:
        taken = await connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key()})
        if not taken.scalar_one():
            raise AnotherInstanceError("another instance runs on this database; stop it first")
        await connection.commit()  # the lock belongs to the session, not to a transaction left open for days
        try:
            yield
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _key()})


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


def _key() -> int:
    return zlib.crc32(b"guetteur daemon")
