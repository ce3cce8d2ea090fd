"""What was polled and missed is told from the database: a day, a gap, and how a feed stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.articles.changes import New
from bot.feeds.identity import identities
from bot.model import Article, Feed
from bot.storage import coverage, feeds
from bot.storage.articles import save_changes
from bot.storage.coverage import Gap, PollsOfDay
from bot.storage.database import Database
from bot.storage.schema import feeds as feeds_table
from bot.storage.schema import gaps
from tests.figures import count_polls

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
A = Feed("a", "https://a.example/feed", "Le Courrier des Brumes")
B = Feed("b", "https://b.example/feed", "صحيفة الرصيف")


async def listed(database: Database, *configured: Feed) -> None:
    async with database.transaction() as tx:
        await feeds.sync_feeds(tx, configured, {feed.id: NOW for feed in configured})


async def counted(database: Database, feed_id: str, at: datetime, **figures: int) -> None:
    async with database.transaction() as tx:
        await count_polls(tx, feed_id, at, **figures)


async def is_now(database: Database, feed_id: str, **columns: Any) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(feeds_table).where(feeds_table.c.id == feed_id).values(columns))


async def had_a_gap(database: Database, feed_id: str, begin: datetime, end: datetime, *, lost: bool = False) -> None:
    async with database.transaction() as tx:
        values = {"feed_id": feed_id, "begin_at": begin, "end_at": end, "why": "network", "lost": lost}
        await tx.execute(insert(gaps).values(values))


async def test_polls_are_told_by_feed_and_day_from_a_day_on(database: Database) -> None:
    await listed(database, A, B)
    await counted(database, "b", NOW, made=3, unchanged=2)
    await counted(database, "a", NOW, made=5, failed=1, new_articles=7)
    await counted(database, "a", NOW - timedelta(days=1), made=9)
    await counted(database, "a", NOW - timedelta(days=2), made=99)
    async with database.read() as connection:
        found = await coverage.polls_since(connection, date(2026, 2, 2))
        of_b = await coverage.polls_since(connection, date(2026, 2, 2), "b")
    assert found == [
        PollsOfDay("a", date(2026, 2, 2), 9, 0, 0, 0),
        PollsOfDay("a", TODAY, 5, 1, 0, 7),
        PollsOfDay("b", TODAY, 3, 0, 2, 0),
    ]
    assert of_b == found[2:]


async def test_a_feed_that_is_listed_no_more_is_told_only_when_it_is_asked_for(database: Database) -> None:
    await listed(database, A, B)
    await counted(database, "a", NOW, made=1)
    await had_a_gap(database, "a", NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    await listed(database, B)
    async with database.read() as connection:
        assert await coverage.polls_since(connection, TODAY) == []
        assert await coverage.gaps_since(connection, NOW - timedelta(days=1), NOW) == []
        assert len(await coverage.polls_since(connection, TODAY, "a")) == 1
        assert len(await coverage.gaps_since(connection, NOW - timedelta(days=1), NOW, "a")) == 1


async def test_gaps_that_reach_into_the_days_are_told_and_one_that_lasts_is_among_them(database: Database) -> None:
    await listed(database, A, B)
    begin, end = NOW - timedelta(hours=30), NOW - timedelta(hours=20)
    await had_a_gap(database, "a", begin, end, lost=True)
    await had_a_gap(database, "a", begin - timedelta(days=9), end - timedelta(days=9))
    good, since = NOW - timedelta(hours=3), NOW - timedelta(hours=2)
    await is_now(database, "b", state="failing", last_good_at=good, failing_since=since)
    async with database.read() as connection:
        found = await coverage.gaps_since(connection, NOW - timedelta(days=1), NOW)
    assert found == [Gap("a", begin, end, "network", True), Gap("b", good, None, "failing", None)]


async def test_a_feed_that_never_answered_is_missing_since_its_first_failure(database: Database) -> None:
    await listed(database, A)
    await is_now(database, "a", state="refused", failing_since=NOW)
    async with database.read() as connection:
        assert await coverage.gaps_since(connection, NOW, NOW) == [Gap("a", NOW, None, "refused", None)]


async def test_a_standing_counts_the_articles_of_a_week(database: Database) -> None:
    await listed(database, A, B)
    for number, days in enumerate((1, 6, 8)):
        seen = NOW - timedelta(days=days)
        url = f"https://a.example/{number}"
        article = Article("a", None, url, url, f"Titre {number}", "", "fr", seen, dated=True, seen_at=seen)
        async with database.transaction() as tx:
            await save_changes(tx, "a", [New(article, True, tuple(identities(article)))], seen)
    async with database.read() as connection:
        found = await coverage.feed_standings(connection, NOW)
        assert await coverage.all_titles(connection) == {"a": A.title, "b": B.title}
    assert {feed_id: one.recent_articles for feed_id, one in found.items()} == {"a": 2, "b": 0}
    assert (found["a"].state, found["a"].title, found["a"].last_good_at) == ("ok", A.title, None)


async def test_a_suspended_feed_is_due_again_and_its_gap_lasts_until_it_answers(database: Database) -> None:
    await listed(database, A)
    since = NOW - timedelta(days=2)
    later = NOW + timedelta(days=999)
    told = {"state": "gone", "failures": 4, "noticed": "gone", "failing_since": since, "next_poll_at": later}
    await is_now(database, "a", **told)
    async with database.transaction() as tx:
        assert await coverage.resume(tx, "a", NOW)
    async with database.read() as connection:
        row = (await connection.execute(select(feeds_table))).one()
        assert (row.state, row.failures, row.noticed, row.next_poll_at) == ("ok", 0, "gone", NOW)
        assert await feeds.due(connection, NOW, limit=9) == ["a"]
        assert await coverage.gaps_since(connection, NOW, NOW) == [Gap("a", since, None, "gone", None)]


@pytest.mark.parametrize("state", ["ok", "failing", "refused"])
async def test_a_feed_that_is_not_suspended_is_not_resumed(database: Database, state: str) -> None:
    await listed(database, A)
    await is_now(database, "a", state=state, failures=4)
    async with database.transaction() as tx:
        assert not await coverage.resume(tx, "a", NOW)
        assert not await coverage.resume(tx, "nobody", NOW)
    async with database.read() as connection:
        assert (await connection.execute(select(feeds_table.c.failures))).scalar_one() == 4
