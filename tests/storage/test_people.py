from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import Database
from bot.storage.people import (
    Person,
    Role,
    admin_ids,
    has_admin,
    new_claim,
    new_invitation,
    open_invitations,
    person,
    redeem,
    revoke_invitation,
)
from bot.storage.schema import admin_log, invites

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


async def test_a_claim_makes_one_administrator_and_no_second(database: Database) -> None:
    async with database.transaction() as tx:
        secret = await new_claim(tx, NOW)
        assert not await has_admin(tx)
        assert await redeem(tx, secret, Role.ADMIN, 7, "Ada", NOW) is Role.ADMIN
        assert await redeem(tx, secret, Role.ADMIN, 8, "Eve", NOW) is None
        assert await redeem(tx, secret, Role.ADMIN, 7, "Ada", NOW) is Role.ADMIN
        assert await has_admin(tx)
        assert await admin_ids(tx) == [7]
        assert await person(tx, 8) is None


async def test_a_new_claim_voids_the_earlier_one(database: Database) -> None:
    async with database.transaction() as tx:
        first = await new_claim(tx, NOW)
        second = await new_claim(tx, NOW)
        assert await redeem(tx, first, Role.ADMIN, 7, "Ada", NOW) is None
        assert await redeem(tx, second, Role.ADMIN, 7, "Ada", NOW) is Role.ADMIN


async def until_somebody_waits(database: Database) -> None:
    """Until a second transaction waits for the first: in PostgreSQL for a row, with SQLite for its turn to write."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%invites%'")
    async with asyncio.timeout(5):
        while database.dialect == "postgresql":
            async with database.read() as connection:
                if (await connection.execute(query)).scalar_one():
                    return


async def both_at_once(database: Database, first: tuple[str, Role], second: tuple[str, Role]) -> list[Role | None]:
    """What persons 7 and 8 get who open links when neither is done yet."""

    async def open_second() -> Role | None:
        async with database.transaction() as tx:
            return await redeem(tx, *second, 8, "Eve", NOW)

    async with database.transaction() as tx:
        got = await redeem(tx, *first, 7, "Ada", NOW)
        later = asyncio.create_task(open_second())
        await until_somebody_waits(database)
    return [got, await asyncio.wait_for(later, 5)]


async def two_claims(tx: AsyncConnection) -> tuple[str, str]:
    """As two that were made at the same moment."""
    first = await new_claim(tx, NOW)
    await tx.execute(invites.update().values(role=Role.MEMBER.value))
    second = await new_claim(tx, NOW)
    await tx.execute(invites.update().values(role=Role.ADMIN.value))
    return first, second


async def one_claim(tx: AsyncConnection) -> tuple[str, str]:
    secret = await new_claim(tx, NOW)
    return secret, secret


@pytest.mark.parametrize("claims", [one_claim, two_claims])
async def test_of_two_who_claim_at_once_one_becomes_administrator(
    database: Database, claims: Callable[[AsyncConnection], Awaitable[tuple[str, str]]]
) -> None:
    async with database.transaction() as tx:
        first, second = await claims(tx)
    assert await both_at_once(database, (first, Role.ADMIN), (second, Role.ADMIN)) == [Role.ADMIN, None]
    async with database.read() as connection:
        assert await admin_ids(connection) == [7]
        assert await person(connection, 8) is None


async def test_of_two_who_open_an_invitation_at_once_one_becomes_a_member(database: Database) -> None:
    async with database.transaction() as tx:
        secret = await new_invitation(tx, NOW, created_by=1)
    assert await both_at_once(database, (secret, Role.MEMBER), (secret, Role.MEMBER)) == [Role.MEMBER, None]


async def test_an_invitation_works_once_within_a_week(database: Database) -> None:
    async with database.transaction() as tx:
        secret = await new_invitation(tx, NOW, created_by=1)
        late = await new_invitation(tx, NOW, created_by=1)
        assert await redeem(tx, secret, Role.ADMIN, 7, "Ada", NOW) is None
        assert await redeem(tx, secret, Role.MEMBER, 7, "Ada", NOW) is Role.MEMBER
        assert await redeem(tx, secret, Role.MEMBER, 8, "Eve", NOW) is None
        assert await redeem(tx, late, Role.MEMBER, 8, "Eve", NOW + timedelta(days=7)) is None
        assert await redeem(tx, "guessed", Role.MEMBER, 8, "Eve", NOW) is None
        assert await person(tx, 7) == Person(7, Role.MEMBER, "Ada")


async def test_who_has_access_does_not_use_up_a_link(database: Database) -> None:
    async with database.transaction() as tx:
        await redeem(tx, await new_claim(tx, NOW), Role.ADMIN, 1, "Ada", NOW)
        secret = await new_invitation(tx, NOW, created_by=1)
        assert await redeem(tx, secret, Role.MEMBER, 1, "Ada", NOW) is Role.ADMIN
        assert await redeem(tx, secret, Role.MEMBER, 7, "Bo", NOW) is Role.MEMBER


async def test_the_secret_itself_is_not_stored(database: Database) -> None:
    async with database.transaction() as tx:
        secret = await new_claim(tx, NOW)
        rows = (await tx.execute(select(invites))).all()
    assert len(rows) == 1
    assert secret not in str(rows)


async def test_open_links_are_listed_newest_first_and_revoked_one_by_one(database: Database) -> None:
    async with database.transaction() as tx:
        claim = await new_claim(tx, NOW)
        used = await new_invitation(tx, NOW, created_by=1)
        await redeem(tx, used, Role.MEMBER, 7, "Ada", NOW)
        secrets = [await new_invitation(tx, NOW + timedelta(days=day), created_by=1) for day in range(2)]
        found = await open_invitations(tx, NOW + timedelta(days=1))
        assert [(each.created_at, each.expires_at) for each in found] == [
            (NOW + timedelta(days=day), NOW + timedelta(days=day + 7)) for day in (1, 0)
        ]
        assert await revoke_invitation(tx, found[0].digest, NOW)
        assert not await revoke_invitation(tx, found[0].digest, NOW)
        assert await redeem(tx, secrets[1], Role.MEMBER, 8, "Eve", NOW) is None
        assert await redeem(tx, secrets[0], Role.MEMBER, 8, "Eve", NOW) is Role.MEMBER
        assert await open_invitations(tx, NOW) == []
        everything = (await tx.execute(select(invites.c.digest, invites.c.role))).all()
        for digest in (row.digest for row in everything):  # used ones and the claim are no links to revoke
            assert not await revoke_invitation(tx, digest, NOW)
        assert await redeem(tx, claim, Role.ADMIN, 1, "Chef", NOW) is Role.ADMIN


async def test_becoming_an_admin_is_written_down_and_becoming_a_member_is_in_its_row(database: Database) -> None:
    async with database.transaction() as tx:
        claim, invitation = await new_claim(tx, NOW), await new_invitation(tx, NOW, created_by=1)
        for _ in range(2):
            await redeem(tx, claim, Role.ADMIN, 1, "Chef", NOW)
            await redeem(tx, invitation, Role.MEMBER, 7, "Ada", NOW)
        rows = (await tx.execute(select(admin_log))).all()
    assert [(row.user_id, row.action, row.detail, row.at) for row in rows] == [(1, "become admin", {}, NOW)]
