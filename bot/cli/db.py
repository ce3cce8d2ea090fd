"""`guetteur db`: upgrade and back up the database."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from bot.cli import config_option


@click.group()
def db() -> None:
    """Upgrade or back up the database."""


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
