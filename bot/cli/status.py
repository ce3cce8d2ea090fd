"""`guetteur status`: whether the daemon is well. Asks it where it listens; else reads what the database tells."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot import __version__
from bot.cli import EXIT_FAILED, config_option
from bot.cli.words import ago, at, count, in_line
from bot.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from bot.config import Settings

ANSWERS_WITHIN_S = 5.0
COLOURS = {"ok": "green", "degraded": "yellow", "failing": "red"}
MEANS = {
    "ok": "all is well",
    "degraded": "Telegram or the network is out; nothing is lost",
    "failing": "somebody must look",
}


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object (docs/operating.md).")
@click.option("--health", is_flag=True, help="Only the state, in one word: for health checks.")
def status(config_path: Path, *, as_json: bool, health: bool) -> int:
    """Say whether the daemon is well, and how much there is of everything.

    Works beside a running daemon and without one, and says who answered. Exit code 1 when it is failing.
    """
    from bot.clock import SystemClock

    settings = _settings(config_path)
    told = ask(settings) or asyncio.run(_read(settings))
    if health:
        click.echo(told["state"])
    elif as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(told, SystemClock().now(), ZoneInfo(settings.alerts.timezone))))
    return EXIT_FAILED if told["state"] == "failing" else 0


def _settings(path: Path) -> Settings:
    """The settings alone: thousands of names need not be read to ask whether their reader lives.

    Raises:
        UsageError, ConfigError
    """
    from bot.config import check_settings
    from bot.yamlfile import read_text

    if not path.exists():
        raise UsageError(f"{path} is not there; name another with --config (or in $GUETTEUR_CONFIG)")
    text, problems = read_text(path)
    if text is not None:
        reading, settings = check_settings(text, path, os.environ, need_token=False)
        problems = [each for each in reading.problems if not each.warning]
        if not problems:
            return settings
    raise ConfigError(problems)


def ask(settings: Settings, *, within_s: float = ANSWERS_WITHIN_S) -> dict[str, Any] | None:
    """What the daemon says of itself; None when nobody listens, or another program does."""
    from bot.health.report import instance_of
    from bot.web.doors import knock_address

    if settings.web.listen is None:
        return None
    host, port = knock_address(settings.web.listen)
    door = http.client.HTTPConnection(host, port, timeout=within_s)
    try:
        door.request("GET", "/status.json", headers=_authorization(settings))
        answer = door.getresponse()
        told = json.loads(answer.read()) if answer.status == 200 else None
    except TimeoutError:
        click.echo(f"the program at {settings.web.listen} does not answer", err=True)
        return {"state": "failing", "source": "daemon", "troubles": [_silent(settings.web.listen)]}
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        door.close()
    mine = isinstance(told, dict) and told.get("instance") == instance_of(settings.storage.url)
    return told if mine else None


def _authorization(settings: Settings) -> dict[str, str]:
    if settings.web.password is None:
        return {}
    said = base64.b64encode(f"status:{settings.web.password.get_secret_value()}".encode()).decode()
    return {"Authorization": f"Basic {said}"}


def _silent(listen: str) -> dict[str, str]:
    return {"code": "silent", "weight": "failing", "text": f"it takes calls at {listen} and does not answer"}


async def _read(settings: Settings) -> dict[str, Any]:
    from bot.clock import SystemClock
    from bot.health.report import Report, instance_of, verdict_of_rows
    from bot.storage.upkeep import open_existing
    from bot.storage.vitals import count_all, oldest_waiting

    url, now = settings.storage.url, SystemClock().now()
    database = await open_existing(url)
    try:
        async with database.read() as connection:
            verdict = verdict_of_rows(await oldest_waiting(connection, now), now)
            counts = await count_all(connection)
    finally:
        await database.close()
    return Report("database", instance_of(url), __version__, verdict, None, None, counts).data()


# --- What a person reads ---------------------------------------------------------------------------------------------


def _lines(told: dict[str, Any], now: datetime, zone: ZoneInfo) -> Iterator[str]:
    state = told["state"]
    since = f" since {at(datetime.fromisoformat(told['since']), zone)}" if told.get("since") else ""
    if told["source"] == "database" and state == "ok":
        yield click.style(
            "unknown: nobody answers, so the daemon may not run; nothing waits for long", fg="yellow", bold=True
        )
    else:
        yield click.style(f"{state}{since}: {MEANS[state]}", fg=COLOURS[state], bold=True)
    for each in told["troubles"]:
        yield click.style(
            f"  {in_line(each['text'])}", fg=COLOURS[each["weight"]] if each["weight"] != "ok" else "yellow"
        )
    if "feeds" not in told:
        return
    yield ""
    feeds = ", ".join(f"{number:,} {state}" for state, number in told["feeds"].items() if number)
    yield f"feeds       {sum(told['feeds'].values()):,}{f': {feeds}' if feeds else ''}"
    yield f"last good   {_when(told['last_good_poll'], now, zone)}"
    yield f"names       {told['names']:,} in {count(told['watchlists'], 'watchlist')} and chats"
    yield f"chats       {told['chats']:,}, {count(told['subscriptions'], 'subscription')}"
    owed = ", ".join(f"{number:,} {state}" for state, number in told["deliveries"].items() if number)
    yield f"deliveries  {owed or 'none'}"
    yield f"last sent   {_when(told['last_sent'], now, zone)}"
    waiting = f", {count(told['articles_waiting'], 'article')} to be looked at" if told["articles_waiting"] else ""
    yield f"stories     {told['stories']:,}{waiting}"
    yield f"database    {told['database_bytes'] / 1_000_000:,.1f} MB"
    yield ""
    daemon = "The daemon said so itself"
    beside = "Nobody answers at web.listen: read in the database, which cannot tell all"
    yield f"{daemon if told['source'] == 'daemon' else beside} (Guetteur {told['version']})."


def _when(moment: str | None, now: datetime, zone: ZoneInfo) -> str:
    if moment is None:
        return "never"
    then = datetime.fromisoformat(moment)
    return f"{at(then, zone)}, {ago(then, now)}"
