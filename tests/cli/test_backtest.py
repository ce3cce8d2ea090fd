"""`guetteur backtest`: what a person and a program are told of the stored articles, and the exit code."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from bot.articles.changes import New
from bot.backtest import listed_entries, new_entry
from bot.cli import cli
from bot.errors import StorageError, UsageError
from bot.feeds.identity import identities
from bot.lookback import BATCH, look_back
from bot.model import Article, Entity, Feed, Reason, Watchlist, list_scope
from bot.model import WatchedName as Name
from bot.storage.articles import save_changes
from bot.storage.database import Database, open_database
from bot.storage.feeds import record_poll, sync_feeds
from bot.storage.revision import HISTORY
from bot.storage.schema import metadata
from bot.storage.stories import begin_story
from tests.stored import stored_articles

COURRIER = Feed("courrier", "https://courrier.example/rss", "Le Courrier des Brumes", "fr", frozenset({"brumes"}))
QUAI = Feed("quai", "https://quai.example/rss", "صحيفة الرصيف", "ar", frozenset({"quais"}))
WATCHLISTS = {
    "justice.yaml": """\
title: Affaire des brumes
tags: [brumes]
names:
  - {name: Aldebert Quincampoix, id: aq, aliases: [La Mouette]}
  - {name: Ysolde Kerbrazec, until: 2031-12-31}
""",
    "large.yaml": "title: Au large\nthreshold: wide\nnames: [Aldebert Quincampoix]\n",
}
FILLER = " La séance reprendra au printemps, après trois semaines de travaux."


def an_article(title: str, words: str = "", *, feed: Feed = COURRIER, hours_ago: float = 1, number: int = 0) -> Article:
    published = datetime.now(UTC) - timedelta(hours=hours_ago)
    url = f"https://{feed.id}.example/{number or title.replace(' ', '-')}"
    return Article(
        feed.id, None, url, url, title, words + FILLER, feed.language, published, dated=True, seen_at=published
    )


TOLD = [
    an_article("Aldebert Quincampoix entendu", "L’été s’achève.", hours_ago=50),
    an_article(
        "Audience levée à Sainte-Ombre", "Selon Aldebert\nQuincampoit, le musée fermera. Il part.", hours_ago=30
    ),
    an_article("مجلس المدينة", "حضر Aldebert Quincampoix الجلسة.", feed=QUAI, hours_ago=20),
    an_article("La régate est reportée", "Le vent a tourné.", hours_ago=10),
    an_article("Il y a un mois", "Aldebert Quincampoix était là.", hours_ago=24 * 30),
]


async def store(database: Database, articles: Sequence[Article], *, days: float = 40) -> None:
    """With feeds that are read since so many `days`."""
    began = datetime.now(UTC) - timedelta(days=days)
    async with database.transaction() as tx:
        await sync_feeds(tx, [COURRIER, QUAI], {feed.id: began for feed in (COURRIER, QUAI)})
        await record_poll(tx, COURRIER.id, now=began, next_poll_at=began, outcome="good", baseline_at=began)
        for each in articles:
            await save_changes(tx, each.feed_id, [New(each, True, tuple(identities(each)))], each.seen_at)


async def make(url: str, articles: Sequence[Article], *, days: float = 40) -> None:
    """A database as `run` leaves it."""
    database = await open_database(url)
    async with database.transaction() as tx:
        await tx.run_sync(metadata.create_all)
        await tx.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        await tx.execute(text("INSERT INTO alembic_version VALUES (:last)"), {"last": HISTORY[-1]})
    await store(database, articles, days=days)
    await database.close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    for name, written in WATCHLISTS.items():
        (tmp_path / "lists" / name).write_text(written, encoding="utf-8")
    file = tmp_path / "g.yaml"
    file.write_text("storage: {url: 'sqlite:///g.db'}\nwatchlists: lists\nfeeds: []\n", encoding="utf-8")
    return file


@pytest.fixture
def stored(config: Path) -> Path:
    asyncio.run(make(f"sqlite:///{config.parent / 'g.db'}", TOLD))
    return config


def backtest(config: Path, *arguments: str) -> Result:
    command = ["backtest", "--config", str(config), *arguments]
    result: Result = CliRunner().invoke(cli, command, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def data(config: Path, *arguments: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(backtest(config, "--json", *arguments).stdout)
    return loaded


# --- What a person reads ---------------------------------------------------------------------------------------------


def test_every_list_that_has_the_name_is_shown_with_its_thresholds(stored: Path) -> None:
    said = backtest(stored, "aldebert quincampoix")
    assert said.return_value == 0
    assert said.stdout.startswith("Read 4 stored articles of the last 14 days (")
    first, second = re.split(r"^(?=Aldebert Quincampoix: )", said.stdout, flags=re.MULTILINE)[1:]
    assert "watchlist “Affaire des brumes” (justice), person, priority normal, threshold 85" in first
    assert "watchlist “Au large” (large), person, priority normal, threshold 78" in second
    assert re.findall(r"^ +((?:now )?\d+)   ", first, flags=re.MULTILINE) == ["80", "now 85", "90"]
    assert re.findall(r"^ +((?:now )?\d+)   ", second, flags=re.MULTILINE) == ["73", "now 78", "83"]
    assert "Left out: 1 article of feeds without the list's tags (brumes)." in first
    assert "Left out" not in second
    assert "3 stories (3 articles)" in second


def test_an_example_shows_when_where_what_and_why(stored: Path) -> None:
    lines = [line.strip() for line in backtest(stored, "aq").stdout.splitlines()]
    at = next(number for number, line in enumerate(lines) if line.endswith("  Le Courrier des Brumes"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d  Le Courrier des Brumes", lines[at])
    assert lines[at + 1 : at + 3] == [
        "Audience levée à Sainte-Ombre",
        "“Selon [Aldebert Quincampoit], le musée fermera.”",
    ]
    assert re.match(r"\d\d/100: full name; Quincampoit ≈ quincampoix", lines[at + 3], re.IGNORECASE)
    assert lines[at + 4].startswith("https://courrier.example/")
    assert "[Aldebert Quincampoix] entendu" in lines, "a mention in the title is marked there"


def test_an_arabic_article_keeps_its_letters(stored: Path) -> None:
    said = backtest(stored, "Aldebert Quincampoix").stdout
    assert "صحيفة الرصيف\n    مجلس المدينة\n    “حضر [Aldebert Quincampoix] الجلسة.”" in said


def test_what_another_threshold_changes_is_shown_with_both_fates(stored: Path) -> None:
    [typo] = [each for each in data(stored, "aq")["entries"][0]["found"] if "Audience" in each["title"]]
    strict = WATCHLISTS["justice.yaml"].replace("id: aq", f"id: aq, threshold: {typo['match']['score'] + 1}")
    (stored.parent / "lists" / "justice.yaml").write_text(strict, encoding="utf-8")
    said = backtest(stored, "aq").stdout
    assert "Newest to check" in said
    assert f"Different at {typo['match']['score'] - 4}\n" in said
    assert "Le Courrier des Brumes   to check → rings" in said


def test_a_name_of_no_list_is_tried_alone_and_may_be_found_nowhere(stored: Path) -> None:
    said = backtest(stored, "Corentin Malguen")
    assert said.return_value == 0
    assert "Corentin Malguen: on no watchlist, person, priority normal, threshold 85" in said.stdout
    assert "No article names it, at the thresholds 80, 85, 90." in said.stdout
    assert "Newest" not in said.stdout


def test_the_end_of_a_name_is_told(stored: Path) -> None:
    assert "threshold 85, until 2031-12-31" in backtest(stored, "Ysolde Kerbrazec").stdout


def test_no_more_than_a_few_examples_are_shown(config: Path) -> None:
    days = [an_article(f"{topic} : Aldebert Quincampoix", hours_ago=24 * day) for day, topic in enumerate(TOPICS)]
    asyncio.run(make(f"sqlite:///{config.parent / 'g.db'}", days))
    said = backtest(config, "aq").stdout
    assert said.count("[Aldebert Quincampoix]") == 5
    assert "and 2 more (--json has them all)" in said
    assert "about 3.5 a week" in said


@pytest.mark.parametrize(
    ("days", "rate"), [(7.0, "about 7 a week"), (2.0, "about 14 a week"), (0.9, "–"), (40.0, "about 3.5 a week")]
)
def test_the_rate_begins_with_the_first_poll(config: Path, days: float, rate: str) -> None:
    hours = (1, 13, 24, 46, 70, 100, 160)
    told = [
        an_article(f"{topic} : Aldebert Quincampoix", hours_ago=at) for at, topic in zip(hours, TOPICS, strict=True)
    ]
    asyncio.run(make(f"sqlite:///{config.parent / 'g.db'}", told, days=days))
    said = backtest(config, "aq").stdout
    assert "7 stories (7 articles)" in said
    assert rate in said
    assert ("too short to say how often" in said) == (days < 1)


TOPICS = (
    "Régate de Sainte-Ombre sous la tempête",
    "Vente annulée des entrepôts portuaires",
    "Chorale municipale en tournée",
    "Panne générale du tramway",
    "Récolte exceptionnelle de pommes",
    "Inauguration du nouveau phare",
    "Grève surveillée des éclusiers",
)


def test_the_articles_of_one_story_are_one_example(config: Path) -> None:
    told = [
        an_article("Vente annulée des entrepôts du quai nord, dit Aldebert Quincampoix", hours_ago=hours, number=hours)
        for hours in (30, 28, 27)
    ]
    asyncio.run(make(f"sqlite:///{config.parent / 'g.db'}", told))
    said = backtest(config, "aq").stdout
    assert "1 story (3 articles)" in said
    assert said.count("[Aldebert Quincampoix]") == 1
    assert "courrier.example/30\n" in said, "the first article is the one that rings"


# --- What a program reads --------------------------------------------------------------------------------------------


def test_the_data_holds_counts_tiers_and_matches(stored: Path) -> None:
    told = data(stored, "La Mouette", "--days", "40")
    assert (told["name"], told["days"], told["articles"]) == ("La Mouette", 40, 5)
    assert told["first"] < told["last"]
    [entry] = told["entries"]
    assert (entry["watchlist"], entry["entity"], entry["threshold"], entry["left_out"]) == ("justice", "aq", 85, 1)
    assert [each["threshold"] for each in entry["levels"]] == [80, 85, 90]
    assert entry["levels"][1].keys() == {"threshold", "certain", "possible", "a_week"}
    assert entry["levels"][1]["certain"] == {"articles": 3, "stories": 3}
    assert entry["levels"][1]["possible"] == {"articles": 0, "stories": 0}
    assert entry["levels"][1]["a_week"] == pytest.approx(3 * 7 / 40, abs=0.01)
    assert [each["title"] for each in entry["found"]] == [TOLD[1].title, TOLD[0].title, TOLD[4].title]
    newest, in_title, _ = entry["found"]
    assert (newest["feed"], newest["outlet"]) == ("courrier", "Le Courrier des Brumes")
    assert newest["tiers"].keys() == {"80", "85", "90"}
    assert in_title["tiers"] == dict.fromkeys(("80", "85", "90"), "certain")
    match = in_title["match"]
    assert (match["text"], match["field"], match["start"], match["end"]) == ("Aldebert Quincampoix", "title", 0, 20)
    assert match["reasons"] == [{"code": "full-name", "text": "full name"}]


def test_without_articles_the_data_says_so_by_the_exit_code_too(stored: Path) -> None:
    asyncio.run(make(f"sqlite:///{stored.parent / 'empty.db'}", []))
    settings = stored.read_text(encoding="utf-8").replace("g.db", "empty.db")
    stored.write_text(settings, encoding="utf-8")
    said = backtest(stored, "aq", "--json")
    assert said.return_value == 1
    told = json.loads(said.stdout)
    assert (told["articles"], told["first"], told["last"]) == (0, None, None)
    assert told["entries"][0]["levels"][0]["a_week"] == 0


# --- When there is nothing to say ------------------------------------------------------------------------------------


def test_days_without_an_article_are_told(config: Path) -> None:
    asyncio.run(make(f"sqlite:///{config.parent / 'g.db'}", TOLD[-1:]))
    said = backtest(config, "aq", "--days", "1")
    assert said.return_value == 1
    assert said.stdout.startswith("No stored article was published in the last 1 day: ask for more with --days")


def test_before_the_first_run_there_is_nothing_and_nothing_is_made(config: Path) -> None:
    with pytest.raises(StorageError, match="there is nothing yet: `guetteur run`"):
        backtest(config, "aq")
    assert not list(config.parent.glob("*.db*"))


@pytest.mark.parametrize(("name", "why"), [("Mohamed", "given name"), ("", "no name"), ("!!!", "no letter")])
def test_a_name_that_cannot_be_watched_cannot_be_tried(stored: Path, name: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"backtest: .*{why}"):
        backtest(stored, name)


# --- On both databases -----------------------------------------------------------------------------------------------


async def test_the_stock_is_read_whole_in_batches_and_stored_stories_are_kept(database: Database) -> None:
    many = [
        an_article(f"Titre {number}", "Selon Sofia Quincampoix.", hours_ago=number / 60, number=number + 1)
        for number in range(BATCH + 1)
    ]
    await store(database, [*TOLD, *many])
    async with database.transaction() as tx:
        first = next(each for each in await stored_articles(tx) if each.article.title == TOLD[0].title)
        story = await begin_story(tx, first, Reason("new-story"), datetime.now(UTC))
    quiet = Watchlist(
        "q", "Q", (Name(list_scope("q"), "x", Entity("Aldebert Quincampoix")),), tags=frozenset({"quais"})
    )
    entries = [new_entry(Entity("Aldebert Quincampoix")), *listed_entries("Aldebert Quincampoix", [quiet])]
    read = await look_back(database, entries, datetime.now(UTC) - timedelta(days=14))
    assert read.stock.articles == len(many) + 4
    assert {each.article.article.title: each.story for each in read.found[0]} == {
        TOLD[0].title: story,
        TOLD[1].title: None,
        TOLD[2].title: None,
    }
    assert ([each.article.article.title for each in read.found[1]], read.outside[1]) == ([TOLD[2].title], 2)
    assert read.outlets == {"courrier": "Le Courrier des Brumes", "quai": "صحيفة الرصيف"}


async def test_an_article_counts_for_every_feed_that_lists_it(database: Database) -> None:
    await store(database, TOLD[:1])
    async with database.transaction() as tx:
        [stored_article] = await stored_articles(tx)
        await tx.execute(text("UPDATE identities SET feed_id = 'quai' WHERE kind = 'url'"))
    for tag, outside in (("quais", 0), ("brumes", 0), ("elsewhere", 1)):
        names = (Name(list_scope("q"), "x", Entity("Aldebert Quincampoix")),)
        entries = listed_entries("Aldebert Quincampoix", [Watchlist("q", "Q", names, tags=frozenset({tag}))])
        read = await look_back(database, entries, datetime.now(UTC) - timedelta(days=14))
        assert (len(read.found[0]), read.outside[0]) == (1 - outside, outside)
        assert all(each.article.id == stored_article.id for each in read.found[0])
