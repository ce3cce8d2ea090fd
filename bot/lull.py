"""Lets a tick leave out a look at the database that finds nothing: nothing was due and nothing was written since.

Only shortens idle work: after `LONGEST_S` a look is made in any case, for others write, too (the command line), and
rows become due by time alone.
"""

from __future__ import annotations

from datetime import datetime

from bot.clock import Clock
from bot.storage.database import Database

LONGEST_S = 2.0
"""What others wrote is seen so much later at most, and what becomes due by the clock where nobody says when."""


class Lull:
    """Begins when a look found nothing; ends with the next write of ours, or by itself."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._seen = database.writes
        self._until = clock.monotonic()

    def lasts(self) -> bool:
        """Whether a look would find nothing, as far as we know."""
        return self._seen == self._database.writes and self._clock.monotonic() < self._until

    def begin(self, seen: int, next_due: datetime | None = None) -> None:
        """A look found nothing, and the next thing is due then; `seen` is what `Database.writes` was before it."""
        self._seen = seen
        wait_s = (next_due - self._clock.now()).total_seconds() if next_due else LONGEST_S
        self._until = self._clock.monotonic() + min(wait_s, LONGEST_S)
