"""How targets want to be told: preferences, mutes and what their verdicts taught. What they follow is elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, Row, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.hours import next_digest
from bot.alerts.wishes import Wishes
from bot.model import Lesson, LessonKind, Mute, Muted, Preferences, Quiet, Rhythm, Rings, Scope, Target
from bot.storage.database import insert
from bot.storage.schema import chats, mutes, preferences, verdicts

SIGN_OF_LIFE = timedelta(days=7)
"""After so long without a message, a chat hears that all is well."""

CLOCK = "%H:%M"


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A digest, or a sign of life, that one target is owed."""

    target: Target
    preferences: Preferences
    since: datetime | None
    """The last digest."""


async def wishes_of(
    connection: AsyncConnection, targets: Collection[Target], now: datetime, zone: ZoneInfo
) -> dict[Target, Wishes]:
    """What these targets asked for. `zone`: of chats that chose none."""
    ids = sorted({target.chat_id for target in targets})
    rows = await connection.execute(select(chats.c.chat_id, chats.c.timezone).where(chats.c.chat_id.in_(ids)))
    zones = {row.chat_id: ZoneInfo(row.timezone) for row in rows if row.timezone}
    asked = await _preferences(connection, targets)
    silenced = await current_mutes(connection, targets, now)
    learnt = await _lessons(connection, targets)
    return {
        target: Wishes(
            asked.get(target, Preferences()),
            zones.get(target.chat_id, zone),
            tuple(silenced.get(target, ())),
            tuple(learnt.get(target, ())),
        )
        for target in targets
    }


# --- Preferences ----------------------------------------------------------------------------------------------------


async def preferences_of(connection: AsyncConnection, target: Target) -> Preferences:
    return (await _preferences(connection, [target])).get(target, Preferences())


async def save_preferences(
    tx: AsyncConnection, target: Target, wanted: Preferences, now: datetime, zone: ZoneInfo
) -> None:
    """Keep what the target wants from now on; its next digest follows from it."""
    changed = {**_columns(wanted), "next_digest_at": next_digest(wanted.digest, wanted.digest_at, now, zone)}
    row = {"chat_id": target.chat_id, "topic_id": target.topic_id, "sign_due_at": now + SIGN_OF_LIFE, **changed}
    statement = insert(tx, preferences).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["chat_id", "topic_id"], set_=changed))


async def change_preferences(
    tx: AsyncConnection, target: Target, change: Callable[[Preferences], Preferences], now: datetime, zone: ZoneInfo
) -> Preferences:
    """What the target wants from now on. Two people may change two things at once; a digest that is due stays so."""
    await begin_preferences(tx, target, now, zone)
    row = (await tx.execute(select(preferences).where(_of(preferences, [target])).with_for_update())).one()
    before = _wanted(row)
    wanted = change(before)
    values: dict[str, Any] = _columns(wanted)
    if (wanted.digest, wanted.digest_at) != (before.digest, before.digest_at):
        values["next_digest_at"] = next_digest(wanted.digest, wanted.digest_at, now, zone)
    await tx.execute(update(preferences).where(_of(preferences, [target])).values(values))
    return wanted


async def move_to_zone(tx: AsyncConnection, chat_id: int, now: datetime, zone: ZoneInfo) -> list[Target]:
    """The chat's clock is another: its digests, each topic's, are due by that one. The targets with quiet hours."""
    rows = (await tx.execute(select(preferences).where(preferences.c.chat_id == chat_id).with_for_update())).all()
    for row in rows:
        wanted, target = _wanted(row), Target(row.chat_id, row.topic_id)
        if row.next_digest_at is not None:
            await put_off_digest(tx, target, next_digest(wanted.digest, wanted.digest_at, now, zone))
    return [Target(row.chat_id, row.topic_id) for row in rows if row.quiet_begin]


async def rest(tx: AsyncConnection, target: Target, now: datetime) -> None:
    """Nothing is followed here any more: no digest, no sign of life, until something is; the wishes are kept."""
    values = {"next_digest_at": None, "sign_due_at": None}
    await tx.execute(update(preferences).where(_of(preferences, [target])).values(values))
    open_mutes = _of(mutes, [target]) & mutes.c.ended_at.is_(None)
    await tx.execute(update(mutes).where(open_mutes).values(until=now, ended_at=now))


async def next_digest_of(connection: AsyncConnection, target: Target) -> datetime | None:
    query = select(preferences.c.next_digest_at).where(_of(preferences, [target]))
    found: datetime | None = (await connection.execute(query)).scalar_one_or_none()
    return found


def _columns(wanted: Preferences) -> dict[str, Any]:
    quiet = wanted.quiet
    return {
        "rings": wanted.rings.value,
        "quiet_begin": quiet.begin.strftime(CLOCK) if quiet else None,
        "quiet_end": quiet.end.strftime(CLOCK) if quiet else None,
        "quiet_mode": "silent" if quiet and not quiet.held else "held",
        "digest": wanted.digest.value,
        "digest_at": wanted.digest_at.strftime(CLOCK),
        "demand": wanted.demand,
        "ring_at_outlets": wanted.ring_at_outlets,
    }


async def begin_preferences(tx: AsyncConnection, target: Target, now: datetime, zone: ZoneInfo) -> None:
    """What everybody begins with, where the target has no preferences yet; who comes back has those of before."""
    row = (await tx.execute(select(preferences).where(_of(preferences, [target])))).one_or_none()
    if row is None or row.sign_due_at is None:
        await save_preferences(tx, target, _wanted(row) if row is not None else Preferences(), now, zone)
        await heard_from_us(tx, target, now)


async def _preferences(connection: AsyncConnection, targets: Collection[Target]) -> dict[Target, Preferences]:
    rows = await connection.execute(select(preferences).where(_of(preferences, targets)))
    return {Target(row.chat_id, row.topic_id): _wanted(row) for row in rows}


def _wanted(row: Row[Any]) -> Preferences:
    quiet = None
    if row.quiet_begin and row.quiet_end:
        quiet = Quiet(time.fromisoformat(row.quiet_begin), time.fromisoformat(row.quiet_end), row.quiet_mode == "held")
    return Preferences(
        rings=Rings(row.rings),
        quiet=quiet,
        digest=Rhythm(row.digest),
        digest_at=time.fromisoformat(row.digest_at),
        demand=row.demand,
        ring_at_outlets=row.ring_at_outlets,
    )


# --- Digests and signs of life that are due ---------------------------------------------------------------------------


async def due_digests(
    connection: AsyncConnection, now: datetime, *, without: Collection[Target], limit: int
) -> list[DueDigest]:
    """The targets but `without`, in chats that can be reached, whose digest is due; the longest due first."""
    return await _due(connection, preferences.c.next_digest_at, now, without, limit)


async def due_signs(
    connection: AsyncConnection, now: datetime, *, without: Collection[Target], limit: int
) -> list[DueDigest]:
    """The same for the sign of life."""
    return await _due(connection, preferences.c.sign_due_at, now, without, limit)


async def _due(
    connection: AsyncConnection, at: ColumnElement[Any], now: datetime, without: Collection[Target], limit: int
) -> list[DueDigest]:
    query = (
        select(preferences)
        .join(chats, chats.c.chat_id == preferences.c.chat_id)
        .where(at <= now, chats.c.state == "active", ~_of(preferences, without))
        .order_by(at, preferences.c.chat_id, preferences.c.topic_id)
        .limit(limit)
    )
    rows = await connection.execute(query)
    return [DueDigest(Target(row.chat_id, row.topic_id), _wanted(row), row.last_digest_at) for row in rows]


async def record_digest(tx: AsyncConnection, target: Target, now: datetime, next_at: datetime | None) -> None:
    """The digest was told."""
    values = {"last_digest_at": now, "next_digest_at": next_at}
    await tx.execute(update(preferences).where(_of(preferences, [target])).values(values))


async def put_off_digest(tx: AsyncConnection, target: Target, next_at: datetime | None) -> None:
    """There was nothing to tell, or it is night: the next one covers this time too."""
    await tx.execute(update(preferences).where(_of(preferences, [target])).values(next_digest_at=next_at))


async def heard_from_us(tx: AsyncConnection, target: Target, now: datetime) -> None:
    """A message went out: the next sign of life is due a week from now."""
    await tx.execute(update(preferences).where(_of(preferences, [target])).values(sign_due_at=now + SIGN_OF_LIFE))


# --- Mutes ----------------------------------------------------------------------------------------------------------


async def current_mutes(
    connection: AsyncConnection, targets: Collection[Target], now: datetime
) -> dict[Target, list[Mute]]:
    """The mutes that silence something now, oldest first."""
    holds = or_(mutes.c.until.is_(None), mutes.c.until > now) & mutes.c.ended_at.is_(None)
    query = select(mutes).where(_of(mutes, targets), holds).order_by(mutes.c.id)
    found: defaultdict[Target, list[Mute]] = defaultdict(list)
    for row in await connection.execute(query):
        mute = _mute(row)
        found[mute.target].append(mute)
    return found


async def add_mute(
    tx: AsyncConnection,
    target: Target,
    what: Muted,
    *,
    shown: str,
    now: datetime,
    until: datetime | None,
    made_by: int | None,
    identity: str | None = None,
    story_id: int | None = None,
) -> int:
    """Silence something here; the mute's id. One that is in force for the same thing is replaced by this one."""
    same = _of(mutes, [target]) & (mutes.c.what == what.value) & mutes.c.ended_at.is_(None)
    same &= mutes.c.identity.is_not_distinct_from(identity) & mutes.c.story_id.is_not_distinct_from(story_id)
    values = {"until": until, "shown": shown, "made_by": made_by}
    renewed = (await tx.execute(update(mutes).where(same).values(values).returning(mutes.c.id))).first()
    if renewed is not None:
        return int(renewed.id)
    row = {
        "chat_id": target.chat_id,
        "topic_id": target.topic_id,
        "what": what.value,
        "identity": identity,
        "story_id": story_id,
        "since": now,
        **values,
    }
    return int((await tx.execute(insert(tx, mutes).values(row).returning(mutes.c.id))).scalar_one())


async def lift_mute(tx: AsyncConnection, target: Target, mute_id: int, now: datetime) -> bool:
    """End a mute now; what it hid is told like at its own end. False when it is not in force here."""
    mine = _of(mutes, [target]) & (mutes.c.id == mute_id) & mutes.c.ended_at.is_(None)
    return (await tx.execute(update(mutes).where(mine).values(until=now))).rowcount > 0


async def ended_mutes(
    connection: AsyncConnection, now: datetime, *, without: Collection[Target], limit: int
) -> list[Mute]:
    """The mutes that ran out in chats that can be reached, and whose end was not told. `without`: not of these."""
    query = (
        select(mutes)
        .join(chats, chats.c.chat_id == mutes.c.chat_id)
        .where(mutes.c.until <= now, mutes.c.ended_at.is_(None), chats.c.state == "active", ~_of(mutes, without))
        .order_by(mutes.c.until, mutes.c.id)
        .limit(limit)
    )
    return [_mute(row) for row in await connection.execute(query)]


async def close_mute(tx: AsyncConnection, mute_id: int, now: datetime) -> None:
    """Its end was told, or there was nothing to tell; not where somebody muted again meanwhile."""
    over = (mutes.c.id == mute_id) & (mutes.c.until <= now)
    await tx.execute(update(mutes).where(over).values(ended_at=now))


def _mute(row: Row[Any]) -> Mute:
    return Mute(
        id=row.id,
        target=Target(row.chat_id, row.topic_id),
        what=Muted(row.what),
        shown=row.shown,
        since=row.since,
        until=row.until,
        identity=row.identity,
        story_id=row.story_id,
    )


# --- Lessons --------------------------------------------------------------------------------------------------------


async def _lessons(connection: AsyncConnection, targets: Collection[Target]) -> dict[Target, list[Lesson]]:
    """What the targets' verdicts taught and was not undone, oldest first."""
    query = select(verdicts).where(_of(verdicts, targets), verdicts.c.undone_at.is_(None)).order_by(verdicts.c.id)
    found: defaultdict[Target, list[Lesson]] = defaultdict(list)
    for row in await connection.execute(query):
        if "kind" in row.lesson:
            found[Target(row.chat_id, row.topic_id)].append(lesson_of(row))
    return found


def lesson_of(row: Row[Any]) -> Lesson:
    """From a row of `verdicts` that taught something."""
    return Lesson(
        id=row.id,
        scope=Scope(row.scope),
        name_id=row.name_id,
        kind=LessonKind(row.lesson["kind"]),
        value=row.lesson.get("value", ""),
        article_id=row.article_id,
    )


def _of(table: FromClause, targets: Collection[Target] | Sequence[Target]) -> ColumnElement[bool]:
    keys = [(target.chat_id, target.topic_id) for target in targets]
    return tuple_(table.c.chat_id, table.c.topic_id).in_(keys)
