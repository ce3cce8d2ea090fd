"""What one article costs with a window of thousands: read it, find its story, remember it, forget old ones.

CPU time, in a process of its own. The articles are made one by one, so that what the process holds is the window.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from statistics import median

from benchmarks.matching.measure import resident_mb, stopwatch
from benchmarks.stories import corpus
from benchmarks.stories.quality import WINDOW
from bot.stories.features import facts_of
from bot.stories.group import Grouping

ASKED = 300
"""So many articles are timed."""

Told = tuple[str, str, str, datetime]
"""Title, text, language, publication."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds an article; MB of a million bytes."""

    median_ms: float
    slowest_ms: float
    """Of a hundred, the second slowest."""
    window_mb: float
    fill_s: float


def stream(number: int, seed: int = 5) -> Iterator[Told]:
    """So many articles within the window: real ones, each with sentences and a headline of two of one language."""
    chance = random.Random(seed)
    by_language: defaultdict[str, list[corpus.Document]] = defaultdict(list)
    for document in corpus.documents():
        by_language[document.language].append(document)
    start = corpus.documents()[0].published
    for at in range(number):
        document = chance.choice(corpus.documents())
        other = chance.choice(by_language[document.language])
        middle = len(document.text) // 2, len(other.text) // 2
        title = document.title if chance.random() < 0.5 else f"{document.title.split(':')[0]} {other.title[:40]}"
        text = document.text[: middle[0]] + " " + other.text[middle[1] :]
        yield title, text, document.language, start + WINDOW * (at / number)


def cost(size: int, asked: int = ASKED) -> Cost:
    """Of articles that come when the window holds `size`."""
    for each in corpus.documents():  # what is remembered of single words is not the window's
        facts_of(each.title, each.text, each.language, each.published)
    grouping, articles = Grouping(WINDOW), enumerate(stream(size + asked))
    before = resident_mb()
    with stopwatch() as filling:
        for at, told in islice(articles, size):
            _take(grouping, at, told)
    held = resident_mb() - before
    times = sorted(_timed(grouping, at, told) for at, told in articles)
    return Cost(median(times), times[-max(2, asked // 50)], held, filling.seconds)


def _timed(grouping: Grouping, at: int, told: Told) -> float:
    with stopwatch() as watch:
        grouping.slide(told[3] + timedelta(minutes=1))
        _take(grouping, at, told)
    return watch.seconds * 1000


def _take(grouping: Grouping, at: int, told: Told) -> None:
    title, text, language, published = told
    facts = facts_of(title, text, language, published)
    story = grouping.assign(facts).story_id
    grouping.keep(at, at if story is None else story, title, facts)
