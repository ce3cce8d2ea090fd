"""Lets a tick leave out a look at the database that finds nothing: nothing was due and nothing was written since.

Only shortens idle work: after `LONGEST_S` a look is made in any case, for others write, too (the command line), and
rows become due by time alone.
"""

from __future__ import annotations

from bot.clock import Clock
from bot.storage.database import Database

LONGEST_S = 2.0
"""What waits for the clock alone may wait so much longer: the end of a mute, a message to be edited, a page."""


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

    def begin(self, seen: int, longest_s: float = LONGEST_S) -> None:
        """A look found nothing; `seen` is what `Database.writes` was before it."""
        self._seen = seen
        self._until = self._clock.monotonic() + min(longest_s, LONGEST_S)
