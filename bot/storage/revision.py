"""Which revision a database has, and its upgrade, without loading Alembic (the daemon's process never does)."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError

HISTORY = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0010", "0011")
"""Every revision this program knows, oldest first; a test holds it equal to the migrations folder."""


class Standing(StrEnum):
    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    UNKNOWN = "unknown"
    """Made by a newer program: to be refused, because this one would damage it."""


async def revision_of(connection: AsyncConnection) -> str | None:
    """The revision stored in the database, None for an empty one."""
    names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    if "alembic_version" not in names:
        return None
    return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()


def standing(revision: str | None) -> Standing:
    if revision is None:
        return Standing.EMPTY
    if revision not in HISTORY:
        return Standing.UNKNOWN
    return Standing.CURRENT if revision == HISTORY[-1] else Standing.OLDER


async def upgrade_in_child(url: str) -> None:
    """`bot.storage.migrate.upgrade`, in a process of its own.

    Raises:
        StorageError: with the last line of what the child said.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.storage.migrate",
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await child.communicate(url.encode())
    if child.returncode:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        raise StorageError(f"the database could not be upgraded, nothing was changed: {''.join(last)}")
