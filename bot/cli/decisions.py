"""`guetteur decisions`: what was decided, by whom and why."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import click

from bot.cli import config_option


@click.group()
def decisions() -> None:
    """Export what was decided."""


@decisions.command()
@config_option
def export(config_path: Path) -> None:
    """Print who was told what and why, the verdicts and what admins changed; one JSON object a line."""
    from bot.config import load

    asyncio.run(_export(load(config_path, os.environ, need_token=False).settings.storage.url))


async def _export(url: str) -> None:
    from bot.storage import decisions as stored
    from bot.storage.upkeep import open_existing

    database = await open_existing(url)
    try:
        async for each in stored.decisions(database):
            click.echo(json.dumps(each, ensure_ascii=False))
    finally:
        await database.close()
