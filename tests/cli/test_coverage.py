"""`guetteur coverage`: what was missed, and what was polled, for a person and as data."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, text, update

from bot.cli import cli
from bot.cli.coverage import Covered, lines
from bot.errors import StorageError, UsageError
from bot.model import Feed
from bot.storage.coverage import Gap, PollsOfDay
from bot.storage.database import Database, open_database
from bot.storage.feeds import sync_feeds
from bot.storage.revision import HISTORY
from bot.storage.schema import feeds as feeds_table
from bot.storage.schema import gaps, metadata
from tests.figures import count_polls

NOW = datetime.now(UTC)
COURRIER = Feed("courrier", "https://courrier.example/rss", "Le Courrier des Brumes")
QUAI = Feed("quai", "https://quai.example/rss", "صحيفة الرصيف")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    file = tmp_path / "g.yaml"
    file.write_text(
        "storage: {url: 'sqlite:///g.db'}\nwatchlists: lists\nfeeds: []\nalerts: {timezone: Africa/Casablanca}\n"
    )
    return file


async def make(url: str) -> Database:
    """A database as `run` leaves it."""
    database = await open_database(url)
    async with database.transaction() as tx:
        await tx.run_sync(metadata.create_all)
        await tx.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        await tx.execute(text("INSERT INTO alembic_version VALUES (:last)"), {"last": HISTORY[-1]})
        await sync_feeds(tx, [COURRIER, QUAI], {"courrier": NOW, "quai": NOW})
    return database


async def fill(url: str, *, missed: bool) -> None:
    database = await make(url)
    async with database.transaction() as tx:
        await count_polls(tx, "courrier", NOW, made=144, failed=2, unchanged=100, new_articles=40)
        await count_polls(tx, "courrier", NOW - timedelta(days=1), made=1000, unchanged=990, new_articles=10)
        await count_polls(tx, "courrier", NOW - timedelta(days=40), made=7)
        await count_polls(tx, "quai", NOW, made=5, unchanged=5)
        if missed:
            begin = NOW - timedelta(hours=20)
            rows: list[dict[str, Any]] = [
                {
                    "feed_id": "courrier",
                    "begin_at": begin,
                    "end_at": begin + timedelta(hours=5),
                    "why": why,
                    "lost": lost,
                }
                for why, lost in [("network", True), ("stopped", False)]
            ]
            await tx.execute(insert(gaps).values(rows))
            failing = {
                "state": "failing",
                "failing_since": NOW - timedelta(hours=2),
                "last_good_at": NOW - timedelta(hours=3),
            }
            await tx.execute(update(feeds_table).where(feeds_table.c.id == "quai").values(failing))
    await database.close()


def stored(config: Path, *, missed: bool) -> Path:
    asyncio.run(fill(f"sqlite:///{config.parent / 'g.db'}", missed=missed))
    return config


def coverage(config: Path, *arguments: str) -> Result:
    command = ["coverage", "--config", str(config), *arguments]
    result: Result = CliRunner().invoke(cli, command, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert result.return_value == 0
    return result


def cells(said: str, first: str) -> list[str]:
    [line] = [line for line in said.splitlines() if line.strip().startswith(first)]
    return line.split()


def test_it_says_plainly_when_nothing_was_missed(config: Path) -> None:
    said = coverage(stored(config, missed=False)).stdout
    assert "No gap of half an hour so far; 2 polls failed." in said
    assert "1,149 polls, 2 failed, 50 new articles." in said.splitlines()[0]
    assert "(UTC days)" in said.splitlines()[0]
    assert "Nothing was missed." in coverage(config, "--feed", "quai").stdout


def test_polls_that_all_failed_are_not_called_nothing() -> None:
    polls = [PollsOfDay("quai", NOW.date(), made=7, failed=7, unchanged=0, new_articles=0)]
    said = "\n".join(lines(Covered(1, NOW, NOW, "quai", {}, polls, []), ZoneInfo("UTC")))
    assert "No gap of half an hour so far; every poll failed." in said


@pytest.mark.parametrize(("due_h", "leased", "gaps"), [(48, False, 1), (48, True, 0), (0.2, False, 0)])
def test_a_feed_due_long_ago_that_nobody_polls_is_an_open_gap(
    config: Path, due_h: float, gaps: int, *, leased: bool
) -> None:
    url = f"sqlite:///{stored(config, missed=False).parent / 'g.db'}"
    now = datetime.now(UTC)  # the command counts from the clock on the wall
    columns = {
        "last_good_at": now - timedelta(hours=due_h + 1),
        "next_poll_at": now - timedelta(hours=due_h),
        "lease_until": now + timedelta(minutes=5) if leased else None,
    }
    asyncio.run(_trouble(url, columns))
    found = json.loads(coverage(config, "--json").stdout)["gaps"]
    assert [(gap["feed"], gap["why"], gap["end"]) for gap in found] == [("quai", "stopped", None)] * gaps
    if gaps:
        said = coverage(config).stdout
        assert "1 gap, 1 still open" in said
        assert "Guetteur does not run" in said


def test_a_feeds_days_are_summed_and_those_with_failures_stand_by_themselves(config: Path) -> None:
    said = coverage(stored(config, missed=False)).stdout
    assert cells(said, "courrier")[:5] == ["courrier", "1,144", "2", "1,090", "50"]
    assert cells(said, f"{NOW:%Y-%m-%d} ")[1:] == ["144", "2", "100", "40"]
    assert f"\n  {NOW - timedelta(days=1):%Y-%m-%d}" not in said
    assert cells(said, "quai")[:5] == ["quai", "5", "–", "5", "0"]


def test_of_one_feed_every_day_is_shown(config: Path) -> None:
    said = coverage(stored(config, missed=True), "--feed", "courrier", "--days", "60").stdout
    assert cells(said, "courrier")[1] == "1,151"
    assert all(f"  {NOW - timedelta(days=days):%Y-%m-%d} " in said for days in (0, 1, 40))
    assert "quai" not in said


def test_gaps_say_since_when_why_and_whether_something_was_lost(config: Path) -> None:
    said = coverage(stored(config, missed=True)).stdout
    assert "3 gaps, 1 still open (times of Africa/Casablanca)" in said
    assert "our own network was out; entries may have come and gone" in said
    assert "Guetteur was not running; nothing was lost" in said
    assert "no usable answer; whether entries are lost, its next answer tells" in said
    [lasting] = [line for line in said.splitlines() if " to now " in line]
    assert "3 h  quai" in lasting
    assert "\u2068صحيفة الرصيف\u2069" in lasting, "a title from right to left turns only itself"


def test_a_machine_that_slept_is_one_gap_for_all_feeds_in_words() -> None:
    begin = NOW - timedelta(hours=9)
    found = [Gap(feed_id, begin, begin + timedelta(hours=8), "late", lost=False) for feed_id in "abc"]
    covered = Covered(1, NOW - timedelta(days=1), NOW, None, {}, [], found)
    said = "\n".join(lines(covered, ZoneInfo("Europe/Paris")))
    assert said.count("polled late: the machine slept") == 1
    assert "3 feeds" in said


def test_an_outage_of_ours_is_told_once_for_all_feeds() -> None:
    def gap(feed_id: str, hours: float, why: str = "network", *, lost: bool = False) -> Gap:
        begin = NOW - timedelta(hours=hours)
        return Gap(feed_id, begin, begin + timedelta(hours=2), why, lost)

    found = [
        gap("c", 30),
        gap("a", 9),
        gap("b", 8, lost=True),
        gap("c", 7, "failing"),
        gap("c", 6.5),
        gap("d", 6.4, "failing"),
    ]
    covered = Covered(7, NOW - timedelta(days=7), NOW, None, {"c": "Le Cap"}, (), found)
    said = [click.unstyle(line).strip() for line in lines(covered, ZoneInfo("UTC"))]
    told = [line.split("  ")[-1] for line in said if " to 20" in line and "UTC days" not in line]
    assert told == ["Le Cap", "3 feeds", "Le Cap", "d"]
    assert said.count("our own network was out; entries may have come and gone in b") == 1
    assert "4 gaps (times of UTC)" in said, "as many as are listed"


@pytest.mark.parametrize(
    ("minutes", "state", "gaps"),
    [(5, "failing", 0), (45, "failing", 1), (5, "gone", 0), (45, "gone", 1), (5, "refused", 0)],
)
def test_a_failure_of_minutes_is_no_gap_yet(config: Path, minutes: float, state: str, gaps: int) -> None:
    url = f"sqlite:///{stored(config, missed=False).parent / 'g.db'}"
    asyncio.run(_trouble(url, {"state": state, "failing_since": NOW - timedelta(minutes=minutes)}))
    assert len(json.loads(coverage(config, "--json").stdout)["gaps"]) == gaps


async def _trouble(url: str, columns: dict[str, Any]) -> None:
    database = await open_database(url)
    async with database.transaction() as tx:
        await tx.execute(update(feeds_table).where(feeds_table.c.id == "quai").values(columns))
    await database.close()


def test_data_has_every_feed_and_day(config: Path) -> None:
    said: dict[str, Any] = json.loads(coverage(stored(config, missed=True), "--json").stdout)
    assert said.keys() == {"days", "since", "polls", "gaps"}
    assert [(each["feed"], each["day"], each["made"]) for each in said["polls"]] == [
        ("courrier", str((NOW - timedelta(days=1)).date()), 1000),
        ("courrier", str(NOW.date()), 144),
        ("quai", str(NOW.date()), 5),
    ]
    assert [(each["feed"], each["why"], each["lost"], each["end"] is None) for each in said["gaps"]] == [
        ("courrier", "network", True, False),
        ("courrier", "stopped", False, False),
        ("quai", "failing", None, True),
    ]


def test_before_the_first_poll_and_of_an_unknown_feed_there_is_a_plain_answer(config: Path) -> None:
    with pytest.raises(StorageError, match="nothing yet"):
        coverage(config)
    asyncio.run(_made(f"sqlite:///{config.parent / 'g.db'}"))
    assert "No poll was made in these days." in coverage(config).stdout
    with pytest.raises(UsageError, match="never was a feed nobody"):
        coverage(config, "--feed", "nobody")


async def _made(url: str) -> None:
    await (await make(url)).close()
