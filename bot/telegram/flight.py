"""Calls to Telegram that are under way, each known by the row it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """About which row, in which chat."""

    row: int
    chat_id: int


class Flight:
    """So many calls at once and no more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._calls: dict[asyncio.Task[None], Call] = {}

    @property
    def room(self) -> int:
        return self._most - len(self._calls)

    @property
    def rows(self) -> list[int]:
        return [call.row for call in self._calls.values()]

    @property
    def chat_ids(self) -> list[int]:
        return [call.chat_id for call in self._calls.values()]

    def start(self, call: Call, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._calls[task] = call
        task.add_done_callback(lambda done: self._calls.pop(done, None))

    async def one_done(self) -> None:
        """Wait until one of them has ended."""
        if self._calls:
            await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self, timeout_s: float | None) -> None:
        """Wait for all of them, for so long; break off the rest."""
        if not self._calls:
            return
        _, late = await asyncio.wait(self._calls, timeout=timeout_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
