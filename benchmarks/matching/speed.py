"""How fast: articles a second, one thread. The methods take turns, so that a slow minute meets them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.matching import corpus
from benchmarks.matching.measure import Rate, in_fresh_process, median, rate_of
from benchmarks.matching.methods import METHODS, Method

Say = Callable[[str], None]

ONCE = ""
UNSEEN = "unseen articles after others"
AGAIN = "second pass over them"


class Row(NamedTuple):
    method: Method
    reading: str


def speeds(sizes: list[int], read_first: int, rounds: int, budget_s: float, say: Say) -> dict[Row, dict[int, Rate]]:
    """For each way of reading and each number of names the median over the rounds."""
    found: dict[tuple[Row, int], list[Rate]] = defaultdict(list)
    for size in sizes:
        for number in range(1, rounds + 1):
            for at, method in enumerate(METHODS):
                if method.installed and method.takes(size):
                    say(f"speed: {size:,} names, round {number}, {method.name}")
                    rates = in_fresh_process(_read, at, size, read_first, budget_s / rounds)
                    for reading, rate in rates.items():
                        found[Row(method, reading), size].append(rate)
    rows = {row for row, _ in found}
    return {row: {size: median(found[row, size]) for size in sizes if (row, size) in found} for row in rows}


def _read(method_at: int, size: int, read_first: int, budget_s: float) -> dict[str, Rate]:
    method = METHODS[method_at]
    find = method.prepare(corpus.watched_names(size))
    articles = corpus.articles()
    if not method.remembers:
        return {ONCE: rate_of(find, articles[read_first:], budget_s)}
    for article in articles[:read_first]:
        find(article.text, article.language)
    unseen = rate_of(find, articles[read_first:], budget_s)
    return {UNSEEN: unseen, AGAIN: rate_of(find, articles[read_first : read_first + unseen.texts], budget_s)}
