"""Real polls replayed as days, through storage, ledger and editor: each new article rings once, and none is lost.

The publishers' guids are the truth, and every article names somebody. Where stories join nothing, what rings is what
was taken for new; as shipped, every article stands in a story, and every story rang once.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.config import Settings
from bot.feeds.fetch import Document, Validators
from bot.feeds.moved import NOWHERE
from bot.ledger import Ledger
from bot.model import Article, Entity, Feed, Match, MatchField, Target, Tier, WatchedName, Watchlist, list_scope
from bot.own_network import OwnNetwork
from bot.pipeline import Editor
from bot.reading import read_document
from bot.storage import articles, feeds, names
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database, open_database
from bot.storage.feeds import FeedRecord
from bot.storage.schema import alerts, deliveries, metadata, story_articles
from bot.storage.schema import articles as table
from bot.storage.subscriptions import subscribe
from tests.corpus import corpus_path, needs_corpus
from tests.desk import OPEN
from tests.faketime import StandingClock

SEQUENCES = corpus_path("feeds", "feeds_seq")
POLLS = sorted(
    (path for path in SEQUENCES.rglob("*.xml") if len(list(path.parent.iterdir())) > 2),
    key=lambda path: (path.stem[:15].ljust(17, "0"), path.parent.name),
)
EVERYBODY = list_scope("everybody")
NAME = WatchedName(EVERYBODY, "anybody", Entity("anybody"))
ANNA = Target(1)
_GUID = func.coalesce(table.c.guid, table.c.url)
COLLECTIONS = sorted({path.relative_to(SEQUENCES).parts[0] for path in POLLS})
EDITED = {"cloudphone-2026-08-13", "lemonde-en-archive", "reuters-direct"}
"""Through the editor, too: at ten statements an article, all of them take a minute (`make soak`)."""
ALONE = Settings.model_validate({"telegram": {"access": "open"}, "alerts": {"story_window": "1s", "max_age": "48h"}})
"""Stories that are too short to join anything: what rings is what was taken for new."""
AS_SHIPPED = OPEN


class EveryArticleNamesSomebody:
    """A matcher that finds the one watched name wherever it looks."""

    async def match(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[Match]]:
        found = Match(EVERYBODY, NAME.id, "anybody", "Anybody", MatchField.TITLE, 0, 7, 100, Tier.CERTAIN)
        return [[found] for _ in documents]


class Newsroom:
    """The parts that a poll's document goes through, and what the publishers' guids say of it."""

    def __init__(
        self, database: Database, configured: Sequence[Feed], start: datetime, settings: Settings, *, edits: bool
    ) -> None:
        self._edits = edits
        self.clock = StandingClock(start)
        self._database = database
        self._configured = {feed.id: feed for feed in configured}
        network = OwnNetwork(database, self.clock, hosts=len(configured))
        self._ledger = Ledger(database, self.clock, settings, self._configured, network)
        self._editor = Editor(database, EveryArticleNamesSomebody(), self.clock, settings)
        self.listed: dict[str, bool] = {}
        """By guid: whether it was news when it came first."""
        self._worded: dict[tuple[str, str, str], str] = {}
        """Guids by feed and words: what comes again word for word under another guid names nobody new."""

    async def open(self) -> None:
        now = self.clock.now()
        async with self._database.transaction() as tx:
            await names.sync_watchlists(tx, [Watchlist("everybody", "Everybody", (NAME,))], now)
            await feeds.sync_feeds(tx, list(self._configured.values()), dict.fromkeys(self._configured, now))
            await save_chat(tx, Chat(ANNA.chat_id, "private", ""), now)
            await subscribe(tx, ANNA, EVERYBODY, now, None)

    async def poll(self, feed_id: str, body: bytes, now: datetime) -> None:
        self.clock.advance((now - self.clock.now()).total_seconds())
        async with self._database.transaction() as tx:
            [record] = await feeds.claim(tx, [feed_id], now, lease_s=1)
        feed, digest = self._configured[feed_id], hashlib.blake2b(body, digest_size=16).hexdigest()
        document = Document(body, "text/xml", feed.url, Validators(), digest)
        if digest == record.body_digest:
            await self._ledger.unchanged(record, document, NOWHERE)
            await self._ledger.flush()
            return
        reading = read_document(body, "text/xml", feed.url, feed, await self._known(record), now)
        for each in reading.articles:
            guid = each.guid or str(each.url)
            if self._worded.setdefault((feed_id, each.title, each.text), guid) == guid:
                self.listed.setdefault(guid, _is_news(each, record, now))
        await self._ledger.read(record, document, reading, NOWHERE, now)
        if self._edits:
            assert await self._editor.edit_new()

    async def _known(self, record: FeedRecord) -> frozenset[str]:
        if not record.faultless or record.read_at is None:
            return frozenset()
        async with self._database.read() as connection:
            return await articles.listed_items(connection, record.id, since=record.read_at)

    async def kept(self) -> Counter[str]:
        """How many articles that may ring there are of each guid."""
        mine = select(_GUID).where(table.c.baseline.is_(False))
        async with self._database.read() as connection:
            return Counter((await connection.execute(mine)).scalars())

    async def rung(self) -> Counter[str]:
        """How many alerts went to Anna about each guid."""
        about = deliveries.join(alerts).join(table, table.c.id == alerts.c.article_id)
        async with self._database.read() as connection:
            return Counter((await connection.execute(select(_GUID).select_from(about))).scalars())

    async def stories(self) -> dict[int, set[str]]:
        """The guids of each story."""
        query = select(story_articles.c.story_id, _GUID).join(table, table.c.id == story_articles.c.article_id)
        found: defaultdict[int, set[str]] = defaultdict(set)
        async with self._database.read() as connection:
            for story_id, guid in await connection.execute(query):
                found[story_id].add(guid)
        return dict(found)

    async def rung_of_stories(self) -> Counter[int]:
        """How many alerts went to Anna about each story."""
        query = select(alerts.c.story_id).select_from(deliveries.join(alerts))
        async with self._database.read() as connection:
            return Counter((await connection.execute(query)).scalars())


def _is_news(article: Article, record: FeedRecord, now: datetime) -> bool:
    if record.last_good_at is None:
        return False
    caught_up = max(record.last_good_at - timedelta(hours=1), now - timedelta(days=7))
    return article.published_at >= min(now - timedelta(hours=48), caught_up)


def _time(path: Path) -> datetime:
    return datetime.strptime(path.stem[:15].ljust(17, "0"), "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC)


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Database]:
    """Another one than `sqlite`."""
    opened = await open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    async with opened.transaction() as tx:
        await tx.run_sync(metadata.create_all)
    yield opened
    await opened.close()


async def replayed(database: Database, collection: str, settings: Settings, *, edits: bool) -> Newsroom:
    """A newsroom after all polls of the collection, in their order."""
    polls = [path for path in POLLS if path.is_relative_to(SEQUENCES / collection)]
    configured = [Feed(name, f"https://{name}.example/rss") for name in sorted({path.parent.name for path in polls})]
    newsroom = Newsroom(database, configured, _time(polls[0]), settings, edits=edits)
    await newsroom.open()
    for path in polls:
        await newsroom.poll(path.parent.name, path.read_bytes(), _time(path))
    return newsroom


async def finds_each_once(database: Database, collection: str, *, edits: bool) -> None:
    newsroom = await replayed(database, collection, ALONE, edits=edits)
    news = Counter(guid for guid, is_news in newsroom.listed.items() if is_news)
    assert await newsroom.kept() == news
    assert not edits or await newsroom.rung() == news


async def tells_each_story_once(database: Database, collection: str) -> set[frozenset[str]]:
    """The stories."""
    newsroom = await replayed(database, collection, AS_SHIPPED, edits=True)
    found = await newsroom.stories()
    assert await newsroom.rung_of_stories() == Counter(dict.fromkeys(found, 1))
    news = {guid for guid, is_news in newsroom.listed.items() if is_news}
    assert set().union(*found.values()) == news
    return {frozenset(guids) for guids in found.values()}


@needs_corpus
@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_real_polls_replayed_as_days_find_each_new_article_once(sqlite: Database, collection: str) -> None:
    await finds_each_once(sqlite, collection, edits=collection in EDITED)


@needs_corpus
@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("collection", sorted({*COLLECTIONS} - EDITED))
async def test_all_of_them_ring_each_new_article_once(sqlite: Database, collection: str) -> None:
    await finds_each_once(sqlite, collection, edits=True)


@needs_corpus
async def test_every_article_of_real_days_stands_in_a_story_that_rang_once(sqlite: Database) -> None:
    told = await tells_each_story_once(sqlite, "cloudphone-2026-08-13")
    assert max(map(len, told)) > 1, "some outlets tell the same"


@needs_corpus
@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_all_real_days_tell_each_story_once_and_replayed_the_same(
    sqlite: Database, empty: Database, collection: str
) -> None:
    assert await tells_each_story_once(sqlite, collection) == await tells_each_story_once(empty, collection)
