"""Retention forgets articles, not that they were there: nothing that a feed lists, or lists again, rings twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.config import Settings
from bot.housekeeper import Housekeeper
from bot.storage.database import Database
from bot.storage.schema import articles, identities, stories, told
from bot.worker import Worker
from tests.desk import Desk, about, desk
from tests.newsstand import Item, Newsstand, newsstand
from tests.shelves import count

DAY_S = 86_400.0
BRIEF = Settings.model_validate({"retention": {"unmatched": "7d", "matched": "30d"}})
QUIET = about("Marée haute sur le port")


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker()
    yield made
    await made.close()


def undated(number: int) -> Item:
    """Nothing but what we remember tells that it is old."""
    return about(f"Aurélie Vantadour inaugure le quai numéro {number}", guid=f"quai-{number}")


async def days_later(here: Desk, days: float) -> None:
    here.clock.advance(days * DAY_S)
    await Housekeeper(here.database, here.clock, BRIEF, pause_s=0).tidy()


async def left(database: Database) -> tuple[int, int, int]:
    async with database.read() as connection:
        return await count(connection, articles), await count(connection, stories), await count(connection, told)


@pytest.mark.parametrize("number", [3, 500])
async def test_items_that_come_back_after_their_articles_were_forgotten_ring_for_nobody(
    sqlite: Database, worker: Worker, stand: Newsstand, number: int
) -> None:
    items = [undated(each) for each in range(number)]
    async with desk(sqlite, worker, stand, items=[QUIET]) as here:
        for start in range(0, number, 15):  # as news come: a few at a time
            stand.publish(*items[: start + 15][::-1], QUIET)
            await here.round()
        rung = len(here.phone.sent)
        assert rung
        stand.publish(QUIET)
        await here.round()
        await days_later(here, 40)
        await here.round()
        await days_later(here, 40)
        assert (await left(sqlite))[1:] == (0, 0)
        stand.publish(*items[::-1], QUIET)
        await here.round()
        assert len(here.phone.sent) == rung
        assert (await left(sqlite))[0] == 0


async def test_what_a_feed_lists_for_a_year_is_never_told_again(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, items=[QUIET]) as here:
        stand.publish(undated(1), QUIET)
        await here.round()
        assert len(here.phone.sent) == 1
        for _ in range(12):  # it answers 304 all the year
            await days_later(here, 31)
            await here.round()
        assert await left(sqlite) == (0, 0, 0)
        stand.publish(undated(2), undated(1), QUIET)  # another document, at last, that lists it still
        await here.round()
        assert len(here.phone.sent) == 2
        await days_later(here, 31)
        stand.publish(undated(2), QUIET)
        await here.round()
        await days_later(here, 31)
        stand.publish(undated(2), undated(1), QUIET)
        await here.round()
        assert len(here.phone.sent) == 2


async def test_what_left_a_feed_long_ago_is_not_remembered_for_ever(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, items=[QUIET]) as here:
        stand.publish(undated(1), QUIET)
        await here.round()
        async with sqlite.read() as connection:
            known = await count(connection, identities)
        stand.publish(undated(2))
        await here.round()
        await days_later(here, 89)
        async with sqlite.read() as connection:
            assert await count(connection, identities) > known
        stand.publish(undated(3), undated(2))
        await here.round()
        await days_later(here, 2)
        async with sqlite.read() as connection:
            assert await count(connection, identities) == known  # two articles, as then
