"""An outage of ours is told once and its end once, whatever happens between."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.own_network import OwnNetwork
from bot.storage.database import Database
from bot.storage.notices import Notice, mark_told, waiting_notices
from tests.faketime import StandingClock

MINUTE = 60.0


class Line:
    """Our way out, and what was told of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = StandingClock()
        self.restart()

    def restart(self) -> None:
        self.network = OwnNetwork(self.database, self.clock, hosts=50)

    async def silent_for(self, minutes: int) -> None:
        for minute in range(minutes):
            self.network.unheard(f"host-{minute}")
            await self.network.tell()
            self.clock.advance(MINUTE)

    async def answers(self) -> None:
        self.network.heard()
        await self.network.tell()

    async def waiting(self) -> list[Notice]:
        async with self.database.read() as connection:
            return await waiting_notices(connection, 99)

    async def read(self) -> list[str]:
        """The kinds of the notices that somebody reads now."""
        notices = await self.waiting()
        async with self.database.transaction() as tx:
            await mark_told(tx, [each.id for each in notices], self.clock.now())
        return [each.kind for each in notices]


@pytest.fixture
def line(sqlite: Database) -> Line:
    return Line(sqlite)


async def test_an_outage_and_its_end_are_told_once_each(line: Line) -> None:
    await line.silent_for(30)
    assert await line.read() == ["network-down"]
    await line.answers()
    await line.answers()
    assert await line.read() == ["network-up"]


async def test_an_outage_that_nobody_could_be_told_of_is_told_with_its_end(line: Line) -> None:
    began = line.clock.now()
    await line.silent_for(30)
    await line.answers()
    [notice] = await line.waiting()
    assert notice.kind == "network-up"
    assert datetime.fromisoformat(notice.values["since"]) == began
    assert datetime.fromisoformat(notice.values["until"]) == began + timedelta(minutes=30)


async def test_what_lasts_a_few_minutes_is_not_told(line: Line) -> None:
    await line.silent_for(5)
    await line.answers()
    assert await line.read() == []


async def test_it_begins_with_the_first_silence_not_with_the_last_answer(line: Line) -> None:
    await line.answers()
    line.clock.advance(50 * MINUTE)
    began = line.clock.now()
    await line.silent_for(30)
    [notice] = await line.waiting()
    assert datetime.fromisoformat(notice.values["since"]) == began


async def test_a_restart_during_an_outage_tells_it_no_second_time_and_knows_its_beginning(line: Line) -> None:
    began = line.clock.now()
    await line.silent_for(30)
    assert await line.read() == ["network-down"]
    line.restart()
    await line.silent_for(30)
    assert await line.read() == []
    await line.answers()
    [notice] = await line.waiting()
    assert notice.kind == "network-up"
    assert datetime.fromisoformat(notice.values["since"]) == began


async def test_an_outage_that_ended_while_we_were_stopped_has_an_end(line: Line) -> None:
    await line.silent_for(30)
    assert await line.read() == ["network-down"]
    line.restart()
    await line.network.tell()
    assert await line.read() == []
    await line.answers()
    assert await line.read() == ["network-up"]


async def test_what_could_not_be_written_is_told_later(line: Line) -> None:
    await line.network.tell()
    await _run(line.database, "ALTER TABLE notices RENAME TO lost_notices")
    with pytest.raises(SQLAlchemyError):
        await line.silent_for(30)
    await _run(line.database, "ALTER TABLE lost_notices RENAME TO notices")
    await line.network.tell()
    assert await line.read() == ["network-down"]


async def _run(database: Database, statement: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(statement))
