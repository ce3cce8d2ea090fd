"""What one target made of the matches: its verdicts, its demand and the urgency it gave to names. Pure.

Acts in that target only: what another chat, or the watchlist itself, makes of a match is not its business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from bot.alerts.hit import Hit, identities_of
from bot.model import (
    THRESHOLDS,
    Article,
    Lesson,
    LessonKind,
    MatchField,
    Mute,
    Muted,
    Preferences,
    Priority,
    Scope,
    Tier,
)
from bot.text import fold_text

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that a target asked for beside what it follows."""

    preferences: Preferences = field(default_factory=Preferences)
    zone: ZoneInfo = UTC
    """The reader's."""
    mutes: tuple[Mute, ...] = ()
    """Those that hold now."""
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """The hits as one target takes them."""

    accepted: tuple[Hit, ...]
    refused: tuple[Hit, ...]
    """Another person, by one of its lessons."""


def own_threshold(demand: str) -> int:
    """At which a chat's own names are looked for. What is strict is found as usual, and kept to check."""
    return THRESHOLDS["wide" if demand == "wide" else "normal"]


def heard(
    hits: Sequence[Hit],
    wishes: Wishes,
    article: Article,
    article_id: int,
    priorities: Mapping[tuple[Scope, str], Priority],
) -> Heard:
    """The hits with the tier and priority that they have for this target.

    Args:
        priorities: (scope, name id) → the urgency that this target gave to the name.
    """
    accepted, refused = [], []
    for hit in hits:
        mine = [each for each in wishes.lessons if (each.scope, each.name_id) == (hit.name.scope, hit.name.id)]
        if any(is_other_person(each, hit, article, article_id) for each in mine):
            refused.append(hit)
        else:
            accepted.append(_as_wished(hit, wishes, mine, priorities))
    return Heard(tuple(accepted), tuple(refused))


def is_other_person(lesson: Lesson, hit: Hit, article: Article, article_id: int) -> bool:
    """Whether the lesson says that this mention is somebody else."""
    match lesson.kind:
        case LessonKind.ARTICLE:
            return lesson.article_id == article_id
        case LessonKind.GIVEN:
            return _stands_before(lesson.value, hit, article)
        case LessonKind.WORD:
            words = f" {fold_text(article.title)} {fold_text(article.text)} "
            return bool(lesson.value) and f" {fold_text(lesson.value)} " in words
        case LessonKind.SPELLING:
            return False


def is_confirmed(hit: Hit, lessons: Sequence[Lesson]) -> bool:
    """Whether one of the lessons says that this spelling is the name's."""
    of_name = (hit.name.scope, hit.name.id)
    return any(
        each.kind is LessonKind.SPELLING
        and (each.scope, each.name_id) == of_name
        and fold_text(each.value) == fold_text(hit.match.text)
        for each in lessons
    )


def muted_by(hit: Hit, story_id: int, mutes: Sequence[Mute]) -> Mute | None:
    """The mute that silences a hit of this story; the one that ends last where there are several."""
    silencing = [each for each in mutes if _silences(each, hit, story_id)]
    return max(silencing, key=lambda each: (each.until is None, each.until or each.since, each.id), default=None)


def _silences(mute: Mute, hit: Hit, story_id: int) -> bool:
    match mute.what:
        case Muted.ALL:
            return True
        case Muted.STORY:
            return mute.story_id == story_id
        case Muted.NAME:
            return mute.identity in identities_of(hit.name)


def _as_wished(
    hit: Hit, wishes: Wishes, lessons: Sequence[Lesson], priorities: Mapping[tuple[Scope, str], Priority]
) -> Hit:
    name, match = hit.name, hit.match
    if is_confirmed(hit, lessons):
        match = replace(match, tier=Tier.CERTAIN)
    elif wishes.preferences.demand == "strict" and match.score < THRESHOLDS["strict"]:
        match = replace(match, tier=Tier.POSSIBLE)
    priority = priorities.get((name.scope, name.id), name.priority)
    return Hit(name if priority is name.priority else replace(name, priority=priority), match)


def _stands_before(given: str, hit: Hit, article: Article) -> bool:
    """Whether the given name is part of the mention, or the word before it."""
    source = article.title if hit.match.field is MatchField.TITLE else article.text
    before = fold_text(source[max(0, hit.match.start - 80) : hit.match.start]).split()[-1:]
    wanted = fold_text(given).split()
    named = [*before, *fold_text(hit.match.text).split()]
    return bool(wanted) and any(named[at : at + len(wanted)] == wanted for at in range(len(named)))
