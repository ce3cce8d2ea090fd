"""What watches over the running parts of the daemon: health, web server, heartbeat, canary.

`app.py` puts the parts together that do the work; this puts together those that look at them, and nothing here is
needed for an alert to arrive.
"""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from bot import __version__
from bot.clock import Clock
from bot.config import Settings
from bot.current import Current
from bot.errors import UsageError
from bot.health.canary import Canary
from bot.health.heartbeat import Heartbeat
from bot.health.report import instance_of
from bot.health.systemd import Systemd
from bot.health.watch import HealthWatch, Looks, Pace, Polls
from bot.matching import MatchingThread
from bot.net import GuardedSession
from bot.pulse import Pulse
from bot.reload import Act
from bot.storage.database import Database, sqlite_file
from bot.ticker import Ticker
from bot.web.pages import Dashboard
from bot.web.server import WebServer
from bot.worker import Worker

log = structlog.get_logger(__name__)

LOOK_TICK_S = 5.0
CANARY_TICK_S = 60.0
MOST_FILES = 16_384


@dataclass(frozen=True, slots=True)
class Watched:
    """The parts that are looked at."""

    current: Current
    database: Database
    clock: Clock
    pulse: Pulse
    matching: MatchingThread
    poller: Polls
    editor: Looks
    pace: Pace
    session: GuardedSession
    acts: list[Act]
    only: int | None


@dataclass(frozen=True, slots=True)
class Operation:
    """What looks at them."""

    health: HealthWatch
    canary: Canary
    heartbeat: Heartbeat | None
    beats_every_s: float

    def tick_by(self, ticker: Ticker) -> None:
        """Have the ticks of it made."""
        ticker.every(LOOK_TICK_S, "health", self.health.look)
        ticker.every(CANARY_TICK_S, "canary", self._fly)
        if self.heartbeat is not None:
            ticker.every(self.beats_every_s, "heartbeat", self._beat)

    async def _fly(self) -> None:
        await self.canary.fly_if_due()
        self.health.canary_failed = self.canary.lost_at

    async def _beat(self) -> None:
        if self.heartbeat is not None:
            await self.heartbeat.beat(self.health.verdict.state)


@asynccontextmanager
async def operating(watched: Watched) -> AsyncIterator[Operation]:
    """Look at the parts until the body ends.

    Raises:
        UsageError: the address of `web.listen`, which the settings name, cannot be listened on.
    """
    settings, database, clock = watched.current.settings, watched.database, watched.clock
    health = HealthWatch(
        database,
        clock,
        watched.pulse,
        Systemd(os.environ),
        polls=watched.poller,
        looks=watched.editor,
        pace=watched.pace,
        only=watched.only,
        file=sqlite_file(settings.storage.url),
        instance=instance_of(settings.storage.url),
        version=__version__,
    )
    async with AsyncExitStack() as stack:
        if settings.web.listen is not None:
            dashboard = Dashboard(database, clock, watched.matching, health, settings)
            watched.acts.append(dashboard.reconfigure)
            server = WebServer(settings.web, health, watched.pulse, dashboard, version=__version__)
            await _start(server, settings, health)
            stack.push_async_callback(server.stop)
        worker = Worker()  # its own: the canary's day is a bad one when the feeds' worker is the trouble
        stack.push_async_callback(worker.close)
        url = settings.heartbeat.url
        yield Operation(
            health=health,
            canary=Canary(database, watched.matching, worker, clock, settings),
            heartbeat=Heartbeat(watched.session, url) if url else None,
            beats_every_s=settings.heartbeat.every.total_seconds(),
        )


async def _start(server: WebServer, settings: Settings, health: HealthWatch) -> None:
    """An address that nobody chose must not keep the alerts from going out; one that somebody chose is a mistake."""
    try:
        await server.start()
    except UsageError as error:
        if "listen" in settings.web.model_fields_set:
            raise
        health.web_unbound = settings.web.listen
        log.warning("there is no dashboard", error=str(error))


def allow_many_connections() -> None:
    """As many open files as the system lets us have: thousands of hosts are thousands of connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # some systems say unlimited and refuse it
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, MOST_FILES)), hard))
