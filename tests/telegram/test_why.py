"""/why and its button, with what the pipeline stored; what other chats watch for stays theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Entity, Target, WatchedName, chat_scope, list_scope
from bot.storage import names, schema
from bot.storage.chats import Chat, save_chat
from bot.storage.database import insert
from bot.storage.subscriptions import subscribe
from bot.telegram.access import Access
from bot.texts import text
from tests.botapi import Sent
from tests.telegram.newsroom import ADA, ADMIN, Newsroom

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


async def _row(tx: AsyncConnection, table: Any, **values: Any) -> None:
    await tx.execute(insert(tx, table).values(values))


@pytest.fixture
async def told(newsroom: Newsroom) -> Sent:
    """An alert that Ada got, about a name of a list that she follows; user 1 watches for another name in it."""
    newsroom.botapi.says(ADA, "hello")
    await newsroom.botapi.until(lambda: newsroom.botapi.sent_to(ADA.id))
    alert = newsroom.botapi.sent_to(ADA.id)[-1]
    justice, private = list_scope("justice"), chat_scope(Target(ADMIN.id))
    async with newsroom.database.transaction() as tx:
        for user in (ADA, ADMIN):
            await save_chat(tx, Chat(user.id, "private", user.first_name), NOW)
        await subscribe(tx, Target(ADA.id), justice, NOW, ADA.id)
        await subscribe(tx, Target(ADMIN.id), private, NOW, ADMIN.id)
        await names.add_name(tx, WatchedName(private, "Jeanne Exemple", Entity("Jeanne Exemple")), NOW, ADMIN.id)
        await _row(
            tx, schema.feeds, id="a", url_digest="0", title="Média A", tags=[], active=True, state="ok",
            next_poll_at=NOW,
        )  # fmt: skip
        await _row(
            tx, schema.articles, id=1, feed_id="a", title="Titre", text="", published_at=NOW, dated=True, seen_at=NOW,
            digest="0" * 32, state="done",
        )  # fmt: skip
        await _row(tx, schema.stories, id=1, title="Titre", first_at=NOW, last_at=NOW)
        await _row(tx, schema.alerts, id=1, story_id=1, sequence=1, article_id=1, created_at=NOW)
        for scope, name in ((justice, "Mohamed Amra"), (private, "Jeanne Exemple")):
            await _row(
                tx, schema.matches, article_id=1, scope=scope, name_id=name, alias=name, text=name, field="title",
                start=0, end=5, score=100, tier="certain", reasons=[["full-name", {}]],
            )  # fmt: skip
        await _row(tx, schema.messages, id=1, chat_id=ADA.id, topic_id=0, message_id=alert.message_id, sent_at=NOW)
        await _row(
            tx, schema.deliveries, id=5, alert_id=1, chat_id=ADA.id, topic_id=0, state="sent", tier="certain",
            priority="normal", names=[[justice, "Mohamed Amra"]], due_at=NOW, created_at=NOW, sent_at=NOW,
            message_row=1,
        )  # fmt: skip
    return alert


async def test_the_button_explains_in_a_new_message(newsroom: Newsroom, told: Sent) -> None:
    await newsroom.press_data(ADA, told, "why:5")
    shown = newsroom.botapi.texts(ADA.id)[-1]
    assert "Mohamed Amra · certain, 100/100 · liste « Justice France–Maroc »" in shown
    assert "• nom complet" in shown
    assert "Jeanne Exemple" not in shown
    assert told.edits == 0


async def test_a_reply_to_the_alert_explains_too(newsroom: Newsroom, told: Sent) -> None:
    assert "Mohamed Amra" in (await newsroom.ask(ADA, "/why", reply_to=told)).text


async def test_an_alert_of_another_chat_is_not_explained(newsroom: Newsroom, told: Sent) -> None:
    page = await newsroom.ask(ADMIN, "/list")
    await newsroom.press_data(ADMIN, page, "why:5")
    assert newsroom.botapi.texts(ADMIN.id)[-1] == text("fr", "why.gone")


@pytest.mark.parametrize("access", [Access("open")])
async def test_an_address_that_no_feed_listed(newsroom: Newsroom) -> None:
    assert (await newsroom.ask(ADA, "/why https://exemple.fr/x")).text == text("fr", "why.unknown-url")
    assert (await newsroom.ask(ADA, "/why")).text == text("fr", "why.ask").replace("<code>", "").replace("</code>", "")
