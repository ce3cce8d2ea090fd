"""Short versions of the soaks: a broadcast, a full group, kills with faults, two programs with one token, the token."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.botapi import TOKEN, User
from tests.e2e.broadcast import broadcast, help_meanwhile, item, kill_again_and_again

pytestmark = pytest.mark.timeout(240)  # each starts the program several times
GROUP = -1001
SECRET_PART = TOKEN.split(":")[1]


async def test_everybody_is_told_once_and_a_question_goes_before(tmp_path: Path) -> None:
    async with broadcast(tmp_path, 40) as made:
        await made.daemon.start()
        await made.publish(item(0))
        await made.api.until(lambda: len(made.api.sent) > 3, timeout=20)
        assert await help_meanwhile(made, User(7001)) < 10
        await made.told(item(0).title, within_s=30)
        assert set(made.arrivals(item(0).title).values()) == {1}
        assert made.api.statistics.max_in_a_second <= 30
        assert made.api.violations == []
        assert await made.daemon.stop() == 0
        assert SECRET_PART not in "\n".join(made.daemon.lines)
        assert not any(SECRET_PART.encode() in file.read_bytes() for file in (tmp_path / "var").iterdir())


async def test_a_group_that_gets_many_alerts_at_once_gets_few_messages(tmp_path: Path) -> None:
    async with broadcast(tmp_path, 0, groups=[GROUP]) as made:
        await made.daemon.start()
        for number in range(4):  # a feed of which nearly all is new at once is taken for another feed
            await made.publish(item(number))
            await made.told(item(number).title, within_s=30)
        await made.publish(*map(item, range(4, 11)))
        for number in range(4, 11):
            await made.told(item(number).title, within_s=60)
        assert len(made.api.sent_to(GROUP)) <= 7
        assert made.api.violations == []


async def test_kills_and_faults_in_the_middle_of_a_broadcast_lose_nothing(tmp_path: Path) -> None:
    async with broadcast(tmp_path, 20) as made:
        made.api.fault("sendMessage", "drop", times=None, every=17)
        toll = await kill_again_and_again(made, 2, random.Random(3), longest_s=0.4)
        assert toll.missing == 0
        assert toll.most_after_one_kill <= 4 + 2  # the dropped answers repeat as well


async def test_two_programs_with_one_token_are_told_of(tmp_path: Path) -> None:
    async with broadcast(tmp_path, 1) as made:
        await made.daemon.start()
        await made.api.until(lambda: made.api.polling, timeout=20)
        await made.api.do_getUpdates({"timeout": 0})  # the other program
        await made.daemon.says("another instance polls")
        await made.api.until(lambda: made.daemon.ask("SELECT 1 FROM notices WHERE kind = 'two-instances'"), timeout=10)
