"""Ticks come at their time: one that runs is not started twice, one that hangs is broken off, one that fails returns."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from bot.logs import configure
from bot.pulse import Pulse
from bot.storage.database import Database
from bot.ticker import Ticker
from tests.faketime import StandingClock


async def test_a_tick_that_still_runs_swallows_the_next_ones() -> None:
    started: list[int] = []
    go_on, other = asyncio.Event(), asyncio.Event()
    beats = 0

    async def slow() -> None:
        started.append(1)
        await go_on.wait()

    async def beat() -> None:
        nonlocal beats
        beats += 1
        if beats == 5:
            other.set()

    ticker = Ticker()
    ticker.every(0.01, "slow", slow)
    ticker.every(0.01, "beat", beat)
    ticker.start()
    await other.wait()
    assert len(started) == 1
    go_on.set()
    ticker.stop()


async def test_a_tick_that_hangs_is_broken_off_and_comes_again() -> None:
    twice = asyncio.Event()
    started: list[int] = []

    async def hanging() -> None:
        started.append(1)
        if len(started) == 2:
            twice.set()
        await asyncio.Event().wait()

    ticker = Ticker(longest_s=0.05)
    ticker.every(0.01, "hanging", hanging)
    ticker.start()
    await twice.wait()
    ticker.stop()


async def test_a_tick_that_is_broken_off_by_the_end_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    ticker = Ticker()
    ticker.every(0.01, "long", long)
    ticker.start()
    await begun.wait()
    ticker.stop()
    await ended.wait()
    await asyncio.sleep(0)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_tick_that_runs_at_the_end_may_end_and_none_begins() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    ended: list[int] = []

    async def writing() -> None:
        begun.set()
        await go_on.wait()
        ended.append(1)

    ticker = Ticker()
    ticker.every(0.01, "writing", writing)
    ticker.start()
    await begun.wait()
    resting = asyncio.create_task(ticker.rest(5))
    await asyncio.sleep(0)
    assert not resting.done()
    go_on.set()
    await resting
    ticker.stop()
    assert ended == [1]


async def test_a_tick_that_does_not_end_is_not_waited_for_long() -> None:
    begun = asyncio.Event()

    async def hanging() -> None:
        begun.set()
        await asyncio.Event().wait()

    ticker = Ticker()
    ticker.every(0.01, "hanging", hanging)
    ticker.start()
    await begun.wait()
    await ticker.rest(0.02)
    ticker.stop()


async def test_a_tick_that_fails_comes_again() -> None:
    twice = asyncio.Event()
    started: list[int] = []

    async def failing() -> None:
        started.append(1)
        if len(started) == 2:
            twice.set()
        raise ZeroDivisionError

    ticker = Ticker()
    ticker.every(0.01, "failing", failing)
    ticker.start()
    await twice.wait()
    ticker.stop()


async def test_a_fault_is_logged_once_however_often_the_tick_fails(caplog: pytest.LogCaptureFixture) -> None:
    """In our words and in one line with the tick's name; APScheduler would tell it each time."""
    configure("INFO")
    said = iter(["disk", "disk", "disk", None, "disk", "network", "network"])
    ended = asyncio.Event()

    async def failing() -> None:
        try:
            fault = next(said)
        except StopIteration:
            ended.set()
            return
        if fault:
            raise ValueError(fault)

    ticker = Ticker()
    ticker.every(0.005, "failing", failing)
    ticker.start()
    await ended.wait()
    ticker.stop()
    told = [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
    assert {record.name for record in told} == {"bot.ticker"}
    assert len(told) == 3


async def test_a_tick_that_the_database_refuses_comes_to_an_end(sqlite: Database) -> None:
    """Else a full disk would look like a hanging tick, for which systemd's watchdog restarts us."""
    clock = StandingClock()
    pulse = Pulse(clock)
    failed = asyncio.Event()

    async def writing() -> None:
        if pulse.ticks["writing"].failing_since is not None:
            failed.set()
        async with sqlite.read() as connection:
            await connection.execute(text("SELECT * FROM nowhere"))

    ticker = Ticker(pulse=pulse)
    ticker.every(0.005, "writing", writing)
    clock.advance(100)
    ticker.start()
    await failed.wait()
    await ticker.rest(5)
    ticker.stop()
    assert pulse.ticks["writing"].ended_at == 100.0
    assert "no such table" in pulse.ticks["writing"].error


async def test_the_pulse_hears_how_ticks_end_but_not_of_one_that_hung() -> None:
    clock = StandingClock()
    pulse = Pulse(clock)
    ticker = Ticker(longest_s=0.01, pulse=pulse)
    broken_off, failed = asyncio.Event(), asyncio.Event()
    hung = 0

    async def hang() -> None:
        nonlocal hung
        hung += 1
        if hung == 2:
            broken_off.set()
        await asyncio.Event().wait()

    async def fail() -> None:
        if pulse.ticks["fail"].failing_since is not None:
            failed.set()
        raise OSError("no space left on device")

    async def end() -> None:
        return

    for name, tick in (("hang", hang), ("fail", fail), ("end", end)):
        ticker.every(0.005, name, tick)
    clock.advance(100)
    ticker.start()
    await broken_off.wait()
    await failed.wait()
    ticker.stop()
    assert (pulse.ticks["hang"].ended_at, pulse.ticks["hang"].failing_since) == (0.0, None)
    assert (pulse.ticks["fail"].ended_at, pulse.ticks["fail"].error) == (100.0, "no space left on device")
    assert (pulse.ticks["end"].ended_at, pulse.ticks["end"].failing_since) == (100.0, None)
