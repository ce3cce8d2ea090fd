"""Our own way out, as the polls tell of it: while nobody answers, feeds wait; the outage is told once, its end once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.feeds.outage import Network, answered, unreached
from bot.storage.database import Database
from bot.storage.notices import add_notice, withdraw

log = structlog.get_logger(__name__)

TOLD_AFTER = timedelta(minutes=5)
"""Since it was found out, while feeds that were well are asked: a router that restarts is nobody's business."""


class OwnNetwork:
    """Knows whether anybody answers; decides nothing about the feeds."""

    def __init__(self, database: Database, clock: Clock, *, hosts: int) -> None:
        """`hosts`: how many hosts our feeds have."""
        self._database = database
        self._clock = clock
        self._network = Network(hosts, last_answer=clock.now())
        self._found_at = clock.now()
        self._told = False
        self.last_back_at: datetime | None = None
        """When the last outage ended."""

    @property
    def is_down(self) -> bool:
        return self._network.is_down

    async def heard(self) -> None:
        """A server answered a poll, whatever it said."""
        now = self._clock.now()
        before, self._network = self._network, answered(self._network, now)
        if before.down_since is None:
            return
        self.last_back_at = now
        log.info("servers answer again", since=before.down_since.isoformat())
        told, self._told = self._told, False
        if told:
            async with self._database.transaction() as tx:
                await withdraw(tx, "network-down")  # when nobody could be told: one notice says it all
                times = {"since": before.down_since.isoformat(), "until": now.isoformat()}
                await add_notice(tx, "network-up", now, **times)

    def unheard(self, host: str) -> None:
        """A poll reached no server at this host."""
        was_down = self.is_down
        self._network = unreached(self._network, host, self._clock.now())
        if self.is_down and not was_down:
            self._found_at = self._clock.now()
            log.warning("no server answers: the trouble is ours, feeds wait", hosts=len(self._network.silent))

    async def tell(self) -> None:
        """Now and then: an outage that lasts is told."""
        since, now = self._network.down_since, self._clock.now()
        if since is None or self._told or now - self._found_at < TOLD_AFTER:
            return
        self._told = True
        async with self._database.transaction() as tx:
            await add_notice(tx, "network-down", now, since=since.isoformat())
