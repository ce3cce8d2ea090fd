"""The log of the real program: a quiet hour says nothing, an alert can be followed by its ids from line to line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
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


async def test_an_alert_can_be_followed_from_line_to_line(tmp_path: Path) -> None:
    async with BotApi() as api, newsstand() as stand:
        stand.publish(Item("Marée haute sur le port", "Rien à signaler."))
        async with installed(tmp_path, api, stand.url()) as daemon:
            await daemon.start("--console", "--log-json")
            await stand.arrived(2)
            news = Item("Aurélie Vantadour quitte le port", "Elle le dit.", published=datetime.now(UTC))
            stand.publish(news, Item("Marée haute sur le port", "Rien à signaler."))
            found = json.loads(await daemon.says('"names found"'))
            sent = json.loads(await daemon.says('"alert sent"'))
            assert await daemon.stop() == 0
    assert found["feed"]
    assert found["article"]
    assert found["story"]
    assert sent["alerts"] == [found["alert"]]
    assert len(sent["deliveries"]) == 1
