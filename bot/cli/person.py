"""`guetteur person`: what is stored about somebody who is watched for, shown or erased."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli import EXIT_FAILED, config_option
from bot.errors import UsageError

if TYPE_CHECKING:  # the help page lists these commands, and need not load the database for them
    from bot.model import Watchlist
    from bot.storage.watched import Watched

RESTART = "A running daemon goes on to look for a name that a chat asked for until it is restarted."


@click.group()
def person() -> None:
    """Export or erase what is stored about somebody who is watched for."""


@person.command()
@config_option
@click.argument("name")
def export(config_path: Path, name: str) -> int:
    """Print all that is stored about NAME, as JSON."""
    from bot.config import load

    url = load(config_path, os.environ, need_token=False).settings.storage.url
    found = asyncio.run(_export(url, name))
    if found is None:
        return _unknown(name)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    return 0


@person.command()
@config_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("name")
def erase(config_path: Path, name: str, *, yes: bool) -> int:
    """Erase all that is stored about NAME: matches, verdicts, who was told. Articles stay for their time.

    A name that stands in a watchlist must be removed there first, else it would be found again.
    """
    from bot.config import load

    loaded = load(config_path, os.environ, need_token=False)
    if holders := _watchlists_with(name, loaded.watchlists):
        raise UsageError(
            f"{name} stands in {', '.join(holders)}: remove the name there first, else it would be found again"
        )
    return asyncio.run(_erase(loaded.settings.storage.url, name, yes=yes))


def _watchlists_with(name: str, watchlists: Sequence[Watchlist]) -> list[str]:
    """The watchlists that hold the name."""
    from bot.text import fold_text

    return [
        each.id
        for each in watchlists
        if any(fold_text(name) in map(fold_text, (one.entity.name, one.label or "", one.id)) for one in each.names)
    ]


def _unknown(name: str) -> int:
    click.echo(f"Nothing is stored about {name}: nobody watches or watched for this name, label or id.", err=True)
    return EXIT_FAILED


async def _export(url: str, name: str) -> dict[str, Any] | None:
    from bot.storage.upkeep import open_existing
    from bot.storage.watched import export_watched, find_watched

    database = await open_existing(url)
    try:
        async with database.read() as connection:
            who = await find_watched(connection, name)
            return await export_watched(connection, who) if who.keys else None
    finally:
        await database.close()


async def _erase(url: str, name: str, *, yes: bool) -> int:
    from bot.storage.upkeep import open_existing
    from bot.storage.watched import erase_watched, export_watched, find_watched

    database = await open_existing(url)
    try:
        async with database.read() as connection:
            who = await find_watched(connection, name)
            stored = await export_watched(connection, who)
        if not who.keys:
            return _unknown(name)
        if not yes:
            click.echo(_inventory(who, stored))
            click.confirm("Erase all of it for good?", abort=True)
        async with database.transaction() as tx:
            await erase_watched(tx, who)
        await database.clear_log()
    finally:
        await database.close()
    click.echo(f"All that was stored about {name} is erased. Backups made before hold it still.")
    if any(scope.startswith("chat:") for scope in who.scopes):
        click.echo(RESTART)
    return 0


def _inventory(who: Watched, stored: dict[str, Any]) -> str:
    rows = {key: len(value) for key, value in stored.items() if key not in {"name", "articles"}}
    counted = [f"  {key.replace('_', ' ')}: {number}" for key, number in rows.items()]
    return "\n".join([f"Stored about {who.name}:", *counted])
