"""/why and its button, with what the pipeline stored; what other chats watch for stays theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.access import Access
from bot.model import Target
from bot.storage import names, schema
from bot.texts import text
from tests.botapi import Sent
from tests.telegram.newsroom import ADA, ADMIN, LISTS, NOW, Newsroom


async def test_the_button_explains_in_a_new_message(newsroom: Newsroom, told: Sent) -> None:
    await newsroom.press_data(ADA, told, "why:5")
    shown = newsroom.botapi.texts(ADA.id)[-1]
    assert "Mohamed Amra · certain, 100/100 · liste « Justice France–Maroc »" in shown
    assert "• nom complet" in shown
    assert "Jeanne Exemple" not in shown
    assert told.edits == 0


async def test_a_reply_to_the_alert_explains_too(newsroom: Newsroom, told: Sent) -> None:
    assert "Mohamed Amra" in (await newsroom.ask(ADA, "/why", reply_to=told)).text


async def test_the_alert_of_a_closed_topic_is_explained_where_it_is_told(newsroom: Newsroom, told: Sent) -> None:
    async with newsroom.database.transaction() as tx:
        await tx.execute(update(schema.deliveries).values(topic_id=12))
        await tx.execute(
            update(schema.subscriptions).where(schema.subscriptions.c.chat_id == ADA.id).values(topic_id=12)
        )
    await newsroom.press_data(ADA, told, "why:5")
    shown = newsroom.botapi.texts(ADA.id)[-1]
    assert "Mohamed Amra · certain" in shown
    assert "Jeanne Exemple" not in shown


async def test_an_alert_of_another_chat_is_not_explained(newsroom: Newsroom, told: Sent) -> None:
    page = await newsroom.ask(ADMIN, "/list")
    await newsroom.press_data(ADMIN, page, "why:5")
    assert newsroom.botapi.texts(ADMIN.id)[-1] == text("fr", "why.gone")


@pytest.mark.parametrize("access", [Access("open")])
async def test_an_address_that_no_feed_listed(newsroom: Newsroom) -> None:
    assert (await newsroom.ask(ADA, "/why https://exemple.fr/x")).text == text("fr", "why.unknown-url")
    assert (await newsroom.ask(ADA, "/why")).text == text("fr", "why.ask").replace("<code>", "").replace("</code>", "")


async def test_what_access_kept_from_a_chat_is_said_without_the_names_that_it_may_not_see(
    newsroom: Newsroom, told: Sent
) -> None:
    async with newsroom.database.transaction() as tx:
        await names.change_watchlists(tx, [replace(LISTS[0], visible_to="admins")], [], NOW())
        await tx.execute(update(schema.deliveries).values(state="suppressed", why="no-access", sent_at=None))
    await newsroom.press_data(ADA, told, "why:5")
    shown = newsroom.botapi.texts(ADA.id)[-1]
    assert text("fr", "why.no-access") in shown
    assert "Amra" not in shown
    assert text("fr", "why.nothing") not in shown


async def test_a_list_that_may_not_be_seen_any_more_shows_nothing_and_may_be_left(
    newsroom: Newsroom, told: Sent
) -> None:
    async with newsroom.database.transaction() as tx:
        await names.change_watchlists(tx, [replace(LISTS[0], visible_to="admins")], [], NOW())
    assert text("fr", "list.closed") in (await newsroom.ask(ADA, "/list")).text
    assert (await newsroom.ask(ADA, "/latest")).html == text("fr", "list.empty")
    await newsroom.ask(ADA, "/unsubscribe justice")
    assert await newsroom.followed(Target(ADA.id)) == []
