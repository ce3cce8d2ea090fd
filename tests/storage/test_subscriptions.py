from __future__ import annotations

from datetime import UTC, datetime

from bot.access import Access
from bot.model import CONSOLE, Target, list_scope
from bot.storage.access import every_target
from bot.storage.chats import Chat, pause_chat, save_chat
from bot.storage.database import Database
from bot.storage.subscriptions import makers_of, scopes_followed, subscribe, unsubscribe

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
FORUM = -1001234567890


async def test_a_subscription_belongs_to_the_topic_it_was_made_in(database: Database) -> None:
    justice, crime = list_scope("justice"), list_scope("crime")
    async with database.transaction() as tx:
        await save_chat(tx, Chat(FORUM, "supergroup", "Rédaction"), NOW)
        assert await subscribe(tx, Target(FORUM, 12), justice, NOW, 7)
        assert not await subscribe(tx, Target(FORUM, 12), justice, NOW, 8)
        assert await subscribe(tx, Target(FORUM), crime, NOW, 7)
        assert await scopes_followed(tx, Target(FORUM, 12)) == [justice]
        assert not await unsubscribe(tx, Target(FORUM, 12), crime)
        assert await unsubscribe(tx, Target(FORUM), crime)
        assert await scopes_followed(tx, Target(FORUM)) == []


async def test_everybody_who_follows_something_and_can_be_reached(database: Database) -> None:
    justice, crime = list_scope("justice"), list_scope("crime")
    async with database.transaction() as tx:
        for chat_id in (CONSOLE.chat_id, 7, 8, 9, FORUM):
            await save_chat(tx, Chat(chat_id, "private", "?"), NOW)
        for target in (CONSOLE, Target(7), Target(8), Target(FORUM, 12), Target(FORUM)):
            await subscribe(tx, target, justice, NOW, 7)
        await subscribe(tx, Target(7), crime, NOW, 7)
        await pause_chat(tx, 8, "blocked")
        assert sorted(await every_target(tx, Access("open"))) == [Target(FORUM), Target(FORUM, 12), Target(7)]


async def test_who_set_a_chat_up_and_may_be_written_to(database: Database) -> None:
    async with database.transaction() as tx:
        for chat_id in (7, 8, 9):
            await save_chat(tx, Chat(chat_id, "private", "?"), NOW)
        await save_chat(tx, Chat(FORUM, "supergroup", "Rédaction"), NOW)
        await pause_chat(tx, 8, "blocked")
        for topic, made_by in enumerate((9, 7, 7, 8, 6, None)):  # 6 never wrote to us in private, so far as is stored
            await subscribe(tx, Target(FORUM, topic), list_scope("justice"), NOW, made_by)
        await subscribe(tx, Target(7), list_scope("justice"), NOW, 7)
        assert await makers_of(tx, FORUM) == [6, 7, 9]
        assert await makers_of(tx, 7) == []


async def test_whoever_asks_last_is_counted_on(database: Database) -> None:
    justice = list_scope("justice")
    async with database.transaction() as tx:
        await save_chat(tx, Chat(FORUM, "supergroup", "Rédaction"), NOW)
        assert await subscribe(tx, Target(FORUM), justice, NOW, 7)
        access = Access("allowlist", allow=frozenset({8}))
        assert await every_target(tx, access) == []
        assert not await subscribe(tx, Target(FORUM), justice, NOW, 8)
        assert await every_target(tx, access) == [Target(FORUM)]
        assert not await subscribe(tx, Target(FORUM), justice, NOW, None), "an anonymous administrator replaces nobody"
        assert await every_target(tx, access) == [Target(FORUM)]
