"""Which subscriptions serve: by the role of whoever counts, the ids of a group that moved, and who sees the list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.access import Access
from bot.model import CONSOLE, Scope, Target, Watchlist, chat_scope, list_scope
from bot.storage import names, outbox
from bot.storage.access import count_names_served, every_target, followers, scopes_closed, scopes_served
from bot.storage.chats import Chat, move_chat, save_chat
from bot.storage.database import Database, insert
from bot.storage.people import Role
from bot.storage.schema import people
from bot.storage.subscriptions import subscribe

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
ADA, BO, GROUP, BEFORE = Target(7), Target(8), Target(-1001), -42
QUAIS, CHIEFS, THEIRS = (list_scope(each) for each in ("quais", "chiefs", "theirs"))
LISTS = [
    Watchlist("quais", "Quais", ()),
    Watchlist("chiefs", "Chefs", (), visible_to="admins"),
    Watchlist("theirs", "Leur liste", (), visible_to=(BEFORE,)),
]


@pytest.fixture
async def stored(database: Database) -> Database:
    """Ada is a member, Bo an admin who set up the group, which moved since."""
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, LISTS, NOW)
        for target, role in ((ADA, Role.MEMBER), (BO, Role.ADMIN)):
            row = {"user_id": target.chat_id, "role": role.value, "name": "?", "since": NOW}
            await tx.execute(insert(tx, people).values(row))
            await save_chat(tx, Chat(target.chat_id, "private", "?"), NOW)
        await save_chat(tx, Chat(BEFORE, "group", "?"), NOW)
        await save_chat(tx, Chat(CONSOLE.chat_id, "console", "?"), NOW)
        for scope in (QUAIS, CHIEFS, THEIRS):
            for target in (ADA, BO, Target(BEFORE), CONSOLE):
                await subscribe(tx, target, scope, NOW, BO.chat_id if target.chat_id < 0 else None)
        await subscribe(tx, ADA, chat_scope(ADA), NOW, ADA.chat_id)
        await move_chat(tx, BEFORE, GROUP.chat_id)
    return database


async def served(database: Database, access: Access, scope: Scope) -> set[Target]:
    async with database.transaction() as tx:
        found = {each.target for each in await outbox.live_subscriptions(tx, [scope], access) if each.served}
        targets = (ADA, BO, GROUP, CONSOLE)
        every = {target for target in targets if scope in await scopes_served(tx, target.chat_id, access, topic_id=0)}
        open_here = {target for target in targets if not await scopes_closed(tx, target, [scope], access)}
        assert found == every == set(await followers(tx, scope, access))
        assert found <= open_here  # which does not ask whether it is followed
    return found


async def test_by_invitation(stored: Database) -> None:
    access = Access("invite")
    assert await served(stored, access, QUAIS) == {ADA, BO, GROUP, CONSOLE}
    assert await served(stored, access, CHIEFS) == {BO, CONSOLE}
    assert await served(stored, access, THEIRS) == {GROUP, CONSOLE}
    assert await served(stored, access, chat_scope(ADA)) == {ADA}


async def test_by_a_list_of_people_and_chats(stored: Database) -> None:
    assert await served(stored, Access("allowlist"), QUAIS) == {BO, GROUP, CONSOLE}  # an admin made the group follow it
    assert await served(stored, Access("allowlist", allow=frozenset({7})), QUAIS) == {ADA, BO, GROUP, CONSOLE}
    async with stored.transaction() as tx:
        await tx.execute(people.delete().where(people.c.user_id == BO.chat_id))
    assert await served(stored, Access("allowlist", allow=frozenset({BEFORE})), QUAIS) == {GROUP, CONSOLE}
    assert await served(stored, Access("allowlist", admins=frozenset({8})), CHIEFS) == {BO, CONSOLE}
    assert await served(stored, Access("invite"), QUAIS) == {ADA, GROUP, CONSOLE}


async def test_who_a_word_goes_to_and_how_many_names_count(stored: Database) -> None:
    async with stored.transaction() as tx:
        assert await every_target(tx, Access("allowlist")) == [BO, GROUP]
        assert await count_names_served(tx, ADA, Access("allowlist", allow=frozenset({7}))) == 0


async def test_a_list_whose_file_vanished_opens_to_nobody_else(stored: Database) -> None:
    async with stored.transaction() as tx:
        await names.change_watchlists(tx, [], [LISTS[1]], NOW)
        assert await scopes_closed(tx, ADA, [QUAIS, CHIEFS], Access("invite")) == {CHIEFS}
