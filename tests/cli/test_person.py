"""`guetteur person` and `guetteur decisions`: shown as data, erased after a question."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, text

from bot.cli import cli
from bot.errors import UsageError
from bot.model import Entity, Scope, Target, WatchedName
from bot.storage.database import open_database
from bot.storage.names import add_name
from bot.storage.people import log_action
from bot.storage.retention import put_aside
from bot.storage.revision import HISTORY
from bot.storage.schema import feeds, metadata, verdicts
from tests.shelves import FEED, NOW, add, add_told_story

NAME = "Héloïse Quincampoix"


async def make(url: str) -> None:
    """A database as `run` leaves it: one story was told long ago, one lately, and judged."""
    database = await open_database(url)
    async with database.transaction() as tx:
        await tx.run_sync(metadata.create_all)
        await tx.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        await tx.execute(text("INSERT INTO alembic_version VALUES (:last)"), {"last": HISTORY[-1]})
        await tx.execute(insert(feeds).values(FEED))
        await add_name(tx, WatchedName(Scope("chat:1:0"), NAME, Entity(NAME)), NOW, None)
        await add_told_story(tx, NOW, Target(1), title="old", scope="chat:1:0", name=NAME)
        await put_aside(tx, [1])
        await tx.execute(text("DELETE FROM deliveries"))
        article_id = await add_told_story(tx, NOW, Target(1), title="new", scope="chat:1:0", name=NAME)
        whom = {"chat_id": 1, "topic_id": 0, "scope": "chat:1:0", "name_id": NAME, "given_by": 7}
        await add(tx, verdicts, **whom, article_id=article_id, verdict="right", lesson={}, given_at=NOW)
        await log_action(tx, 7, "invite", {}, NOW)
    await database.close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    file = tmp_path / "g.yaml"
    file.write_text("storage: {url: 'sqlite:///g.db'}\nwatchlists: lists\nfeeds: []\n")
    asyncio.run(make(f"sqlite:///{tmp_path / 'g.db'}"))
    return file


def call(config: Path, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(
        cli, [*arguments, "--config", str(config)], input=answer, standalone_mode=False, catch_exceptions=True
    )


def test_a_person_is_exported_as_json(config: Path) -> None:
    found = json.loads(call(config, "person", "export", "heloise quincampoix").stdout)
    assert found["watched_by"] == ["chat:1:0"]
    assert len(found["matches"]) == 2


def test_nobody_is_said_to_be_unknown(config: Path) -> None:
    for command in ("export", "erase"):
        result = call(config, "person", command, "Tomás Berenguel")
        assert result.return_value == 1
        assert "Nothing is stored about Tomás Berenguel" in result.output


def test_erasing_asks_first_and_says_what_goes(config: Path) -> None:
    result = call(config, "person", "erase", NAME, answer="n\n")
    assert "  matches: 2\n" in result.output
    assert json.loads(call(config, "person", "export", NAME).stdout)
    done = call(config, "person", "erase", NAME, answer="y\n")
    assert "is erased" in done.output
    assert "until it is restarted" in done.output
    assert call(config, "person", "export", NAME).return_value == 1


def test_yes_asks_nothing(config: Path) -> None:
    assert "Erase all" not in call(config, "person", "erase", NAME, "--yes").output
    assert call(config, "person", "export", NAME).return_value == 1


def test_a_name_that_a_watchlist_holds_is_removed_there_first(config: Path) -> None:
    (config.parent / "lists" / "quais.yaml").write_text("names:\n- Héloïse Quincampoix\n", encoding="utf-8")
    result = call(config, "person", "erase", NAME, "--yes")
    assert isinstance(result.exception, UsageError)
    assert "stands in quais" in str(result.exception)


def test_decisions_are_one_json_object_a_line_the_past_ones_too(config: Path) -> None:
    rows = [json.loads(line) for line in call(config, "decisions", "export").stdout.splitlines()]
    assert [(row["kind"], row.get("url")) for row in rows] == [
        ("delivery", "https://phare.example/old"),
        ("delivery", "https://phare.example/new"),
        ("verdict", "https://phare.example/new"),
        ("admin", None),
    ]
    for row in rows[:2]:
        [named] = row["names"]
        assert (named["scope"], named["name"], named["found"]["score"]) == ("chat:1:0", NAME, 93)
    assert (rows[2]["by"], rows[2]["at"], rows[2]["verdict"]) == (7, NOW.isoformat(), "right")
    assert rows[3] == {"kind": "admin", "at": NOW.isoformat(), "by": 7, "action": "invite", "detail": {}}
