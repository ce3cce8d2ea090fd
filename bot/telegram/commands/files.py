"""What an admin says to a question about the files; the daemon hears it at its next look (`bot/reload.py`)."""

from __future__ import annotations

from bot.storage.confirmations import Word, answer
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Rendered
from bot.telegram.screens import said


async def press_reload(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`WORD:VERSION`: whether the files may remove so much."""
    word, _, version = argument.partition(":")
    if not visit.admin:
        return said(visit.language, "access.admins-only")
    async with desk.database.transaction() as tx:
        waits = word in set(Word) and await answer(tx, version, Word(word))
    return said(visit.language, ("reload.applied" if word == Word.APPLY else "reload.kept") if waits else "reload.past")
