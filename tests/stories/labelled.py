"""The labelled set of `labelled.yaml`, grouped article by article as they came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path

import yaml

from bot.stories.features import facts_of
from bot.stories.group import Assignment, Grouping

START = datetime(2026, 4, 6, 6, 0, tzinfo=UTC)
"""A Monday."""
WINDOW = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article and the event that it tells."""

    event: str
    at: float
    language: str
    title: str
    text: str
    follows: str | None = None

    @property
    def published(self) -> datetime:
        return START + timedelta(hours=self.at)


@cache
def labelled() -> tuple[Labelled, ...]:
    """All articles, in order of publication."""
    rows = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tuple(sorted((Labelled(**row) for row in rows), key=lambda each: each.at))


def group(told: Sequence[Labelled]) -> list[tuple[int, Assignment]]:
    """The story of each article, by the place of its first one, and how it was assigned."""
    grouping, found = Grouping(WINDOW), []
    for place, each in enumerate(told):
        facts = facts_of(each.title, each.text, each.language, each.published)
        assignment = grouping.assign(facts)
        story = place if assignment.story_id is None else assignment.story_id
        grouping.keep(place, story, each.title, facts)
        found.append((story, assignment))
    return found


@dataclass(frozen=True, slots=True)
class Score:
    """How well stories agree with events."""

    wrong: tuple[tuple[str, str], ...]
    """Titles of two events that stand in one story."""
    hidden: tuple[str, ...]
    """Events whose first article joined the story of another event: nobody would hear of them."""
    told_again: tuple[str, ...]
    """Events that stand in several stories."""
    precision: float
    recall: float
    """Of the pairs of one event and language."""


def score(told: Sequence[Labelled], stories: Sequence[Hashable]) -> Score:
    pairs = list(combinations(range(len(told)), 2))
    joined = {pair for pair in pairs if stories[pair[0]] == stories[pair[1]]}
    meant = {pair for pair in pairs if told[pair[0]].event == told[pair[1]].event}
    near = {(a, b) for a, b in meant if told[a].language == told[b].language}
    by_event: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(told):
        by_event[each.event].append(place)
    return Score(
        wrong=tuple((told[a].title, told[b].title) for a, b in sorted(joined - meant)),
        hidden=_of(by_event, lambda places: any(stories[each] == stories[places[0]] for each in range(places[0]))),
        told_again=_of(by_event, lambda places: len({stories[each] for each in places}) > 1),
        precision=len(joined & meant) / len(joined),
        recall=len(joined & near) / len(near),
    )


def _of(by_event: dict[str, list[int]], holds: Callable[[list[int]], bool]) -> tuple[str, ...]:
    return tuple(event for event, places in by_event.items() if holds(places))
