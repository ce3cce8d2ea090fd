"""How targets want to be told, as the tables keep it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from bot.model import THRESHOLDS, Entity, Muted, Preferences, Priority, Quiet, Rhythm, Target, WatchedName, chat_scope
from bot.storage import names, wishes
from bot.storage.chats import Chat, save_chat, set_timezone
from bot.storage.database import Database
from bot.storage.schema import preferences
from bot.storage.subscriptions import priorities_of, set_priority, subscribe, unsubscribe_all

NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
ANNA, TOPIC = Target(1), Target(1, 7)
MINE = chat_scope(ANNA)


async def follow(database: Database, *people: str) -> None:
    async with database.transaction() as tx:
        await save_chat(tx, Chat(ANNA.chat_id, "private", "Anna"), NOW)
        await subscribe(tx, ANNA, MINE, NOW, None)
        await wishes.begin_preferences(tx, ANNA, NOW, PARIS)
        for who in people:
            await names.add_name(tx, WatchedName(MINE, who, Entity(who)), NOW, None)


async def next_at(database: Database, target: Target = ANNA) -> datetime | None:
    async with database.read() as connection:
        return await wishes.next_digest_of(connection, target)


async def test_two_people_change_two_things_at_once(database: Database) -> None:
    await follow(database)

    async def change(**wanted: object) -> None:
        async with database.transaction() as tx:
            await wishes.change_preferences(tx, ANNA, lambda before: replace(before, **wanted), NOW, PARIS)  # type: ignore[arg-type]

    night = Quiet(time(22), time(7))
    await asyncio.gather(change(quiet=night), change(demand="strict"), change(ring_at_outlets=5))
    async with database.read() as connection:
        assert await wishes.preferences_of(connection, ANNA) == Preferences(
            quiet=night, demand="strict", ring_at_outlets=5
        )


async def test_a_digest_that_is_due_stays_so_whatever_else_changes(database: Database) -> None:
    await follow(database)
    due = NOW - timedelta(minutes=1)
    async with database.transaction() as tx:
        await tx.execute(update(preferences).values(next_digest_at=due))
        await wishes.change_preferences(tx, ANNA, lambda before: replace(before, demand="wide"), NOW, PARIS)
    assert await next_at(database) == due
    async with database.transaction() as tx:
        await wishes.change_preferences(tx, ANNA, lambda before: replace(before, digest=Rhythm.HOURLY), NOW, PARIS)
    assert await next_at(database) == NOW + timedelta(hours=1)


async def test_digests_of_every_topic_follow_a_new_zone(database: Database) -> None:
    await follow(database)
    async with database.transaction() as tx:
        await wishes.save_preferences(tx, TOPIC, Preferences(quiet=Quiet(time(22), time(7))), NOW, PARIS)
        await set_timezone(tx, ANNA.chat_id, NEW_YORK.key)
        assert await wishes.move_to_zone(tx, ANNA.chat_id, NOW, NEW_YORK) == [TOPIC]
    eight = datetime(2026, 2, 3, 8, 0, tzinfo=NEW_YORK)
    assert [await next_at(database, each) for each in (ANNA, TOPIC)] == [eight, eight]


async def test_who_left_is_told_nothing_until_coming_back(database: Database) -> None:
    await follow(database, "Jeanne Exemple")
    async with database.transaction() as tx:
        await wishes.change_preferences(tx, ANNA, lambda before: replace(before, digest_at=time(18)), NOW, PARIS)
        mute = {"shown": "", "now": NOW, "until": None, "made_by": None}
        await wishes.add_mute(tx, ANNA, Muted.ALL, **mute)  # type: ignore[arg-type]
        await names.remove_names(tx, MINE)
        await unsubscribe_all(tx, ANNA)
        await wishes.rest(tx, ANNA, NOW)
    later = NOW + timedelta(days=30)
    async with database.read() as connection:
        assert await wishes.due_digests(connection, later, without=(), limit=9) == []
        assert await wishes.due_signs(connection, later, without=(), limit=9) == []
        assert await wishes.current_mutes(connection, [ANNA], later) == {}
        assert await wishes.ended_mutes(connection, later, without=(), limit=9) == []
        assert await names.names_of(connection, MINE) == []
    async with database.transaction() as tx:
        await wishes.begin_preferences(tx, ANNA, later, PARIS)
        row = (await tx.execute(select(preferences))).one()
    assert row.next_digest_at == datetime(2026, 3, 5, 18, 0, tzinfo=PARIS)
    assert row.sign_due_at == later + wishes.SIGN_OF_LIFE


async def test_the_urgency_of_a_name_is_kept_with_the_subscription(database: Database) -> None:
    await follow(database, "Jeanne Exemple")
    async with database.transaction() as tx:
        assert await set_priority(tx, ANNA, MINE, "Jeanne Exemple", Priority.URGENT)
        assert await set_priority(tx, ANNA, MINE, "Paul Exemple", Priority.DIGEST)
        assert not await set_priority(tx, TOPIC, MINE, "Jeanne Exemple", Priority.URGENT)
    async with database.read() as connection:
        assert await priorities_of(connection, ANNA) == {
            (MINE, "Jeanne Exemple"): Priority.URGENT,
            (MINE, "Paul Exemple"): Priority.DIGEST,
        }


async def test_a_chats_own_names_are_looked_for_with_another_threshold(database: Database) -> None:
    await follow(database, "Jeanne Exemple", "Paul Exemple")
    async with database.transaction() as tx:
        other = WatchedName(chat_scope(TOPIC), "Jeanne Exemple", Entity("Jeanne Exemple"))
        await names.add_name(tx, other, NOW, None)
        changed = await names.set_threshold(tx, MINE, THRESHOLDS["wide"], NOW)
        assert await names.set_threshold(tx, chat_scope(Target(99)), THRESHOLDS["wide"], NOW) == []
    async with database.read() as connection:
        stored = await names.names_of(connection, MINE)
        assert [each.entity.threshold for each in stored] == [78, 78]
        assert stored == changed
        assert [each.entity.threshold for each in await names.names_of(connection, other.scope)] == [85]
