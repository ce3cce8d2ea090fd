"""What we asked somebody in a message, until they answer it by a reply: kept, so that a restart does not forget it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Question, Target
from bot.storage.database import insert
from bot.storage.schema import questions

ASKED_FOR = timedelta(days=7)
"""An answer that comes later is a message like any other."""


async def keep_question(
    tx: AsyncConnection, target: Target, message_id: int, asked: Question, user_id: int | None, now: datetime
) -> None:
    """Remember what the message asks; what nobody answered for a week is forgotten."""
    await tx.execute(delete(questions).where(questions.c.asked_at < now - ASKED_FOR))
    values = {
        "chat_id": target.chat_id,
        "message_id": message_id,
        "topic_id": target.topic_id,
        "user_id": user_id,
        "about": asked.about,
        "argument": asked.argument,
        "asked_at": now,
    }
    await tx.execute(insert(tx, questions).values(values).on_conflict_do_nothing())


async def question_of(connection: AsyncConnection, chat_id: int, message_id: int) -> Question | None:
    """What the message asked."""
    query = select(questions).where(questions.c.chat_id == chat_id, questions.c.message_id == message_id)
    row = (await connection.execute(query)).one_or_none()
    return Question(row.about, row.argument) if row else None


async def forget_question(tx: AsyncConnection, chat_id: int, message_id: int) -> bool:
    """It was answered, and must not be a second time: False when it was already."""
    this = (questions.c.chat_id == chat_id) & (questions.c.message_id == message_id)
    return (await tx.execute(delete(questions).where(this))).rowcount > 0
