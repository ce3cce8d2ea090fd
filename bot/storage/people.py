"""People who may use the bot, and the one-time links that make them so. A link's secret is stored hashed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import insert
from bot.storage.schema import admin_log, invites, people

INVITATION_LASTS = timedelta(days=7)


class Role(StrEnum):
    ADMIN = "admin"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Person:
    user_id: int
    role: Role
    name: str


async def person(connection: AsyncConnection, user_id: int) -> Person | None:
    row = (await connection.execute(select(people).where(people.c.user_id == user_id))).one_or_none()
    return Person(row.user_id, Role(row.role), row.name) if row else None


async def admin_ids(connection: AsyncConnection) -> list[int]:
    """The administrators who claimed or were appointed; those of the settings come beside."""
    query = select(people.c.user_id).where(people.c.role == Role.ADMIN.value).order_by(people.c.since)
    return list((await connection.execute(query)).scalars())


async def new_claim(tx: AsyncConnection, now: datetime) -> str:
    """The secret that makes its bearer the first administrator; an earlier claim is void."""
    await tx.execute(delete(invites).where(invites.c.role == Role.ADMIN.value, invites.c.used_at.is_(None)))
    return await _new_invite(tx, Role.ADMIN, now, created_by=None, expires_at=None)


async def new_invitation(tx: AsyncConnection, now: datetime, created_by: int) -> str:
    """The secret that makes its bearer a member, once and for seven days."""
    return await _new_invite(tx, Role.MEMBER, now, created_by=created_by, expires_at=now + INVITATION_LASTS)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that nobody has used yet."""

    digest: str
    created_at: datetime
    expires_at: datetime | None


async def open_invitations(connection: AsyncConnection, now: datetime) -> list[Invitation]:
    """The links that still let somebody in, the newest first."""
    query = (
        select(invites).where(invites.c.role == Role.MEMBER.value, *_open(now)).order_by(invites.c.created_at.desc())
    )
    return [Invitation(row.digest, row.created_at, row.expires_at) for row in await connection.execute(query)]


async def revoke_invitation(tx: AsyncConnection, digest: str, now: datetime) -> bool:
    """The link lets nobody in any more; False when it did not anyway."""
    this = (invites.c.digest == digest, invites.c.role == Role.MEMBER.value, *_open(now))
    return (await tx.execute(update(invites).where(*this).values(revoked_at=now))).rowcount > 0


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    unused = (invites.c.used_at.is_(None), invites.c.revoked_at.is_(None))
    return (*unused, or_(invites.c.expires_at.is_(None), invites.c.expires_at > now))


async def redeem(tx: AsyncConnection, secret: str, role: Role, user_id: int, name: str, now: datetime) -> Role | None:
    """The role that the bearer has from now on; None for a link that is unknown, used or out of date.

    Somebody who has access already does not use a link up, and the same person may open theirs twice.
    """
    the_link = (invites.c.digest == _digest(secret), invites.c.role == role.value)
    if not (await tx.execute(select(exists().where(*the_link)))).scalar_one():
        return None
    known = await person(tx, user_id)
    if known is not None and (known.role is Role.ADMIN or role is Role.MEMBER):
        return known.role
    if role is Role.ADMIN and await _claimed(tx):
        return None
    take = update(invites).where(*the_link, *_open(now)).values(used_at=now, used_by=user_id)
    taken = (await tx.execute(take.returning(invites.c.created_by))).one_or_none()
    if taken is None:
        return None
    values = {"user_id": user_id, "role": role.value, "name": name, "since": now, "invited_by": taken.created_by}
    statement = insert(tx, people).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_={"role": role.value}))
    if role is Role.ADMIN:
        await log_action(tx, user_id, "become admin", {}, now)
    return role


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who came in by an invitation."""

    user_id: int
    name: str
    since: datetime


async def members(connection: AsyncConnection) -> list[Member]:
    """Those who came in last first."""
    query = select(people).where(people.c.role == Role.MEMBER.value).order_by(people.c.since.desc(), people.c.user_id)
    return [Member(row.user_id, row.name, row.since) for row in await connection.execute(query)]


async def remove_member(tx: AsyncConnection, user_id: int) -> bool:
    """Their invitation counts no more; what they follow stays, for another one. False for somebody who is none."""
    this = (people.c.user_id == user_id) & (people.c.role == Role.MEMBER.value)
    return (await tx.execute(delete(people).where(this))).rowcount > 0


async def log_action(
    tx: AsyncConnection, user_id: int | None, action: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """Who changed what for others, kept as long as decisions are. No secret belongs into `detail`."""
    await tx.execute(insert(tx, admin_log).values(at=now, user_id=user_id, action=action, detail=dict(detail)))


async def _claimed(tx: AsyncConnection) -> bool:
    """Whether there is an administrator; asked in turn, so that of two claims at the same moment the second knows."""
    claims = select(invites.c.digest).where(invites.c.role == Role.ADMIN.value)
    await tx.execute(claims.order_by(invites.c.digest).with_for_update())
    return await has_admin(tx)


async def has_admin(connection: AsyncConnection) -> bool:
    query = select(exists().where(people.c.role == Role.ADMIN.value))
    return bool((await connection.execute(query)).scalar_one())


async def _new_invite(
    tx: AsyncConnection, role: Role, now: datetime, *, created_by: int | None, expires_at: datetime | None
) -> str:
    secret = secrets.token_urlsafe(24)
    values = {
        "digest": _digest(secret),
        "role": role.value,
        "created_at": now,
        "created_by": created_by,
        "expires_at": expires_at,
    }
    await tx.execute(insert(tx, invites).values(values))
    return secret


def _digest(secret: str) -> str:
    # 192 random bits need neither salt nor a slow hash.
    return hashlib.blake2b(secret.encode(), digest_size=16).hexdigest()
