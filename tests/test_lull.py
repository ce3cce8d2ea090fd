"""While nothing is due and nothing is written, the database is looked at now and then only; never later than promised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.lull import LONGEST_S, Lull
from bot.model import Feed
from bot.storage.database import Database
from bot.worker import Worker
from tests.faketime import StandingClock
from tests.newsstand import newsstand
from tests.test_poller import OLD, Desk


@contextmanager
def statements() -> Iterator[list[str]]:
    """What reaches any database meanwhile."""
    seen: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


async def test_it_lasts_until_its_time_is_up(sqlite: Database, clock: StandingClock) -> None:
    lull = Lull(sqlite, clock)
    assert not lull.lasts()
    lull.begin(sqlite.writes)
    clock.advance(LONGEST_S - 0.1)
    assert lull.lasts()
    clock.advance(0.1)
    assert not lull.lasts()
    lull.begin(sqlite.writes, clock.now() + timedelta(seconds=0.5))
    clock.advance(0.4)
    assert lull.lasts()
    clock.advance(0.1)
    assert not lull.lasts()


async def test_a_write_ends_it_also_one_that_came_during_the_look(sqlite: Database, clock: StandingClock) -> None:
    lull = Lull(sqlite, clock)
    before = sqlite.writes
    async with sqlite.transaction():
        pass
    lull.begin(before)
    assert not lull.lasts()
    lull.begin(sqlite.writes)
    assert lull.lasts()
    with pytest.raises(ZeroDivisionError):
        async with sqlite.transaction():
            raise ZeroDivisionError
    assert not lull.lasts()


async def test_a_feed_is_polled_when_it_is_due_and_the_database_is_left_alone_until_then(sqlite: Database) -> None:
    worker = Worker()
    async with newsstand() as stand:
        stand.publish(OLD)
        desk = Desk(sqlite, worker, [Feed("phare", stand.url(), "Le Phare", interval_s=30.0)])
        await desk.start()
        assert await desk.poll() == 1
        wait_s = await desk.waits_s()
        assert await desk.poll() == 0
        with statements() as seen:
            assert await desk.poll(after_s=LONGEST_S - 0.1) == 0
            assert seen == []
            assert await desk.poll(after_s=0.1) == 0
            assert len(seen) > 0, "others write, too: a look is made now and then"
        assert await desk.poll(after_s=wait_s - LONGEST_S - 0.1) == 0
        assert await desk.poll(after_s=0.2) == 1
        await desk.poller.stop()
        await desk.session.close()
    await worker.close()
