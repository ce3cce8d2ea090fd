"""Forgets what is old enough, every hour, in steps so small that nobody waits for it.

Which rows those are and how they are deleted is `storage.retention`'s; this only goes through the steps, watches the
clock and lets others write in between.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.config import Settings
from bot.retention import FIRST_STEP, Cutoffs, cutoffs, next_step
from bot.storage.database import Database
from bot.storage.retention import STEPS, Key, Step
from bot.storage.text_index import forget_words

log = structlog.get_logger(__name__)

READ_AT_ONCE = 5_000
"""Keys: the search for what is due is made once for many small transactions."""
WORK_S = 60.0
"""A tick with more to do leaves the rest to the next one."""
PAUSE_S = 0.02
"""Between two transactions, for those who wait to write."""


WORDS_EVERY = timedelta(days=1)


class Housekeeper:
    """Forgets; the longest transaction so far is `longest_s`."""

    def __init__(self, database: Database, clock: Clock, settings: Settings, *, pause_s: float = PAUSE_S) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings.retention
        self._pause_s = pause_s
        self._rows = FIRST_STEP
        self._words = FIRST_STEP
        self._last_word = 0
        self._words_at: datetime | None = None
        self.longest_s = 0.0

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        self._settings = settings.retention

    async def tidy(self, within_s: float = WORK_S) -> Counter[str]:
        """Forget what is due; returns how many rows of each table were."""
        kept = self._settings
        before = cutoffs(self._clock.now(), unmatched=kept.unmatched, matched=kept.matched, decisions=kept.decisions)
        until = self._clock.monotonic() + within_s
        forgotten: Counter[str] = Counter()
        for step in STEPS:
            forgotten[step.table.name] += await self._go(step, before, until)
            if self._clock.monotonic() >= until:
                break  # the next steps rely on this one
        await self._forget_words(until)
        forgotten = +forgotten
        if forgotten:
            await self._database.clear_log()
            log.info("forgotten", **forgotten)
        return forgotten

    async def _go(self, step: Step, before: Cutoffs, until: float) -> int:
        """As many rows of one step as there is time for."""
        number = 0
        while self._clock.monotonic() < until:
            async with self._database.read() as connection:
                keys = await step.due(connection, before, READ_AT_ONCE)
            for part in self._parts(keys):
                number += await self._forget(step, part, before)
                if self._clock.monotonic() >= until:
                    return number
                await asyncio.sleep(self._pause_s)
            if len(keys) < READ_AT_ONCE:
                break
        return number

    async def _forget_words(self, until: float) -> None:
        """Once a day, go through the vocabulary of the text index for words that no article has any more."""
        if self._words_at is not None and self._clock.now() - self._words_at < WORDS_EVERY:
            return
        while self._clock.monotonic() < until:
            async with self._database.transaction() as tx:
                begun = self._clock.monotonic()
                after = await tx.run_sync(forget_words, self._last_word, self._words)
            self._words = next_step(self._words, self._clock.monotonic() - begun)
            self._last_word = after or 0
            if after is None:
                self._words_at = self._clock.now()
                return
            await asyncio.sleep(self._pause_s)

    def _parts(self, keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
        """The keys in parts, each as long as seems right by then."""
        start = 0
        while start < len(keys):
            rows = self._rows
            yield keys[start : start + rows]
            start += rows

    async def _forget(self, step: Step, keys: Sequence[Key], before: Cutoffs) -> int:
        async with self._database.transaction() as tx:
            begun = self._clock.monotonic()
            number = await step.forget(tx, keys, before)
        took_s = self._clock.monotonic() - begun
        self.longest_s = max(self.longest_s, took_s)
        self._rows = next_step(self._rows, took_s)
        return number
