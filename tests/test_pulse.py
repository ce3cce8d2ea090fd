"""The parts say what they did: polls, articles, names, alerts, deliveries and requests are counted where they happen."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import DeliveryError
from bot.model import Tier
from bot.pulse import Pulse
from bot.storage.database import Database
from bot.worker import Worker
from tests.desk import VANTADOUR, desk
from tests.faketime import StandingClock
from tests.newsstand import Newsstand, newsstand


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


async def test_a_day_is_counted(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        polls, looks, sends = here.poller._pulse, here.editor._pulse, here.sender._pulse
        assert (dict(polls.polls), polls.articles) == ({"good": 1}, 1)
        here.phone.refusals.append(DeliveryError("network", "no answer"))
        stand.publish(VANTADOUR)
        await here.poll()
        await here.editor.edit_new()
        settled_at = sends.settled_at
        await here.send()
        assert sends.settled_at > settled_at  # it came to an end, if not to a good one
        assert sum(sends.delivery_delay_s.counts) == 0
        await here.poll()
        await here.send()
        stand.answer(500)
        await here.poll()
        assert dict(polls.polls) == {"good": 2, "unchanged": 1, "failed": 1}
        assert sum(polls.poll_s.counts) == 4
        assert (polls.articles, looks.alerts, dict(looks.matches)) == (2, 1, {Tier.CERTAIN: 1})
        assert (sum(sends.delivery_delay_s.counts), sends.delivery_delay_s.total) == (1, 60.0)
        assert polls.polled_at == here.clock.monotonic()


def test_an_answer_that_is_not_telegrams_is_not_heard() -> None:
    clock = StandingClock()
    pulse = Pulse(clock)
    for outcome in ("network", "error"):
        pulse.asked_telegram(outcome)
    assert pulse.telegram_heard_at is None
    clock.advance(5)
    pulse.asked_telegram("flood")
    assert pulse.telegram_heard_at == 5.0


def test_a_tick_that_fails_again_has_failed_since_the_first_time() -> None:
    clock = StandingClock()
    pulse = Pulse(clock)
    for _ in range(3):
        clock.advance(10)
        pulse.tick_failed("edit", "busy")
    assert (pulse.ticks["edit"].failing_since, pulse.ticks["edit"].ended_at) == (10.0, 30.0)
    pulse.ticked("edit")
    assert pulse.ticks["edit"].failing_since is None
