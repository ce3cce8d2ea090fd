"""`guetteur stories`: the current stories, and articles grouped line by line."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.cli.stories import group_lines
from bot.model import Reason
from bot.storage.database import Database, open_database
from bot.storage.stories import begin_story, join_story, told_stories
from tests.cli.test_backtest import an_article, config, store, stored
from tests.stored import stored_articles

__all__ = ["config", "stored"]  # fixtures

BURGLARY = "Trois hommes en garde à vue après le cambriolage du musée de Port-Salins"
HIDDEN = "Le butin, six maquettes de voiliers, a été retrouvé dans un hangar du quai nord, selon le parquet."


def line(number: int, **fields: Any) -> bytes:
    told = {"id": number, "title": BURGLARY, "text": HIDDEN, "language": "fr", "published": "2026-02-03T08:00:00Z"}
    return json.dumps({**told, **fields}).encode()


def ask(*arguments: str, lines: bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["stories", *arguments], input=lines, standalone_mode=False)


def test_lines_are_grouped_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    other = line(3, title="Orage à Sainte-Ombre : deux écoles fermées", text="Les toits ont été emportés.")
    assert group_lines([line(1), b"\n", line(2, published="2026-02-03T09:00:00+01:00"), other]) == 0
    rows = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == [1, 2, 3]
    first, second, third = (row["story"] for row in rows)
    assert first == second != third


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"{", "line 1: Expecting"),
        (b"[]", 'expected an object with "id"'),
        (line(1, published=None), '"published" is missing'),
        (line(1, published="yesterday"), "no ISO 8601 time: 'yesterday'"),
        (line(1, title=["a"]), '"title" must be text'),
        (b'{"id": "\\ud800", "published": "2026-02-03"}', "surrogates"),
        (b"\xff", "codec"),
        (b"[" * 100_000, "line 1: "),
    ],
)
def test_a_bad_line_is_told_and_the_rest_goes_on(bad: bytes, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert group_lines([bad, line(2)]) == 1
    told = capsys.readouterr()
    assert says in told.err
    assert [json.loads(each)["id"] for each in told.out.splitlines()] == [2]


def test_an_empty_article_is_a_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert group_lines([line(1, title=None, text=None, language=None, published="2026-02-03")]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == 1


def test_the_command_reads_standard_input() -> None:
    answer = ask("--jsonl", lines=line("x"))  # type: ignore[arg-type]
    assert json.loads(answer.output)["id"] == "x"


def test_without_a_wish_it_says_both() -> None:
    assert "stories list" in str(ask().exception)


async def _begin(url: str) -> None:
    database = await open_database(url)
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        newest = next(each for each in await stored_articles(tx) if each.article.published_at > now - timedelta(days=1))
        await begin_story(tx, newest, Reason("new-story"), now)
    await database.close()


def test_the_list_shows_outlets_in_time(stored: Path) -> None:
    assert "No story is open" in ask("list", "--config", str(stored)).output
    asyncio.run(_begin(f"sqlite:///{stored.parent / 'g.db'}"))
    output = ask("list", "--config", str(stored)).output
    assert "(1 outlet)" in output
    [story] = json.loads(ask("list", "--json", "--config", str(stored)).output)["stories"]
    [article] = story["articles"]
    assert article["title"] == story["title"]
    assert article["outlet"] in output
    assert article["why"] == {"code": "new-story", "values": {}}


async def test_stored_stories_are_read_with_what_they_follow(database: Database) -> None:
    told = [an_article(f"Titre {number}", hours_ago=10 - number, number=number) for number in range(1, 5)]
    await store(database, told)
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        recent = (each for each in await stored_articles(tx) if each.article.published_at > now - timedelta(days=2))
        stock = sorted(recent, key=lambda each: each.article.title)
        first = await begin_story(tx, stock[0], Reason("new-story"), now)
        await join_story(tx, first, stock[1], Reason("same-event", {"percent": "93%", "title": "Titre 1"}), now)
        second = await begin_story(tx, stock[2], Reason("new-story"), now, follows=first)
        newest, older = await told_stories(tx, now - timedelta(days=1))
        assert (newest.id, newest.follows_id, newest.follows) == (second, first, "Titre 1")
        assert [each.title for each in older.articles] == ["Titre 1", "Titre 2"]
        assert older.articles[1].why.code == "same-event"
        assert older.articles[0].outlet
        assert await told_stories(tx, now + timedelta(hours=1)) == []
