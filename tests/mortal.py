"""Death at any statement: a database whose program is killed at its n-th event, and stays dead.

An event is a statement about to be executed or a transaction about to be committed: between two of them nothing reaches
the database, so that dying at each of them in turn is dying at any moment.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from bot.storage.database import Database


class KilledError(BaseException):
    """kill -9, as far as the program can tell: no handler of its own may go on from here."""


class Mortal:
    """Kills whoever works on the database at the event `dies_at`; 0 lets them live and counts."""

    def __init__(self, database: Database, *, dies_at: int = 0) -> None:
        self.events = 0
        self.dead = False
        self._dies_at = dies_at
        self._spared = False
        engine = database._engine.sync_engine
        event.listen(engine, "before_cursor_execute", self._happens)
        event.listen(engine, "commit", self._happens)

    def spare(self) -> None:
        """It lives on, and nothing is counted any more."""
        self._spared = True

    def _happens(self, *_: Any) -> None:
        if self._spared:
            return
        self.events += 1
        if self.dead or self.events == self._dies_at:
            self.dead = True
            raise KilledError
