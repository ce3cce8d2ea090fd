"""The benchmark of polling: its publisher, its clocks, its tables, and the whole of it as it is called."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import feedparser
import pytest

from benchmarks.polling.heartbeat import BEAT_S, heartbeat
from benchmarks.polling.measure import cost, descendants
from benchmarks.polling.parsing import Cost, Costs
from benchmarks.polling.publisher import CHANGED_EVERY, ITEMS, Publisher
from benchmarks.polling.report import parsing_table, polling_table
from benchmarks.polling.run import OURS, THEIRS, Result
from benchmarks.polling.trial import CHANGED, FIRST, UNCHANGED, Lap

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system keeps no /proc")


def result(side: str, cpu_ms: float, *, hold_ms: float | None = None) -> Result:
    laps = [Lap(cycle, 1.0, cpu_ms, 50.0, hold_ms) for cycle in (FIRST, UNCHANGED, CHANGED)]
    return Result(side, 100, tuple(laps))


def cells(*results: Result) -> dict[str, list[str]]:
    return {row[0].strip(): row[1:] for row in polling_table(results).rows}


def busy(seconds: float) -> None:
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


# --- The publisher -----------------------------------------------------------------------------------------------


def entries(publisher: Publisher, feed: int) -> list[str]:
    parsed = feedparser.parse(publisher.document(feed).encode())
    assert not parsed.bozo
    return [entry.id for entry in parsed.entries]


def test_a_change_adds_one_item_to_five_percent_of_the_feeds() -> None:
    publisher = Publisher(datetime.now(UTC))
    before = {feed: entries(publisher, feed) for feed in range(2 * CHANGED_EVERY)}
    assert publisher.change(2 * CHANGED_EVERY) == 2
    after = {feed: entries(publisher, feed) for feed in before}
    changed = [feed for feed in before if after[feed] != before[feed]]
    assert len(changed) == 2
    for feed in changed:
        assert len(after[feed]) == ITEMS
        assert after[feed][1:] == before[feed][:-1]
        assert after[feed][0] not in before[feed]


def test_no_two_feeds_share_an_item() -> None:
    publisher = Publisher(datetime.now(UTC))
    ids = [entry for feed in range(10) for entry in entries(publisher, feed)]
    assert len(set(ids)) == len(ids)


# --- The clocks --------------------------------------------------------------------------------------------------


@linux
def test_the_work_of_a_child_that_still_runs_is_counted() -> None:
    code = "import sys, time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\nsys.stdin.read()"
    with cost() as spent:
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in {process.pid for process in descendants(os.getpid())}
    child.communicate()
    assert spent.cpu_s >= 0.25
    assert spent.peak_mib > 1


async def test_the_heartbeat_tells_how_long_the_loop_was_held() -> None:
    async with heartbeat() as heart:
        await asyncio.sleep(0)  # it begins
        busy(0.08)
    assert heart.longest_hold_s >= 0.08 - BEAT_S


# --- The tables --------------------------------------------------------------------------------------------------


def test_cpu_is_held_against_the_goal_and_against_reader() -> None:
    shown = cells(result(OURS, 0.5, hold_ms=120.0), result(THEIRS, 1.4))
    assert shown[f"{UNCHANGED}: CPU ms a feed"] == ["≤ 1", "0.50", "1.40"]
    assert shown["times less than reader"] == ["≥ 3", "2.8 ✗", "–"]
    assert shown["longest hold of the event loop, ms"] == ["≤ 100", "120 ✗", "–"]


def test_without_reader_ours_stands_alone() -> None:
    table = polling_table([result(OURS, 1.5, hold_ms=1.0)])
    assert "make bench-polling" in table.note
    assert ["  times less than reader", "≥ 3", "–", "–"] in table.rows


def test_parsing_is_held_against_its_share_of_feedparsers_time() -> None:
    every = Cost(polls=10, items=400, fresh=200, feedparser_s=1.0, whole_s=0.8, ours_s=0.6)
    few = Cost(polls=4, items=160, fresh=4, feedparser_s=0.4, whole_s=0.3, ours_s=0.04)
    none = Cost(polls=0, items=0, fresh=0, feedparser_s=0.0, whole_s=0.0, ours_s=0.0)
    table = parsing_table(Costs(every, few, none, same=3))
    assert [row[5:7] for row in table.rows] == [["≤ 0.55", "0.600 ✗"], ["≤ 0.2", "0.100"]]


# --- The whole ---------------------------------------------------------------------------------------------------


def run(*arguments: str, corpus: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.polling", *arguments]
    environment = os.environ | {"GUETTEUR_CORPUS": str(corpus)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_without_real_feeds_parsing_is_left_out_and_says_so() -> None:
    done = run("--only", "parsing")
    assert done.returncode == 0
    assert "set GUETTEUR_CORPUS" in done.stderr


def test_real_polls_are_read_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "feeds" / "feeds_seq" / "phare"
    folder.mkdir(parents=True)
    publisher = Publisher(datetime.now(UTC))
    for number in range(CHANGED_EVERY + 1):  # feed 0 changes first, and then after all others
        publisher.change(1)
        (folder / f"{number:02}.xml").write_text(publisher.document(0), "utf-8")
    done = run("--only", "parsing", "--rounds", "1", corpus=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "every poll" in done.stdout


@linux
def test_one_command_polls_and_writes_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = run("--feeds", "20", "--rounds", "1", "--markdown", str(page))
    assert done.returncode == 0, done.stderr
    assert "nothing new: CPU ms a feed" in done.stdout
    assert "## Polling 20 feeds" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--feeds", "many"], "numbers with commas"),
        (["--feeds", "0"], "nothing to poll"),
        (["--only", "tea"], "there are only"),
    ],
)
def test_a_mistake_is_named(arguments: list[str], complaint: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
