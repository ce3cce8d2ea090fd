"""The outbox: what is owed is kept with the decision, claimed once, and comes back after whatever interrupts it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access
from bot.alerts.decide import Owed
from bot.alerts.hit import Hit
from bot.model import (
    CONSOLE,
    DeliveryState,
    Entity,
    Match,
    MatchField,
    Priority,
    Scope,
    Subscription,
    Target,
    Tier,
    WatchedName,
    list_scope,
)
from bot.storage import outbox
from bot.storage.chats import Chat, close_topic, hold_chat, is_closed, pause_chat, save_chat
from bot.storage.database import Database
from bot.storage.erasure import forget_chat
from bot.storage.schema import alerts, articles, deliveries, feeds, messages, stories, told
from bot.storage.subscriptions import subscribe, unsubscribe
from tests.fates import fates
from tests.shelves import count

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
QUAIS = list_scope("quais")
ANNA, BORIS, TOPIC = Target(1), Target(-2), Target(-2, 7)


@pytest.fixture
async def story(database: Database) -> tuple[int, int]:
    """(story id, article id) to owe alerts about."""
    feed = {"id": "f", "url_digest": "0", "title": "", "tags": [], "active": True, "state": "ok", "next_poll_at": NOW}
    article = {
        "feed_id": "f", "title": "t", "text": "", "published_at": NOW, "dated": True, "seen_at": NOW, "digest": "", "state": "new", "baseline": False,
    }  # fmt: skip
    async with database.transaction() as tx:
        await tx.execute(insert(feeds).values(feed))
        article_id = (await tx.execute(insert(articles).values(article).returning(articles.c.id))).scalar_one()
        values = {"title": "t", "first_at": NOW, "last_at": NOW}
        story_id = (await tx.execute(insert(stories).values(values).returning(stories.c.id))).scalar_one()
    return story_id, article_id


def owe(target: Target, shown: str = "Vantadour", state: DeliveryState = DeliveryState.PENDING) -> Owed:
    name = WatchedName(QUAIS, shown, Entity(shown))
    match = Match(QUAIS, shown, shown, shown, MatchField.TITLE, 0, 5, 100, Tier.CERTAIN)
    return Owed(target, state, None, Tier.CERTAIN, Priority.NORMAL, (Hit(name, match),))


async def save(database: Database, story: tuple[int, int], *owed: Owed) -> int | None:
    async with database.transaction() as tx:
        return await outbox.save_alert(tx, *story, owed, NOW)


async def due(database: Database, at: datetime = NOW, **more: Any) -> list[Target]:
    options: dict[str, Any] = {"waiting": [], "only": None, "limit": 10} | more
    async with database.read() as connection:
        return [target for _, target in await outbox.due_targets(connection, at, **options)]


async def claim_first(database: Database, at: datetime = NOW) -> outbox.Delivery:
    async with database.transaction() as tx:
        [(delivery_id, _), *_] = await outbox.due_targets(tx, at, waiting=[], only=None, limit=10)
        [claimed] = await outbox.claim(tx, delivery_id, at, lease_s=60)
    return claimed


async def test_alerts_of_a_story_are_numbered_and_remember_who_was_told(
    database: Database, story: tuple[int, int]
) -> None:
    await save(database, story, owe(ANNA), owe(TOPIC))
    await save(database, story, owe(ANNA, "Berenguel"))
    async with database.read() as connection:
        numbers = (await connection.execute(select(alerts.c.sequence).order_by(alerts.c.id))).scalars().all()
        told = await outbox.told_in_story(connection, story[0])
    assert numbers == [1, 2]
    assert told == {
        ANNA: {"name:vantadour": Tier.CERTAIN, "name:berenguel": Tier.CERTAIN},
        TOPIC: {"name:vantadour": Tier.CERTAIN},
    }


async def test_nothing_owed_is_no_alert(database: Database, story: tuple[int, int]) -> None:
    assert await save(database, story) is None


async def test_a_delivery_is_claimed_once(database: Database, story: tuple[int, int]) -> None:
    await save(database, story, owe(ANNA))
    claimed = await claim_first(database)
    assert claimed.names == ((QUAIS, "Vantadour"),)
    async with database.transaction() as tx:
        assert await outbox.claim(tx, claimed.id, NOW, lease_s=60) == []


async def test_a_bundle_waits_a_minute_for_more_and_is_claimed_together(
    database: Database, story: tuple[int, int]
) -> None:
    half = NOW + timedelta(seconds=30)
    async with database.transaction() as tx:
        await outbox.save_alert(tx, *story, [owe(ANNA), owe(BORIS)], NOW, bundle=outbox.CATCH_UP)
        await outbox.save_alert(tx, *story, [owe(ANNA, "Berenguel")], half, bundle=outbox.CATCH_UP)
    assert await due(database, NOW + timedelta(seconds=60)) == [BORIS], "another story came for Anna"
    late = NOW + timedelta(seconds=90)
    assert await due(database, late) == [ANNA, BORIS]
    async with database.transaction() as tx:
        [(delivery_id, _), _] = await outbox.due_targets(tx, late, waiting=[], only=None, limit=10)
        claimed = await outbox.claim(tx, delivery_id, late, lease_s=60)
        assert [each.names for each in claimed] == [((QUAIS, "Vantadour"),), ((QUAIS, "Berenguel"),)]
        await outbox.record_sent(tx, claimed[0].id, ANNA, 5, late)
        await outbox.release(tx, [claimed[1].id])
    assert await due(database, late) == [BORIS, ANNA]


async def test_a_bundle_that_grows_goes_out_all_the_same(database: Database, story: tuple[int, int]) -> None:
    for seconds in range(0, 400, 50):
        async with database.transaction() as tx:
            at = NOW + timedelta(seconds=seconds)
            await outbox.save_alert(tx, *story, [owe(ANNA, f"name {seconds}")], at, bundle=outbox.CATCH_UP)
        if await due(database, NOW + timedelta(seconds=seconds + 1)):
            break
    assert 250 <= seconds <= 300


async def test_what_is_urgent_waits_for_no_bundle(database: Database, story: tuple[int, int]) -> None:
    urgent = replace(owe(ANNA), priority=Priority.URGENT)
    async with database.transaction() as tx:
        await outbox.save_alert(tx, *story, [urgent], NOW, bundle=outbox.CATCH_UP)
    assert await due(database) == [ANNA]


async def test_a_chat_has_one_delivery_in_flight_topics_included(database: Database, story: tuple[int, int]) -> None:
    await save(database, story, owe(BORIS), owe(TOPIC))
    assert await due(database) == [BORIS, TOPIC]
    await claim_first(database)
    assert await due(database) == []


async def test_the_oldest_of_each_target_is_due_and_waiting_chats_are_left_alone(
    database: Database, story: tuple[int, int]
) -> None:
    await save(database, story, owe(ANNA), owe(BORIS))
    await save(database, story, owe(ANNA, "Berenguel"))
    assert await due(database) == [ANNA, BORIS]
    assert await due(database, waiting=[ANNA.chat_id]) == [BORIS]


async def test_the_console_and_telegram_do_not_take_each_others_deliveries(
    database: Database, story: tuple[int, int]
) -> None:
    await save(database, story, owe(ANNA), owe(CONSOLE))
    assert await due(database) == [ANNA]
    assert await due(database, only=CONSOLE.chat_id) == [CONSOLE]


async def test_what_was_being_sent_at_a_crash_may_have_arrived(database: Database, story: tuple[int, int]) -> None:
    await save(database, story, owe(ANNA))
    await claim_first(database)
    async with database.transaction() as tx:
        assert await outbox.recover_sending(tx) == 1
    assert (await claim_first(database)).lost_before


async def test_a_delivery_whose_lease_ran_out_is_sent_again_and_no_other(
    database: Database, story: tuple[int, int]
) -> None:
    await save(database, story, owe(ANNA))
    await claim_first(database)
    async with database.transaction() as tx:
        assert await outbox.recover_sending(tx, expired_by=NOW + timedelta(seconds=59)) == 0
        assert await outbox.recover_sending(tx, expired_by=NOW + timedelta(seconds=61)) == 1
    assert (await claim_first(database)).lost_before


async def test_a_held_delivery_is_never_due(database: Database, story: tuple[int, int]) -> None:
    await save(database, story, owe(ANNA, state=DeliveryState.HELD))
    assert await due(database, LATER) == []


async def test_a_retry_waits_for_its_time_and_counts(database: Database, story: tuple[int, int]) -> None:
    await save(database, story, owe(ANNA))
    claimed = await claim_first(database)
    async with database.transaction() as tx:
        await outbox.record_retry(tx, claimed, when=LATER, state=DeliveryState.UNKNOWN, why="answer-lost", counts=True)
    assert await due(database) == []
    again = await claim_first(database, LATER)
    assert (again.attempts, again.lost_before) == (1, True)


async def test_what_comes_back_late_changes_no_other_chats_delivery(database: Database, story: tuple[int, int]) -> None:
    """SQLite gives the number of an erased delivery to the next one."""
    await save(database, story, owe(ANNA))
    erased = await claim_first(database)
    async with database.transaction() as tx:
        await tx.execute(delete(deliveries))
        await tx.execute(delete(alerts))
    await save(database, story, owe(BORIS))
    async with database.transaction() as tx:
        await tx.execute(update(deliveries).values(id=erased.id))
        await outbox.record_sent(tx, erased.id, ANNA, 77, NOW)
        await outbox.record_retry(tx, erased, when=LATER, state=DeliveryState.UNKNOWN, why="x", counts=True)
        await outbox.close(tx, erased, DeliveryState.FAILED, "x", NOW)
        assert (await tx.execute(select(messages))).all() == []  # nor is a message left of whom was forgotten
    assert await fates(database) == {"pending": 1}


async def test_what_was_on_its_way_when_everything_was_stopped_is_not_tried_again(
    database: Database, story: tuple[int, int]
) -> None:
    async with database.transaction() as tx:
        await save_chat(tx, Chat(ANNA.chat_id, "private", ""), NOW)
        await subscribe(tx, ANNA, QUAIS, NOW, None)
    await save(database, story, owe(ANNA))
    claimed = await claim_first(database)
    for stopped, state in ((False, "pending"), (True, "suppressed")):
        async with database.transaction() as tx:
            if stopped:
                await unsubscribe(tx, ANNA, QUAIS)
            await outbox.record_retry(tx, claimed, when=LATER, state=DeliveryState.PENDING, why="flood", counts=False)
            await outbox.drop_unfollowed(tx, ANNA, [claimed.id])
        assert await fates(database) == {state: 1}


async def test_a_sent_delivery_knows_its_message(database: Database, story: tuple[int, int]) -> None:
    await save(database, story, owe(ANNA))
    claimed = await claim_first(database)
    async with database.transaction() as tx:
        await outbox.record_sent(tx, claimed.id, ANNA, 4711, NOW)
    async with database.read() as connection:
        row = (await connection.execute(select(deliveries))).one()
    assert (row.state, row.sent_at) == ("sent", NOW)
    assert row.message_row is not None


async def test_a_chat_that_is_gone_closes_what_waits_for_it(database: Database, story: tuple[int, int]) -> None:
    await save(database, story, owe(ANNA), owe(BORIS))
    await save(database, story, owe(ANNA, "Berenguel"))
    async with database.transaction() as tx:
        await outbox.suppress_waiting(tx, ANNA.chat_id, "blocked", NOW)
    assert await fates(database) == {"suppressed": 2, "pending": 1}


async def test_only_chats_that_can_be_reached_are_owed_anything(database: Database) -> None:
    async with database.transaction() as tx:
        for target in (ANNA, BORIS):
            await save_chat(tx, Chat(target.chat_id, "private", ""), NOW)
            await subscribe(tx, target, QUAIS, NOW, None)
        await pause_chat(tx, BORIS.chat_id, "blocked")
    async with database.read() as connection:
        found = await outbox.live_subscriptions(connection, [QUAIS, Scope("list:other")], Access("open"))
    assert found == [Subscription(ANNA, QUAIS)]


# --- Chats that are forgotten at the same moment ----------------------------------------------------------------------

A_MOMENT_S = 0.3
"""In which what does not have to wait is long done."""


async def followed_by_anna(database: Database) -> None:
    async with database.transaction() as tx:
        await save_chat(tx, Chat(ANNA.chat_id, "private", ""), NOW)
        await subscribe(tx, ANNA, QUAIS, NOW, None)


async def forget_anna(database: Database) -> None:
    async with database.transaction() as tx:
        await forget_chat(tx, ANNA.chat_id)


async def live(tx: AsyncConnection) -> list[Target]:
    return [each.target for each in await outbox.live_subscriptions(tx, [QUAIS], Access("open"))]


async def left(database: Database) -> tuple[int, int]:
    async with database.read() as connection:
        return await count(connection, deliveries), await count(connection, told)


async def test_who_is_forgotten_while_it_is_decided_is_owed_nothing_afterwards(
    database: Database, story: tuple[int, int]
) -> None:
    await followed_by_anna(database)
    async with database.transaction() as tx:
        assert await live(tx) == [ANNA]
        forgetting = asyncio.create_task(forget_anna(database))
        await asyncio.wait({forgetting}, timeout=A_MOMENT_S)
        await outbox.save_alert(tx, *story, [owe(ANNA)], NOW)
    await forgetting
    assert await left(database) == (0, 0)


async def test_what_is_decided_while_somebody_is_forgotten_is_not_about_them(
    database: Database, story: tuple[int, int]
) -> None:
    async def decided() -> None:
        async with database.transaction() as tx:
            await outbox.save_alert(tx, *story, [owe(each) for each in await live(tx)], NOW)

    await followed_by_anna(database)
    async with database.transaction() as tx:
        await forget_chat(tx, ANNA.chat_id)
        deciding = asyncio.create_task(decided())
        await asyncio.wait({deciding}, timeout=A_MOMENT_S)
    await deciding
    assert await left(database) == (0, 0)


async def test_what_was_sent_and_what_is_forgotten_do_not_wait_for_each_other(
    database: Database, story: tuple[int, int]
) -> None:
    await followed_by_anna(database)
    await save(database, story, owe(ANNA))
    await save(database, story, owe(ANNA, "Berenguel"))
    async with database.transaction() as tx:
        await hold_chat(tx, ANNA.chat_id)
        await outbox.record_sent(tx, 2, ANNA, 77, NOW)
        forgetting = asyncio.create_task(forget_anna(database))
        await asyncio.wait({forgetting}, timeout=A_MOMENT_S)
        await outbox.record_sent(tx, 1, ANNA, 77, NOW)
    await forgetting
    assert await left(database) == (0, 0)
    async with database.read() as connection:
        assert await count(connection, messages) == 0


async def test_a_topic_of_a_chat_that_was_forgotten_meanwhile_is_not_kept(database: Database) -> None:
    async with database.transaction() as tx:
        await close_topic(tx, TOPIC, NOW)
        assert not await is_closed(tx, TOPIC, NOW)
