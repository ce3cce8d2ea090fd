"""What is stored about oneself or a group: told, handed over, deleted."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bot.access import Access
from bot.model import Target
from bot.storage import schema
from bot.storage.people import admin_ids, new_claim, person
from bot.telegram.desk import claim_offer
from bot.texts import text
from tests.botapi import Sent, User
from tests.telegram.newsroom import ADA, ADMIN, EVE, NOW, Newsroom


async def rows(newsroom: Newsroom, chat_id: int) -> int:
    async with newsroom.database.read() as connection:
        tables = [table for table in schema.metadata.sorted_tables if "chat_id" in table.c]
        found = [(await connection.execute(select(table).where(table.c.chat_id == chat_id))).all() for table in tables]
    return sum(map(len, found))


async def forget(newsroom: Newsroom, user: User) -> Sent:
    asked = await newsroom.ask(user, "/forget")
    await newsroom.press(user, asked, "Oui")
    return asked


async def test_privacy_tells_and_offers(newsroom: Newsroom) -> None:
    told = await newsroom.ask(ADA, "/privacy")
    assert told.text.startswith("Ce que je conserve")
    await newsroom.press(ADA, told, "Recevoir")
    assert newsroom.botapi.sent_to(ADA.id)[-1].document
    assert told.text.startswith("Ce que je conserve")
    await newsroom.press(ADA, told, "Tout effacer")
    assert told.text.startswith("Effacer tout ce que je sais de vous ?")
    await newsroom.press(ADA, told, "Non")
    assert told.text == "Rien n’a été effacé."


async def test_everything_is_handed_over_as_a_file_to_oneself_alone(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    await newsroom.ask(ADMIN, "/watch Paul Exemple")
    sent = await newsroom.ask(ADA, "/export")
    assert sent.document
    stored = json.loads(sent.document)
    assert stored["user_id"] == ADA.id
    assert [row["name_id"] for row in stored["watched_names"]] == ["Jeanne Exemple"]
    assert [row["name"] for row in stored["people"]] == ["Ada"]
    assert str(ADMIN.id) not in {str(row.get("chat_id")) for row in stored["subscriptions"]}
    group = newsroom.botapi.chat(-100, "group", admins={ADA.id})
    assert (await newsroom.ask(ADA, "/export", group)).text == text("fr", "access.in-private")


async def test_who_is_forgotten_leaves_nothing_and_begins_anew_by_a_new_link(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    assert newsroom.matching.watched
    asked = await newsroom.ask(ADA, "/forget")
    assert text("fr", "data.no-access-then") in asked.text
    assert newsroom.matching.watched
    await newsroom.press(ADA, asked, "Oui")
    assert asked.text.startswith("C’est effacé")
    assert newsroom.matching.watched == set()
    assert await rows(newsroom, ADA.id) == 0
    async with newsroom.database.read() as connection:
        assert await person(connection, ADA.id) is None
    assert (await newsroom.ask(ADA, "/start")).text == text("fr", "access.refused")
    payload = (await newsroom.ask(ADMIN, "/invite")).text.partition("?start=")[2]
    assert (await newsroom.ask(ADA, f"/start {payload}")).text.startswith("Bienvenue")
    assert (await newsroom.ask(ADA, "/list")).text.startswith("Rien n’est suivi ici")


@pytest.mark.parametrize("access", [Access("open", admins=frozenset({ADMIN.id}))])
async def test_where_everybody_has_access_nothing_is_said_of_it(newsroom: Newsroom) -> None:
    asked = await newsroom.ask(ADA, "/forget")
    assert text("fr", "data.no-access-then") not in asked.text
    await newsroom.press(ADA, asked, "Oui")
    assert "Je guette des noms" in (await newsroom.ask(ADA, "/start")).text


@pytest.mark.parametrize("access", [Access("invite")])
async def test_the_last_admin_is_told_and_the_claim_is_offered_again(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        secret = await new_claim(tx, NOW())
    await newsroom.ask(EVE, f"/start claim-{secret}")
    assert await claim_offer(newsroom.desk) == ""
    asked = await newsroom.ask(EVE, "/forget")
    assert text("fr", "data.last-admin") in asked.text
    await newsroom.press(EVE, asked, "Oui")
    async with newsroom.database.read() as connection:
        assert await admin_ids(connection) == []
    assert "?start=claim-" in await claim_offer(newsroom.desk)
    assert (await newsroom.ask(EVE, f"/start claim-{secret}")).text == text("fr", "start.bad-link")


async def test_an_admin_of_the_settings_stays_one(newsroom: Newsroom) -> None:
    asked = await forget(newsroom, ADMIN)
    assert "C’est effacé" in asked.text
    assert (await newsroom.ask(ADMIN, "/status")).text.startswith("Tout va bien")


async def test_in_a_group_its_administrators_forget_the_group(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(-100, "supergroup", admins={ADA.id}, topics={3})
    await newsroom.ask(ADA, "/watch Jeanne Exemple", group, topic=3)
    assert (await newsroom.ask(EVE, "/forget", group)).text == text("fr", "access.group-admins")
    asked = await newsroom.ask(ADA, "/forget", group)
    assert asked.text.startswith("Effacer tout ce que je sais de ce groupe ?")
    assert await newsroom.press(EVE, asked, "Oui") == text("fr", "access.group-admins")
    assert newsroom.matching.watched
    await newsroom.press(ADA, asked, "Oui")
    assert asked.text.startswith("C’est effacé : je ne sais plus rien de ce groupe.")
    assert newsroom.matching.watched == set()
    assert await rows(newsroom, -100) == 0
    assert await newsroom.state(-100) is None
    assert (await newsroom.ask(ADA, "/list")).text.startswith("Rien n’est suivi ici")  # she herself is known still
    assert await newsroom.followed(Target(-100, 3)) == []


async def test_whose_access_ended_still_gets_and_deletes_what_is_stored(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/watch Jeanne Exemple")
    newsroom.desk.access = Access("allowlist")
    assert (await newsroom.ask(ADA, "/list")).text == text("fr", "access.refused")
    assert (await newsroom.ask(ADA, "/export")).document
    assert (await forget(newsroom, ADA)).text.startswith("C’est effacé")
    for command in ("/privacy", "/export", "/forget"):  # a stranger again
        assert (await newsroom.ask(ADA, command)).text == text("fr", "access.refused")
