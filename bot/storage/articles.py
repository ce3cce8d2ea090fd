"""Articles and the hashed identities by which an entry is known again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.articles.changes import Change, Changed, KnownArticle, New, Seen, article_digest
from bot.articles.reading import merged_text
from bot.feeds.identity import Identity
from bot.model import Article, StoredArticle
from bot.storage.schema import UtcTime, articles, feeds, identities
from bot.storage.text_index import Entry, entry_of, write_entries

_BATCH = 400
"""Identities or articles a query: below every database's limit on parameters, and short enough for the loop."""
MANY = 20
"""Articles whose words are read in a thread: a hundred take a tenth of a second."""
_KNOWN = select(
    identities,
    articles.c.title,
    articles.c.digest.label("content"),
    articles.c.canonical_url,
    articles.c.feed_id.label("owner_id"),
).select_from(identities.outerjoin(articles))
_ADD = insert(articles).returning(articles.c.id, articles.c.guid, articles.c.url, articles.c.digest)
"""In any order: to keep it, SQLAlchemy would insert one row at a time into SQLite."""
# Made once, as text: SQLAlchemy compiles an `ON CONFLICT` of its own anew at each execution.
_REMEMBER = text(
    "INSERT INTO identities (feed_id, kind, digest, article_id, listed_at, item, known_by) "
    "VALUES (:feed_id, :kind, :digest, :article_id, :listed_at, :item, :known_by) "
    "ON CONFLICT (feed_id, kind, digest) "
    "DO UPDATE SET listed_at = excluded.listed_at, item = COALESCE(excluded.item, identities.item)"
).bindparams(bindparam("listed_at", type_=UtcTime()))


async def known_articles(
    connection: AsyncConnection, feed_id: str, wanted: Sequence[Identity]
) -> dict[Identity, KnownArticle]:
    """What is known under each of these identities: by this feed, or (a URL) by any feed."""
    found: dict[Identity, KnownArticle] = {}
    for start in range(0, len(wanted), _BATCH):
        batch = set(wanted[start : start + _BATCH])
        here = _KNOWN.where(
            identities.c.feed_id == feed_id,
            identities.c.kind.in_(sorted({each.kind for each in batch})),
            identities.c.digest.in_([each.digest for each in batch]),
        )
        urls = [each.digest for each in batch if each.kind == "url"]
        elsewhere = _KNOWN.where(
            identities.c.kind == "url", identities.c.digest.in_(urls), identities.c.feed_id != feed_id
        )
        # Two searches, each by its index; one with OR would read every URL ever seen.
        rows = await connection.execute(elsewhere.union_all(here) if urls else here)
        for row in rows:
            identity = Identity(row.kind, row.digest)
            # This feed's own knowledge wins over what another feed knows of the same URL.
            if identity in batch and (row.feed_id == feed_id or identity not in found):
                found[identity] = _known(row)
    return found


async def listed_items(connection: AsyncConnection, feed_id: str, *, since: datetime) -> frozenset[str]:
    """Digests of the items that the feed's document listed since then: read once, they need no parser again."""
    query = (
        select(identities.c.item)
        .where(identities.c.feed_id == feed_id, identities.c.item.is_not(None), identities.c.listed_at >= since)
        .distinct()
    )
    return frozenset((await connection.execute(query)).scalars())


async def still_listed(tx: AsyncConnection, feed_id: str, items: Sequence[str], now: datetime) -> None:
    """The feed lists these items as before: their identities are kept."""
    for start in range(0, len(items), _BATCH):
        known = identities.c.item.in_(items[start : start + _BATCH]) & (identities.c.feed_id == feed_id)
        await tx.execute(update(identities).where(known).values(listed_at=now))


async def listed_until(tx: AsyncConnection, feed_id: str, read_at: datetime, until: datetime) -> None:
    """The feed's document of `read_at` was confirmed unchanged until then: so long it listed what it lists no more.

    After `save_changes` and `still_listed` of the next document.
    """
    gone = (identities.c.feed_id == feed_id) & (identities.c.listed_at == read_at)
    await tx.execute(update(identities).where(gone).values(listed_at=until))


async def save_changes(
    tx: AsyncConnection, feed_id: str, changes: Sequence[Change], now: datetime
) -> list[tuple[int, New | Changed]]:
    """Store what a poll brought; returns the articles that are to be looked at, by their ids."""
    fresh = [change for change in changes if isinstance(change, New)]
    new_ids = iter(await _add(tx, fresh))
    to_do: list[tuple[int, New | Changed]] = []
    remembered: list[dict[str, Any]] = []
    for change in changes:
        article_id = next(new_ids) if isinstance(change, New) else change.article_id
        if isinstance(change, Changed):
            await _change(tx, change, now)
        if article_id is not None and not isinstance(change, Seen):
            to_do.append((article_id, change))
        remembered += _memory(feed_id, article_id, change, now)
    for start in range(0, len(remembered), _BATCH):
        await tx.execute(_REMEMBER, remembered[start : start + _BATCH])
    await index_articles(tx, [article_id for article_id, change in to_do if _says_something_new(change)])
    return to_do


def _says_something_new(change: Change) -> bool:
    return isinstance(change, New) or (isinstance(change, Changed) and change.why == "edited")


async def index_articles(tx: AsyncConnection, ids: Sequence[int]) -> None:
    """Bring the text index up to what these articles say now."""
    for start in range(0, len(ids), _BATCH):
        query = select(articles.c.id, articles.c.title, articles.c.text, articles.c.page_text)
        rows = (await tx.execute(query.where(articles.c.id.in_(ids[start : start + _BATCH])))).all()
        if len(rows) > MANY:
            entries = await asyncio.to_thread(_entries, rows)
        else:
            entries = _entries(rows)
        await tx.run_sync(write_entries, entries)


def _entries(rows: Sequence[Row[Any]]) -> list[Entry]:
    return [entry_of(row.id, row.title, row.text, row.page_text) for row in rows]


async def new_articles(
    connection: AsyncConnection, limit: int, *, without: Collection[int] = (), feed_id: str | None = None
) -> list[StoredArticle]:
    """Articles that wait to be looked at, in order of publication and URL: the order of feeds does not matter.

    `feed_id`: only those that this feed gave.
    """
    query = (
        select(articles)
        .where(articles.c.state == "new", articles.c.id.not_in(without))
        .order_by(articles.c.published_at, articles.c.url, articles.c.id)
        .limit(limit)
    )
    if feed_id is not None:
        query = query.where(articles.c.feed_id == feed_id)
    return [stored_article(row) for row in await connection.execute(query)]


async def mark_done(tx: AsyncConnection, done: Iterable[StoredArticle]) -> None:
    """Looked at, as they were read: one that changed meanwhile (another revision) stays new."""
    for each in done:
        same = (articles.c.id == each.id) & (articles.c.revision == each.revision)
        await tx.execute(update(articles).where(same).values(state="done", looked_at=True))


async def latest_published(connection: AsyncConnection, feed_id: str, limit: int) -> list[datetime]:
    """When the feed's latest articles were published: its rhythm.

    Of an article without a date, when it was first seen; but not of those that the first poll listed, old and new.
    """
    moment = case((articles.c.dated, articles.c.published_at), else_=articles.c.seen_at)
    query = (
        select(moment)
        .where(articles.c.feed_id == feed_id, articles.c.dated | ~articles.c.baseline)
        .order_by(articles.c.seen_at.desc(), articles.c.published_at.desc())
        .limit(limit)
    )
    return list((await connection.execute(query)).scalars())


async def article_by_url(connection: AsyncConnection, digest: str) -> int | None:
    """The newest article that any feed listed under the URL identity `digest`."""
    query = (
        select(identities.c.article_id)
        .where(identities.c.kind == "url", identities.c.digest == digest, identities.c.article_id.is_not(None))
        .order_by(identities.c.article_id.desc())
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def article_row(connection: AsyncConnection, article_id: int) -> StoredArticle:
    row = (await connection.execute(select(articles).where(articles.c.id == article_id))).one()
    return stored_article(row)


async def listing_feeds(connection: AsyncConnection, article_id: int) -> list[str]:
    """The feeds that list (or listed) the article."""
    query = select(identities.c.feed_id).where(identities.c.article_id == article_id).distinct()
    return sorted((await connection.execute(query)).scalars())


@dataclass(frozen=True, slots=True)
class Listing:
    """A feed that lists the article otherwise than it came first: under another guid or address, or in another feed."""

    feed_id: str
    feed_title: str
    known_by: str
    """By what it was taken for this article: an identity's kind, or `page` for what the page itself said."""
    others: tuple[str, ...]
    """What was new about it: `guid`, `url`."""


async def other_listings(connection: AsyncConnection, article_id: int) -> list[Listing]:
    """In the order of feeds."""
    query = (
        select(identities.c.feed_id, feeds.c.title, identities.c.known_by, identities.c.kind)
        .join(feeds)
        .where(
            identities.c.article_id == article_id,
            identities.c.known_by.is_not(None),
            identities.c.kind.in_(("guid", "url")),
        )
        .distinct()
    )
    found: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in await connection.execute(query):
        found[row.feed_id, row.title or row.feed_id, row.known_by].add(row.kind)
    return [Listing(*each, tuple(sorted(kinds))) for each, kinds in sorted(found.items())]


async def _add(tx: AsyncConnection, fresh: Sequence[New]) -> list[int]:
    """The ids of the articles, in their order."""
    if not fresh:
        return []
    rows = [
        _values(change.article)
        | {
            "feed_id": change.article.feed_id,
            "seen_at": change.article.seen_at,
            "state": "new",
            "baseline": not change.alerts,
            "revision": 1,
        }
        for change in fresh
    ]
    ids: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for start in range(0, len(rows), _BATCH):
        for row in await tx.execute(_ADD, rows[start : start + _BATCH]):
            ids[row.guid, row.url, row.digest].append(row.id)
    return [ids[row["guid"], row["url"], row["digest"]].pop() for row in rows]


async def _change(tx: AsyncConnection, change: Changed, now: datetime) -> None:
    """The article is to be looked at again; only its own feed's edit replaces what it says."""
    values: dict[str, Any] = {"state": "new", "revision": articles.c.revision + 1}
    if change.why == "edited":
        retitled = articles.c.title != change.article.title
        values |= _values(change.article) | {"retitled_at": case((retitled, now), else_=articles.c.retitled_at)}
    await tx.execute(update(articles).where(articles.c.id == change.article_id).values(values))


def _memory(feed_id: str, article_id: int | None, change: Change, now: datetime) -> Iterator[dict[str, Any]]:
    """The rows of what the article is known by."""
    items = dict(change.items)
    for identity in change.identities:
        yield {
            "feed_id": feed_id,
            "kind": identity.kind,
            "digest": identity.digest,
            "article_id": article_id,
            "listed_at": now,
            "item": items.get(identity),
            "known_by": change.known_by.get(identity),
        }


def stored_article(row: Row[Any]) -> StoredArticle:
    """From a row of `articles`."""
    return StoredArticle(
        id=row.id,
        revision=row.revision,
        baseline=row.baseline,
        looked_at=row.looked_at,
        retitled_at=row.retitled_at,
        withdrawn_at=row.withdrawn_at,
        article=Article(
            feed_id=row.feed_id,
            guid=row.guid,
            url=row.url,
            canonical_url=row.canonical_url,
            title=row.title,
            text=merged_text(row.text, row.page_text) if row.page_text else row.text,
            language=row.language,
            published_at=row.published_at,
            dated=row.dated,
            seen_at=row.seen_at,
        ),
    )


def _values(article: Article) -> dict[str, Any]:
    return {
        "guid": article.guid,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "title": article.title,
        "text": article.text,
        "language": article.language,
        "published_at": article.published_at,
        "dated": article.dated,
        "digest": article_digest(article),
    }


def _known(row: Row[Any]) -> KnownArticle:
    return KnownArticle(
        article_id=row.article_id,
        feed_id=row.feed_id,
        title=row.title or "",
        digest=row.content or "",
        canonical_url=row.canonical_url,
        owner_id=row.owner_id,
        item=row.item,
    )
