"""The promises of delivery at their full size: minutes of real time, by `make soak`. Short versions run in the suite.

Each prints its figures (`pytest -rP`, or -s).
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.botapi import User
from tests.e2e.broadcast import broadcast, help_meanwhile, item, kill_again_and_again

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]
GROUP = -1001


def figures(line: str) -> None:
    print(line)  # noqa: T201  what a soak is for


async def test_a_thousand_chats_are_told_within_45_seconds(tmp_path: Path) -> None:
    async with broadcast(tmp_path, 1000) as made:
        await made.daemon.start()
        began = time.monotonic()
        await made.publish(item(0))
        telling = asyncio.create_task(made.told(item(0).title, within_s=120))
        await made.api.until(lambda: len(made.api.sent) > 100, timeout=60)
        answered_s = max([await help_meanwhile(made, User(7001)) for _ in range(5)])
        await telling
        took_s = time.monotonic() - began
        seen = made.api.statistics
        used = f"{made.cpu_s:.1f} s of processor, start included"
        figures(f"1,000 chats in {took_s:.1f} s, /help in {answered_s:.2f} s; {used}; {seen}")
        assert took_s <= 45
        assert answered_s < 2
        assert seen.max_in_a_second <= 30
        assert seen.sent_during_retry_after == 0
        assert set(made.arrivals(item(0).title).values()) == {1}
        assert made.api.violations == []


async def test_a_group_that_gets_thirty_alerts_in_a_minute(tmp_path: Path) -> None:
    async with broadcast(tmp_path, 1, groups=[GROUP]) as made:
        await made.daemon.start()
        for number in range(30):
            await made.publish(item(number))
            await asyncio.sleep(2)
        wanted = [item(number).title for number in range(30)]
        await made.api.until(lambda: all(made.all_told(title) for title in wanted), timeout=150)
        messages = len(made.api.sent_to(GROUP))
        figures(f"30 alerts in {messages} messages to the group; {made.api.statistics}")
        assert made.api.statistics.max_in_a_minute_in_a_group <= 20
        assert all(made.arrivals(title)[GROUP] for title in wanted)
        assert made.api.same_text_again() == {}
        assert made.api.violations == []


async def test_fifty_kills_in_the_middle_of_a_broadcast(tmp_path: Path) -> None:
    async with broadcast(tmp_path, 500) as made:
        toll = await kill_again_and_again(made, 50, random.Random(1), longest_s=4.0)
        figures(f"500 chats, {len(made.published)} alerts: {toll}; {made.api.statistics}")
        assert toll.missing == 0
        assert toll.most_after_one_kill <= 4
        assert toll.most_to_one_chat_a_kill <= 1
        assert made.api.statistics.sent_during_retry_after == 0


async def test_fifty_kills_with_dropped_and_late_answers(tmp_path: Path) -> None:
    async with broadcast(tmp_path, 500) as made:
        made.api.fault("sendMessage", "drop", times=None, every=97)
        made.api.fault("sendMessage", "late", times=None, every=41, late_s=2.0)
        made.api.fault("sendMessage", "status", times=None, every=53, status=502)
        made.api.fault("sendMessage", "status", times=None, every=71, status=500)
        toll = await kill_again_and_again(made, 50, random.Random(2), longest_s=4.0)
        figures(f"500 chats, {len(made.published)} alerts, faults: {toll}; {made.api.statistics}")
        assert toll.missing == 0
        assert made.api.statistics.sent_during_retry_after == 0
