"""The ledger alone: what happens to the ends of polls that meet, and to a host that asks for a rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Settings
from bot.errors import FetchError
from bot.feeds.fetch import AnswerError, NotModified, Validators
from bot.ledger import KEPT_AT_ONCE, Ledger
from bot.logs import keep_secret
from bot.model import Feed
from bot.own_network import OwnNetwork
from bot.storage import feeds
from bot.storage.database import Database
from bot.storage.schema import feeds as feeds_table
from bot.storage.schema import notices, polls
from tests.faketime import StandingClock

NOTHING_NEW = NotModified(Validators('"v1"'))


class Book:
    """A ledger and its feeds, all of them claimed."""

    def __init__(self, database: Database, listed: Sequence[Feed]) -> None:
        self.database = database
        self.clock = StandingClock()
        self.configured = {feed.id: feed for feed in listed}
        network = OwnNetwork(database, self.clock, hosts=len(listed))
        self.ledger = Ledger(database, self.clock, Settings(), self.configured, network)

    async def open(self, **columns: Any) -> Book:
        now = self.clock.now()
        async with self.database.transaction() as tx:
            await feeds.sync_feeds(tx, list(self.configured.values()), dict.fromkeys(self.configured, now))
            if columns:
                await tx.execute(feeds_table.update().values(columns))
            claimed = await feeds.claim(tx, list(self.configured), now, lease_s=900)
        self.records = {record.id: record for record in claimed}
        return self

    async def unchanged(self, *feed_ids: str) -> None:
        for feed_id in feed_ids:
            await self.ledger.unchanged(self.records[feed_id], NOTHING_NEW, self.records[feed_id].move)

    async def refused(self, feed_id: str, retry_after_s: float = 20_000.0) -> None:
        await self.ledger.failed(self.records[feed_id], busy(f"https://phare.example/{feed_id}", retry_after_s))

    async def waits_s(self) -> dict[str, float]:
        """Seconds to each feed's next poll."""
        return {row.id: (row.next_poll_at - self.clock.now()).total_seconds() for row in await self.rows()}

    async def rows(self) -> list[Any]:
        async with self.database.read() as connection:
            return list(await connection.execute(select(feeds_table).order_by(feeds_table.c.id)))


async def connect(database: Database, count: int) -> None:
    """Open so many connections, so that what begins together runs together."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(database.read())


def busy(url: str, retry_after_s: float = 20_000.0) -> AnswerError:
    return AnswerError("http", "too many requests", url=url, status=429, retry_after_s=retry_after_s)


def of_phare(*names: str) -> list[Feed]:
    return [Feed(name, f"https://phare.example/{name}") for name in names]


# --- Ends that meet ---------------------------------------------------------------------------------------------------


async def test_feeds_of_one_host_may_be_refused_at_once(database: Database) -> None:
    """Each once locked its own row, then those of the others: PostgreSQL broke one off."""
    names = [f"feed-{number}" for number in range(5)]
    book = await Book(database, of_phare(*names)).open()
    await connect(database, 5)
    await asyncio.gather(*(book.refused(name) for name in names))
    rows = await book.rows()
    assert [row.failures for row in rows] == [1] * 5
    assert [row.lease_until for row in rows] == [None] * 5


async def test_ends_without_news_meet_a_host_that_asks_for_a_rest(database: Database) -> None:
    names = [f"feed-{number:02}" for number in range(60)]
    book = await Book(database, of_phare(*names)).open()
    await connect(database, 2)
    for number in range(20):
        await book.unchanged(*reversed(names[1:]))
        await asyncio.gather(book.ledger.flush(), book.refused(names[0], 20_000.0 + number))
    assert {row.lease_until for row in await book.rows()} == {None}


async def test_two_who_write_the_ends_down_write_them_once(sqlite: Database) -> None:
    book = await Book(sqlite, of_phare("a", "b")).open()
    await book.unchanged("a")
    first = asyncio.create_task(book.ledger.flush())
    await asyncio.sleep(0)
    await book.unchanged("b")
    await asyncio.gather(first, book.ledger.flush(), book.ledger.flush())
    async with sqlite.read() as connection:
        assert [row.made for row in await connection.execute(select(polls))] == [1, 1]


async def test_ends_that_could_not_be_written_are_written_later(sqlite: Database) -> None:
    book = await Book(sqlite, of_phare("a", "b")).open()
    await book.unchanged("a", "b")
    async with sqlite.transaction() as tx:
        await tx.execute(text("ALTER TABLE polls RENAME TO away"))
    with pytest.raises(SQLAlchemyError):
        await book.ledger.flush()
    async with sqlite.transaction() as tx:
        await tx.execute(text("ALTER TABLE away RENAME TO polls"))
    await book.ledger.flush()
    await book.ledger.flush()
    assert [row.etag for row in await book.rows()] == ['"v1"', '"v1"']
    async with sqlite.read() as connection:
        assert [row.made for row in await connection.execute(select(polls))] == [1, 1]


async def test_the_hundredth_end_is_no_failure_of_its_feed(sqlite: Database) -> None:
    names = [f"feed-{number}" for number in range(KEPT_AT_ONCE)]
    book = await Book(sqlite, of_phare(*names)).open()
    async with sqlite.transaction() as tx:
        await tx.execute(text("ALTER TABLE polls RENAME TO away"))
    await book.unchanged(*names)
    async with sqlite.transaction() as tx:
        await tx.execute(text("ALTER TABLE away RENAME TO polls"))
    await book.ledger.flush()
    assert {row.etag for row in await book.rows()} == {'"v1"'}


# --- A host that asks for a rest --------------------------------------------------------------------------------------


async def test_an_end_that_waits_to_be_written_does_not_end_the_rest(database: Database) -> None:
    book = await Book(database, of_phare("a", "b", "c")).open()
    await book.unchanged("b")
    await book.refused("a")
    await book.unchanged("c")  # its poll was under way
    await book.ledger.flush()
    assert min((await book.waits_s()).values()) >= 20_000


async def test_a_failure_does_not_end_the_rest(sqlite: Database) -> None:
    book = await Book(sqlite, of_phare("a", "b")).open()
    await book.refused("a")
    await book.ledger.failed(book.records["b"], FetchError("timeout", "no answer"))
    assert (await book.waits_s())["b"] >= 20_000


async def test_a_rest_ends_and_a_shorter_one_shortens_nothing(sqlite: Database) -> None:
    book = await Book(sqlite, of_phare("a", "b")).open()
    await book.refused("a")
    await book.refused("b", 60.0)
    assert book.ledger.rest_s("phare.example") == 20_000
    book.clock.advance(20_000)
    assert book.ledger.rest_s("phare.example") == 0
    assert book.ledger.rest_s("dune.example") == 0


async def test_a_rest_is_as_long_as_it_was_asked_for(sqlite: Database) -> None:
    """Not as long as the interval of the feed that was refused."""
    listed = [Feed("a", "https://phare.example/a", interval_s=86_400.0), *of_phare("b")]
    book = await Book(sqlite, listed).open()
    await book.refused("a", 60.0)
    assert (await book.waits_s())["b"] == 60


async def test_feeds_rest_with_the_host_that_they_are_really_asked_at(sqlite: Database) -> None:
    listed = [*of_phare("a"), Feed("moved", "https://old.example/rss"), Feed("left", "https://phare.example/left")]
    book = Book(sqlite, listed)
    await book.open()
    async with sqlite.transaction() as tx:
        for feed_id, to in (("moved", "https://phare.example/rss"), ("left", "https://dune.example/rss")):
            await tx.execute(feeds_table.update().where(feeds_table.c.id == feed_id).values(redirected_to=to))
    await book.refused("a")
    waits = await book.waits_s()
    assert waits["moved"] >= 20_000
    assert waits["left"] == 0


# --- Secrets ----------------------------------------------------------------------------------------------------------


async def test_no_key_is_stored_or_told_with_an_error(sqlite: Database) -> None:
    keep_secret("l3dg3r-k3y")
    book = await Book(sqlite, of_phare("a")).open(failures=9, failing_since=datetime(2026, 1, 1).astimezone())
    error = FetchError("connection", "no answer from https://phare.example/l3dg3r-k3y/rss")
    await book.ledger.failed(book.records["a"], error)
    [row] = await book.rows()
    assert row.last_error == "no answer from https://phare.example/[secret]/rss"
    async with sqlite.read() as connection:
        told = [str(each) for each in await connection.execute(select(notices))]
    assert told
    assert "l3dg3r" not in "".join(told)
