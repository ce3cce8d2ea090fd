"""Our own way out, as the polls tell of it: while nobody answers, feeds wait; the outage is told once, its end once.

What was told stands in the table of notices: a restart during an outage neither tells it again nor forgets its end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.feeds.outage import Network, answered, probe_pause, unreached
from bot.storage import feeds
from bot.storage.database import Database
from bot.storage.notices import add_notice, last_notice, withdraw

log = structlog.get_logger(__name__)

TOLD_AFTER = timedelta(minutes=5)
"""Since it was found out, while feeds that were well are asked: a router that restarts is nobody's business."""


class OwnNetwork:
    """Knows whether anybody answers; decides nothing about the feeds."""

    def __init__(self, database: Database, clock: Clock, *, hosts: int) -> None:
        """`hosts`: how many hosts our feeds have."""
        self._database = database
        self._clock = clock
        self._network = Network(hosts)
        self._online_since: datetime | None = None
        """The first answer since the start or the last outage."""
        self._told_since: datetime | None = None
        """When the outage began that people know of and whose end they do not."""
        self._remembers = False
        self._last_outage: tuple[datetime, datetime] | None = None
        self._blamed_since: datetime | None = None
        """Feeds that have failed since then did so because of us; None: none, or they were cleared."""

    def reconfigure(self, hosts: int) -> None:
        """Our feeds have so many hosts from now on."""
        self._network = replace(self._network, hosts=hosts)

    @property
    def is_down(self) -> bool:
        return self._network.is_down

    def down_for(self, since: datetime) -> timedelta:
        """How much of the time from `since` on fell into our last outage."""
        if self._last_outage is None:
            return timedelta()
        began, ended = self._last_outage
        return max(timedelta(), ended - max(began, since))

    def was_ours(self, failing_since: datetime | None) -> bool:
        """Whether a feed began to fail in our last outage."""
        if self._last_outage is None or failing_since is None:
            return False
        began, ended = self._last_outage
        return began <= failing_since <= ended

    def probe_pause(self) -> timedelta:
        """How long to wait between two looks whether the network is back."""
        since = self._network.silent_since
        return probe_pause(self._clock.now() - since if since else timedelta())

    def heard(self) -> None:
        """A server answered a poll, whatever it said."""
        now = self._clock.now()
        before, self._network = self._network, answered(self._network)
        self._online_since = self._online_since or now
        if before.is_down and before.silent_since:
            self._last_outage = (before.silent_since, now)
            self._blamed_since = before.silent_since
            log.info("servers answer again", since=before.silent_since.isoformat())

    def unheard(self, host: str) -> None:
        """A poll reached no server at this host."""
        before, self._network = self._network, unreached(self._network, host, self._clock.now())
        if self.is_down and not before.is_down:
            self._online_since = None
            log.warning("no server answers: the trouble is ours, feeds wait", hosts=len(self._network.silent))
        elif before.is_down and not self.is_down:
            log.warning("still no server answers: the few hosts are dealt with as failing themselves")

    async def tell(self) -> None:
        """Now and then: an outage that lasts is told, and its end; then the feeds are cleared of what was our fault."""
        if not self._remembers:
            async with self._database.read() as connection:
                self._told_since = await _told_outage(connection)
            self._remembers = True
        if self._blamed_since:
            async with self._database.transaction() as tx:
                await feeds.forgive(tx, self._blamed_since)
            self._blamed_since = None
        now, found_at, since = self._clock.now(), self._network.found_at, self._network.silent_since
        if self._told_since and self._online_since:
            times = {"since": self._told_since.isoformat(), "until": self._online_since.isoformat()}
            async with self._database.transaction() as tx:
                await withdraw(tx, "network-down")  # when nobody could be told: one notice says it all
                await add_notice(tx, "network-up", now, **times)
            self._told_since = None
        elif not self._told_since and self.is_down and found_at and since and now - found_at >= TOLD_AFTER:
            async with self._database.transaction() as tx:
                await add_notice(tx, "network-down", now, since=since.isoformat())
            self._told_since = since


async def _told_outage(connection: AsyncConnection) -> datetime | None:
    """The beginning of the outage that was told, or is about to be, without an end."""
    last = await last_notice(connection, ("network-down", "network-up"))
    return datetime.fromisoformat(last.values["since"]) if last and last.kind == "network-down" else None
