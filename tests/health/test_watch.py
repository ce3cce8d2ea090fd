"""The look at the running parts: what waits, what hangs, what systemd and the log are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from structlog.testing import capture_logs

from bot.health.judge import STUCK_S, TELEGRAM_SILENT_S, TICK_HANGS_S, State
from bot.health.systemd import Systemd
from bot.health.watch import HealthWatch
from bot.model import Feed
from bot.pulse import Pulse
from bot.storage.database import Database
from bot.storage.feeds import sync_feeds
from bot.storage.schema import feeds
from tests.faketime import StandingClock


@dataclass
class Parts:
    """Poller, editor and limits, as far as health looks at them."""

    is_blind: bool = False
    broken: set[int] = field(default_factory=set)
    holds: bool = False

    def held(self) -> bool:
        return self.holds

    def waiting_chats(self) -> Sequence[int]:
        return ()


class Heard(Systemd):
    def __init__(self) -> None:
        super().__init__({})
        self.lines: list[str] = []

    def say(self, *lines: str) -> None:
        self.lines += lines

    def take(self) -> list[str]:
        taken, self.lines = [line for line in self.lines if not line.startswith("STATUS")], []
        return taken


class Scene:
    def __init__(self, database: Database, *, only: int | None = None) -> None:
        self.database = database
        self.clock = StandingClock()
        self.pulse = Pulse(self.clock)
        self.parts, self.systemd = Parts(), Heard()
        self.watch = HealthWatch(
            database, self.clock, self.pulse, self.systemd,
            polls=self.parts, looks=self.parts, pace=self.parts, only=only, file=Path("nowhere/test.db"),
        )  # fmt: skip

    async def later(self, seconds: float) -> State:
        """Looked at every five seconds until then; the ticks go on."""
        for _ in range(round(seconds / 5)):
            self.clock.advance(5)
            self.pulse.ticked("poll")
            await self.watch.look()
        return self.watch.verdict.state

    async def a_feed_is_due(self) -> None:
        async with self.database.transaction() as tx:
            await sync_feeds(tx, [Feed("a", "https://a.example/")], {"a": self.clock.now()})

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.watch.verdict.troubles]


async def test_a_quiet_hour_is_well(database: Database) -> None:
    here = Scene(database, only=0)
    assert await here.later(3600) is State.OK


async def test_a_feed_that_nobody_polls_is_failing_and_a_poll_ends_that(database: Database) -> None:
    here = Scene(database, only=0)
    await here.a_feed_is_due()
    assert await here.later(STUCK_S - 60) is State.OK
    assert await here.later(120) is State.FAILING
    assert here.codes == ["polling-stuck"]
    here.pulse.polled("failed", 1.0)
    assert await here.later(5) is State.OK


async def test_feeds_wait_while_nobody_answers(database: Database) -> None:
    here = Scene(database, only=0)
    await here.a_feed_is_due()
    here.parts.is_blind = True
    assert await here.later(2 * STUCK_S) is State.DEGRADED
    assert here.codes == ["network"]


async def test_a_machine_that_slept_is_not_stuck(sqlite: Database) -> None:
    """The wall clock went on: everything is overdue at once, and not for long."""
    here = Scene(sqlite, only=0)
    await here.a_feed_is_due()
    async with sqlite.transaction() as tx:
        await tx.execute(update(feeds).values(next_poll_at=here.clock.now() - timedelta(days=2)))
    assert await here.later(60) is State.OK


async def test_telegram_is_out_until_it_answers_itself(sqlite: Database) -> None:
    here = Scene(sqlite)
    here.pulse.asked_telegram("ok")
    assert await here.later(TELEGRAM_SILENT_S - 10) is State.OK
    here.pulse.asked_telegram("network")
    here.pulse.asked_telegram("error")
    assert await here.later(20) is State.DEGRADED
    here.pulse.asked_telegram("refused")
    assert await here.later(5) is State.OK


async def test_a_database_that_does_not_answer_is_failing(sqlite: Database) -> None:
    here = Scene(sqlite, only=0)
    async with sqlite.transaction() as tx:
        await tx.exec_driver_sql("ALTER TABLE feeds RENAME TO elsewhere")
    assert await here.later(5) is State.FAILING
    assert here.codes == ["database"]
    assert not here.watch.ready
    async with sqlite.transaction() as tx:
        await tx.exec_driver_sql("ALTER TABLE elsewhere RENAME TO feeds")
    assert await here.later(5) is State.OK


async def test_a_database_that_takes_nothing_is_failing_though_it_can_be_read(sqlite: Database) -> None:
    here = Scene(sqlite, only=0)
    sqlite.trouble = "database or disk is full"
    assert await here.later(5) is State.FAILING
    assert here.watch.verdict.troubles[0].words == "the database does not work: database or disk is full"
    async with sqlite.transaction():
        pass
    assert await here.later(5) is State.OK


async def test_systemd_hears_once_that_we_are_ready_and_always_that_we_live(sqlite: Database) -> None:
    here = Scene(sqlite, only=0)
    await here.watch.look()
    assert here.systemd.take() == ["WATCHDOG=1"]  # nothing has begun yet
    await here.later(10)
    assert here.systemd.take() == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
    here.watch.stopping()
    assert here.systemd.take() == ["STOPPING=1"]
    assert not here.watch.ready


async def test_a_tick_that_hangs_is_not_covered_up(sqlite: Database) -> None:
    here = Scene(sqlite, only=0)
    here.pulse.expect_tick("edit")
    await here.later(TICK_HANGS_S - 5)
    here.systemd.take()
    assert await here.later(5) is State.FAILING
    assert here.systemd.take() == []
    here.pulse.tick_failed("edit", "the database is locked")
    assert await here.later(5) is State.OK  # it comes to an end at least
    assert here.systemd.take() == ["WATCHDOG=1"]


async def test_an_hourly_tick_is_not_missed_before_its_hour(sqlite: Database) -> None:
    here = Scene(sqlite, only=0)
    here.pulse.expect_tick("tidy", every_s=3600)
    assert await here.later(TICK_HANGS_S + 3000) is State.OK
    assert await here.later(3600 - 3000) is State.FAILING
    assert here.watch.verdict.troubles[0].words == "“tidy” has not come to an end for 180 s"
    here.pulse.ticked("tidy")
    assert await here.later(TICK_HANGS_S + 3000) is State.OK


async def test_a_change_is_logged_once(sqlite: Database) -> None:
    here = Scene(sqlite)
    with capture_logs() as said:
        await here.later(2 * TELEGRAM_SILENT_S)
        changed_at = here.watch.changed_at
        here.pulse.asked_telegram("ok")
        await here.later(20)
    assert [(line["log_level"], line["state"]) for line in said] == [("warning", "degraded"), ("info", "ok")]
    assert here.watch.changed_at > changed_at


@pytest.mark.parametrize("leased", [False, True])
async def test_a_feed_that_is_being_polled_does_not_wait(sqlite: Database, leased: bool) -> None:
    here = Scene(sqlite, only=0)
    async with sqlite.transaction() as tx:
        await tx.execute(
            insert(feeds).values(
                id="a", url_digest="0" * 32, title="", tags=[], active=True, state="ok", failures=0,
                next_poll_at=here.clock.now(),
                lease_until=here.clock.now() + timedelta(hours=9) if leased else None,
            )
        )  # fmt: skip
    facts = await here.watch.facts()
    assert (facts.feeds.waits_s is None) is leased
