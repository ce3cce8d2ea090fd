"""What is stored about somebody who is watched for is found under every scope, shown, and leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from bot.alerts.hit import identities_of
from bot.model import Entity, Scope, Target, WatchedName
from bot.storage.database import Database
from bot.storage.names import add_name, remove_name
from bot.storage.retention import put_aside
from bot.storage.schema import (
    admin_log,
    articles,
    deliveries,
    entities,
    feeds,
    matches,
    messages,
    metadata,
    mutes,
    past_deliveries,
    questions,
    stories,
    told,
    updates,
    verdicts,
    watched_names,
)
from bot.storage.watched import Watched, erase_watched, export_watched, find_watched
from tests.everything import snapshot
from tests.shelves import FEED, NOW, add, add_alert, add_article, add_match, add_story, add_told_story, count

ANNA = Target(1)
OWN = Scope("chat:1:0")
NAME = "Héloïse Quincampoix"
SPELLING = "Quincampoixh"


def told_as(name: str) -> str:
    return identities_of(WatchedName(OWN, name, Entity(name)))[0]


async def watch(tx: Any, scope: str, name: str, name_id: str | None = None) -> None:
    named = WatchedName(Scope(scope), name_id or name, Entity(name), explicit_id=name_id is not None)
    await add_name(tx, named, NOW, None)


async def fill(database: Database) -> None:
    """She was told of from a list, which dropped her since, and is asked for by a chat; another name is there, too."""
    async with database.transaction() as tx:
        await tx.execute(insert(feeds).values(FEED))
        await watch(tx, OWN, NAME)
        await watch(tx, "list:quais", "Aurélie Vantadour")
        both = await add_article(tx, NOW, "both")
        await add_match(tx, both, "list:quais", NAME)
        await add_match(tx, both, "list:quais", "Aurélie Vantadour")
        story_id = await add_story(tx, NOW, both)
        await add_alert(tx, story_id, both, NOW, ANNA, name=NAME)
        names = [["list:quais", NAME], ["list:quais", "Aurélie Vantadour"]]
        await tx.execute(deliveries.update().values(names=names))
        await put_aside(tx, [1])
        await add_told_story(tx, NOW, ANNA, title="hers alone", scope=OWN, name=NAME)
        await put_aside(tx, [2])
        whom = {"chat_id": 1, "topic_id": 0, "scope": OWN, "name_id": NAME}
        await add(tx, verdicts, **whom, article_id=both, verdict="other", lesson={"spelling": SPELLING}, given_at=NOW)
        await add(tx, admin_log, at=NOW, action="add-name", detail={"name": NAME.upper()})
        await add(tx, admin_log, at=NOW, action="add-name", detail={"name": "Aurélie Vantadour"})
        await add(tx, mutes, chat_id=1, topic_id=0, what="name", identity=told_as(NAME), shown=NAME, since=NOW)
        await add(tx, questions, chat_id=1, topic_id=0, message_id=5, about="given-name", argument=NAME, asked_at=NOW)
        said = json.dumps({"text": f"/watch {NAME}"})
        await add(tx, updates, update_id=1, payload=said, state="failed", received_at=NOW)


async def find(database: Database, name: str = NAME) -> Watched:
    async with database.read() as connection:
        return await find_watched(connection, name)


async def test_a_person_is_found_under_every_scope_watched_or_not_however_the_name_is_set(database: Database) -> None:
    await fill(database)
    who = await find(database, "heloise  QUINCAMPOIX")
    assert who.keys == {("list:quais", NAME), (OWN, NAME)}
    assert who.scopes == {OWN}
    assert (await find(database, "Quincampoix")).keys == frozenset()


async def test_a_name_with_an_id_is_found_by_its_name_and_its_id(database: Database) -> None:
    async with database.transaction() as tx:
        await watch(tx, "list:quais", NAME, "hq")
        await watch(tx, "list:autres", "Hugo Quibel", "hq")
        await tx.execute(insert(feeds).values(FEED))
        await add_match(tx, await add_article(tx, NOW), "list:autres", "hq")
    assert (await find(database)).keys == {("list:quais", "hq")}
    assert (await find(database, "HQ")).keys == {("list:quais", "hq"), ("list:autres", "hq")}


async def test_all_that_is_stored_is_shown(database: Database) -> None:
    await fill(database)
    async with database.read() as connection:
        found = await export_watched(connection, await find_watched(connection, NAME))
    assert {key: len(value) for key, value in found.items() if isinstance(value, list)} == {
        "watched_by": 1, "watched_names": 1, "matches": 2, "verdicts": 1, "told": 2, "mutes": 1, "articles": 2, "deliveries": 2, "past_deliveries": 2,
    }  # fmt: skip
    assert json.loads(json.dumps(found)) == found


async def test_nothing_of_them_is_left_but_the_press_and_of_others_all(database: Database) -> None:
    await fill(database)
    async with database.transaction() as tx:
        await erase_watched(tx, await find_watched(tx, NAME))
    assert (await find(database)).keys == frozenset()
    async with database.read() as connection:
        left = await connection.run_sync(lambda sync: snapshot(sync, metadata))
        assert "quincampoix" not in repr(left).lower()
        assert {table.name: await count(connection, table) for table in (articles, stories, matches, told)} == {
            "articles": 2, "stories": 2, "matches": 1, "told": 0,
        }  # fmt: skip
        [delivery] = await connection.execute(select(deliveries))
        [past] = await connection.execute(select(past_deliveries))
        assert delivery.names == past.names == [["list:quais", "Aurélie Vantadour"]]
        assert len(past.evidence) == 1
        for table in (messages, watched_names, entities):
            assert await count(connection, table) == 1, table.name
        details = (await connection.execute(select(admin_log.c.detail).order_by(admin_log.c.id))).scalars().all()
    assert details == [{}, {"name": "Aurélie Vantadour"}]


async def test_no_byte_of_them_is_left_in_the_file(sqlite: Database, tmp_path: Path) -> None:
    await fill(sqlite)
    async with sqlite.transaction() as tx:
        await erase_watched(tx, await find_watched(tx, NAME))
    await sqlite.clear_log()
    left = b"".join(file.read_bytes() for file in tmp_path.glob("test.db*")).lower()
    assert b"vantadour" in left
    assert b"quincampoix" not in left


async def test_what_is_erased_is_watched_for_no_more_and_may_be_again(database: Database) -> None:
    await fill(database)
    async with database.transaction() as tx:
        await erase_watched(tx, await find_watched(tx, NAME))
        assert not await remove_name(tx, OWN, NAME)
        await watch(tx, OWN, NAME)
    assert (await find(database)).keys == {(OWN, NAME)}
