"""Which story an article belongs to, as a pure decision with its reason.

The simplest honest grouping (docs/decisions/0005): articles of one language within the window that share most of
the words of their titles and beginnings. Precision first: two events wrongly joined would hide an alert, so a doubtful
join begins a new story.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.model import Article, Reason, StoredArticle
from bot.text import tokens

JOIN_AT = 0.40
"""How alike two articles must be. "Trois hommes en garde à vue après le cambriolage du musée", "Cambriolage du musée :
trois hommes placés en garde à vue" reach 0.79; the trial of another burglary 0.10. Of labelled pairs of real articles
in one language, nine in ten that reach it tell the same event, and four in ten that do reach it."""

FEWEST_SHARED = 3
"""Two flashes that share "arrestation" and little else may be about two arrests."""

LEAD_CHARACTERS = 1500
"""The beginning of an article tells its event; what follows is background that other events share."""

SHORTEST_WORD = 4
"""Shorter words are mostly grammar. They are kept in scripts that write no vowels."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """`story_id` is None for a new story."""

    story_id: int | None
    why: Reason


@dataclass(frozen=True, slots=True)
class _Words:
    title: frozenset[str]
    all: frozenset[str]


def assign_story(
    article: Article, stories: Mapping[int, Sequence[StoredArticle]], named: Collection[str] = ()
) -> Assignment:
    """The story whose articles resemble this one most, if any does enough.

    Args:
        stories: the articles of each story of the window, by story id.
        named: the mentions found in the article. That two articles name the same person says nothing about the event.
    """
    apart = frozenset(token.folded for mention in named for token in tokens(mention))
    mine = _words(article, apart)
    best, best_id, best_title = 0.0, None, ""
    for story_id in sorted(stories):
        for other in stories[story_id]:
            if not _may_tell_the_same(article, other.article):
                continue
            alike = _likeness(mine, _words(other.article, apart))
            if alike > best:
                best, best_id, best_title = alike, story_id, other.article.title
    if best_id is not None and best >= JOIN_AT:
        return Assignment(best_id, Reason("same-words", {"percent": f"{best:.0%}", "title": best_title}))
    return Assignment(None, Reason("new-story"))


def _likeness(one: _Words, other: _Words) -> float:
    """From 0 to 1: the mean of how much of the shorter title, and of the shorter whole, the other holds."""
    if len(one.all & other.all) < FEWEST_SHARED:
        return 0.0
    return (_overlap(one.title, other.title) + _overlap(one.all, other.all)) / 2


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    shorter = min(len(one), len(other))
    return len(one & other) / shorter if shorter else 0.0


def _may_tell_the_same(one: Article, other: Article) -> bool:
    known = one.language and other.language
    return not known or _base(one.language) == _base(other.language)


def _base(language: str | None) -> str:
    return (language or "").split("-")[0].lower()


def _words(article: Article, apart: frozenset[str]) -> _Words:
    title = _content(article.title) - apart
    return _Words(title, title | (_content(article.text[:LEAD_CHARACTERS]) - apart))


@lru_cache(maxsize=4096)
def _content(text: str) -> frozenset[str]:
    """Remembered, because each article is compared with those of every new one for three days."""
    return frozenset(each.folded for each in tokens(text) if len(each.folded) >= SHORTEST_WORD)
