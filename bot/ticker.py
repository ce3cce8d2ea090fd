"""APScheduler, wrapped and typed: it ticks, and that is all. What is due stands in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import OperationalError

from bot.logs import redacted
from bot.pulse import Pulse

log = structlog.get_logger(__name__)

LONGEST_TICK_S = 120.0
"""Ticks end within seconds. One that hangs is broken off, for nothing of its kind would happen again."""


class Ticker:
    """Calls coroutines at intervals. A tick that is still running when the next is due swallows that one."""

    def __init__(self, *, longest_s: float = LONGEST_TICK_S, pulse: Pulse | None = None) -> None:
        """`pulse` hears how every tick ended."""
        self._longest_s = longest_s
        self._pulse = pulse
        self._running: dict[str, asyncio.Task[object] | None] = {}
        self._faults: dict[str, str] = {}
        """What the last run of a tick ended with, until one ends well."""
        self._stopped = False
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            # By default a tick that comes a second late is dropped with a warning: ours may always come late. Two
            # instances, because we notice by ourselves that one is running; APScheduler would warn each time.
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
        )

    def every(self, seconds: float, name: str, tick: Callable[[], Awaitable[object]]) -> None:
        async def bounded() -> None:
            if name in self._running:
                return
            self._running[name] = asyncio.current_task()
            try:
                async with asyncio.timeout(self._longest_s):
                    await tick()
                self._ended(name)
            except asyncio.CancelledError:
                if not self._stopped:
                    raise
                # APScheduler breaks off what runs when it stops, and would log that as an error.
            except OperationalError as error:  # the database says so itself, once; the next tick tries again
                self._ended(name, error)
                log.debug("a tick has to wait for the database", tick=name, error=str(error.orig))
            except TimeoutError:
                log.exception("a tick hung and was broken off", tick=name, after_s=self._longest_s)
            except Exception as error:
                self._ended(name, error)
                if self._faults.get(name) != repr(error):  # a tick a second is not to fill the log with one fault
                    log.exception("a tick failed; it is repeated", tick=name)
                self._faults[name] = repr(error)
            else:
                self._faults.pop(name, None)
            finally:
                self._running.pop(name, None)

        if self._pulse:
            self._pulse.expect_tick(name, seconds)
        self._scheduler.add_job(bounded, "interval", seconds=seconds, id=name, name=name)

    def _ended(self, name: str, error: Exception | None = None) -> None:
        if self._pulse is None:
            return
        if error is None:
            self._pulse.ticked(name)
        else:
            said = str(error).strip().partition("\n")[0]
            self._pulse.tick_failed(name, redacted(said or type(error).__name__))

    def start(self) -> None:
        self._scheduler.start()

    async def rest(self, within_s: float) -> None:
        """Begin no tick any more, and let those that run come to their end, for so long.

        One that is broken off in the midst of writing would leave the database locked for what has to be written yet.
        """
        self._scheduler.pause()
        if running := [task for task in self._running.values() if task is not None]:
            await asyncio.wait(running, timeout=within_s)

    def stop(self) -> None:
        self._stopped = True
        self._scheduler.shutdown(wait=False)
