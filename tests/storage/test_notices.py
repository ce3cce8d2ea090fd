"""The table of notices remembers what was told, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.storage.database import Database
from bot.storage.notices import add_notice, last_notice, mark_told, tidy, waiting_notices
from bot.storage.schema import notices

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


async def test_told_notices_are_kept_for_a_month_and_untold_ones_for_two_days(database: Database) -> None:
    ages = [1, 3, 29, 31]
    async with database.transaction() as tx:
        for days in ages:
            await add_notice(tx, f"told-{days}", NOW - timedelta(days=days))
        for waiting in await waiting_notices(tx, 9):
            await mark_told(tx, [waiting.id], NOW - timedelta(days=int(waiting.kind.removeprefix("told-"))))
        for days in ages:
            await add_notice(tx, f"waits-{days}", NOW - timedelta(days=days))
        await tidy(tx, NOW)
        kept = set((await tx.execute(select(notices.c.kind))).scalars())
    assert kept == {"told-1", "told-3", "told-29", "waits-1"}


async def test_the_last_notice_of_some_kinds_counts_whether_told_or_not(database: Database) -> None:
    async with database.transaction() as tx:
        assert await last_notice(tx, ("network-down", "network-up")) is None
        for kind in ("network-down", "network-up", "feed-gone"):
            await add_notice(tx, kind, NOW, since=NOW.isoformat())
            await mark_told(tx, [waiting.id for waiting in await waiting_notices(tx, 9)], NOW)
        last = await last_notice(tx, ("network-down", "network-up"))
    assert last is not None
    assert (last.kind, last.values) == ("network-up", {"since": NOW.isoformat()})
