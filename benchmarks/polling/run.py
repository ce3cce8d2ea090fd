"""Starts the publisher, and one side of the trial after the other, each as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median

from benchmarks.polling.publisher import ITEMS
from benchmarks.polling.trial import CHANGED, Lap

OURS, THEIRS = "guetteur", "reader"
PROGRAMS = {OURS: "benchmarks.polling.ours", THEIRS: "benchmarks.polling.theirs"}


@dataclass(frozen=True, slots=True)
class Result:
    """What one side's cycles cost at one number of feeds."""

    side: str
    feeds: int
    laps: tuple[Lap, ...]

    def median_of(self, cycle: str, figure: str) -> float:
        """Over the rounds of the cycle; `figure` is a field of `Lap`."""
        return float(median(getattr(lap, figure) for lap in self.laps if lap.cycle == cycle))

    @property
    def peak_mib(self) -> float:
        return max(lap.peak_mib for lap in self.laps)

    @property
    def longest_hold_ms(self) -> float | None:
        return max((lap.longest_hold_ms for lap in self.laps if lap.longest_hold_ms is not None), default=None)


def is_installed(side: str) -> bool:
    return side == OURS or find_spec(side) is not None


@contextmanager
def publisher() -> Iterator[list[str]]:
    """The origins of a publisher that runs until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.polling.publisher"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None  # noqa: S101 - both were asked for
        assert process.stdout is not None  # noqa: S101
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()  # that is how it knows its end


def measured(side: str, origins: list[str], feeds: int, rounds: int) -> Result:
    """Send one side through all cycles.

    Raises:
        SystemExit: it broke off, or has not kept every item that was published.
    """
    arguments = [json.dumps(origins), str(feeds), str(rounds)]
    command = [sys.executable, "-m", PROGRAMS[side], *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        raise SystemExit(f"{side} broke off; what it said stands above")
    told = json.loads(done.stdout.splitlines()[-1])
    laps = tuple(Lap(**lap) for lap in told["laps"])
    published = feeds * ITEMS + sum(lap.changed for lap in laps if lap.cycle == CHANGED)
    if told["articles"] != published:
        raise SystemExit(f"{side} keeps {told['articles']:,} items of {published:,} that were published")
    return Result(side, feeds, laps)
