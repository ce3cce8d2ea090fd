"""What the stored articles say of a name, for somebody who waits for the answer."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.backtest import Result, new_entry, result_of
from bot.clock import Clock
from bot.lookback import Budget, LookBack, look_back
from bot.model import Entity
from bot.storage.database import Database

SEARCHED = timedelta(days=90)
WITHIN_S = 0.6
"""For reading articles that may hold a name: the answer is promised within a second."""
ENOUGH = 50
"""Articles found: they say how often a name would ring, and are grouped in a quarter of a second."""


async def tried(
    database: Database, clock: Clock, entity: Entity, *, window: timedelta, now: datetime
) -> tuple[Result, LookBack]:
    """What the stored articles say of a name, within the time that somebody waits.

    Args:
        window: an article joins no story that has been silent for longer.
    """
    entry = new_entry(entity)
    budget = Budget(clock, clock.monotonic() + WITHIN_S, ENOUGH)
    seen = await look_back(database, [entry], now - SEARCHED, budget=budget)
    result = await asyncio.to_thread(
        result_of, entry, seen.found[0], outside=0, stock=seen.stock, window=window, now=now
    )
    return result, seen
