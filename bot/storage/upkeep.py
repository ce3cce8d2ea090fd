"""What is done to the database before anything else uses it: judge it, back it up, bring it up to date.

How to restore: docs/operating.md.
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

from bot.errors import NewerDatabaseError, StorageError
from bot.storage.database import BUSY_TIMEOUT_S, Database, open_database, sqlite_file
from bot.storage.notices import add_notice
from bot.storage.revision import HISTORY, Standing, revision_of, standing, upgrade_in_child

NOTHING_YET = "there is nothing yet: `guetteur run` makes the database and reads the feeds"


async def prepare(url: str) -> list[str]:
    """Make the database ready for this program; returns what was done, in sentences, nothing when nothing was.

    After an upgrade a notice waits for the people who run the bot.

    Raises:
        NewerDatabaseError: it is newer than this program.
        StorageError: it cannot be opened, or cannot be upgraded.
    """
    make_folder(url)
    revision = await _revision(url)
    match standing(revision):
        case Standing.CURRENT:
            return []
        case Standing.UNKNOWN:
            raise NewerDatabaseError(_newer(revision))
        case Standing.EMPTY:
            await upgrade_in_child(url)
            return ["A new database was made."]
        case Standing.OLDER:
            backup, said = await _back_up_before(url, revision or "")
            await upgrade_in_child(url)
            await _tell_of_upgrade(url, revision or "", backup)
            return [said, f"The database was upgraded from revision {revision} to {HISTORY[-1]}."]


async def open_existing(url: str) -> Database:
    """The database that a run has made; makes nothing and upgrades nothing.

    Raises:
        StorageError: there is none yet, it is of another version, or it cannot be opened; with what to do.
    """
    revision = await _existing_revision(url)
    match standing(revision):
        case Standing.EMPTY:
            raise StorageError(NOTHING_YET)
        case Standing.OLDER:
            raise StorageError(f"the database is of an older Guetteur (revision {revision}): run `guetteur db upgrade`")
        case Standing.UNKNOWN:
            raise NewerDatabaseError(_newer(revision))
        case Standing.CURRENT:
            return await open_database(url)


async def is_empty(url: str) -> bool:
    """Whether there is no database yet."""
    return standing(await _existing_revision(url)) is Standing.EMPTY


async def back_up(url: str, target: Path) -> None:
    """Copy the database to `target`, consistently, while others use it.

    Raises:
        StorageError: `target` exists or cannot be written, there is nothing in the database, or (PostgreSQL) `pg_dump`
            failed or is missing.
    """
    if target.exists():
        raise StorageError(f"{target} exists; name a file that does not")
    if await is_empty(url):
        raise StorageError(f"nothing to back up: {NOTHING_YET}")
    file = sqlite_file(url)
    if file is None:
        await _dump(url, target)
    else:
        await asyncio.to_thread(_copy, file, target)


def _newer(revision: str | None) -> str:
    return (
        f"the database is of a newer Guetteur (revision {revision}): "
        "run that version, or restore the backup made before the upgrade"
    )


async def _existing_revision(url: str) -> str | None:
    """As `_revision`, but a file that is not there stays away."""
    file = sqlite_file(url)
    return None if file is not None and not file.exists() else await _revision(url)


async def _revision(url: str) -> str | None:
    database = await open_database(url)
    try:
        async with database.read() as connection:
            return await revision_of(connection)
    finally:
        await database.close()


async def _tell_of_upgrade(url: str, before: str, backup: Path | None) -> None:
    values = {"before": before, "after": HISTORY[-1]} | ({"backup": backup.name} if backup else {})
    database = await open_database(url)
    try:
        async with database.transaction() as tx:
            await add_notice(tx, "upgraded" if backup else "upgraded-bare", datetime.now(UTC), **values)
    finally:
        await database.close()


async def _back_up_before(url: str, revision: str) -> tuple[Path | None, str]:
    """The file, if one could be made, and what to say of it."""
    file = sqlite_file(url)
    if file is None:
        if shutil.which("pg_dump") is None:
            return None, "No backup was made: pg_dump is not installed. The upgrade is one transaction."
        here = Path.cwd()
        if not os.access(here, os.W_OK):
            return None, (
                f"No backup was made: the folder {here} is not writable. The upgrade is one transaction. "
                "To have one, run `guetteur db backup FILE` with a FILE in a folder of yours."
            )
        file = here / f"{make_url(url).database}.dump"
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = file.with_name(f"{file.name}.{revision}-{stamp}.bak")
    await back_up(url, target)
    return target, f"The database was backed up to {target}."


def make_folder(url: str) -> None:
    """The folder of a SQLite database, writable as is the file in it; nothing for PostgreSQL.

    Raises:
        StorageError: one cannot be made or written to, with the command that mends it.
    """
    file = sqlite_file(url)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the folder {file.parent} cannot be made: {error.strerror}") from error
    for path in (file.parent, file):
        if path.exists() and not os.access(path, os.W_OK):
            raise StorageError(unwritable(path, file.parent, f"{os.getuid()}:{os.getgid()}"))


def unwritable(path: Path, folder: Path, owner: str) -> str:
    """That `path` cannot be written by `owner` (`UID:GID`), and the command that hands `folder` over to them.

    The image has an entry point and the service no capabilities, so the container's command says both.
    """
    return (
        f"{path} is not writable for user {owner}; run: sudo chown -R {owner} {folder}\n"
        "or, in a container, outside of it: docker compose run --rm --user root --entrypoint chown --cap-add CHOWN "
        f"guetteur -R {owner} {folder}"
    )


def _copy(file: Path, target: Path) -> None:
    """SQLite's own online backup: consistent beside a writer. Appears under its name only when it is whole."""
    half = target.with_name(target.name + ".part")
    try:
        with closing(sqlite3.connect(file, timeout=BUSY_TIMEOUT_S)) as source, closing(sqlite3.connect(half)) as copy:
            source.backup(copy)
        half.replace(target)
    except (sqlite3.Error, OSError) as error:
        half.unlink(missing_ok=True)
        raise StorageError(f"the database {file} cannot be copied to {target}: {error}") from error


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
