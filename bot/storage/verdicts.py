"""What people said of matches: right person, other person; what that taught, who said so and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.hit import Hit
from bot.model import DeliveryState, Lesson, LessonKind, Scope, StoredArticle, Target
from bot.storage.articles import article_row
from bot.storage.database import insert
from bot.storage.outbox import Delivery, alert_of, delivery_of
from bot.storage.schema import articles, deliveries, verdicts
from bot.storage.views import hits_of
from bot.storage.wishes import lesson_of

RIGHT, OTHER = "right", "other"


@dataclass(frozen=True, slots=True)
class Judged:
    """An alert of a chat that somebody has something to say about."""

    delivery: Delivery
    article: StoredArticle
    story_id: int
    hits: tuple[Hit, ...]
    """What it told and is still watched, the leading name first."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said, and what it taught."""

    lesson: Lesson
    is_right: bool
    title: str
    """Of the article; empty once that was forgotten."""
    given_by: int | None
    given_at: datetime
    promoted: bool


async def judged(connection: AsyncConnection, delivery_id: int, chat_id: int) -> Judged | None:
    """The alert, if it is one of this chat and its article is still stored."""
    query = select(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.chat_id == chat_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    delivery = delivery_of(row)
    story_id, article_id = await alert_of(connection, delivery.alert_id)
    by_name = {(hit.name.scope, hit.name.id): hit for hit in await hits_of(connection, article_id)}
    hits = tuple(by_name[key] for key in delivery.names if key in by_name)
    return Judged(delivery, await article_row(connection, article_id), story_id, hits)


async def give_verdict(
    tx: AsyncConnection,
    target: Target,
    hit: Hit,
    article: StoredArticle,
    kind: LessonKind,
    value: str,
    *,
    given_by: int | None,
    now: datetime,
) -> int:
    """Keep it; the verdict's id. The same said again is the same verdict."""
    said = RIGHT if kind is LessonKind.SPELLING else OTHER
    lesson = {"kind": kind.value, "value": value}
    of_name = (verdicts.c.scope == hit.name.scope) & (verdicts.c.name_id == hit.name.id)
    for row in await tx.execute(select(verdicts).where(_of(target), of_name, verdicts.c.undone_at.is_(None))):
        if row.lesson == lesson and (kind is not LessonKind.ARTICLE or row.article_id == article.id):
            return int(row.id)
    values = {
        "chat_id": target.chat_id,
        "topic_id": target.topic_id,
        "article_id": article.id,
        "scope": hit.name.scope,
        "name_id": hit.name.id,
        "verdict": said,
        "lesson": lesson,
        "given_by": given_by,
        "given_at": now,
    }
    return int((await tx.execute(insert(tx, verdicts).values(values).returning(verdicts.c.id))).scalar_one())


async def undo_verdict(tx: AsyncConnection, target: Target, verdict_id: int, now: datetime) -> bool:
    """It teaches nothing from now on; False when there is no such verdict in force here."""
    mine = _of(target) & (verdicts.c.id == verdict_id) & verdicts.c.undone_at.is_(None)
    return (await tx.execute(update(verdicts).where(mine).values(undone_at=now))).rowcount > 0


async def verdicts_here(connection: AsyncConnection, target: Target, *, first: int, limit: int) -> list[Verdict]:
    """Those in force, the newest first."""
    query = _in_force(target).order_by(verdicts.c.id.desc()).offset(first).limit(limit)
    return [_verdict(row) for row in await connection.execute(query)]


async def count_verdicts(connection: AsyncConnection, target: Target) -> int:
    query = select(func.count()).where(_of(target), verdicts.c.undone_at.is_(None))
    return int((await connection.execute(query)).scalar_one())


async def verdict_here(connection: AsyncConnection, target: Target, verdict_id: int) -> Verdict | None:
    row = (await connection.execute(_in_force(target).where(verdicts.c.id == verdict_id))).one_or_none()
    return _verdict(row) if row else None


async def record_promotion(tx: AsyncConnection, verdict_id: int, by: int | None, now: datetime) -> None:
    """The watchlist says it for everybody now."""
    values = {"promoted_at": now, "promoted_by": by}
    await tx.execute(update(verdicts).where(verdicts.c.id == verdict_id).values(values))


async def refuse_waiting(tx: AsyncConnection, target: Target, article_id: int, name: tuple[Scope, str]) -> None:
    """What is held here for this name of this article alone is another person's: it is told in no digest."""
    held = (deliveries.c.state == DeliveryState.HELD.value) & (deliveries.c.chat_id == target.chat_id)
    held &= deliveries.c.topic_id == target.topic_id
    rows: Sequence[Row[Any]] = (await tx.execute(select(deliveries).where(held))).all()
    for row in rows:
        _, told = await alert_of(tx, row.alert_id)
        if told == article_id and [tuple(each) for each in row.names] == [name]:
            values = {"state": DeliveryState.SUPPRESSED.value, "why": "other-person"}
            await tx.execute(update(deliveries).where(deliveries.c.id == row.id).values(values))


def _in_force(target: Target) -> Any:
    return (
        select(verdicts, articles.c.title)
        .outerjoin(articles, articles.c.id == verdicts.c.article_id)
        .where(_of(target), verdicts.c.undone_at.is_(None))
    )


def _of(target: Target) -> ColumnElement[bool]:
    return (verdicts.c.chat_id == target.chat_id) & (verdicts.c.topic_id == target.topic_id)


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(
        lesson=lesson_of(row),
        is_right=row.verdict == RIGHT,
        title=row.title or "",
        given_by=row.given_by,
        given_at=row.given_at,
        promoted=row.promoted_at is not None,
    )
