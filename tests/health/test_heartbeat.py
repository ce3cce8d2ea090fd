"""The switch elsewhere hears us only while all is well; a call that fails is told once, and never its address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from structlog.testing import capture_logs

from bot.health.heartbeat import Heartbeat
from bot.health.judge import State
from bot.logs import redacted
from bot.net import GuardedSession
from tests.newsstand import Newsstand, newsstand

PATH = "/ping/5f2c9d3e-not-a-real-check"


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def session() -> AsyncIterator[GuardedSession]:
    made = GuardedSession(allow_networks=[ip_network("127.0.0.0/8")], user_agent="test", concurrency=2, per_host=2)
    yield made
    await made.close()


async def test_it_beats_only_while_all_is_well(stand: Newsstand, session: GuardedSession) -> None:
    stand.answer(200, path=PATH)
    heart = Heartbeat(session, stand.url(PATH))
    assert await heart.beat(State.OK)
    assert not await heart.beat(State.DEGRADED)
    assert not await heart.beat(State.FAILING)
    assert len(stand.asked(PATH)) == 1


async def test_a_failure_is_told_once_and_its_end_once(stand: Newsstand, session: GuardedSession) -> None:
    heart = Heartbeat(session, stand.url(PATH))
    with capture_logs() as said:
        for status in (500, 404):
            stand.answer(status, path=PATH)
            assert not await heart.beat(State.OK)
        stand.drop(PATH)
        assert not await heart.beat(State.OK)
        stand.answer(200, path=PATH)
        assert await heart.beat(State.OK)
        assert await heart.beat(State.OK)
    assert [line["event"] for line in said] == [
        "the heartbeat is not heard; the next ones are tried without a word",
        "the heartbeat is heard again",
    ]
    assert "5f2c9d3e" not in redacted(said[0]["error"])


async def test_the_guard_of_addresses_holds_for_it_too(stand: Newsstand) -> None:
    guarded = GuardedSession(user_agent="test", concurrency=1, per_host=1)
    assert not await Heartbeat(guarded, stand.url(PATH)).beat(State.OK)
    assert stand.asked(PATH) == []
    await guarded.close()
