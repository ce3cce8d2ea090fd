"""Which story an article belongs to, as a pure decision with its reason.

Precision first: two events wrongly joined would hide an alert, so a doubtful join begins a new story
(docs/decisions/0013). An article joins the story whose articles resemble it most on average; one that resembles a
single article must do so more surely than one that resembles ten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model import Article, Reason
from bot.stories import likeness
from bot.stories.facts import Facts
from bot.stories.features import facts_of, hours
from bot.stories.index import Member, Window

JOIN_ONE = 1.8
"""The logarithm of the odds from which an article joins another one: 6 to 1."""
JOIN_MANY = 0.5
"""The same, on average, for a story of many articles: 5 to 3."""
JOIN_ACROSS = 1.5
"""The same for articles in other languages."""
SUREST = 9.0
"""One certain copy must not outweigh nine doubts."""
FOLLOW_AT = -4.0
"""A later stage shares its names with the earlier one (`likeness.kinship`), and more words than chance would."""

Judge = Callable[[Facts, Facts], float]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`story_id` is None for a new story, which may follow an earlier one."""

    story_id: int | None
    why: Reason
    follows: int | None = None


class Judged(NamedTuple):
    """An article of a story, and the logarithm of the odds that it tells of the same event."""

    member: Member
    odds: float


def assign_story(facts: Facts, near: Mapping[int, Sequence[Member]], judge: Judge = likeness.likeness) -> Assignment:
    """The story whose articles resemble this one most, if they do enough.

    Args:
        near: some articles of each story that may be meant, by story id (`Window.near`).
        judge: the logarithm of the odds that two articles tell of one event.
    """
    judged = {story: [Judged(each, judge(facts, each.facts)) for each in members] for story, members in near.items()}
    ranked = sorted((_margin(facts, members), -story) for story, members in judged.items())
    if not ranked:
        return Assignment(None, Reason("new-story"))
    margin, story = ranked[-1][0], -ranked[-1][1]
    if margin >= 0:
        closest = max(judged[story], key=lambda each: (each.odds, each.member.title))
        why = {"percent": f"{_sure(closest.odds):.0%}", "title": closest.member.title}
        return Assignment(story, Reason("same-event", why))
    return Assignment(None, Reason("new-story"), _followed(facts, judged))


def _sure(odds: float) -> float:
    """The probability, short of certainty."""
    return min(0.99, 1 / (1 + math.exp(-odds)))


def _margin(facts: Facts, members: Sequence[Judged]) -> float:
    """By how much the story's articles are more alike than they must be. Those of the same language speak, if any."""
    ours = [each.odds for each in members if likeness.one_language(facts, each.member.facts)]
    odds = [max(-SUREST, min(SUREST, each)) for each in ours or (each.odds for each in members)]
    needed = JOIN_MANY + (JOIN_ONE - JOIN_MANY) / len(odds) if ours else JOIN_ACROSS
    return sum(odds) / len(odds) - needed


def _followed(facts: Facts, near: Mapping[int, Sequence[Judged]]) -> int | None:
    """The story of an earlier stage: the same people, another event."""
    found = [
        (likeness.kinship(facts, each.member.facts), -story)
        for story, members in near.items()
        for each in members
        if each.member.facts.at_h < facts.at_h
    ]
    surest, story = max(found, default=(-math.inf, 0))
    return -story if surest >= FOLLOW_AT else None


class Grouping:
    """The stories of a sliding window. The daemon, `stories --jsonl`, `backtest` and the benchmark group by this."""

    def __init__(self, window: timedelta, judge: Judge = likeness.likeness) -> None:
        self._window_h = window / timedelta(hours=1)
        self._judge = judge
        self._kept = Window()

    def __len__(self) -> int:
        """So many articles are in the window."""
        return len(self._kept)

    def assign(self, facts: Facts) -> Assignment:
        """The story of a new article; `keep` then says what became of it."""
        return assign_story(facts, self._kept.near(facts, facts.at_h - self._window_h), self._judge)

    def keep(self, article_id: int, story_id: int, title: str, facts: Facts) -> None:
        """Remember an article in its story, in place of an earlier version of it."""
        self._kept.add(Member(article_id, story_id, title, facts))

    def forget_story(self, story_id: int) -> None:
        """A story that is no longer stored takes no more articles."""
        self._kept.remove_story(story_id)

    def slide(self, now: datetime) -> None:
        """Forget the stories that ended before the window."""
        self._kept.forget_before(hours(now) - self._window_h)


def read(article: Article) -> Facts:
    """An article as grouping compares it."""
    return facts_of(article.title, article.text, article.language, article.published_at)
