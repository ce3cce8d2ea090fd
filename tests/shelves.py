"""Rows as the program would have left them, written straight into their tables: articles, stories and who was told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Target
from bot.storage.schema import (
    alerts,
    articles,
    deliveries,
    identities,
    matches,
    messages,
    stories,
    story_articles,
    told,
)
from bot.text import fold_text

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
FEED = {"id": "f", "url_digest": "0", "title": "F", "tags": [], "active": True, "state": "ok", "next_poll_at": NOW}


async def add(tx: AsyncConnection, table: Table, **values: Any) -> Any:
    """A row; the first column of its primary key."""
    key = next(iter(table.primary_key))
    return (await tx.execute(insert(table).values(values).returning(key))).scalar_one()


async def add_article(tx: AsyncConnection, seen_at: datetime, title: str = "Titre", **more: Any) -> int:
    """An article of the feed `f`, looked at, with the identity of its guid."""
    values = {
        "feed_id": "f", "guid": title, "url": f"https://phare.example/{title}", "title": title, "text": f"Texte de {title}.",
        "published_at": seen_at, "dated": True, "seen_at": seen_at, "digest": "", "state": "done", "baseline": False, "looked_at": True,
    }  # fmt: skip
    article_id: int = await add(tx, articles, **values | more)
    await add(
        tx, identities, feed_id="f", kind="guid", digest=f"guid {article_id}", article_id=article_id, listed_at=seen_at
    )
    return article_id


async def add_match(tx: AsyncConnection, article_id: int, scope: str = "list:quais", name: str = "Vantadour") -> None:
    values = {"alias": name, "text": name, "field": "title", "start": 0, "end": 9, "score": 93, "tier": "certain"}
    reasons: list[Any] = [["exact", {}]]
    await add(tx, matches, article_id=article_id, scope=scope, name_id=name, reasons=reasons, **values)


async def add_story(tx: AsyncConnection, at: datetime, *article_ids: int) -> int:
    story_id: int = await add(tx, stories, title="Titre", first_at=at, last_at=at)
    for article_id in article_ids:
        await add(tx, story_articles, article_id=article_id, story_id=story_id, joined_at=at, why=["new-story", {}])
    return story_id


async def add_alert(tx: AsyncConnection, story_id: int, article_id: int, at: datetime, *targets: Target, state: str = "sent", scope: str = "list:quais", name: str = "Vantadour") -> int:  # fmt: skip
    """An alert of the story, told to these targets in a message each."""
    last = (await tx.execute(select(func.count()).where(alerts.c.story_id == story_id))).scalar_one()
    alert_id: int = await add(tx, alerts, story_id=story_id, sequence=last + 1, article_id=article_id, created_at=at)
    for target in targets:
        whom = {"chat_id": target.chat_id, "topic_id": target.topic_id}
        sent: dict[str, Any] = {}
        if state == "sent":
            message_id = (await tx.execute(select(func.count()).select_from(messages))).scalar_one() + 1
            row = await add(tx, messages, message_id=message_id, sent_at=at, **whom)
            sent = {"message_row": row, "sent_at": at}
        values = {
            "state": state,
            "tier": "certain",
            "priority": "normal",
            "due_at": at,
            "created_at": at,
            **whom,
            **sent,
        }
        await add(tx, deliveries, alert_id=alert_id, names=[[scope, name]], **values)
        identity = f"name:{fold_text(name)}"
        await add(tx, told, story_id=story_id, identity=identity, tier="certain", alert_id=alert_id, **whom)
    return alert_id


async def add_told_story(tx: AsyncConnection, at: datetime, *targets: Target, title: str = "Titre", scope: str = "list:quais", name: str = "Vantadour") -> int:  # fmt: skip
    """A story of one article that these targets were told of; the article's id."""
    article_id = await add_article(tx, at, title)
    await add_match(tx, article_id, scope, name)
    story_id = await add_story(tx, at, article_id)
    await add_alert(tx, story_id, article_id, at, *targets, scope=scope, name=name)
    return article_id


async def count(connection: AsyncConnection, table: Table) -> int:
    return (await connection.execute(select(func.count()).select_from(table))).scalar_one()
