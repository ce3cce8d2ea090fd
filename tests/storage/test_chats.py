from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Entity, Target, WatchedName, chat_scope, list_scope
from bot.storage import schema
from bot.storage.chats import Chat, chat_of, ids_of, move_chat, pause_chat, resume_chat, save_chat
from bot.storage.database import Database, insert
from bot.storage.names import add_name
from bot.storage.subscriptions import scopes_followed, subscribe

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
GROUP = Chat(-42, "group", "Rédaction", language="fr", timezone="Europe/Paris")
NEW_ID = -1001234567890
OLD_SCOPE = chat_scope(Target(-42))
NEW_SCOPE = chat_scope(Target(NEW_ID))


async def _row(tx: AsyncConnection, table: Any, **values: Any) -> None:
    await tx.execute(insert(tx, table).values(values))


async def _fill(tx: AsyncConnection) -> None:
    """One row in every table that can name the group, and a neighbour -421 that must stay as it is."""
    await save_chat(tx, GROUP, NOW)
    await save_chat(tx, Chat(-421, "group", "Voisins"), NOW)
    await _row(tx, schema.feeds, id="a", url_digest="0", tags=[], active=True, state="ok", next_poll_at=NOW)
    await _row(
        tx, schema.articles, id=1, feed_id="a", title="Titre", text="", published_at=NOW, dated=True, seen_at=NOW,
        digest="0" * 32, state="done",
    )  # fmt: skip
    await _row(tx, schema.stories, id=1, title="Titre", first_at=NOW, last_at=NOW)
    await _row(tx, schema.alerts, id=1, story_id=1, sequence=1, article_id=1, created_at=NOW)
    for chat_id in (-42, -421):
        target = Target(chat_id)
        scope = chat_scope(target)
        await add_name(tx, WatchedName(scope, "Jeanne Exemple", Entity("Jeanne Exemple")), NOW, 7)
        await subscribe(tx, target, scope, NOW, 7)
        await subscribe(tx, target, list_scope("justice"), NOW, 7)
        await _row(
            tx, schema.matches, article_id=1, scope=scope, name_id="Jeanne Exemple", alias="Jeanne Exemple",
            text="Jeanne Exemple", field="title", start=0, end=5, score=100, tier="certain", reasons=[],
        )  # fmt: skip
        await _row(tx, schema.told, chat_id=chat_id, topic_id=0, story_id=1, identity="x", tier="certain", alert_id=1)
        await _row(tx, schema.messages, chat_id=chat_id, topic_id=0, message_id=5, sent_at=NOW)
        await _row(
            tx, schema.deliveries, alert_id=1, chat_id=chat_id, topic_id=0, state="pending", tier="certain",
            priority="normal", names=[[scope, "Jeanne Exemple"]], due_at=NOW, created_at=NOW,
        )  # fmt: skip
        await _row(
            tx, schema.verdicts, chat_id=chat_id, topic_id=0, scope=scope, name_id="Jeanne Exemple", verdict="right",
            lesson={}, given_at=NOW,
        )  # fmt: skip
        await _row(
            tx, schema.preferences, chat_id=chat_id, topic_id=0, rings="at-once", quiet_mode="held", digest="off",
            digest_at="08:00", demand="normal",
        )  # fmt: skip
        await _row(tx, schema.mutes, chat_id=chat_id, topic_id=0, what="all", shown="", since=NOW)
        await _row(
            tx, schema.questions, chat_id=chat_id, message_id=6, topic_id=0, about="context", argument="", asked_at=NOW
        )


async def _everything(tx: AsyncConnection) -> str:
    """Every row of every table but the chats themselves, as text."""
    tables = [table for table in schema.metadata.sorted_tables if table.name != "chats"]
    return "\n".join([str([table.name, *row]) for table in tables for row in await tx.execute(select(table))])


async def test_a_moved_group_leaves_nothing_under_its_old_id(database: Database) -> None:
    async with database.transaction() as tx:
        await _fill(tx)
        renamed = await move_chat(tx, -42, NEW_ID)
    async with database.read() as connection:
        everything = await _everything(connection)
        new, old = await chat_of(connection, NEW_ID), await chat_of(connection, -42)
        followed = await scopes_followed(connection, Target(NEW_ID))
    assert renamed == {OLD_SCOPE: NEW_SCOPE}
    assert followed == [NEW_SCOPE, list_scope("justice")]
    assert "-42," not in everything
    assert "chat:-42:" not in everything
    assert everything.count(NEW_SCOPE) == 5  # name, subscription, match, verdict, delivery
    assert everything.count("chat:-421:0") == 5
    assert new is not None
    assert (new.type, new.state, new.language, new.timezone) == ("supergroup", "active", "fr", "Europe/Paris")
    assert old is not None
    assert old.state == "moved"


async def test_moving_twice_changes_nothing_more(database: Database) -> None:
    async with database.transaction() as tx:
        await _fill(tx)
        await move_chat(tx, -42, NEW_ID)
        once = await _everything(tx)
        assert await move_chat(tx, -42, NEW_ID) == {}
        assert await _everything(tx) == once


async def test_what_the_new_group_has_already_is_not_doubled(database: Database) -> None:
    async with database.transaction() as tx:
        await _fill(tx)
        await save_chat(tx, Chat(NEW_ID, "supergroup", "Rédaction"), NOW)
        await subscribe(tx, Target(NEW_ID), list_scope("justice"), NOW, 7)
        await _row(tx, schema.told, chat_id=NEW_ID, topic_id=0, story_id=1, identity="x", tier="possible", alert_id=1)
        await move_chat(tx, -42, NEW_ID)
        assert sorted(await scopes_followed(tx, Target(NEW_ID))) == sorted([NEW_SCOPE, list_scope("justice")])
        tiers = await tx.execute(select(schema.told.c.tier).where(schema.told.c.chat_id == NEW_ID))
        assert list(tiers.scalars()) == ["possible"]


async def test_a_late_update_does_not_revive_the_old_id(database: Database) -> None:
    async with database.transaction() as tx:
        await _fill(tx)
        await move_chat(tx, -42, NEW_ID)
        await save_chat(tx, GROUP, NOW)
        await resume_chat(tx, -42)
        old = await chat_of(tx, -42)
        assert await ids_of(tx, NEW_ID) == {-42, NEW_ID}
    assert old is not None
    assert old.state == "moved"


async def test_a_chat_that_speaks_again_is_active_and_keeps_its_language(database: Database) -> None:
    async with database.transaction() as tx:
        await save_chat(tx, Chat(7, "private", "Ada", language="fr"), NOW)
        await pause_chat(tx, 7, "blocked")
        paused = await chat_of(tx, 7)
        await save_chat(tx, Chat(7, "private", "Ada L.", language="en"), NOW + timedelta(days=1))
        back = await chat_of(tx, 7)
    assert paused == Chat(7, "private", "Ada", "paused", "blocked", "fr")
    assert back == Chat(7, "private", "Ada L.", "active", None, "fr")
