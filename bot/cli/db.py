"""`guetteur db`: upgrade, back up and move the database."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from bot.cli import config_option


@click.group()
def db() -> None:
    """Upgrade, back up or move the database."""


@db.command()
@config_option
def upgrade(config_path: Path) -> None:
    """Bring the database to this program's version (`run` does it by itself), after a backup."""
    from bot.config import load
    from bot.storage.upkeep import prepare

    url = load(config_path, os.environ, need_token=False).settings.storage.url
    for line in asyncio.run(prepare(url)) or ["The database is up to date."]:
        click.echo(line)


@db.command()
@config_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(config_path: Path, file: Path) -> None:
    """Copy the database to FILE while the daemon runs. FILE must not exist."""
    from bot.config import load
    from bot.storage.upkeep import back_up

    url = load(config_path, os.environ, need_token=False).settings.storage.url
    asyncio.run(back_up(url, file))
    click.echo(f"Backed up to {file} ({file.stat().st_size:,} bytes).")


@db.command()
@config_option
@click.option("--to", "target", required=True, help="sqlite:///FILE or postgresql://USER@HOST/NAME, still empty.")
def copy(config_path: Path, target: str) -> None:
    """Copy everything into another database, subscriptions and history included.

    A password need not stand in the address: PGPASSWORD and ~/.pgpass work. Stop the daemon first, write the address
    into storage.url afterwards, and start it again.
    """
    from bot.config import load
    from bot.storage.database import shown_url

    url = load(config_path, os.environ, need_token=False).settings.storage.url
    copied, running = asyncio.run(_copy(url, target))
    click.echo(f"Copied {sum(copied.values()):,} rows of {len(copied)} tables to {shown_url(target)}.")
    if running:
        click.echo("A daemon is running: what it does from now on is not in the copy. Stop it, and copy once more.")
    else:
        click.echo("Write this address into storage.url and start the daemon: it goes on where this one stopped.")


async def _copy(url: str, target: str) -> tuple[dict[str, int], bool]:
    from bot.storage.copying import copy_database
    from bot.storage.lock import is_running
    from bot.storage.upkeep import open_existing

    database = await open_existing(url)
    try:
        running = await is_running(database, url)
        return await copy_database(url, target), running
    finally:
        await database.close()
