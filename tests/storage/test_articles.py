"""Reading stored articles back in bounded batches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.articles.changes import New
from bot.feeds.identity import identities
from bot.model import Article, Feed
from bot.storage.articles import published_since, save_changes
from bot.storage.database import Database
from bot.storage.feeds import sync_feeds

NOW = datetime(2026, 2, 17, 8, 0, tzinfo=UTC)
FEED = Feed("courrier", "https://courrier.example/rss", "Le Courrier des Brumes", "fr")


def an_article(number: int, *, days_ago: float) -> Article:
    url, published = f"https://courrier.example/{number}", NOW - timedelta(days=days_ago)
    return Article(FEED.id, None, url, url, f"Été {number}", "قرية", "fr", published, dated=True, seen_at=NOW)


async def test_batches_hold_every_article_since_then_once_the_last_stored_first(database: Database) -> None:
    days_ago = [1, 20, 2, 7, 0.5, 3]
    async with database.transaction() as tx:
        await sync_feeds(tx, [FEED], {FEED.id: NOW})
        for number, days in enumerate(days_ago):
            article = an_article(number, days_ago=days)
            await save_changes(tx, FEED.id, [New(article, number % 2 == 0, tuple(identities(article)))], NOW)
    read: list[list[str]] = []
    before: int | None = None
    while True:
        async with database.read() as connection:
            batch = await published_since(connection, NOW - timedelta(days=7), 2, before=before)
        if not batch:
            break
        read.append([each.article.title for each in batch])
        before = batch[-1].id
    assert read == [["Été 5", "Été 4"], ["Été 3", "Été 2"], ["Été 0"]]


async def test_an_empty_database_has_nothing_to_read(database: Database) -> None:
    async with database.read() as connection:
        assert await published_since(connection, NOW, 10) == []
