"""What a start does to the database before anything else uses it: judge it, back it up, bring it up to date.

A restore is to stop the daemon and put the backup in place of the database (SQLite), or `pg_restore` (PostgreSQL).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from bot.errors import StorageError
from bot.storage.database import BUSY_TIMEOUT_S, open_database, sqlite_file
from bot.storage.revision import Standing, revision_of, standing, upgrade_in_child


async def prepare(url: str) -> list[str]:
    """Make the database ready for this program; returns what was done, in sentences, nothing when nothing was.

    Raises:
        StorageError: it is newer than this program, cannot be opened, or cannot be upgraded.
    """
    make_folder(url)
    revision = await _revision(url)
    match standing(revision):
        case Standing.CURRENT:
            return []
        case Standing.UNKNOWN:
            raise StorageError(
                f"the database is of a newer Guetteur (revision {revision}): "
                "run that version, or restore the backup made before the upgrade"
            )
        case Standing.EMPTY:
            await upgrade_in_child(url)
            return ["A new database was made."]
        case Standing.OLDER:
            kept = await _back_up_before(url, revision or "")
            await upgrade_in_child(url)
            return [kept, f"The database was upgraded from revision {revision}."]


async def back_up(url: str, target: Path) -> None:
    """Copy the database to `target`, consistently, while others use it.

    Raises:
        StorageError: `target` exists, there is no database, or (PostgreSQL) `pg_dump` failed or is missing.
    """
    if target.exists():
        raise StorageError(f"{target} exists; name a file that does not")
    file = sqlite_file(url)
    if file is None:
        await _dump(url, target)
        return
    if not file.exists():
        raise StorageError(f"there is no database {file} yet; nothing to back up")
    await asyncio.to_thread(_copy, file, target)


async def _revision(url: str) -> str | None:
    database = await open_database(url)
    try:
        async with database.read() as connection:
            return await revision_of(connection)
    finally:
        await database.close()


async def _back_up_before(url: str, revision: str) -> str:
    file = sqlite_file(url)
    if file is None:
        if shutil.which("pg_dump") is None:
            return "No backup was made: pg_dump is not installed. The upgrade is one transaction."
        file = Path(f"{make_url(url).database}.dump")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = file.with_name(f"{file.name}.{revision}-{stamp}.bak")
    await back_up(url, target)
    return f"The database was backed up to {target}."


def make_folder(url: str) -> None:
    """The folder of a SQLite database, writable; nothing for PostgreSQL.

    Raises:
        StorageError: it cannot be made or written to, with the command that mends it.
    """
    file = sqlite_file(url)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        writable = os.access(file.parent, os.W_OK)
    except OSError as error:
        raise StorageError(f"the folder {file.parent} cannot be made: {error.strerror}") from error
    if not writable:
        raise StorageError(
            f"the folder {file.parent} is not writable for user {os.getuid()}; "
            f"in a container: docker compose run --rm --user root guetteur chown -R {os.getuid()} {file.parent}"
        )


def _copy(file: Path, target: Path) -> None:
    """SQLite's own online backup: consistent beside a writer. Appears under its name only when it is whole."""
    half = target.with_name(target.name + ".part")
    with closing(sqlite3.connect(file, timeout=BUSY_TIMEOUT_S)) as source, closing(sqlite3.connect(half)) as copy:
        source.backup(copy)
    half.replace(target)


async def _dump(url: str, target: Path) -> None:
    if shutil.which("pg_dump") is None:
        raise StorageError("pg_dump is not installed: install PostgreSQL's client programs, or back up on the server")
    parsed = make_url(url)
    password = {"PGPASSWORD": parsed.password} if parsed.password else {}
    address = parsed.set(drivername="postgresql", password=None).render_as_string()
    child = await asyncio.create_subprocess_exec(
        "pg_dump",
        "--format=custom",
        f"--file={target}",
        f"--dbname={address}",
        env=os.environ | password,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await child.communicate()
    if child.returncode:
        target.unlink(missing_ok=True)
        raise StorageError(f"pg_dump failed: {said.decode(errors='replace').strip()}")
