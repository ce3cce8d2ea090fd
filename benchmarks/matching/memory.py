"""What a watchlist costs: time until the first text can be read, memory, and a name that comes or goes."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from benchmarks.matching import corpus
from benchmarks.matching.measure import Stopwatch, resident_mb, stopwatch
from benchmarks.matching.methods import METHODS

SENTENCE = "Hier encore, {name} a parlé devant la presse."
CHANGES = 50
READ_FIRST = 200
"""Articles; a matcher that has read nothing has nothing to forget when a name comes."""


@dataclass(frozen=True, slots=True)
class Setup:
    """From the names in memory to the first sentence read, the tables and libraries it takes included."""

    seconds: float
    added_mb: float


@dataclass(frozen=True, slots=True)
class Change:
    """Names added to a watchlist in use, or removed: to the end of the first sentence read with the new watchlist."""

    median_ms: float
    worst_ms: float
    right: int
    """How many of `CHANGES` were then found, or no longer found."""


def setup(method_at: int, size: int) -> Setup:
    """To be run in a fresh process."""
    names = corpus.watched_names(size)
    before = resident_mb()
    with stopwatch() as watch:
        find = METHODS[method_at].prepare(names)
        find(SENTENCE.format(name=names[0].entity.name), "fr")
    return Setup(watch.seconds, resident_mb() - before)


def changes(size: int) -> tuple[Change, Change]:
    """The next names of the corpus added to a watchlist of `size`, then removed. To be run in a fresh process."""
    from bot.matching.index import matcher_of

    matcher = matcher_of(corpus.watched_names(size))
    for article in corpus.articles()[:READ_FIRST]:
        matcher.find("", article.text, article.language)
    added, removed = [], []
    present = gone = 0
    others = corpus.watched_names(size + CHANGES)[size:]
    for name in others:
        with stopwatch() as watch:
            matcher.add(name)
            found = matcher.find("", SENTENCE.format(name=name.entity.name), "fr")
        added.append(watch)
        present += name.id in {match.name_id for match in found}
    for name in others:
        with stopwatch() as watch:
            matcher.remove(name.scope, name.id)
            found = matcher.find("", SENTENCE.format(name=name.entity.name), "fr")
        removed.append(watch)
        gone += name.id not in {match.name_id for match in found}
    return _change(added, present), _change(removed, gone)


def _change(watches: list[Stopwatch], right: int) -> Change:
    times = [watch.seconds * 1000 for watch in watches]
    return Change(statistics.median(times), max(times), right)
