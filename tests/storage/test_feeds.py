"""What is due stands in the database: claimed once, released by its end, by its lease, or by a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.model import Feed
from bot.storage import feeds
from bot.storage.database import Database
from bot.storage.schema import feeds as feeds_table
from bot.storage.schema import polls

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
A = Feed("a", "https://a.example/feed", "Le Courrier", "fr", frozenset({"france"}))
B = Feed("b", "https://b.example/feed")


async def listed(database: Database, *configured: Feed, at: datetime = NOW) -> None:
    async with database.transaction() as tx:
        await feeds.sync_feeds(tx, configured, {feed.id: at for feed in configured})


async def claim(database: Database, at: datetime = NOW, limit: int = 10) -> list[str]:
    async with database.transaction() as tx:
        return [each.id for each in await feeds.claim(tx, await feeds.due(tx, at, limit=limit), at, lease_s=60)]


async def polled(database: Database, feed_id: str, outcome: str, **changes: Any) -> None:
    async with database.transaction() as tx:
        due = NOW + timedelta(minutes=10)
        await feeds.record_poll(tx, feed_id, now=NOW, next_poll_at=due, outcome=outcome, **changes)


async def record(database: Database, feed_id: str, at: datetime) -> feeds.FeedRecord:
    async with database.transaction() as tx:
        claimed = await feeds.claim(tx, await feeds.due(tx, at, limit=10), at, lease_s=60)
    [found] = [each for each in claimed if each.id == feed_id]
    return found


async def test_a_due_feed_is_claimed_once_until_its_lease_ends(database: Database) -> None:
    await listed(database, A, B)
    assert sorted(await claim(database)) == ["a", "b"]
    assert await claim(database) == []
    assert sorted(await claim(database, NOW + timedelta(seconds=61))) == ["a", "b"]


async def test_the_longest_waiting_feeds_come_first(database: Database) -> None:
    await listed(database, A, at=NOW)
    async with database.transaction() as tx:
        await feeds.sync_feeds(tx, [A, B], {"a": NOW, "b": NOW - timedelta(minutes=1)})
    assert await claim(database, limit=1) == ["b"]


async def test_feeds_are_polled_in_the_order_in_which_they_wait(database: Database) -> None:
    async with database.transaction() as tx:
        await feeds.sync_feeds(tx, [A, B], {"a": NOW, "b": NOW - timedelta(minutes=1)})
    assert await claim(database) == ["b", "a"]


async def test_a_restart_frees_what_a_dead_process_held(database: Database) -> None:
    await listed(database, A)
    await claim(database)
    async with database.transaction() as tx:
        await feeds.release_leases(tx, NOW)
    assert await claim(database) == ["a"]


async def test_after_one_restart_after_another_no_feed_is_always_the_last(database: Database) -> None:
    async with database.transaction() as tx:
        await feeds.sync_feeds(tx, [A, B], {"a": NOW - timedelta(minutes=1), "b": NOW - timedelta(minutes=2)})
        await feeds.release_leases(tx, NOW, spread_s=60)
    assert await claim(database, NOW + timedelta(seconds=1)) == ["b"]


async def test_a_good_poll_keeps_its_validators_and_clears_the_failures(database: Database) -> None:
    await listed(database, A)
    await polled(database, "a", "failed", failures=3, state="failing", last_error="no answer")
    await polled(database, "a", "good", etag='W/"1"', last_modified="Mon", baseline_at=NOW)
    assert await claim(database, NOW + timedelta(minutes=9)) == []
    found = await record(database, "a", NOW + timedelta(minutes=10))
    assert (found.etag, found.last_modified, found.failures, found.state) == ('W/"1"', "Mon", 0, "ok")
    assert found.baseline_at == NOW


async def test_polls_are_counted_a_feed_and_day(database: Database) -> None:
    await listed(database, A)
    for outcome in ("good", "unchanged", "failed", "failed"):
        await polled(database, "a", outcome)
    async with database.read() as connection:
        row = (await connection.execute(select(polls))).one()
    assert (row.day, row.made, row.failed, row.unchanged) == (NOW.date(), 4, 2, 1)


async def test_a_feed_that_moved_in_the_file_forgets_its_validators_not_its_baseline(database: Database) -> None:
    await listed(database, A)
    await polled(database, "a", "good", etag='"1"', baseline_at=NOW)
    await listed(database, replace(A, url="https://moved.example/feed"), at=NOW)
    found = await record(database, "a", NOW)
    assert (found.etag, found.baseline_at) == (None, NOW)


async def test_a_feed_that_left_the_file_is_not_polled_and_may_come_back(database: Database) -> None:
    await listed(database, A, B)
    await listed(database, B)
    assert await claim(database) == ["b"]
    await listed(database, A, B)
    assert await claim(database) == ["a"]


async def test_an_unchanged_file_does_not_move_what_is_due(database: Database) -> None:
    await listed(database, A)
    await polled(database, "a", "good")
    await listed(database, A, at=NOW)
    assert await claim(database) == []


async def test_the_tags_of_several_feeds_add_up(database: Database) -> None:
    await listed(database, A, replace(B, tags=frozenset({"maroc"})))
    async with database.read() as connection:
        assert await feeds.feed_tags(connection, ["a", "b"]) == {"france", "maroc"}
        assert await feeds.feed_titles(connection, ["a"]) == {"a": "Le Courrier"}


async def test_a_feed_without_a_title_is_called_what_it_calls_itself(database: Database) -> None:
    await listed(database, B)
    await polled(database, "b", "good", title="La Dune")
    await listed(database, B)
    async with database.read() as connection:
        assert await feeds.feed_titles(connection, ["b"]) == {"b": "La Dune"}
    await listed(database, replace(B, title="Notre Dune"))
    async with database.read() as connection:
        assert await feeds.feed_titles(connection, ["b"]) == {"b": "Notre Dune"}


async def test_a_feeds_address_is_not_stored(database: Database) -> None:
    await listed(database, replace(A, url="https://user:hunter2@a.example/feed"))
    async with database.read() as connection:
        assert "hunter2" not in str((await connection.execute(select(feeds_table))).all())
