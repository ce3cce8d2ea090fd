"""A clock whose time passes only when everybody sleeps: seconds of waiting in a moment of testing."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")
START = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


class FakeTime:
    """A Clock, and its `sleep`."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._seconds + seconds, next(self._numbers), future))
        await future

    async def run(self, work: Awaitable[T]) -> T:
        """The result of `work`, time passing whenever nothing else can."""
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(20):  # let everything that can go on go on
                await asyncio.sleep(0)
            if self._sleepers and not task.done():
                when, _, future = heapq.heappop(self._sleepers)
                self._seconds = max(self._seconds, when)
                if not future.done():
                    future.set_result(None)
        return task.result()


class FastTime:
    """A Clock of which twenty seconds pass in one; for the real bot and its stand-in, whose limits both count by it."""

    SPEED = 20.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic() * self.SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.SPEED)
