"""What is stored about somebody who uses the bot is shown whole, and leaves no trace: in no table and in no byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, insert, select

from bot.model import Scope
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database
from bot.storage.erasure import BY_WHOM, export_person, forget_chat, forget_person
from bot.storage.schema import chats, entities, invites, metadata, people, subscriptions, updates, watched_names
from tests.everything import fill_every_table, snapshot
from tests.shelves import NOW, count

ADA = 777_123_456
"""Digits that nothing else has."""
SECRET = "Quincampoix-le-Secret"
NUMBERS_OF_OTHERS = {"moved_to", "topic_id", "message_id", "update_id", "word_id"}
"""Columns of 64 bits that name nobody: what Telegram counts, and a group's new id, which `forget_chat` follows."""


def of_ada(column: Column[Any], number: int) -> Any:
    """Her id, her scope and her words, wherever they may stand; the second row of a table is somebody else's."""
    if number != 1:
        return None
    if column.name in {"chat_id", *BY_WHOM} and not column.foreign_keys:
        return ADA
    if column.name == "scope":
        return f"chat:{ADA}:0"
    if column.table.name == "updates" and column.name == "payload":
        return json.dumps({"message": {"from": {"id": ADA}, "text": SECRET}})
    if column.table.name == "admin_log" and column.name == "detail":
        return {"user": ADA, "name": SECRET}
    if column.table.name == "notices" and column.name == "values":
        return {"who": f"{SECRET} ({ADA})"}
    if column.name in {"names", "evidence", "options", "lesson"} or (column.table.name, column.name) in {
        ("people", "name"),
        ("chats", "title"),
        ("entities", "name"),
        ("entities", "rules"),
        ("watched_names", "note"),
        ("matches", "text"),
        ("mutes", "shown"),
        ("questions", "argument"),
    }:
        return SECRET
    return None


async def fill(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.run_sync(lambda sync: fill_every_table(sync, metadata, override=of_ada))


async def everything_stored(database: Database) -> str:
    async with database.read() as connection:
        return repr(await connection.run_sync(lambda sync: snapshot(sync, metadata)))


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("test.db*"))


async def test_nothing_of_a_person_is_left_in_any_table_and_everybody_else_keeps_all(database: Database) -> None:
    await fill(database)
    before = await everything_stored(database)
    assert before.count(str(ADA)) > 20
    async with database.transaction() as tx:
        assert await forget_person(tx, ADA) == {f"chat:{ADA}:0"}
    after = await everything_stored(database)
    assert str(ADA) not in after
    assert SECRET not in after
    async with database.read() as connection:
        for table in metadata.sorted_tables:
            assert await count(connection, table) >= 1, f"{table.name}: somebody else's row went, too"


async def test_nothing_of_a_person_is_left_in_the_file(sqlite: Database, tmp_path: Path) -> None:
    await fill(sqlite)
    assert SECRET.encode() in bytes_of(tmp_path)
    async with sqlite.transaction() as tx:
        await forget_person(tx, ADA)
    await sqlite.clear_log()
    left = bytes_of(tmp_path)
    assert SECRET.encode() not in left
    assert str(ADA).encode() not in left


def test_every_number_that_may_be_a_persons_is_known() -> None:
    known = {"chat_id", *BY_WHOM} | NUMBERS_OF_OTHERS
    unknown = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, BigInteger) and column.name not in known | {"id"}
        if not column.foreign_keys or column.name == "chat_id"
    ]
    assert unknown == [], "whose are these? see bot/storage/erasure.py"


async def test_what_a_person_did_for_a_group_goes_on_without_their_name(database: Database) -> None:
    async with database.transaction() as tx:
        await save_chat(tx, Chat(-5, "group", "Rédaction"), NOW)
        await tx.execute(
            insert(subscriptions).values(chat_id=-5, topic_id=0, scope="list:quais", options={}, since=NOW, made_by=ADA)
        )
        await forget_person(tx, ADA)
        [row] = await tx.execute(select(subscriptions))
    assert (row.chat_id, row.made_by) == (-5, None)


async def test_a_chat_is_forgotten_under_its_former_ids_too(database: Database) -> None:
    async with database.transaction() as tx:
        await save_chat(tx, Chat(-100_5, "supergroup", "Rédaction"), NOW)
        old = {"chat_id": -5, "type": "group", "title": "Rédaction", "state": "moved", "moved_to": -100_5, "since": NOW}
        await tx.execute(insert(chats).values(old))
        await forget_chat(tx, -100_5)
        assert await count(tx, chats) == 0


async def test_a_longer_number_that_holds_the_id_is_somebody_elses(database: Database) -> None:
    theirs = json.dumps({"from": {"id": int(f"9{ADA}")}})
    async with database.transaction() as tx:
        row = {"update_id": 1, "payload": theirs, "state": "failed", "received_at": NOW}
        await tx.execute(insert(updates).values(row))
        await forget_person(tx, ADA)
        assert (await tx.execute(select(updates.c.payload))).scalar_one() == theirs


async def test_what_is_not_handled_yet_is_not_emptied(database: Database) -> None:
    """It could not be handled then; it is emptied when it was."""
    async with database.transaction() as tx:
        row = {"update_id": 1, "payload": f'{{"id": {ADA}}}', "state": "new", "received_at": NOW}
        await tx.execute(insert(updates).values(row))
        await forget_person(tx, ADA)
        assert str(ADA) in (await tx.execute(select(updates.c.payload))).scalar_one()


async def test_an_export_holds_every_row_about_the_person_and_no_other(database: Database) -> None:
    await fill(database)
    async with database.read() as connection:
        found = await export_person(connection, ADA)
    assert found["user_id"] == ADA
    about = {table.name for table in metadata.sorted_tables if {"chat_id", "scope", *BY_WHOM} & set(table.c.keys())}
    assert about == found.keys() - {"user_id"}
    assert all(len(rows) == 1 for name, rows in found.items() if name != "user_id")
    assert json.loads(json.dumps(found)) == found


async def test_an_export_names_nobody_else_and_opens_no_door(database: Database) -> None:
    async with database.transaction() as tx:
        for user_id, inviter in ((ADA, None), (ADA + 1, ADA)):
            row = {"user_id": user_id, "role": "member", "name": f"n{user_id}", "since": NOW, "invited_by": inviter}
            await tx.execute(insert(people).values(row))
        link = {"digest": "d" * 32, "role": "member", "created_at": NOW, "created_by": ADA, "used_by": ADA + 1}
        await tx.execute(insert(invites).values(link))
    async with database.read() as connection:
        found = await export_person(connection, ADA)
    assert [row["name"] for row in found["people"]] == [f"n{ADA}"]
    [invite] = found["invites"]
    assert not {"digest", "used_by"} & invite.keys()


async def test_a_rule_that_others_share_stays(database: Database) -> None:
    async with database.transaction() as tx:
        entity = {"key": "k", "name": "Vantadour", "kind": "person", "rules": "{}"}
        entity_id = (await tx.execute(insert(entities).values(entity).returning(entities.c.id))).scalar_one()
        for scope in (Scope(f"chat:{ADA}:0"), Scope("list:quais")):
            name = {"scope": scope, "name_id": "n", "entity_id": entity_id, "explicit_id": False, "priority": "normal"}
            await tx.execute(insert(watched_names).values(**name, added_at=NOW))
        await forget_person(tx, ADA)
        assert await count(tx, entities) == 1
        assert await count(tx, people) == 0
