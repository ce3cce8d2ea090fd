from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.storage.database import Database
from bot.storage.people import Person, Role, admin_ids, has_admin, new_claim, new_invitation, person, redeem
from bot.storage.schema import invites

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
