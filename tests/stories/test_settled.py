"""The labelled days through the editor: which alerts go out does not depend on the order of feeds, nor on the program."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.articles.changes import New
from bot.cli.stories import group_lines
from bot.feeds.identity import identities
from bot.model import Entity, Feed, Match, MatchField, Target, Tier, WatchedName, Watchlist, list_scope
from bot.pipeline import Editor
from bot.storage import feeds, names
from bot.storage.articles import save_changes
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database, open_database
from bot.storage.schema import alerts, deliveries, metadata, stories, story_articles
from bot.storage.schema import articles as stored
from bot.storage.subscriptions import subscribe
from tests.desk import OPEN
from tests.faketime import StandingClock
from tests.stories.articles import article, line
from tests.stories.labelled import START, Labelled, labelled

FEEDS = [Feed(name, f"https://{name}.example/rss", name.title(), "fr") for name in ("brume", "cale", "digue", "estran")]
AFFAIRS, ANNA = list_scope("affairs"), Target(1)
WATCHED = (
    "Quervic",
    "Dunsallow",
    "Shihabi",
    "الشهابي",
    "Audemar",
    "Lacassoire",
    "Carrowmore",
    "Montferrier",
    "Karsiyane",
)
EVERYBODY = ("",)
"""Is in every text."""
BATCH_H = 12
"""What came in so many hours is looked at together."""

Order = Callable[[list[tuple[int, Labelled]]], None]


@dataclass(frozen=True)
class FoundByLetters:
    """A matcher that finds these words wherever they stand."""

    words: tuple[str, ...]

    async def match(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[Match]]:
        return [[found for word in self.words if (found := _found(word, *document[:2]))] for document in documents]


def _found(word: str, title: str, text: str) -> Match | None:
    for field, words in ((MatchField.TITLE, title), (MatchField.TEXT, text)):
        at = words.find(word)
        if at >= 0:
            return Match(AFFAIRS, word or "anybody", word, word, field, at, at + len(word), 100, Tier.CERTAIN)
    return None


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[Database]]]:
    """Makes one empty database after the other."""
    opened: list[Database] = []

    async def make() -> Database:
        database = await open_database(f"sqlite:///{tmp_path / f'{len(opened)}.db'}")
        opened.append(database)
        async with database.transaction() as tx:
            await tx.run_sync(metadata.create_all)
        return database

    yield make
    for each in opened:
        await each.close()


async def days(database: Database, words: tuple[str, ...], order: Order, *, restarts: bool = False) -> None:
    """The labelled days, each batch stored in this order of arrival and then looked at."""
    clock = StandingClock(START)
    async with database.transaction() as tx:
        await feeds.sync_feeds(tx, FEEDS, {feed.id: START for feed in FEEDS})
        watched = tuple(WatchedName(AFFAIRS, word or "anybody", Entity(word or "anybody")) for word in words)
        await names.sync_watchlists(tx, [Watchlist("affairs", "Affairs", watched)], START)
        await save_chat(tx, Chat(ANNA.chat_id, "private", ""), START)
        await subscribe(tx, ANNA, AFFAIRS, START, None)
    editor = Editor(database, FoundByLetters(words), clock, OPEN)
    for _, some in groupby(enumerate(labelled()), key=lambda each: int(each[1].at // BATCH_H)):
        batch = list(some)
        clock.advance((batch[-1][1].published - clock.now()).total_seconds())
        order(batch)
        async with database.transaction() as tx:
            for place, each in batch:
                told = article(each, place, FEEDS[place % len(FEEDS)].id)
                await save_changes(tx, told.feed_id, [New(told, alerts=True, identities=identities(told))], clock.now())
        assert await editor.edit_new()
        assert not editor.broken
        if restarts:
            editor = Editor(database, FoundByLetters(words), clock, OPEN)


async def alerts_owed(database: Database) -> set[tuple[object, ...]]:
    """What goes out: about which article, to whom, for which names."""
    query = select(
        stored.c.title, deliveries.c.chat_id, deliveries.c.state, deliveries.c.why, deliveries.c.names
    ).select_from(deliveries.join(alerts).join(stored, stored.c.id == alerts.c.article_id))
    async with database.read() as connection:
        return {(*row[:4], str(row[4])) for row in await connection.execute(query)}


async def told_as(database: Database) -> set[tuple[frozenset[str], str | None]]:
    """The URLs of each story, and the headline of the story that it follows."""
    earlier = stories.alias("earlier")
    query = (
        select(story_articles.c.story_id, stored.c.url, earlier.c.title)
        .select_from(story_articles.join(stored).join(stories))
        .outerjoin(earlier, earlier.c.id == stories.c.follows_id)
    )
    found: dict[int, tuple[set[str], str | None]] = {}
    async with database.read() as connection:
        for story_id, url, follows in await connection.execute(query):
            found.setdefault(story_id, (set(), follows))[0].add(url)
    return {(frozenset(urls), follows) for urls, follows in found.values()}


def as_published(_batch: list[tuple[int, Labelled]]) -> None:
    """The order of publication."""


async def test_the_order_of_feeds_in_a_batch_changes_neither_alerts_nor_stories(
    database: Database, fresh: Callable[[], Awaitable[Database]]
) -> None:
    await days(database, WATCHED, as_published)
    owed, told = await alerts_owed(database), await told_as(database)
    assert len(owed) > 8
    for seed in range(4):
        shuffled = await fresh()
        await days(shuffled, WATCHED, random.Random(seed).shuffle, restarts=seed % 2 == 1)
        assert await alerts_owed(shuffled) == owed
        assert await told_as(shuffled) == told


async def test_in_doubt_it_rings_for_a_watched_name(sqlite: Database) -> None:
    """Two verdicts in the same words are one story; each of those who are watched is told of all the same."""
    await days(sqlite, WATCHED, as_published)
    rung = {(title, names) for title, _, state, _, names in await alerts_owed(sqlite) if state == "pending"}
    first_of_each = {
        each.event: each for each in reversed(labelled()) if any(word in each.title + each.text for word in WATCHED)
    }
    silent = [each.title for each in first_of_each.values() if each.title not in {title for title, _ in rung}]
    assert silent == []


async def test_lines_are_grouped_as_the_editor_groups_them(
    sqlite: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every article names somebody: the editor groups only those."""
    await days(sqlite, EVERYBODY, as_published)
    by_editor = {urls for urls, _ in await told_as(sqlite)}
    capsys.readouterr()  # what was logged
    assert group_lines([line(each, place) for place, each in enumerate(labelled())]) == 0
    by_story: dict[int, set[str]] = {}
    for each in map(json.loads, capsys.readouterr().out.splitlines()):
        by_story.setdefault(each["story"], set()).add(
            f"https://{FEEDS[each['id'] % len(FEEDS)].id}.example/{each['id']}"
        )
    assert {frozenset(urls) for urls in by_story.values()} == by_editor
    assert len(by_editor) < len(labelled())


def test_the_days_are_longer_than_a_batch() -> None:
    assert labelled()[-1].published - START > timedelta(hours=2 * BATCH_H)
