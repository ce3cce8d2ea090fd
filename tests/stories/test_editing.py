"""The editor's stories: the same after a restart, and whatever the order in which feeds brought the articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot.config import Settings
from bot.model import Article, Match, MatchField, Tier, list_scope
from bot.pipeline import Editor
from bot.storage.database import Database
from bot.storage.schema import articles, stories, story_articles
from tests.cli.test_backtest import COURRIER, QUAI, an_article, store
from tests.faketime import StandingClock

BURGLARY = (
    "Trois hommes en garde à vue après le cambriolage du musée de Port-Salins",
    "Le butin, six maquettes de voiliers, a été retrouvé dans un hangar du quai nord, indique le parquet.",
)
RETOLD = (
    "Cambriolage du musée de Port-Salins : trois hommes placés en garde à vue",
    "Les six maquettes de voiliers volées étaient cachées dans un hangar du quai nord, selon le parquet.",
)
HARVEST = ("À Granlieu, les vendanges commencent avec dix jours d'avance", "Le gel de mai a épargné les coteaux.")
STORM = ("Orage à Sainte-Ombre : deux écoles fermées", "Les toits de deux écoles ont été emportés dans la nuit.")


class EveryArticleNamesSomebody:
    """A matcher that finds the one watched name wherever it looks."""

    async def match(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[Match]]:
        found = Match(list_scope("q"), "x", "anybody", "Anybody", MatchField.TITLE, 0, 7, 100, Tier.CERTAIN)
        return [[found] for _ in documents]


def told(words: tuple[str, str], number: int, *, hours_ago: float, **more: Any) -> Article:
    return an_article(*words, hours_ago=hours_ago, number=number, **more)


def editor(database: Database) -> Editor:
    return Editor(database, EveryArticleNamesSomebody(), StandingClock(datetime.now(UTC)), Settings())


async def grouped(database: Database) -> dict[str, set[str]]:
    """The first headline of every story, and the headlines of its articles."""
    query = select(stories.c.title, articles.c.title.label("of")).select_from(
        stories.join(story_articles).join(articles, story_articles.c.article_id == articles.c.id)
    )
    found: dict[str, set[str]] = {}
    async with database.read() as connection:
        for row in await connection.execute(query):
            found.setdefault(row.title, set()).add(row.of)
    return found


BOTH = {BURGLARY[0]: {BURGLARY[0], RETOLD[0]}, STORM[0]: {STORM[0]}}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_the_order_of_feeds_in_a_batch_changes_nothing(sqlite: Database, order: tuple[int, ...]) -> None:
    batch = [
        told(BURGLARY, 1, hours_ago=3),
        told(RETOLD, 2, hours_ago=2, feed=QUAI),
        told(STORM, 3, hours_ago=2.5, feed=COURRIER),
    ]
    await store(sqlite, [batch[at] for at in order])
    await editor(sqlite).edit_new()
    assert await grouped(sqlite) == BOTH


async def test_a_restart_goes_on_with_the_stories(sqlite: Database) -> None:
    await store(sqlite, [told(BURGLARY, 1, hours_ago=3), told(STORM, 3, hours_ago=2.5)])
    await editor(sqlite).edit_new()
    await store(sqlite, [told(RETOLD, 2, hours_ago=2)])
    await editor(sqlite).edit_new()
    assert await grouped(sqlite) == BOTH


@pytest.mark.parametrize("later", [(), STORM], ids=["the newest", "an older one"])
async def test_a_story_erased_meanwhile_takes_no_article(sqlite: Database, later: tuple[str, str]) -> None:
    """Nor does the next story that SQLite gives its number, or each article a story of its own."""
    others = [told(later, 3, hours_ago=2.5)] if later else []
    await store(sqlite, [told(BURGLARY, 1, hours_ago=3), *others])
    running = editor(sqlite)
    await running.edit_new()
    async with sqlite.transaction() as tx:
        await tx.execute(delete(stories).where(stories.c.title == BURGLARY[0]))
    await store(sqlite, [told(HARVEST, 4, hours_ago=2.2)])
    await running.edit_new()
    await store(sqlite, [told(RETOLD, 2, hours_ago=2)])
    await running.edit_new()
    copied = (f"{BURGLARY[0]}, selon nos informations", BURGLARY[1])
    picked = (f"{HARVEST[0]} : les cuves sont prêtes", HARVEST[1])
    await store(sqlite, [told(copied, 5, hours_ago=1), told(picked, 6, hours_ago=1.5)])
    await running.edit_new()
    told_once = {RETOLD[0]: {RETOLD[0], copied[0]}, HARVEST[0]: {HARVEST[0], picked[0]}}
    assert await grouped(sqlite) == told_once | ({STORM[0]: {STORM[0]}} if later else {})
    assert not running.broken


def test_the_window_is_that_of_the_settings() -> None:
    assert Settings().alerts.story_window == timedelta(hours=72)
