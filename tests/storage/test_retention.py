"""What is due by each clock is forgotten, in small steps; what was decided, and what a feed still lists, is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.config import Settings
from bot.housekeeper import Housekeeper
from bot.model import Target
from bot.storage.articles import listed_until
from bot.storage.database import Database
from bot.storage.schema import (
    admin_log,
    alerts,
    articles,
    deliveries,
    feeds,
    gaps,
    identities,
    invites,
    matches,
    messages,
    mutes,
    past_deliveries,
    polls,
    questions,
    stories,
    story_articles,
    told,
    verdicts,
)
from tests.faketime import StandingClock
from tests.shelves import (
    FEED,
    NOW,
    add,
    add_alert,
    add_article,
    add_match,
    add_story,
    add_told_story,
    count,
)

ANNA, BORIS = Target(1), Target(-2, 7)
DAY = timedelta(days=1)


@pytest.fixture
async def feed(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(insert(feeds).values(FEED | {"read_at": NOW, "last_good_at": NOW}))


async def tidy(database: Database) -> dict[str, int]:
    return dict(await Housekeeper(database, StandingClock(NOW), Settings(), pause_s=0).tidy())


async def titles(database: Database) -> list[str]:
    async with database.read() as connection:
        return list((await connection.execute(select(articles.c.title).order_by(articles.c.id))).scalars())


@pytest.mark.usefixtures("feed")
async def test_an_article_that_names_nobody_is_forgotten_after_its_time_and_no_other(database: Database) -> None:
    async with database.transaction() as tx:
        await add_article(tx, NOW - 15 * DAY, "old")
        await add_article(tx, NOW - 13 * DAY, "young")
        await add_article(tx, NOW - 15 * DAY, "waits", state="new")
        await add_article(tx, NOW - 15 * DAY, "page", page_due_at=NOW)
        await add_match(tx, await add_article(tx, NOW - 15 * DAY, "named"))
    assert await tidy(database) == {"articles": 1}
    assert await titles(database) == ["young", "waits", "page", "named"]


@pytest.mark.usefixtures("feed")
async def test_a_story_is_forgotten_with_all_that_hangs_on_it_but_what_was_decided(database: Database) -> None:
    async with database.transaction() as tx:
        article_id = await add_told_story(tx, NOW - 91 * DAY, ANNA, BORIS)
        await add(
            tx,
            verdicts,
            chat_id=1,
            topic_id=0,
            article_id=article_id,
            scope="list:quais",
            name_id="Vantadour",
            verdict="other",
            lesson={},
            given_by=1,
            given_at=NOW - 91 * DAY,
        )
        await add_told_story(tx, NOW - 89 * DAY, ANNA, title="young")
    await tidy(database)
    assert await titles(database) == ["young"]
    async with database.read() as connection:
        for table in (matches, stories, story_articles, alerts, told, deliveries, messages):
            assert await count(connection, table) == 1, table.name
        [verdict] = await connection.execute(select(verdicts))
        assert (verdict.article_id, verdict.url) == (None, "https://phare.example/Titre")
        past = (await connection.execute(select(past_deliveries).order_by(past_deliveries.c.id))).all()
    assert [(row.chat_id, row.topic_id, row.state) for row in past] == [(1, 0, "sent"), (-2, 7, "sent")]
    assert past[0].sent_at == NOW - 91 * DAY
    assert past[0].names == [["list:quais", "Vantadour"]]
    assert past[0].evidence == [{"text": "Vantadour", "score": 93, "tier": "certain", "reasons": [["exact", {}]]}]
    assert past[0].url == "https://phare.example/Titre"


@pytest.mark.usefixtures("feed")
async def test_a_story_that_goes_on_keeps_its_first_article_and_who_was_told(database: Database) -> None:
    async with database.transaction() as tx:
        first = await add_told_story(tx, NOW - 100 * DAY, ANNA, title="first")
        [story_id] = (await tx.execute(select(stories.c.id))).scalars()
        second = await add_article(tx, NOW - 2 * DAY, "second")
        await add(
            tx, story_articles, article_id=second, story_id=story_id, joined_at=NOW - 2 * DAY, why=["same-event", {}]
        )
    assert first != second
    assert await tidy(database) == {}
    assert await titles(database) == ["first", "second"]


@pytest.mark.usefixtures("feed")
async def test_what_is_still_owed_is_not_forgotten(database: Database) -> None:
    """The program was stopped for a hundred days: what it owed then is sent first."""
    async with database.transaction() as tx:
        article_id = await add_article(tx, NOW - 100 * DAY)
        await add_match(tx, article_id)
        story_id = await add_story(tx, NOW - 100 * DAY, article_id)
        await add_alert(tx, story_id, article_id, NOW - 100 * DAY, ANNA, state="pending")
    assert await tidy(database) == {}
    async with database.transaction() as tx:
        await tx.execute(update(deliveries).values(state="suppressed", why="chat-gone"))
    assert (await tidy(database))["stories"] == 1


@pytest.mark.usefixtures("feed")
async def test_a_match_at_a_feeds_first_poll_belongs_to_no_story_and_has_the_clock_of_matches(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await add_match(tx, await add_article(tx, NOW - 91 * DAY, "old", baseline=True))
        await add_match(tx, await add_article(tx, NOW - 89 * DAY, "young", baseline=True))
    assert (await tidy(database))["articles"] == 1
    assert await titles(database) == ["young"]


async def remembered(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(select(identities.c.digest))).scalars())


async def remember(database: Database, digest: str, *, unlisted_for: timedelta, feed_id: str = "f") -> None:
    async with database.transaction() as tx:
        await add(tx, identities, feed_id=feed_id, kind="guid", digest=digest, listed_at=NOW - unlisted_for)


@pytest.mark.usefixtures("feed")
async def test_identities_outlive_their_articles_until_the_feed_has_not_listed_them_for_long(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        article_id = await add_article(tx, NOW - 20 * DAY)
    await remember(database, "long gone", unlisted_for=91 * DAY)
    await remember(database, "gone", unlisted_for=89 * DAY)
    await tidy(database)
    assert await remembered(database) == {"gone", f"guid {article_id}"}


@pytest.mark.usefixtures("feed")
async def test_what_the_last_document_lists_is_remembered_however_old_that_document_is(database: Database) -> None:
    """The feed answers 304 for half a year: it still lists what its document of then lists."""
    async with database.transaction() as tx:
        await tx.execute(update(feeds).values(read_at=NOW - 180 * DAY, last_good_at=NOW))
    await remember(database, "listed", unlisted_for=180 * DAY)
    await remember(database, "dropped before", unlisted_for=181 * DAY)
    await tidy(database)
    assert await remembered(database) == {"listed"}


@pytest.mark.usefixtures("feed")
async def test_what_leaves_a_document_that_stood_for_long_was_listed_until_then(database: Database) -> None:
    await remember(database, "listed", unlisted_for=180 * DAY)
    async with database.transaction() as tx:
        await listed_until(tx, "f", NOW - 180 * DAY, NOW - DAY)
    await tidy(database)
    assert await remembered(database) == {"listed"}


async def test_a_feed_that_failed_since_may_list_still_what_it_listed(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(insert(feeds).values(FEED | {"read_at": None}))
        await tx.execute(insert(feeds).values(FEED | {"id": "removed", "active": False}))
    await remember(database, "of a failing feed", unlisted_for=200 * DAY)
    await remember(database, "of a removed feed", unlisted_for=200 * DAY, feed_id="removed")
    forgotten = await tidy(database)
    assert await remembered(database) == {"of a failing feed"}
    assert forgotten == {"identities": 1, "feeds": 1}


@pytest.mark.usefixtures("feed")
async def test_decisions_have_a_clock_of_their_own(database: Database) -> None:
    ages = (5 * 365 + 2, 5 * 365 - 2)
    rows: list[tuple[Any, dict[str, Any]]] = []
    for days in ages:
        at = NOW - days * DAY
        whom = {"chat_id": 1, "topic_id": 0}
        told_then = {"names": [], "evidence": [], "state": "sent", "tier": "certain", "priority": "normal"}
        verdict = {"scope": "s", "name_id": "n", "verdict": "right", "lesson": {}}
        rows += [
            (past_deliveries, whom | told_then | {"created_at": at}),
            (verdicts, whom | verdict | {"given_at": at}),
            (admin_log, {"at": at, "action": "a", "detail": {}}),
            (polls, {"feed_id": "f", "day": at.date()}),
            (gaps, {"feed_id": "f", "begin_at": at, "end_at": at, "why": "late", "lost": False}),
            (invites, {"digest": f"used {days}", "role": "member", "created_at": at, "used_at": at}),
        ]
    for name, expires_at, used_at in (("past", NOW - 31 * DAY, None), ("claim", None, None)):
        link = {"digest": name, "role": "member", "created_at": NOW, "expires_at": expires_at, "used_at": used_at}
        rows.append((invites, link))
        since = {"topic_id": 0, "chat_id": 1}
        rows.append((mutes, since | {"what": "all", "shown": "", "since": NOW, "ended_at": expires_at}))
        asked = {"message_id": len(rows), "about": "x", "argument": "", "asked_at": expires_at or NOW}
        rows.append((questions, since | asked))
    async with database.transaction() as tx:
        for table, values in rows:
            await tx.execute(insert(table).values(values))
    forgotten = await tidy(database)
    assert forgotten == {
        "past_deliveries": 1, "verdicts": 1, "admin_log": 1, "polls": 1, "gaps": 1, "invites": 2, "mutes": 1, "questions": 1,
    }  # fmt: skip


@pytest.mark.usefixtures("feed")
async def test_much_is_forgotten_in_many_small_transactions(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(120):
            await add_article(tx, NOW - 20 * DAY, f"{number}")
    keeper = Housekeeper(database, StandingClock(NOW), Settings(), pause_s=0)
    assert await keeper.tidy() == {"articles": 120}


@pytest.mark.usefixtures("feed")
async def test_a_tick_without_time_leaves_the_rest_to_the_next(database: Database) -> None:
    async with database.transaction() as tx:
        await add_told_story(tx, NOW - 91 * DAY, ANNA)

    class Hurrying(StandingClock):
        def monotonic(self) -> float:
            self.advance(1)
            return super().monotonic()

    keeper = Housekeeper(database, Hurrying(NOW), Settings(), pause_s=0)
    assert await keeper.tidy(within_s=4) == {"deliveries": 1}
    async with database.read() as connection:
        assert await count(connection, told) == 1
    await tidy(database)
    async with database.read() as connection:
        assert await count(connection, stories) == 0
