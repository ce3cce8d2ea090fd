"""The page behind an entry adds names, is read again while it is short, and holds nothing back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from bot.articles.changes import Changed, New, decide_changes
from bot.articles.page import Page
from bot.feeds.identity import identities, url_identity
from bot.matching import MatchingThread
from bot.model import Entity, Feed, Target, WatchedName, Watchlist, list_scope
from bot.net import host_of
from bot.page_reader import Outcome, Reason, Skipped
from bot.pages import Pages
from bot.pipeline import Editor
from bot.storage import articles, feeds, names
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database
from bot.storage.pages import plan_pages
from bot.storage.schema import articles as table
from bot.storage.schema import deliveries, gaps
from bot.storage.subscriptions import subscribe
from tests.articles.samples import article
from tests.desk import OPEN
from tests.faketime import StandingClock

URL = "https://phare.example/articles/1"
LONG = "Un long récit de la nuit au port. " * 200


class Shelf:
    """A reader of pages that gives what it is told to; of `slow` hosts nothing ever comes."""

    def __init__(self, outcomes: Mapping[str, Outcome]) -> None:
        self.outcomes = dict(outcomes)
        self.read_urls: list[str] = []
        self.breaks = False
        self.slow: set[str] = set()

    async def read(self, url: str) -> Outcome:
        self.read_urls.append(url)
        if host_of(url) in self.slow:
            await asyncio.Event().wait()
        if self.breaks:
            raise ZeroDivisionError
        return self.outcomes[url]


class Desk:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = StandingClock()
        self.shelf = Shelf({URL: Page("Un court récit.")})
        self.news = asyncio.Event()
        self.pages = Pages(database, self.shelf, self.clock, max_age=timedelta(hours=48), news=self.news)

    async def start(self) -> None:
        now = self.clock.now()
        async with self.database.transaction() as tx:
            await feeds.sync_feeds(tx, [Feed("phare", "https://phare.example/feed")], {"phare": now})
        self.article_id = await self.list_page(URL)

    async def list_page(self, url: str) -> int:
        """An article without a date whose page is due."""
        now = self.clock.now()
        async with self.database.transaction() as tx:
            values = {
                "feed_id": "phare", "url": url, "canonical_url": url, "title": "La nuit au port", "text": "Un teaser.", "published_at": now, "dated": False, "seen_at": now, "digest": "", "state": "done", "baseline": False, "revision": 1, "looked_at": True,
            }  # fmt: skip
            article_id: int = (await tx.execute(table.insert().values(values).returning(table.c.id))).scalar_one()
            await plan_pages(tx, [article_id], now)
        return article_id

    async def read(self, after: timedelta = timedelta()) -> int:
        self.clock.advance(after.total_seconds())
        started = await self.pages.read_due()
        await self.pages.settle()
        return started

    async def owed(self) -> int:
        """How many deliveries there are once the editor has looked at all that waits."""
        scope, watched = list_scope("quais"), "Aldegonde Quincampoix"
        name = WatchedName(scope, "aldegonde", Entity(watched))
        matching = MatchingThread()
        try:
            async with self.database.transaction() as tx:
                await names.sync_watchlists(tx, [Watchlist("quais", "Quais", (name,))], self.clock.now())
                await save_chat(tx, Chat(1, "private", ""), self.clock.now())
                await subscribe(tx, Target(1), scope, self.clock.now(), None)
            async with self.database.read() as connection:
                await matching.replace(await names.all_names(connection))
            await Editor(self.database, matching, self.clock, OPEN).edit_new()
        finally:
            matching.close()
        async with self.database.read() as connection:
            return (await connection.execute(select(func.count()).select_from(deliveries))).scalar_one()

    async def withdrawn_at(self) -> datetime | None:
        async with self.database.read() as connection:
            return (await articles.article_row(connection, self.article_id)).withdrawn_at

    async def waiting(self) -> list[str]:
        """Texts of the articles that the editor is to look at; it does."""
        async with self.database.transaction() as tx:
            found = await articles.new_articles(tx, 9)
            await articles.mark_done(tx, found)
        return [each.article.text for each in found]


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    made = Desk(database)
    await made.start()
    yield made
    await made.pages.stop()


async def test_what_the_page_adds_is_looked_at(desk: Desk) -> None:
    assert await desk.waiting() == []
    assert await desk.read() == 1
    assert desk.news.is_set()
    assert await desk.waiting() == ["Un teaser.\nUn court récit."]


async def test_a_short_page_is_read_again_and_looked_at_when_it_grew(desk: Desk) -> None:
    await desk.read()
    await desk.waiting()
    assert await desk.read() == 0
    assert await desk.read(after=timedelta(minutes=21)) == 1
    assert await desk.waiting() == []
    desk.shelf.outcomes[URL] = Page(LONG)
    assert await desk.read(after=timedelta(minutes=60)) == 1
    [text] = await desk.waiting()
    assert LONG in text
    assert await desk.read(after=timedelta(hours=30)) == 0


async def test_a_page_is_left_in_peace_after_a_day(desk: Desk) -> None:
    readings = [await desk.read(after=timedelta(hours=1)) for _ in range(40)]
    assert 3 <= sum(readings) <= 5


@pytest.mark.parametrize(("reason", "again"), [(Reason.ROBOTS, 0), (Reason.PAYWALLED, 0), (Reason.FAILED, 1)])
async def test_a_page_that_gives_nothing_changes_nothing(desk: Desk, reason: Reason, again: int) -> None:
    desk.shelf.outcomes[URL] = Skipped(reason, "no")
    await desk.read()
    assert await desk.waiting() == []
    assert await desk.read(after=timedelta(hours=1)) == again


async def test_a_page_that_is_gone_after_it_was_read_was_withdrawn_and_may_come_back(desk: Desk) -> None:
    await desk.read()
    desk.shelf.outcomes[URL] = Skipped(Reason.GONE, "404")
    await desk.read(after=timedelta(minutes=21))
    withdrawn_at = desk.clock.now()
    assert await desk.withdrawn_at() == withdrawn_at
    desk.shelf.outcomes[URL] = Page("")
    await desk.read(after=timedelta(minutes=60))
    assert await desk.withdrawn_at() == withdrawn_at
    desk.shelf.outcomes[URL] = Page("Un court récit.")
    await desk.read(after=timedelta(hours=4))
    assert await desk.withdrawn_at() is None


@pytest.mark.parametrize(
    ("before", "reason"), [(Reason.FAILED, Reason.GONE), (None, Reason.FAILED), (None, Reason.REFUSED)]
)
async def test_nothing_is_called_withdrawn_that_may_not_be(desk: Desk, before: Reason | None, reason: Reason) -> None:
    if before is not None:
        desk.shelf.outcomes[URL] = Skipped(before, "no")
    await desk.read()
    desk.shelf.outcomes[URL] = Skipped(reason, "no")
    await desk.read(after=timedelta(minutes=21))
    assert await desk.withdrawn_at() is None


async def test_a_page_that_could_not_be_written_down_is_read_again(sqlite: Database) -> None:
    desk = Desk(sqlite)
    await desk.start()
    desk.shelf.outcomes[URL] = Page(
        LONG, canonical_url="https://phare.example/articles/nuit", found_at=URL, title="La nuit au port"
    )
    async with sqlite.transaction() as tx:
        await tx.execute(text("ALTER TABLE identities RENAME TO away"))
    await desk.read()
    async with sqlite.transaction() as tx:
        await tx.execute(text("ALTER TABLE away RENAME TO identities"))
    assert await desk.read(after=timedelta(seconds=1)) == 1
    assert any(LONG.strip() in found for found in await desk.waiting())


async def test_a_page_that_breaks_us_is_not_read_for_ever(desk: Desk) -> None:
    desk.shelf.breaks = True
    await desk.read()
    assert await desk.read(after=timedelta(hours=1)) == 0
    assert await desk.waiting() == []


async def test_the_page_tells_language_date_and_its_own_address(desk: Desk) -> None:
    published = desk.clock.now() - timedelta(hours=2)
    own = "https://phare.example/articles/nuit-au-port"
    desk.shelf.outcomes[URL] = Page(LONG, canonical_url=own, found_at=URL, language="fr", published_at=published)
    await desk.read()
    async with desk.database.read() as connection:
        row = (await connection.execute(select(table))).one()
        assert await articles.article_by_url(connection, url_identity(own).digest) == desk.article_id
    assert (row.language, row.published_at, row.dated) == ("fr", published, True)


# --- What a page may not do ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 3])
async def test_an_entry_whose_page_says_that_it_is_old_rings_for_nobody(desk: Desk, days: int) -> None:
    await desk.owed()
    page = Page("Aldegonde Quincampoix l’a dit.", published_at=desk.clock.now() - timedelta(days=days))
    desk.shelf.outcomes[URL] = page
    await desk.read()
    assert await desk.owed() == (1 if days == 1 else 0)
    again = await desk.read(after=timedelta(minutes=21))
    assert again == (1 if days == 1 else 0)


async def test_what_was_published_while_we_were_away_is_not_old(desk: Desk) -> None:
    now = desk.clock.now()
    begin = now - timedelta(days=5)
    async with desk.database.transaction() as tx:
        row = {"feed_id": "phare", "begin_at": begin, "end_at": now, "why": "stopped", "lost": False}
        await tx.execute(gaps.insert().values(row))
    desk.shelf.outcomes[URL] = Page("Aldegonde Quincampoix l’a dit.", published_at=now - timedelta(days=4))
    await desk.read()
    assert await desk.owed() == 1


async def test_a_date_of_the_page_does_not_outdo_that_of_the_feed(desk: Desk) -> None:
    async with desk.database.transaction() as tx:
        await tx.execute(table.update().values(dated=True))
    desk.shelf.outcomes[URL] = Page(
        "Aldegonde Quincampoix l’a dit.", published_at=desk.clock.now() - timedelta(days=900)
    )
    await desk.read()
    assert await desk.owed() == 1


async def test_a_wall_at_a_later_reading_takes_nothing_away(desk: Desk) -> None:
    told = "Aldegonde Quincampoix l’a dit aux marins réunis sur le quai."
    desk.shelf.outcomes[URL] = Page(told)
    await desk.read()
    await desk.waiting()
    wall = "https://walls.example/consent"
    desk.shelf.outcomes[URL] = Page("Acceptez nos cookies.", canonical_url=wall, language="en")
    assert await desk.read(after=timedelta(minutes=21)) == 1
    assert await desk.waiting() == []
    async with desk.database.read() as connection:
        row = (await connection.execute(select(table))).one()
        assert await articles.article_by_url(connection, url_identity(wall).digest) is None
    assert (row.page_text, row.language) == (told, None)
    desk.shelf.outcomes[URL] = Page(told.replace("marins", "pêcheurs"))
    assert await desk.read(after=timedelta(minutes=40)) == 1
    [text] = await desk.waiting()
    assert "pêcheurs" in text
    assert "marins" not in text


async def test_a_host_that_is_slow_holds_up_only_itself(desk: Desk) -> None:
    for number in range(20):
        await desk.list_page(f"https://slow.example/{number}")
    desk.shelf.slow = {"slow.example"}
    assert await desk.pages.read_due() == 2
    await asyncio.sleep(0)
    assert sorted(map(host_of, desk.shelf.read_urls)) == ["phare.example", "slow.example"]
    assert await desk.pages.read_due() == 0


async def test_pages_of_one_host_are_read_one_after_the_other(desk: Desk) -> None:
    urls = [f"https://phare.example/articles/{number}" for number in range(2, 5)]
    for url in urls:
        await desk.list_page(url)
        desk.shelf.outcomes[url] = Page(LONG)
    assert [await desk.read() for _ in range(5)] == [1, 1, 1, 1, 0]
    assert sorted(desk.shelf.read_urls) == [URL, *urls]


async def test_an_address_that_is_none_holds_nothing_up(desk: Desk) -> None:
    await desk.list_page("http://[")
    desk.shelf.outcomes["http://["] = Skipped(Reason.FAILED, "no URL")
    assert await desk.read() == 2


OWN = "https://phare.example/articles/nuit-au-port"
ANSWERED = "https://phare.example/direct/77"


async def listed_elsewhere(desk: Desk, url: str) -> object:
    """What becomes of the address when another feed, well known, lists it."""
    now = desk.clock.now()
    there = article(feed_id="balise", guid="b-1", url=url, published_at=now, seen_at=now)
    async with desk.database.transaction() as tx:
        both = [Feed(name, f"https://{name}.example/feed") for name in ("phare", "balise")]
        await feeds.sync_feeds(tx, both, {each.id: now for each in both})
        known = await articles.known_articles(tx, "balise", identities(there))
        [change] = decide_changes([there], known, first_poll=False, now=now, max_age=timedelta(hours=48))
        await articles.save_changes(tx, "balise", [change], now)
    return change


@pytest.mark.parametrize("listed", [OWN, ANSWERED, f"{OWN}?utm_source=rss", "https://m.phare.example/direct/77/"])
async def test_another_feed_that_lists_the_pages_own_address_lists_the_article(desk: Desk, listed: str) -> None:
    page = Page(LONG, canonical_url=OWN, found_at=ANSWERED, title="La nuit au port – Le Phare")
    desk.shelf.outcomes[URL] = page
    await desk.read()
    change = await listed_elsewhere(desk, listed)
    assert isinstance(change, Changed)
    assert (change.article_id, change.why) == (desk.article_id, "listed-elsewhere")


async def test_a_link_that_led_to_something_else_hides_nothing(desk: Desk) -> None:
    section = "https://phare.example/justice"
    desk.shelf.outcomes[URL] = Page(LONG, canonical_url=section, found_at=section, title="Toute l’actualité")
    await desk.read()
    assert isinstance(await listed_elsewhere(desk, section), New)
