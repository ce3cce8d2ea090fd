"""A change of the files that waits for somebody's word, and the word: between the daemon, Telegram and the terminal.

One question at a time, known by the version of the files that it is about (`config/changes.py`).
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import insert
from bot.storage.schema import marks

QUESTION, ANSWER = "files-question", "files-answer"


class Word(StrEnum):
    APPLY = "apply"
    KEEP = "keep"


async def ask(tx: AsyncConnection, version: str) -> None:
    """From now on this version waits, in place of any other."""
    await settle(tx)
    await tx.execute(insert(tx, marks).values({"key": QUESTION, "value": version}))


async def answer(tx: AsyncConnection, version: str, word: Word) -> bool:
    """Keep what somebody said; False when this version does not wait (any more). The last word counts."""
    if await _mark(tx, QUESTION) != version:
        return False
    row = {"key": ANSWER, "value": word.value}
    await tx.execute(insert(tx, marks).values(row).on_conflict_do_update(index_elements=["key"], set_=row))
    return True


async def question(connection: AsyncConnection) -> str | None:
    """The version that waits."""
    return await _mark(connection, QUESTION)


async def answered(connection: AsyncConnection) -> Word | None:
    """What was said of the version that waits."""
    word = await _mark(connection, ANSWER)
    return Word(word) if word else None


async def settle(tx: AsyncConnection) -> None:
    """Nothing waits any more."""
    await tx.execute(delete(marks).where(marks.c.key.in_((QUESTION, ANSWER))))


async def _mark(connection: AsyncConnection, key: str) -> str | None:
    return (await connection.execute(select(marks.c.value).where(marks.c.key == key))).scalar_one_or_none()
