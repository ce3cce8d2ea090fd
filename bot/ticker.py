"""APScheduler, wrapped and typed: it ticks, and that is all. What is due stands in the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Ticker:
    """Calls coroutines at intervals. A tick that is still running when the next is due swallows that one."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            # By default a tick that comes a second late is dropped with a warning: ours may always come late.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def every(self, seconds: float, name: str, tick: Callable[[], Awaitable[object]]) -> None:
        self._scheduler.add_job(tick, "interval", seconds=seconds, id=name, name=name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
