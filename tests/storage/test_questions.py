"""What was asked in a message is kept until it is answered, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.model import Question, Target
from bot.storage.database import Database
from bot.storage.questions import ASKED_FOR, forget_question, keep_question, question_of

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
HERE = Target(7, 3)


async def test_a_question_is_answered_once(database: Database) -> None:
    async with database.transaction() as tx:
        await keep_question(tx, HERE, 12, Question("bulk", "Odile Karsenti\n" * 1000), 7, NOW)
        assert await question_of(tx, 7, 12) == Question("bulk", "Odile Karsenti\n" * 1000)
        assert await question_of(tx, 7, 13) is None
        assert await question_of(tx, 8, 12) is None
        assert not await forget_question(tx, 8, 12)
        assert await forget_question(tx, 7, 12)
        assert not await forget_question(tx, 7, 12)
        assert await question_of(tx, 7, 12) is None


async def test_what_nobody_answered_for_a_week_is_forgotten_with_the_next(database: Database) -> None:
    async with database.transaction() as tx:
        await keep_question(tx, HERE, 1, Question("context", "a"), None, NOW)
        await keep_question(tx, HERE, 2, Question("context", "b"), None, NOW + ASKED_FOR)
        assert await question_of(tx, 7, 1) is not None
        await keep_question(tx, HERE, 3, Question("context", "c"), None, NOW + ASKED_FOR + timedelta(seconds=1))
        assert await question_of(tx, 7, 1) is None
        assert await question_of(tx, 7, 2) is not None
