"""How long an event loop was held: a task that wants to run every few milliseconds and notes how late it comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

BEAT_S = 0.005


@dataclass(slots=True)
class Heartbeat:
    longest_hold_s: float = 0.0


@asynccontextmanager
async def heartbeat() -> AsyncIterator[Heartbeat]:
    """Beats until the block ends. What the system does to the process counts as well: it was late all the same."""
    heart = Heartbeat()
    beating = asyncio.create_task(_beat(heart), name="heartbeat")
    try:
        yield heart
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def _beat(heart: Heartbeat) -> None:
    while True:
        before = perf_counter()
        try:
            await asyncio.sleep(BEAT_S)
        finally:  # cancelled as well: the last hold counts
            heart.longest_hold_s = max(heart.longest_hold_s, perf_counter() - before - BEAT_S)
