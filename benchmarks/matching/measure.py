"""How time and memory are measured: CPU seconds of one thread, in a process of its own.

CPU time leaves out what else the machine does. A fresh process remembers nothing and holds nothing from the
measurement before.
"""

from __future__ import annotations

import gc
import resource
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import ParamSpec, TypeVar

from benchmarks.matching.corpus import Text
from benchmarks.matching.methods import Find

Given = ParamSpec("Given")
Result = TypeVar("Result")


def in_fresh_process(task: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """What the task returns, done by a new interpreter; the task is a function of a module."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(task, given, named)


@dataclass(slots=True)
class Stopwatch:
    """`seconds` is known once the block has ended."""

    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    start = process_time()
    yield watch
    watch.seconds = process_time() - start


@dataclass(frozen=True, slots=True)
class Rate:
    """`texts` read in `seconds` of CPU time."""

    texts: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.texts / self.seconds


def median(rates: Iterable[Rate]) -> Rate:
    """The lower one of the two in the middle: a rate that was measured."""
    ordered = sorted(rates, key=lambda rate: rate.per_second)
    return ordered[(len(ordered) - 1) // 2]


def rate_of(find: Find, texts: Iterable[Text], budget_s: float) -> Rate:
    """Reads on until the budget (wall-clock) is spent; at least one text."""
    read = 0
    deadline = perf_counter() + budget_s
    with stopwatch() as watch:
        for text in texts:
            find(text.text, text.language)
            read += 1
            if perf_counter() > deadline:
                break
    return Rate(read, watch.seconds)


def resident_mb() -> float:
    """Memory of this process, in MB of a million bytes, after what is rubbish has been collected.

    Where the system does not tell (it is not Linux), the most that it ever was.
    """
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS
    return pages * resource.getpagesize() / 1e6
