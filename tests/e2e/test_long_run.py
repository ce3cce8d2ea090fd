"""The whole program, for as long as one likes, while everything that can go wrong does: a minute here, `make soak` more.

`GUETTEUR_SOAK_MINUTES` says for how long the large one runs. Each prints its figures (`pytest -rP`, or -s).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import pytest

from tests.e2e.long_run import ADMIN, LongRun, Look, Size, long_run

MINUTES = float(os.environ.get("GUETTEUR_SOAK_MINUTES", "10"))
SEED = int(os.environ.get("GUETTEUR_SOAK_SEED", "1"))
SMALL = Size(
    feeds=50, names=50, lists=5, chats=10, hosts=10, interval_s=2, news_every_s=0.7,
    quiet_s=0.5, ails_s=5, drop_s=3, settles_s=3,
)  # fmt: skip
NEWS_EVERY_S = max(2.0, (MINUTES + 10) * 60 / 1000)
"""So that no name comes twice: a day that has begun is lived to its end, and may last eight minutes more."""
LARGE = Size(
    feeds=1000, names=1000, lists=20, chats=200, hosts=50, interval_s=40, news_every_s=NEWS_EVERY_S,
    quiet_s=20, ails_s=130, drop_s=110, settles_s=75,
)  # fmt: skip
TELEGRAM_OUT_S = 200.0
UNTIL_LATE_S = 900.0
"""What was on its way when Telegram went may be tried again only so much later."""
EDIT_COUNTS_S = 5.0
MOST_GROWTH = 0.05
BACK_WITHIN_S = 70.0
"""After a long outage Telegram is asked once a minute, and health is looked at each five seconds."""
OUTAGES = {"out", "Telegram out"}
USUAL = ("Fichiers relus", "Les fichiers sont de nouveau en ordre", "Mon réseau était coupé", "Aucun site ne me répond")


@pytest.mark.timeout(150)
async def test_a_minute_with_every_trouble(tmp_path: Path) -> None:
    async with long_run(tmp_path, SMALL, SEED) as run, told_at_the_end(run):
        async with run.lived():
            await run.day()
        await run.settled(within_s=60)
        assert await run.daemon.stop() == 0
        must_hold(run)


@pytest.mark.soak
@pytest.mark.timeout((MINUTES + 40) * 60)
async def test_a_long_time_with_every_trouble_again_and_again(tmp_path: Path) -> None:
    until = time.monotonic() + MINUTES * 60
    async with long_run(tmp_path, LARGE, SEED) as run, told_at_the_end(run):
        async with run.lived():
            await run.day()
            if MINUTES >= 20:
                await run.telegram_is_out(TELEGRAM_OUT_S)
            while time.monotonic() < until:
                await run.day()
        await run.settled(within_s=UNTIL_LATE_S)
        assert await run.daemon.stop() == 0
        must_hold(run)
        assert max(run.edits_s) <= EDIT_COUNTS_S
        assert growth([each.main_mib for each in run.weights]) <= MOST_GROWTH
        assert growth([each.all_mib for each in run.weights]) <= MOST_GROWTH


@asynccontextmanager
async def told_at_the_end(run: LongRun) -> AsyncIterator[None]:
    """Its figures, whatever became of it."""
    try:
        yield
    finally:
        print("\n".join(figures(run)))  # noqa: T201  what a soak is for


def must_hold(run: LongRun) -> None:
    """What is promised, however long it takes."""
    assert run.ledger.missing == [], "no alert is lost"
    assert run.ledger.astray == []
    repeats = run.ledger.repeats
    assert len(repeats) <= 4 * run.drops, "nothing is doubled but what was on its way when Telegram went"
    assert run.readers.violations == []
    assert [line for line in run.daemon.lines if "[error" in line or "Traceback" in line] == []
    assert wrong_looks(run) == []
    told = run.readers.lines_to(ADMIN)
    for fault in run.faults:
        times = sum(fault.sign in line for line in told)
        assert times <= 1, f"“{fault.sign}” was told {times} times"
        assert times or not fault.surely, f"“{fault.sign}” was not told"
    signs = (*USUAL, *(fault.sign for fault in run.faults))
    assert [line for line in told if not any(sign in line for sign in signs)] == []


def wrong_looks(run: LongRun) -> list[Look]:
    """Looks at a health that is not what it should be at that stage."""
    return [look for look in run.looks if look.state not in expected(look)]


def expected(look: Look) -> set[str]:
    if look.stage == "out":
        return {"degraded"} if look.into_s > 90 else {"ok", "degraded"}
    if look.stage == "Telegram out":
        return {"degraded"} if look.into_s > 165 else {"ok", "degraded"}
    return {"ok", "degraded"} if look.stage == "back" and look.into_s <= BACK_WITHIN_S else {"ok"}


def growth(held: Sequence[float]) -> float:
    """Over the last half: its first third beside its last third."""
    half = held[len(held) // 2 :]
    third = len(half) // 3
    return median(half[-third:]) / median(half[:third]) - 1


def figures(run: LongRun) -> Iterator[str]:
    size, lasted_s = run.size, run.weights[-1].at_s - run.weights[0].at_s
    yield f"seed {run.seed}: {size.feeds} feeds, {size.names} names, {size.chats} chats for {lasted_s:.0f} s"
    owed = sum(len(chats) for _, chats in run.ledger.owed.values())
    yield f"{len(run.ledger.owed)} news, told {len(run.readers.arrivals)} times of {owed}, the last after {run.settled_s:.0f} s"
    yield f"{run.drops} outages; repeats: {run.ledger.repeats}; missing: {run.ledger.missing}"
    yield f"health: {dict(Counter((look.stage, look.state) for look in run.looks))}; wrong: {wrong_looks(run)}"
    yield f"edits counted after at most {max(run.edits_s, default=0):.1f} s; notices: {len(run.readers.lines_to(ADMIN))}"
    yield "main (all) MiB: " + " ".join(
        f"{each.main_mib:.0f} ({each.all_mib:.0f})" for each in run.weights[:: max(1, len(run.weights) // 30)]
    )
    main, everything = ([each.main_mib for each in run.weights], [each.all_mib for each in run.weights])
    yield f"growth over the last half: main {growth(main):.1%}, all {growth(everything):.1%}"
