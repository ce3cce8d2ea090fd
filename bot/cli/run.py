"""`guetteur run`: the daemon."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from bot.cli import EXIT_FAILED, config_option


@click.command()
@config_option
@click.option("--console", is_flag=True, help="Print to the terminal instead of Telegram; no token needed.")
@click.option("--once", is_flag=True, help="Poll what is due, process it, send until nothing is due, and end.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="How much is logged, to standard error.",
)
@click.option("--log-json", is_flag=True, help="One JSON object a line instead of text.")
def run(config_path: Path, *, console: bool, once: bool, log_level: str, log_json: bool) -> int:
    """Poll the feeds, find the names, tell the stories.

    Without --console it needs a bot token. SIGTERM and Ctrl-C end it within 10 seconds.
    """
    from bot.app import run_daemon, run_once
    from bot.clock import SystemClock
    from bot.config import Source
    from bot.logs import configure

    configure(log_level.upper(), json=log_json)
    source = Source(config_path, os.environ, need_token=not console)
    loaded = source.load()
    for warning in loaded.warnings:
        click.echo(str(warning), err=True)
    if once:
        whole = asyncio.run(run_once(loaded, SystemClock(), console=console))
        return 0 if whole else EXIT_FAILED
    asyncio.run(run_daemon(loaded, SystemClock(), source, console=console))
    return 0
