"""Which article pages are to be read, and what was read there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.feeds.identity import Identity
from bot.storage import edits
from bot.storage.database import insert
from bot.storage.schema import articles, identities


@dataclass(frozen=True, slots=True)
class WantedPage:
    """An article whose page is due."""

    article_id: int
    feed_id: str
    url: str
    canonical_url: str | None
    page_text: str
    """What the page said when it was read last; empty before."""
    reads: int
    seen_at: datetime
    title: str
    language: str | None
    withdrawn: bool


async def plan_pages(tx: AsyncConnection, article_ids: Sequence[int], at: datetime) -> None:
    """Read the pages of these articles then."""
    await tx.execute(update(articles).where(articles.c.id.in_(article_ids)).values(page_due_at=at))


async def wanted_pages(
    connection: AsyncConnection, now: datetime, limit: int, *, without: Collection[int] = ()
) -> list[WantedPage]:
    """The pages that are due, those of the latest articles first; `without` those of articles under way."""
    query = (
        select(articles)
        .where(articles.c.page_due_at <= now, articles.c.url.is_not(None), articles.c.id.not_in(without))
        .order_by(articles.c.published_at.desc(), articles.c.id.desc())
        .limit(limit)
    )
    rows = await connection.execute(query)
    return [
        WantedPage(
            article_id=row.id,
            feed_id=row.feed_id,
            url=row.url,
            canonical_url=row.canonical_url,
            page_text=row.page_text or "",
            reads=row.page_reads,
            seen_at=row.seen_at,
            title=row.title,
            language=row.language,
            withdrawn=row.withdrawn_at is not None,
        )
        for row in rows
    ]


async def keep_page(
    tx: AsyncConnection,
    wanted: WantedPage,
    *,
    next_at: datetime | None,
    text: str | None = None,
    language: str | None = None,
    published_at: datetime | None = None,
    known_by: Sequence[Identity] = (),
    withdrawn: bool | None = None,
    now: datetime,
) -> None:
    """The end of a reading: when the next one is due, and what was found, if anything.

    Args:
        text: what the page says now; the article is then to be looked at again.
        language, published_at: for an article whose feed did not say.
        known_by: addresses of the page; another feed that lists one of them lists the same article.
        withdrawn: whether the page is gone; None where nobody can tell. The messages that show the article say so.
    """
    values: dict[str, Any] = {"page_due_at": next_at, "page_reads": wanted.reads + 1}
    if text is not None:
        values |= {"page_text": text, "state": "new", "revision": articles.c.revision + 1}
    if language:
        values["language"] = language
    turned = withdrawn is not None and withdrawn != wanted.withdrawn
    if turned:
        values["withdrawn_at"] = now if withdrawn else None
    this = articles.c.id == wanted.article_id
    await tx.execute(update(articles).where(this).values(values))
    if turned:
        await edits.story_changed(tx, wanted.article_id, now)
    if published_at:
        undated = this & articles.c.dated.is_(False)
        await tx.execute(update(articles).where(undated).values(published_at=published_at, dated=True))
    if known_by:
        rows = [
            {
                "feed_id": wanted.feed_id,
                "kind": identity.kind,
                "digest": identity.digest,
                "article_id": wanted.article_id,
                "listed_at": now,
                "known_by": "page",
            }
            for identity in known_by
        ]
        statement = insert(tx, identities).values(rows)
        await tx.execute(statement.on_conflict_do_nothing(index_elements=["feed_id", "kind", "digest"]))
