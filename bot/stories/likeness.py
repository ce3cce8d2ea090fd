"""How surely two articles tell of one event: a few measures and a weighted sum of them. Pure.

The weights were learnt (`weights.py`); what is measured was chosen: words, names, phrases and numbers shared, and the
dates that speak against. A positive sum speaks for one event; its size is the logarithm of the odds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bot.stories import weights
from bot.stories.features import Facts
from bot.stories.words import DATE_STEMS

MEASURES = (
    "all words",
    "title words",
    "rarest words",
    "early words",
    "words that name nobody",
    "the lead's words that name nobody",
    "names",
    "phrases",
    "the lesser title found in the other article",
    "the lesser title found in the other lead",
    "the better title found in the other lead",
    "the lesser leading names found",
    "the better leading names found",
    "shared names",
    "leading names of each that the other lacks",
    "shared numbers",
    "numbers of each that the other lacks",
    "runs of words, of the longer",
    "runs of words, of the shorter",
    "same days of the week",
    "other days of the week in the lead",
    "other dates in the title",
    "days apart",
    "titles alone",
)
"""What `measure` measures, in its order; the names that weights.py weighs."""

ACROSS = ("shared names", "share of names", "shared numbers", "numbers of each that the other lacks", "shared words",
          "same days of the week", "other days of the week", "days apart")  # fmt: skip
"""What `measure_across` measures between two languages."""

FEWEST_SHARED = 3
SHORT_RUNS = 12
"""A shorter text may be what an outlet writes under all of its headlines: then those must share it."""
FEWEST_NAMES = 3
"""A ferry aground at Port-Salins and the weather at Port-Salins share a place and a day, and no event: a word besides
must be shared, or so many rare names, or half of the title."""
RARE_TELLS = 4.0
SAYING_TELLS = 2.0
NOTHING_SHARED = -9.0
FEWEST_RUNS = 8
"""A text too short for this many runs of words says nothing by them."""
LONGEST_APART_H = 72.0
FEWEST_KIN = 2
KIN_NAMES = 0.4
"""Tried on the public set. That the leading names agree and no more linked 32 stories to another of their family, 90
to one of another, and 524 of unlabelled articles; this links 20, 25 and 126."""
DATED = frozenset({"same days of the week", "other days of the week in the lead", "other dates in the title",
                   "days apart"})  # fmt: skip
"""Measures that tell an arrest from a verdict, and an affair from another not at all."""
_UNDATED = tuple(0.0 if name in DATED else weight for name, weight in zip(MEASURES, weights.WITHIN, strict=True))


def likeness(one: Facts, other: Facts) -> float:
    """The logarithm of the odds that both tell of one event."""
    if not one_language(one, other):
        return weights.ACROSS_BIAS + _dot(weights.ACROSS, measure_across(one, other))
    if not says_the_same(one, other):
        return NOTHING_SHARED
    return weights.BIAS + _dot(weights.WITHIN, measure(one, other))


def says_the_same(one: Facts, other: Facts) -> bool:
    """Whether articles of one language share more than a place and a day."""
    mine, theirs = one.words, other.words
    shared = mine.keys() & theirs.keys()
    if min(len(one.shingles), len(other.shingles)) < SHORT_RUNS:
        shared &= one.title.keys() | other.title.keys()
    if len(shared) < FEWEST_SHARED:
        return False
    names = 0
    for word in shared:
        a = mine[word]
        if a.name and theirs[word].name:
            names += a.tells >= RARE_TELLS
        elif a.tells >= SAYING_TELLS and word not in DATE_STEMS:
            return True
    return names >= FEWEST_NAMES or _product(one.title, other.title) >= 0.5 * one.title_norm * other.title_norm


def _dot(weighed: Sequence[float], measured: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weighed, measured, strict=True))


def measure(one: Facts, other: Facts) -> tuple[float, ...]:
    """`MEASURES` of two articles of one language, each the same in either order."""
    full = sharp = early = plain = plain_lead = 0.0
    mine, theirs = one.words, other.words
    for word in mine.keys() & theirs.keys():
        a, b = mine[word], theirs[word]
        product = a.full * b.full
        full += product
        sharp += product * a.tells * b.tells
        early += a.early * b.early
        if not a.name and not b.name:
            plain += product
            if a.lead and b.lead:
                plain_lead += a.tells * b.tells
    titles = _covered(one.title, theirs), _covered(other.title, mine)
    leads = _covered_by_lead(one.title, other), _covered_by_lead(other.title, one)
    leading = _leading(one, other), _leading(other, one)
    runs = len(one.shingles & other.shingles)
    fewer, more = sorted((len(one.shingles), len(other.shingles)))
    return (
        full / (one.full_norm * other.full_norm),
        _product(one.title, other.title) / (one.title_norm * other.title_norm),
        sharp / (one.sharp_norm * other.sharp_norm),
        early / (one.early_norm * other.early_norm),
        plain / (one.plain_norm * other.plain_norm),
        plain_lead / (one.plain_lead_norm * other.plain_lead_norm),
        _product(one.names, other.names) / (one.names_norm * other.names_norm),
        _product(one.phrases, other.phrases) / (one.phrases_norm * other.phrases_norm),
        min(titles),
        min(leads),
        max(leads),
        min(leading),
        max(leading),
        math.log1p(sum(mine[name].tells for name in one.names.keys() & other.names.keys())),
        math.log1p(min(_missing(one, other), _missing(other, one))),
        _shared_numbers(one, other),
        _other_numbers(one, other),
        runs / more if fewer >= FEWEST_RUNS else 0.0,
        max(0.0, runs / fewer - 0.3) if fewer >= FEWEST_RUNS else 0.0,
        float(bool(one.days & other.days)),
        _conflict(one.lead_days, other.lead_days),
        _conflict(one.title_dates, other.title_dates),
        min(abs(one.at_h - other.at_h), LONGEST_APART_H) / 24,
        0.0 if one.shingles and other.shingles else _covered(one.title, other.title),
    )


def measure_across(one: Facts, other: Facts) -> tuple[float, ...]:
    """`ACROSS` of two articles in different languages: names by their consonants, numbers, cognates and days."""
    shared = one.keys & other.keys
    names = sum(min(len(key), 6) - 2 for key in _apart(shared))
    fewer = min(len(one.keys), len(other.keys))
    return (
        math.log1p(names),
        len(shared) / fewer if fewer else 0.0,
        _shared_numbers(one, other),
        _other_numbers(one, other),
        math.log1p(sum(one.words[word].tells for word in one.words.keys() & other.words.keys() if len(word) > 3)),
        float(bool(one.days & other.days)),
        _conflict(one.days, other.days),
        min(abs(one.at_h - other.at_h), LONGEST_APART_H) / 24,
    )


def _apart(keys: frozenset[str]) -> set[str]:
    """Of keys that one name gives in several readings (`drfn`, `drf`), the longest."""
    return {key for key in keys if not any(key != longer and longer.startswith(key) for longer in keys)}


def _product(one: Mapping[Any, float], other: Mapping[Any, float]) -> float:
    return sum(one[each] * other[each] for each in one.keys() & other.keys())


def _covered(some: Mapping[str, float], by: Mapping[str, object]) -> float:
    """How much of the words' weight stands in the other."""
    whole = sum(some.values())
    return sum(value for word, value in some.items() if word in by) / whole if whole else 0.0


def _covered_by_lead(title: Mapping[str, float], other: Facts) -> float:
    whole = sum(title.values())
    found = sum(value for word, value in title.items() if word in other.words and other.words[word].lead)
    return found / whole if whole else 0.0


def _leading(one: Facts, other: Facts) -> float:
    whole = sum(one.names[name] for name in one.leading_names)
    found = sum(one.names[name] for name in one.leading_names if name in other.words)
    return found / whole if whole else 0.5


def _missing(one: Facts, other: Facts) -> float:
    return sum(one.names[name] for name in one.leading_names if name not in other.words)


def _shared_numbers(one: Facts, other: Facts) -> float:
    """Long numbers are rarer than short ones: 287 passengers say more than 12."""
    return math.log1p(sum(len(number) - 1 for number in one.numbers & other.numbers))


def _other_numbers(one: Facts, other: Facts) -> float:
    return math.log1p(min(len(one.numbers - other.numbers), len(other.numbers - one.numbers)))


def _conflict(one: frozenset[Any], other: frozenset[Any]) -> float:
    return float(bool(one) and bool(other) and not one & other)


def kinship(one: Facts, other: Facts) -> float:
    """The logarithm of the odds that both tell of one affair, whatever its stage; none where they lead with others.

    Two rare leading names of each must be the other's, which is a person or a place with its people: a port alone has
    its weather, its ferries and its fires. Across languages, consonants in common prove too little.
    """
    rare = [name for name in one.leading_names if name in other.leading_names and _is_rare(name, one, other)]
    if not one_language(one, other) or len(rare) < FEWEST_KIN or _names_in_common(one, other) < KIN_NAMES:
        return -math.inf
    return weights.BIAS + _dot(_UNDATED, measure(one, other))


def _is_rare(name: str, one: Facts, other: Facts) -> bool:
    return one.words[name].tells >= RARE_TELLS and other.words[name].tells >= RARE_TELLS


def one_language(one: Facts, other: Facts) -> bool:
    return not one.language or not other.language or one.language == other.language


def _names_in_common(one: Facts, other: Facts) -> float:
    """How much of the leading names of each stands in the other, 0 to 1: of the two, the lesser."""
    return min(_leading(one, other), _leading(other, one)) if one.names and other.names else 0.0
