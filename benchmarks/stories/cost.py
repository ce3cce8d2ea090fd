"""What one article costs with a window of thousands: read it, find its story, remember it, forget an old one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from benchmarks.stories import corpus
from benchmarks.stories.quality import WINDOW
from bot.stories.features import facts_of
from bot.stories.group import Grouping

ASKED = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds an article."""

    median_ms: float
    slowest_ms: float
    """Of a hundred, the second slowest."""


def stream(number: int, seed: int = 5) -> Iterator[tuple[str, str, str, datetime]]:
    """So many articles within the window: real ones, each with sentences and a headline of two of one language."""
    chance = random.Random(seed)
    by_language: dict[str, list[corpus.Document]] = {}
    for document in corpus.documents():
        by_language.setdefault(document.language, []).append(document)
    start = corpus.documents()[0].published
    for at in range(number):
        document = chance.choice(corpus.documents())
        other = chance.choice(by_language[document.language])
        middle = len(document.text) // 2, len(other.text) // 2
        title = document.title if chance.random() < 0.5 else f"{document.title.split(':')[0]} {other.title[:40]}"
        text = document.text[: middle[0]] + " " + other.text[middle[1] :]
        yield title, text, document.language, start + WINDOW * (at / number)


def cost(size: int) -> Cost:
    """Of articles that come when the window holds `size`."""
    grouping = Grouping(WINDOW)
    articles = list(stream(size + ASKED))
    for at, (title, text, language, published) in enumerate(articles[:size]):
        _take(grouping, at, title, text, language, published)
    times = []
    for at, (title, text, language, published) in enumerate(articles[size:], size):
        began = perf_counter()
        grouping.slide(published + timedelta(minutes=1))
        _take(grouping, at, title, text, language, published)
        times.append((perf_counter() - began) * 1000)
    times.sort()
    return Cost(times[len(times) // 2], times[-max(2, len(times) // 50)])


def _take(grouping: Grouping, at: int, title: str, text: str, language: str, published: datetime) -> None:
    facts = facts_of(title, text, language, published)
    story = grouping.assign(facts).story_id
    grouping.keep(at, at if story is None else story, title, facts)
