"""Watched names are interned, follow their files, and outlive no scope that let them go."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from bot.model import Entity, Priority, Scope, Target, WatchedName, Watchlist, chat_scope, list_scope
from bot.storage import names
from bot.storage.database import Database
from bot.storage.schema import entities

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
VANTADOUR = Entity("Aurélie Vantadour", aliases=("La Comète", "A. Vantadour"))
BERENGUEL = Entity("Tomás Berenguel")


def in_list(entity: Entity, **more: object) -> WatchedName:
    return WatchedName(list_scope("quais"), entity.name, entity, **more)  # type: ignore[arg-type]  # keywords vary


def quais(*listed: WatchedName) -> Watchlist:
    return Watchlist("quais", "Les quais", listed, tags=frozenset({"france"}), visible_to=(7, 8))


async def count_entities(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(entities))).scalar_one()


async def test_the_same_name_in_a_list_and_in_chats_is_one_entity(database: Database) -> None:
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, [quais(in_list(VANTADOUR))], NOW)
        for chat in range(5):
            await names.add_name(tx, WatchedName(chat_scope(Target(chat)), "v", VANTADOUR), NOW, chat)
    assert await count_entities(database) == 1
    async with database.read() as connection:
        assert len(await names.all_names(connection)) == 6


async def test_a_list_comes_back_as_it_was_read(database: Database) -> None:
    listed = quais(in_list(VANTADOUR, note="seen", priority=Priority.URGENT), in_list(BERENGUEL))
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, [listed], NOW)
    async with database.read() as connection:
        stored = await names.watchlist(connection, "quais")
    assert stored is not None
    assert [name.shown for name in stored.names] == ["Aurélie Vantadour", "Tomás Berenguel"]
    assert stored.names[0].priority is Priority.URGENT
    assert stored.names[0].entity.key == VANTADOUR.key
    assert (stored.tags, stored.visible_to) == (listed.tags, listed.visible_to)


async def test_an_edit_of_the_file_replaces_adds_and_removes(database: Database) -> None:
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, [quais(in_list(VANTADOUR), in_list(BERENGUEL))], NOW)
    stricter = Entity("Aurélie Vantadour", threshold=95)
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, [quais(in_list(stricter))], NOW)
    async with database.read() as connection:
        found = await names.names_of(connection, list_scope("quais"))
    assert [name.entity.threshold for name in found] == [95]
    assert await count_entities(database) == 1


async def test_a_vanished_list_is_not_watched_but_comes_back_whole(database: Database) -> None:
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, [quais(in_list(VANTADOUR))], NOW)
        await names.sync_watchlists(tx, [], NOW)
    async with database.read() as connection:
        assert await names.all_names(connection) == []
        assert await names.watchlist(connection, "quais") is None
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, [quais(in_list(VANTADOUR))], NOW)
    async with database.read() as connection:
        assert len(await names.all_names(connection)) == 1


async def test_a_removed_personal_name_takes_its_entity_along(database: Database) -> None:
    scope = chat_scope(Target(5))
    async with database.transaction() as tx:
        await names.add_name(tx, WatchedName(scope, "b", BERENGUEL), NOW, 5)
    async with database.transaction() as tx:
        assert await names.remove_name(tx, scope, "b")
        assert not await names.remove_name(tx, scope, "b")
    assert await count_entities(database) == 0


async def test_some_lists_change_and_the_others_stay(database: Database) -> None:
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, [quais(in_list(VANTADOUR)), Watchlist("autre", "Autre", ())], NOW)
        await names.change_watchlists(tx, [quais(in_list(BERENGUEL))], [], NOW)
        assert [each.id for each in await names.watchlist_rows(tx)] == ["autre", "quais"]
        assert [name.entity for name in await names.all_names(tx)] == [BERENGUEL]
        await names.change_watchlists(tx, [], [quais(in_list(BERENGUEL))], NOW)
        assert [each.id for each in await names.watchlist_rows(tx)] == ["autre"]
        assert await names.all_names(tx) == []


async def test_the_personal_names_of_a_chat_are_those_of_all_its_topics(database: Database) -> None:
    async with database.transaction() as tx:
        for scope in ("chat:7:0", "chat:7:12", "chat:77:0", "chat:-7:0", "list:justice"):
            await names.add_name(tx, WatchedName(Scope(scope), "Odile Karsenti", Entity("Odile Karsenti")), NOW, 7)
        found = await names.personal_names(tx, 7)
        assert sorted(found) == [("chat:7:0", "Odile Karsenti"), ("chat:7:12", "Odile Karsenti")]
        assert await names.personal_names(tx, 8) == []
