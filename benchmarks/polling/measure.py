"""What a cycle of polls costs: CPU of the process and of all that it started, time on the clock, memory.

Reads /proc, so Linux only: nothing else tells the work of a child that still runs.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Cost:
    """Known once the block has ended. Seconds; MiB."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0
    """The most that the process itself, without its children, ever held up to then."""


@contextmanager
def cost() -> Iterator[Cost]:
    """What the block costs."""
    counted = Cost()
    wall, cpu = perf_counter(), cpu_seconds()
    yield counted
    counted.wall_s, counted.cpu_s = perf_counter() - wall, cpu_seconds() - cpu
    counted.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_seconds() -> float:
    """Of this process, of the children that have ended, and of those that run."""
    ended, own = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
    running = sum(process.cpu_s for process in descendants(os.getpid()))
    return ended.ru_utime + ended.ru_stime + own.ru_utime + own.ru_stime + running


class Process(NamedTuple):
    """A line of the system's table of processes."""

    pid: int
    parent: int
    cpu_s: float
    """Of its own, and of its children that have ended."""


def descendants(pid: int) -> list[Process]:
    """The processes that this one started and that run, and what those started."""
    table = [process for each in Path("/proc").glob("[0-9]*/stat") if (process := _read(each))]
    found: list[Process] = []
    above = {pid}
    while above:
        below = [process for process in table if process.parent in above]
        found += below
        above = {process.pid for process in below}
    return found


def _read(stat: Path) -> Process | None:
    try:
        # After the name, which stands in brackets and may hold anything: state, parent, …; utime is the 12th.
        fields = stat.read_text("utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return None
    return Process(int(stat.parent.name), int(fields[1]), sum(map(int, fields[11:15])) / TICKS_A_SECOND)
