"""Looks at the running parts every few seconds and keeps the verdict; tells systemd, and the log when it changes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.health.judge import Facts, State, TickFacts, Verdict, Work, hangs, is_ready, judge
from bot.health.report import Report
from bot.health.systemd import Systemd
from bot.logs import redacted
from bot.pulse import Pulse
from bot.storage.database import Database
from bot.storage.vitals import Counts, Oldest, count_all, oldest_waiting

log = structlog.get_logger(__name__)


COUNTS_KEPT_S = 10.0
"""Counting takes a moment: many who ask at once get one answer."""


class Polls(Protocol):
    """Of the poller."""

    @property
    def is_blind(self) -> bool: ...


class Looks(Protocol):
    """Of the editor."""

    @property
    def broken(self) -> set[int]: ...


class Pace(Protocol):
    """Of the limits."""

    def held(self) -> bool: ...
    def waiting_chats(self) -> Sequence[int]: ...


@dataclass(slots=True)
class Since:
    """Since when something has been waiting without a break, as far as we looked; seconds of the monotonic clock."""

    feed: float | None = None
    article: float | None = None
    delivery: float | None = None


class HealthWatch:
    """One for the daemon. `verdict` is what the last look said."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        pulse: Pulse,
        systemd: Systemd,
        *,
        polls: Polls,
        looks: Looks,
        pace: Pace,
        only: int | None,
        file: Path | None,
        instance: str = "",
        version: str = "",
    ) -> None:
        """`only`: the console's chat, where this run talks to no Telegram; `file`: the database's, for its disk."""
        self._instance, self._version = instance, version
        self._counted: tuple[float, Counts] | None = None
        self._database = database
        self._clock = clock
        self._pulse = pulse
        self._systemd = systemd
        self._polls, self._looks, self._pace = polls, looks, pace
        self._only = only
        self._file = file
        self._since = Since()
        self._said_ready = False
        self.verdict = Verdict(State.OK)
        self.changed_at: datetime = clock.now()
        """When the state became what it is."""
        self.ready = False
        self.canary_failed: str | None = None
        self.web_unbound: str | None = None

    async def look(self) -> None:
        """A tick: gather the facts, judge, tell."""
        facts = await self.facts()
        verdict = judge(facts)
        before = {each.code for each in self.verdict.troubles}
        if verdict.state is not self.verdict.state:
            self.changed_at = self._clock.now()
        if verdict.state is not self.verdict.state or {each.code for each in verdict.troubles} - before:
            write = {State.OK: log.info, State.DEGRADED: log.warning, State.FAILING: log.error}[verdict.state]
            write("health", state=verdict.state.value, troubles=[each.words for each in verdict.troubles])
        self.verdict = verdict
        self.ready = is_ready(facts)
        self._tell_systemd(facts)

    async def facts(self) -> Facts:
        """As they are now."""
        oldest, error = await self._waiting()
        now, pulse = self._clock.monotonic(), self._pulse
        heard = pulse.began if pulse.telegram_heard_at is None else pulse.telegram_heard_at
        return Facts(
            feeds=Work(self._waits("feed", oldest.feed, now), now - pulse.polled_at),
            articles=Work(self._waits("article", oldest.article, now), now - pulse.looked_at_at),
            deliveries=Work(self._waits("delivery", oldest.delivery, now), now - pulse.settled_at),
            ticks={
                name: TickFacts(
                    now - tick.ended_at - tick.every_s,
                    None if tick.failing_since is None else now - tick.failing_since,
                    tick.error,
                )
                for name, tick in pulse.ticks.items()
            },
            database_error=error,
            network_down=self._polls.is_blind,
            telegram_silent_s=now - heard if self._only is None else None,
            telegram_holds=self._pace.held(),
            broken_articles=len(self._looks.broken),
            disk_free_bytes=_free_bytes(self._file),
            canary_failed=self.canary_failed,
            web_unbound=self.web_unbound,
        )

    async def report(self) -> Report:
        """All that is told of the daemon."""
        now = self._clock.monotonic()
        if self._counted is None or now - self._counted[0] >= COUNTS_KEPT_S:
            async with self._database.read() as connection:
                self._counted = now, await count_all(connection)
        return Report(
            source="daemon",
            instance=self._instance,
            version=self._version,
            verdict=self.verdict,
            since=self.changed_at,
            ready=self.ready,
            counts=self._counted[1],
        )

    def stopping(self) -> None:
        """From now on nothing new is begun."""
        self.ready = False
        self._systemd.say("STOPPING=1", "STATUS=stopping")

    async def _waiting(self) -> tuple[Oldest, str | None]:
        try:
            async with self._database.read() as connection:
                oldest = await oldest_waiting(
                    connection,
                    self._clock.now(),
                    broken=self._looks.broken,
                    waiting_chats=self._pace.waiting_chats(),
                    only=self._only,
                )
        except (SQLAlchemyError, OSError) as error:
            cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            return Oldest(), redacted(cause or type(error).__name__)
        return oldest, self._database.trouble and redacted(self._database.trouble)  # it reads, but takes nothing

    def _waits(self, kind: str, oldest: datetime | None, now: float) -> float | None:
        """For how long we have seen something wait.

        Not by the row's own time: the machine may have slept, and an old article is new again once it was edited.
        """
        since: float | None = getattr(self._since, kind)
        since = None if oldest is None else now if since is None else since
        setattr(self._since, kind, since)
        return None if since is None else now - since

    def _tell_systemd(self, facts: Facts) -> None:
        state = self.verdict.state
        said = [f"STATUS={state}" + "".join(f"; {each.words}" for each in self.verdict.troubles)]
        if self.ready and not self._said_ready:
            said.append("READY=1")
            self._said_ready = True
        # A tick that hangs is what a restart mends; a full disk or a silent Telegram is not.
        if not hangs(facts):
            said.append("WATCHDOG=1")
        self._systemd.say(*said)


def _free_bytes(file: Path | None) -> int | None:
    if file is None:
        return None
    try:
        return shutil.disk_usage(file.parent).free
    except OSError:
        return None
