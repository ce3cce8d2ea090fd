"""`python -m benchmarks.idle`: starts the daemon twice, watches it while nothing happens, and prints a table."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import click

from benchmarks.idle.installation import Installation
from benchmarks.idle.telegram import silent_telegram
from benchmarks.tables import NOTHING, Table, machine, most

READY_S = most(3.0)
RESIDENT_MIB = most(150.0)
CORE_PERCENT = most(1.0)


@click.command()
@click.option("--feeds", default=100, show_default=True, type=click.IntRange(min=1))
@click.option("--names", default=100, show_default=True, type=click.IntRange(1, 500))
@click.option("--settle", "settle_s", default=90.0, show_default=True, help="Seconds left to the first polls.")
@click.option("--minutes", default=10.0, show_default=True, help="How long it is watched after that.")
def main(feeds: int, names: int, settle_s: float, minutes: float) -> None:
    """How soon the daemon is ready, and what its main process takes while feeds have nothing new and nobody writes."""
    table = asyncio.run(_measure(feeds, names, settle_s, minutes * 60))
    click.echo(table.for_terminal())


async def _measure(feeds: int, names: int, settle_s: float, watched_s: float) -> Table:
    with TemporaryDirectory(prefix="bench-idle-") as folder:
        async with _publisher() as origins, silent_telegram() as base_url:
            urls = [f"{origins[number % len(origins)]}/{number}.xml" for number in range(feeds)]
            installation = Installation(Path(folder), base_url, urls, names)
            async with installation.running() as (pid, first_s):
                await asyncio.sleep(settle_s)
                used_s, resident = await _watch(pid, watched_s)
            async with installation.running() as (pid, again_s):
                computed_s = _cpu_s(pid)
    rows = [
        ["first start to ready, s", READY_S.shown(first_s, ".2f"), str(READY_S)],
        ["start to ready with a day's articles stored, s", READY_S.shown(again_s, ".2f"), str(READY_S)],
        ["… of which computing, s", f"{computed_s:.2f}", NOTHING],
        ["main process, highest resident MiB", RESIDENT_MIB.shown(resident, ".1f"), str(RESIDENT_MIB)],
        ["main process, % of one core", CORE_PERCENT.shown(100 * used_s / watched_s, ".2f"), str(CORE_PERCENT)],
    ]
    title = f"Idle with {feeds} feeds and {names} names, watched for {watched_s / 60:g} minutes. {machine()}"
    return Table(title, ["", "measured", "goal"], rows)


async def _watch(pid: int, for_s: float) -> tuple[float, float]:
    """Seconds of processor that the process used, and the most memory it held (MiB), looked at every second."""
    before, until, highest = _cpu_s(pid), monotonic() + for_s, 0.0
    while monotonic() < until:
        highest = max(highest, _resident_mib(pid))
        await asyncio.sleep(1.0)
    return _cpu_s(pid) - before, highest


def _cpu_s(pid: int) -> float:
    """User and system time of all its threads; its children are not in it."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@asynccontextmanager
async def _publisher() -> AsyncIterator[list[str]]:
    """Feeds in which nothing is new, at these origins."""
    pipe = asyncio.subprocess.PIPE
    arguments = (sys.executable, "-m", "benchmarks.polling.publisher")
    process = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the publisher has no pipes")
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    main()
