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
from bot.storage.articles import index_articles
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
    dated: bool
    withdrawn: bool


async def plan_pages(tx: AsyncConnection, article_ids: Sequence[int], at: datetime) -> None:
    """Read the pages of these articles then."""
    await tx.execute(update(articles).where(articles.c.id.in_(article_ids)).values(page_due_at=at))


async def due_pages(connection: AsyncConnection, now: datetime, limit: int) -> list[tuple[int, str]]:
    """(article id, URL) of the pages that are due, those of the latest articles first."""
    query = (
        select(articles.c.id, articles.c.url)
        .where(articles.c.page_due_at <= now, articles.c.url.is_not(None))
        .order_by(articles.c.published_at.desc(), articles.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.url) for row in await connection.execute(query)]


async def wanted_pages(connection: AsyncConnection, article_ids: Collection[int]) -> list[WantedPage]:
    """The pages of these articles, in any order."""
    rows = await connection.execute(select(articles).where(articles.c.id.in_(article_ids)))
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
            dated=row.dated,
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
    is_old: bool = False,
    known_by: Sequence[Identity] = (),
    withdrawn: bool | None = None,
    now: datetime,
) -> None:
    """The end of a reading: when the next one is due, and what was found, if anything.

    Args:
        text: what the page says now; the article is then to be looked at again.
        language, published_at: for an article whose feed did not say.
        is_old: published so long ago that nobody is alerted, as if the feed had said so at once.
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
    if text is not None:
        await index_articles(tx, [wanted.article_id])
    if turned:
        await edits.story_changed(tx, wanted.article_id, now)
    if published_at:
        undated = this & articles.c.dated.is_(False)
        learnt: dict[str, Any] = {"published_at": published_at, "dated": True}
        if is_old:
            # Looked at once more as if for the first time: what a baseline names at first alerts nobody.
            learnt |= {"baseline": True, "looked_at": False}
        await tx.execute(update(articles).where(undated).values(learnt))
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
