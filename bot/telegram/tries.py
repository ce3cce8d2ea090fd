"""What the stored articles say of a name, for somebody who waits for the answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.backtest import Result, new_entry, result_of
from bot.lookback import Budget, LookBack, look_back
from bot.model import Entity
from bot.telegram.desk import Desk, Visit

SEARCHED = timedelta(days=90)
WITHIN_S = 0.6
"""For reading articles that may hold a name: the answer is promised within a second."""


async def tried(desk: Desk, visit: Visit, entity: Entity) -> tuple[Result, LookBack]:
    """What the stored articles say of a name, within the time that somebody waits."""
    entry = new_entry(entity)
    since = visit.now - SEARCHED
    budget = Budget(desk.clock, desk.clock.monotonic() + WITHIN_S)
    seen = await look_back(desk.database, [entry], since, budget=budget)
    result = await asyncio.to_thread(
        result_of, entry, seen.found[0], outside=0, stock=seen.stock, window=desk.story_window, now=visit.now
    )
    return result, seen
