from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.telegram.limiter import TelegramLimiter
from bot.telegram.limits import Lane
from tests.telegram.faketime import FakeTime


class Telegram:
    """Notes when each call arrives; answers after `takes_s`."""

    def __init__(self, time: FakeTime, *, takes_s: float = 0.0) -> None:
        self.time = time
        self.limiter = TelegramLimiter(time, sleep=time.sleep)
        self.takes_s = takes_s
        self.arrived: list[tuple[float, int]] = []
        self.refusals: dict[int, list[int]] = {}
        self.in_flight = self.most_in_flight = 0

    async def call(self, chat_id: int, lane: Lane | None = None, endpoint: str = "sendMessage") -> Any:
        data = {"chat_id": chat_id}
        return await self.limiter.process_request(self._arrive, (endpoint, data), {}, endpoint, data, lane)

    async def broadcast(self, chats: list[int]) -> None:
        await asyncio.gather(*(self.call(chat_id, Lane.BROADCAST) for chat_id in chats))

    async def _arrive(self, _endpoint: str, data: dict[str, Any]) -> bool:
        self.arrived.append((self.time.monotonic(), data["chat_id"]))
        self.in_flight += 1
        self.most_in_flight = max(self.in_flight, self.most_in_flight)
        if self.takes_s:
            await self.time.sleep(self.takes_s)
        self.in_flight -= 1
        if waits := self.refusals.get(data["chat_id"]):
            raise RetryAfter(waits.pop(0))
        return True

    def when(self, chat_id: int) -> list[float]:
        return [when for when, to in self.arrived if to == chat_id]


async def test_a_broadcast_goes_out_at_full_pace() -> None:
    time = FakeTime()
    telegram = Telegram(time, takes_s=0.1)
    await time.run(telegram.broadcast(list(range(1, 101))))
    assert 3.9 < time.monotonic() < 4.2


async def test_at_most_four_broadcasts_are_in_flight() -> None:
    time = FakeTime()
    telegram = Telegram(time, takes_s=2.0)
    await time.run(telegram.broadcast(list(range(1, 21))))
    assert telegram.most_in_flight == 4


async def test_a_reply_goes_before_waiting_broadcasts() -> None:
    time = FakeTime()
    telegram = Telegram(time)

    async def both() -> None:
        alerts = asyncio.ensure_future(telegram.broadcast(list(range(1, 101))))
        await time.sleep(1.0)
        await telegram.call(999)
        await alerts

    await time.run(both())
    [answered] = telegram.when(999)
    assert answered < 1.1
    assert len(telegram.arrived) == 101


async def test_an_alert_goes_before_waiting_edits() -> None:
    time = FakeTime()
    telegram = Telegram(time)

    async def both() -> None:
        edits = asyncio.gather(*(telegram.call(chat_id, Lane.EDIT) for chat_id in range(1, 51)))
        await time.sleep(1.0)
        await telegram.call(999, Lane.BROADCAST)
        await edits

    await time.run(both())
    [told] = telegram.when(999)
    assert told < 1.1
    assert len(telegram.arrived) == 51


async def test_a_refused_edit_is_raised_and_its_chat_waits() -> None:
    time = FakeTime()
    telegram = Telegram(time)
    telegram.refusals = {5: [30]}
    with pytest.raises(RetryAfter):
        await time.run(telegram.call(5, Lane.EDIT))
    assert telegram.limiter.waiting_chats(edits=True) == [5]
    assert len(telegram.arrived) == 1


async def test_a_refused_broadcast_is_raised_and_its_chat_waits() -> None:
    time = FakeTime()
    telegram = Telegram(time)
    telegram.refusals = {5: [30]}
    with pytest.raises(RetryAfter):
        await time.run(telegram.call(5, Lane.BROADCAST))
    assert telegram.limiter.waiting_chats() == [5]
    await time.run(telegram.call(6, Lane.BROADCAST))
    assert time.monotonic() < 1
    await time.run(telegram.call(5, Lane.BROADCAST))
    assert telegram.when(5)[1] >= 30


async def test_the_whole_bot_is_held_while_three_chats_are_refused() -> None:
    time = FakeTime()
    telegram = Telegram(time)
    telegram.refusals = {5: [30], 6: [30], 7: [30]}
    for chat_id in telegram.refusals:
        assert not telegram.limiter.held()
        with pytest.raises(RetryAfter):
            await time.run(telegram.call(chat_id, Lane.BROADCAST))
    assert telegram.limiter.held()
    await time.run(time.sleep(30))
    assert not telegram.limiter.held()


async def test_a_refused_reply_is_repeated_after_the_wait_and_not_for_ever() -> None:
    time = FakeTime()
    telegram = Telegram(time)
    telegram.refusals = {5: [3], 6: [1, 1, 1, 1]}
    await time.run(telegram.call(5))
    assert [round(when) for when in telegram.when(5)] == [0, 3]
    with pytest.raises(RetryAfter):
        await time.run(telegram.call(6))
    assert len(telegram.when(6)) == 3


async def test_answers_to_presses_are_not_held_back() -> None:
    time = FakeTime()
    telegram = Telegram(time)
    telegram.refusals = {5: [30]}
    with pytest.raises(RetryAfter):
        await time.run(telegram.call(5, Lane.BROADCAST))
    await time.run(telegram.call(5, endpoint="getChatMember"))
    assert time.monotonic() < 1


async def test_a_cancelled_call_leaves_the_queue() -> None:
    time = FakeTime()
    telegram = Telegram(time)
    await time.run(telegram.call(5))
    waiting = asyncio.ensure_future(telegram.call(5))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await time.run(telegram.call(6))
    assert time.monotonic() < 0.1


async def test_a_start_forgets_neither_what_went_out_nor_whom_telegram_asked_to_leave_alone() -> None:
    time = FakeTime()
    telegram = Telegram(time)
    now = time.now()
    group, person = -100, 7
    sent = [(group, now - timedelta(seconds=60 - number)) for number in range(17)]
    telegram.limiter.recall(sent, {person: now + timedelta(seconds=30)})
    assert telegram.limiter.waiting_chats() == [group, person]
    assert telegram.limiter.is_crowded(group)
    assert not telegram.limiter.is_crowded(person)
    await time.run(telegram.call(person, Lane.BROADCAST))
    assert time.monotonic() >= 30
