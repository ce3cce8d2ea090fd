"""A quiet hour in the log of the real program: polls without news say nothing."""

from __future__ import annotations

from pathlib import Path

from tests.botapi import BotApi
from tests.e2e.daemon import installed
from tests.newsstand import Item, newsstand

POLLS = 12
"""Twice an hour is what most feeds are polled; one here is polled every second."""


async def test_a_quiet_time_leaves_hardly_a_line_in_the_log(tmp_path: Path) -> None:
    async with BotApi() as api, newsstand() as stand:
        stand.publish(Item("Marée haute sur le port", "Rien à signaler."))
        async with installed(tmp_path, api, stand.url()) as daemon:
            await daemon.start()
            begun = len(daemon.lines)
            await stand.arrived(POLLS)
            assert await daemon.stop() == 0
            said = [line for line in daemon.lines[begun:] if "[debug" not in line]
            assert len(said) <= 5, "\n".join(said)
            assert not [line for line in daemon.lines if "apscheduler" in line or "watchfiles" in line]
