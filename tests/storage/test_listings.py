"""By what an article was known again is kept, and told to those who ask."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from bot.articles.changes import decide_changes
from bot.cli.why import KNOWN_BY
from bot.feeds.identity import Kind, identities, url_identity
from bot.model import Article, Feed
from bot.storage.articles import Listing, known_articles, save_changes
from bot.storage.database import Database
from bot.storage.feeds import sync_feeds
from bot.storage.pages import WantedPage, keep_page
from bot.storage.why import Explanation, explain_url
from tests.articles.samples import NOW, article

FEEDS = [Feed("phare", "https://phare.example/rss", "Le Phare"), Feed("balise", "https://balise.example/rss")]


async def poll(database: Database, *listed: Article) -> None:
    async with database.transaction() as tx:
        await sync_feeds(tx, FEEDS, {feed.id: NOW for feed in FEEDS})
        wanted = sorted({identity for each in listed for identity in identities(each)})
        known = await known_articles(tx, listed[0].feed_id, wanted)
        changes = decide_changes(listed, known, first_poll=False, now=NOW, max_age=timedelta(hours=48))
        await save_changes(tx, listed[0].feed_id, changes, NOW)


async def explained(database: Database, url: str) -> Explanation:
    async with database.read() as connection:
        found = await explain_url(connection, url)
    assert found is not None
    return found


async def test_what_came_once_is_listed_nowhere_else(database: Database) -> None:
    await poll(database, article())
    await poll(database, article(text="Le juge a entendu trois témoins, et l’audience reprend mercredi matin."))
    assert (await explained(database, str(article().url))).listings == ()


async def test_every_way_to_be_known_again_is_told(database: Database) -> None:
    elsewhere, moved = "https://phare.example/2025/port.html", "https://phare.example/2025/port-juge.html"
    await poll(database, article())
    await poll(database, article(guid="churned"))
    await poll(database, article(url=moved))
    await poll(database, article(guid="copy", url=elsewhere))
    await poll(database, article(feed_id="balise", guid="b-1", url=f"{elsewhere}?utm_source=rss", text="Résumé."))
    found = await explained(database, elsewhere)
    assert found.article.article.guid == "phare-1001"
    assert found.listings == (
        Listing("balise", "balise", "url", ("guid", "url")),
        Listing("phare", "Le Phare", "content", ("guid", "url")),
        Listing("phare", "Le Phare", "guid", ("url",)),
        Listing("phare", "Le Phare", "url", ("guid",)),
    )


async def test_a_copy_in_one_document_is_told_too(database: Database) -> None:
    await poll(database, article(), article(guid="copy", url="https://phare.example/agence/port.html"))
    found = await explained(database, "https://phare.example/agence/port.html")
    assert found.listings == (Listing("phare", "Le Phare", "content", ("guid", "url")),)


async def test_what_a_page_calls_itself_is_told(database: Database) -> None:
    await poll(database, article())
    found = await explained(database, str(article().url))
    wanted = WantedPage(
        article_id=found.article.id,
        feed_id="phare",
        url=str(article().url),
        canonical_url=None,
        page_text="",
        reads=0,
        seen_at=NOW,
        title=article().title,
        language="fr",
        dated=True,
        withdrawn=False,
    )
    own = "https://phare.example/port"
    async with database.transaction() as tx:
        await keep_page(tx, wanted, next_at=None, known_by=[url_identity(own)], now=NOW)
    assert (await explained(database, own)).listings == (Listing("phare", "Le Phare", "page", ("url",)),)


def test_each_way_has_its_words() -> None:
    assert set(KNOWN_BY) == {*get_args(Kind), "page"}
