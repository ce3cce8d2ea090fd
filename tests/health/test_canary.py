"""The daily test entry goes the whole way, leaves nothing behind, and is told of only when it is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.config import Settings
from bot.health import canary as canary_room
from bot.health.canary import EVERY, FIRST_AFTER, NAME, NOBODY, SCOPE, Canary, Lost
from bot.matching import MatchingThread
from bot.model import Match
from bot.storage.database import Database
from bot.storage.notices import waiting_notices
from bot.storage.schema import articles, metadata
from bot.worker import Worker
from tests.desk import ANNA, VANTADOUR, desk
from tests.faketime import StandingClock
from tests.newsstand import newsstand


class DeafMatching(MatchingThread):
    """Finds nobody any more."""

    async def match(self, documents: object) -> list[list[Match]]:
        return [[]]


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


async def rows(database: Database) -> dict[str, int]:
    async with database.read() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
        }


async def test_it_arrives_and_leaves_nothing(database: Database, worker: Worker) -> None:
    """Beside a feed, a list, a reader and an article that waits."""
    async with newsstand() as stand, desk(database, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.poll()
        before = await rows(database)
        bird = Canary(database, here.matching, worker, here.clock, Settings())
        await bird.fly()
        assert await rows(database) == before
        assert await here.matching.match([("", f"{NAME} est là.", "fr")]) == [[]]
        assert here.phone.sent == []
        await here.editor.edit_new()
        await here.send()
        assert [to for to, _ in here.phone.sent] == [ANNA]


async def test_it_flies_once_a_day(sqlite: Database, worker: Worker) -> None:
    clock, matching = StandingClock(), MatchingThread()
    bird = Canary(sqlite, matching, worker, clock, Settings())
    await bird.fly_if_due()
    assert bird.arrived_at is None
    clock.advance(FIRST_AFTER.total_seconds())
    await bird.fly_if_due()
    first = bird.arrived_at
    assert first == clock.now()
    clock.advance(EVERY.total_seconds() - 1)
    await bird.fly_if_due()
    assert bird.arrived_at == first
    clock.advance(1)
    await bird.fly_if_due()
    assert bird.arrived_at == clock.now()
    matching.close()


async def test_the_admins_are_told_once_that_it_was_lost(sqlite: Database, worker: Worker) -> None:
    clock, matching = StandingClock(), DeafMatching()
    bird = Canary(sqlite, matching, worker, clock, Settings())
    for _ in range(3):
        clock.advance(timedelta(hours=2).total_seconds())
        await bird.fly_if_due()
    assert bird.lost_at == "matching"
    async with sqlite.read() as connection:
        [notice] = await waiting_notices(connection, 10)
    assert (notice.kind, notice.values) == ("canary-lost", {"step": "matching"})
    matching.close()


async def test_a_step_that_loses_it_is_named(sqlite: Database, worker: Worker) -> None:
    clock, matching = StandingClock(), DeafMatching()
    with pytest.raises(Lost, match="matching"):
        await Canary(sqlite, matching, worker, clock, Settings()).fly()
    matching.close()


async def test_nothing_of_a_rehearsal_is_kept(database: Database, worker: Worker) -> None:
    async with newsstand() as stand, desk(database, worker, stand):
        async with database.rehearsal() as here:
            async with here.transaction() as tx:
                await tx.execute(update(articles).values(title="changed"))
            async with here.read() as connection:
                assert set((await connection.execute(select(articles.c.title))).scalars()) == {"changed"}
        async with database.read() as connection:
            assert "changed" not in set((await connection.execute(select(articles.c.title))).scalars())


def test_nobody_is_no_chat_and_the_scope_no_watchlist() -> None:
    assert -(2**63) < NOBODY.chat_id < -(10**15)
    assert not SCOPE.startswith(("list:", "chat:"))
    assert canary_room.FEED.url.split("/")[2].endswith(".invalid")
