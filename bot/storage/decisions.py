"""What was decided, for those who must answer for it: who was told what and why, who judged it how, what admins did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from bot.storage.database import Database
from bot.storage.retention import evidence_of
from bot.storage.schema import admin_log, alerts, articles, deliveries, past_deliveries, verdicts

_BATCH = 500
_STILL = select(deliveries, articles.c.url, alerts.c.article_id).select_from(
    deliveries.join(alerts).join(articles, articles.c.id == alerts.c.article_id)
)
_JUDGED = select(verdicts, articles.c.url.label("stored_url")).outerjoin(articles)


async def decisions(database: Database) -> AsyncIterator[dict[str, Any]]:
    """Deliveries, then verdicts, then what admins changed, each from the oldest, as JSON.

    Read in batches: nobody waits for a slow reader.
    """
    async for past in _batches(database, select(past_deliveries), past_deliveries.c.id):
        for row in past:
            yield _delivery(row, row.evidence)
    async for told in _batches(database, _STILL, deliveries.c.id):
        async with database.read() as connection:
            found = await evidence_of(connection, {row.article_id for row in told})
        for row in told:
            yield _delivery(row, [found.get((row.article_id, scope, name_id)) for scope, name_id in row.names])
    async for judged in _batches(database, _JUDGED, verdicts.c.id):
        for row in judged:
            yield _verdict(row)
    async for done in _batches(database, select(admin_log), admin_log.c.id):
        for row in done:
            at = row.at.isoformat()
            yield {"kind": "admin", "at": at, "by": row.user_id, "action": row.action, "detail": row.detail}


async def _batches(database: Database, query: Select[Any], key: Any) -> AsyncIterator[Sequence[Row[Any]]]:
    last = 0
    while True:
        async with database.read() as connection:
            rows = (await connection.execute(query.where(key > last).order_by(key).limit(_BATCH))).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _delivery(row: Row[Any], evidence: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    return {
        "kind": "delivery",
        "at": row.created_at.isoformat(),
        "chat": row.chat_id,
        "topic": row.topic_id,
        "names": [
            {"scope": scope, "name": name_id, "found": found}
            for (scope, name_id), found in zip(row.names, evidence, strict=True)
        ],
        "tier": row.tier,
        "state": row.state,
        "why": row.why,
        "sent_at": _iso(row.sent_at),
        "url": row.url,
    }


def _verdict(row: Row[Any]) -> dict[str, Any]:
    return {
        "kind": "verdict",
        "at": row.given_at.isoformat(),
        "by": row.given_by,
        "chat": row.chat_id,
        "topic": row.topic_id,
        "scope": row.scope,
        "name": row.name_id,
        "verdict": row.verdict,
        "lesson": row.lesson,
        "url": row.stored_url or row.url,
        "undone_at": _iso(row.undone_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
