"""`guetteur status` asks the daemon, or reads the database, says which of them spoke, and fails when it is failing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from bot.cli.status import ask, status
from bot.clock import SystemClock
from bot.config import Settings
from bot.errors import StorageError, UsageError
from bot.health.judge import State, Trouble
from bot.health.report import instance_of
from bot.model import Feed
from bot.storage.database import Database, open_database
from bot.storage.feeds import sync_feeds
from bot.storage.schema import feeds
from bot.storage.upkeep import prepare
from bot.web.server import WebServer
from tests.newsstand import newsstand
from tests.web.scene import StandingHealth, dashboard


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'g.db'}"
    await prepare(url)
    opened = await open_database(url)
    yield opened
    await opened.close()


def settings(folder: Path, listen: str, *, password: str = "null") -> Path:
    file = folder / "guetteur.yaml"
    file.write_text(
        f"web: {{listen: {listen}, password: {password}}}\nstorage: {{url: 'sqlite:///g.db'}}\n", encoding="utf-8"
    )
    return file


async def asked(file: Path, *arguments: str) -> Result:
    """In a thread: the server that it asks runs in this loop."""
    runner = CliRunner()
    return await asyncio.to_thread(runner.invoke, status, ["--config", str(file), *arguments], standalone_mode=False)


def beside(server: WebServer, health: StandingHealth, folder: Path) -> Path:
    """The settings of the installation that the server speaks for."""
    health.instance = instance_of(f"sqlite:///{folder / 'g.db'}")
    return settings(folder, f"127.0.0.1:{server.port}")


async def test_the_daemon_is_asked(database: Database, tmp_path: Path) -> None:
    async with dashboard(database, tmp_path, furnished=False) as (server, health):
        file = beside(server, health, tmp_path)
        result = await asked(file)
        assert result.return_value == 0
        assert result.output.startswith("ok since ")
        assert "The daemon said so itself (Guetteur 1.2.3)." in result.output
        told = json.loads((await asked(file, "--json")).output)
        assert (told["source"], told["state"], told["ready"]) == ("daemon", "ok", True)
        assert set(told["feeds"]) == {"ok", "quiet", "unpolled", "failing", "refused", "suspended"}


async def test_a_daemon_that_fails_makes_the_command_fail(database: Database, tmp_path: Path) -> None:
    async with dashboard(database, tmp_path, furnished=False) as (server, health):
        file = beside(server, health, tmp_path)
        health.be(State.DEGRADED, Trouble("network", State.DEGRADED))
        result = await asked(file, "--health")
        assert (result.output, result.return_value) == ("degraded\n", 0)
        health.be(State.FAILING, Trouble("polling-stuck", State.FAILING, {"seconds": "900"}))
        result = await asked(file, "--health")
        assert (result.output, result.return_value) == ("failing\n", 1)
        assert "none was polled for 900 s" in (await asked(file)).output


async def test_the_password_of_the_settings_opens_the_door(database: Database, tmp_path: Path) -> None:
    async with dashboard(database, tmp_path, furnished=False, password="s3same-open") as (server, health):
        beside(server, health, tmp_path)
        file = settings(tmp_path, f"127.0.0.1:{server.port}", password="s3same-open")
        assert json.loads((await asked(file, "--json")).output)["source"] == "daemon"


async def test_another_installation_at_the_address_is_not_taken_for_ours(database: Database, tmp_path: Path) -> None:
    async with dashboard(database, tmp_path, furnished=False) as (server, health):
        file = beside(server, health, tmp_path)
        health.instance = "another"
        assert json.loads((await asked(file, "--json")).output)["source"] == "database"


async def test_without_a_daemon_the_database_tells(database: Database, tmp_path: Path) -> None:
    result = await asked(settings(tmp_path, "127.0.0.1:9"))
    assert result.return_value == 0
    assert "Nobody answers at web.listen: read in the database" in result.output
    async with database.transaction() as tx:
        await sync_feeds(tx, [Feed("a", "https://a.example/")], {"a": SystemClock().now()})
        await tx.execute(update(feeds).values(next_poll_at=SystemClock().now() - timedelta(hours=2)))
    result = await asked(settings(tmp_path, "null"))
    assert result.return_value == 1
    assert result.output.startswith("failing: somebody must look")


async def test_whoever_takes_the_call_and_says_nothing_hangs() -> None:
    async with newsstand() as stand:
        stand.hang("/status.json")
        listen = stand.origin.removeprefix("http://")
        told = await asyncio.to_thread(ask, Settings.model_validate({"web": {"listen": listen}}), within_s=0.2)
        assert told is not None
        assert told["state"] == "failing"
        assert told["troubles"][0]["code"] == "silent"


async def test_nothing_to_tell_of_yet(tmp_path: Path) -> None:
    result = await asked(settings(tmp_path, "null"))
    assert isinstance(result.exception, StorageError)
    missing = await asked(tmp_path / "nowhere.yaml")
    assert isinstance(missing.exception, UsageError)


def test_an_installation_is_known_without_its_password() -> None:
    assert instance_of("postgresql://anna:one@db/g") == instance_of("postgresql://anna:two@db/g")
    assert instance_of("postgresql://anna:one@db/g") != instance_of("postgresql://anna:one@db/h")
    assert instance_of("sqlite:///a.db") != instance_of("sqlite:///b.db")
