"""Lets every call to Telegram go when the limits allow: replies to people first, then alerts, then edits of alerts.

Sits inside python-telegram-bot, so that nothing which is sent can pass it by. Does not decide what becomes of an
alert that Telegram refused: the `retry_after` of a broadcast or an edit goes to the caller, a reply is repeated here.
"""

from __future__ import annotations

import asyncio
import itertools
from bisect import insort
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.clock import Clock
from bot.telegram.limits import PER_SECOND, Lane, Limits

BROADCASTS_IN_FLIGHT = 4
"""What a crash may repeat at most (SPEC, Delivery)."""
REPLY_ATTEMPTS = 3
"""Somebody whose answer was refused three times has long gone on."""

LIMITED = ("send", "edit", "copy", "forward")
"""Calls that Telegram counts; answers to presses and questions about a chat must not wait behind alerts."""

Answer = bool | dict[str, Any] | list[dict[str, Any]]
Sleep = Callable[[float], Awaitable[None]]


class TelegramLimiter(BaseRateLimiter[Lane]):
    """One for everything a bot sends."""

    def __init__(self, clock: Clock, *, sleep: Sleep = asyncio.sleep) -> None:
        self._limits = Limits()
        self._clock = clock
        self._sleep = sleep
        self._broadcasts = asyncio.Semaphore(BROADCASTS_IN_FLIGHT)
        self._numbers = itertools.count()
        self._queue: list[tuple[Lane, int, int]] = []

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    def held(self) -> bool:
        """Whether nothing at all may go out at this moment, because Telegram refused the bot as a whole."""
        return self._limits.held(self._clock.monotonic())

    def waiting_chats(self, *, edits: bool = False) -> list[int]:
        """The chats to which no alert (no edit of one) may go out at this moment."""
        return self._limits.waiting_chats(self._clock.monotonic(), Lane.EDIT if edits else Lane.BROADCAST)

    def is_crowded(self, chat_id: int) -> bool:
        """Whether a group's minute is nearly full."""
        return self._limits.is_crowded(chat_id, self._clock.monotonic())

    def recall(self, sent: Iterable[tuple[int, datetime]], held: Mapping[int, datetime]) -> None:
        """What went out shortly before the start, and whom Telegram told us to leave alone; it forgets neither."""
        now, ticks = self._clock.now(), self._clock.monotonic()
        for chat_id, when in sent:
            self._limits.recall(chat_id, ticks - (now - when).total_seconds())
        for chat_id, until in held.items():
            self._limits.refuse(chat_id, (until - now).total_seconds(), ticks)

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Lane | None,
    ) -> Answer:
        """Make the call when its turn comes."""
        chat_id = _chat_of(data)
        if chat_id is None or not endpoint.startswith(LIMITED):
            return await callback(*args, **kwargs)

        async def call() -> Answer:
            return await callback(*args, **kwargs)

        if rate_limit_args is Lane.BROADCAST:
            async with self._broadcasts:
                return await self._once(call, chat_id, Lane.BROADCAST)
        if rate_limit_args is Lane.EDIT:
            return await self._once(call, chat_id, Lane.EDIT)
        return await self._reply(call, chat_id)

    async def _reply(self, call: Callable[[], Awaitable[Answer]], chat_id: int) -> Answer:
        for _ in range(REPLY_ATTEMPTS - 1):
            try:
                return await self._once(call, chat_id, Lane.REPLY)
            except RetryAfter:
                continue
        return await self._once(call, chat_id, Lane.REPLY)

    async def _once(self, call: Callable[[], Awaitable[Answer]], chat_id: int, lane: Lane) -> Answer:
        await self._turn(chat_id, lane)
        try:
            return await call()
        except RetryAfter as refusal:
            self._limits.refuse(chat_id, retry_after_s(refusal), self._clock.monotonic())
            raise

    async def _turn(self, chat_id: int, lane: Lane) -> None:
        ticket = (lane, next(self._numbers), chat_id)
        insort(self._queue, ticket)
        try:
            while (wait_s := self._wait_s(ticket)) > 0:
                await self._sleep(wait_s)
            self._limits.record(chat_id, self._clock.monotonic())
        finally:
            self._queue.remove(ticket)

    def _wait_s(self, ticket: tuple[Lane, int, int]) -> float:
        now = self._clock.monotonic()
        wait_s = self._free_in(ticket, now)
        if wait_s > 0:
            return wait_s
        ahead = itertools.takewhile(lambda other: other < ticket, self._queue)
        # Whoever is ahead and free is about to wake up: its turn comes first.
        return 1 / PER_SECOND if any(self._free_in(other, now) <= 0 for other in ahead) else 0.0

    def _free_in(self, ticket: tuple[Lane, int, int], now: float) -> float:
        lane, _, chat_id = ticket
        return self._limits.wait_s(chat_id, now, lane)


def retry_after_s(refusal: RetryAfter) -> float:
    """The wait in seconds; the library gives a timedelta, or a number as it used to (see this package's `__init__`)."""
    wait = refusal.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _chat_of(data: dict[str, Any]) -> int | None:
    """The chat that a call writes to; None for one without (an inline message, a name)."""
    chat_id = data.get("chat_id")
    return chat_id if isinstance(chat_id, int) else None
