"""How surely two articles tell of one event: a few measures and a weighted sum of them. Pure.

The weights were learnt (`weights.py`); what is measured was chosen: words, names, phrases and numbers shared, and the
dates that speak against. A positive sum speaks for one event; its size is the logarithm of the odds.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

from bot.stories import weights
from bot.stories.facts import (
    LEAD,
    LEADING,
    NAME,
    NAMED,
    NAMING,
    RARE_TELLS,
    TELLS,
    TITLE,
    Facts,
    Shared,
    naming,
    opened,
    words_shared,
)
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
SHORT_TITLES = 0.55
"""They must then resemble each other: a rare full name and a word more made one event of two about somebody. From .4
to .6 the public set's figures are the same; at .65 it loses copies."""
LONG_TITLES = 0.5
FEWEST_NAMES = 3
"""A ferry aground at Port-Salins and the weather at Port-Salins share a place and a day, and no event: a word besides
must be shared, or so many rare names, or half of the title (`LONG_TITLES`)."""
SAYING_TELLS = 2 * TELLS
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


class Weights(NamedTuple):
    """In the order of `MEASURES` and of `ACROSS`; the biases are the odds where every measure is nought."""

    within: Sequence[float]
    bias: float
    across: Sequence[float]
    across_bias: float


LEARNT = Weights(weights.WITHIN, weights.BIAS, weights.ACROSS, weights.ACROSS_BIAS)


def likeness(one: Facts, other: Facts, by: Weights = LEARNT) -> float:
    """The logarithm of the odds that both tell of one event. Quickest where one is held against many in a row."""
    if not one_language(one, other):
        return by.across_bias + _dot(by.across, measure_across(one, other))
    shared = words_shared(one, other)
    if not says_the_same(one, other, shared):
        return NOTHING_SHARED
    return by.bias + _dot(by.within, measure(one, other, shared))


def says_the_same(one: Facts, other: Facts, shared: Sequence[Shared]) -> bool:
    """Whether articles of one language share more than a place and a day; headlines alone, more than a person."""
    titles = _titles_alike(one, other, shared)
    if min(len(one.shingles), len(other.shingles)) < SHORT_RUNS:
        if titles < SHORT_TITLES:
            return False
        shared = [each for each in shared if (each[1][3] | each[2][3]) & TITLE]
    if len(shared) < FEWEST_SHARED:
        return False
    names = 0
    for word, (tells, _, _, marks), (_, _, _, their_marks) in shared:
        if marks & their_marks & NAME:
            names += tells >= RARE_TELLS
        elif tells >= SAYING_TELLS and word not in DATE_STEMS:
            return True
    return names >= FEWEST_NAMES or titles >= LONG_TITLES


def _titles_alike(one: Facts, other: Facts, shared: Sequence[Shared]) -> float:
    """The cosine of the titles' words by what they tell."""
    told = sum(mine[0] * theirs[0] for _, mine, theirs in shared if mine[3] & theirs[3] & TITLE)
    return told / (one.norms.title * other.norms.title)


def _dot(weighed: Sequence[float], measured: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weighed, measured, strict=True))


def measure(one: Facts, other: Facts, shared: Sequence[Shared]) -> tuple[float, ...]:
    """`MEASURES` of two articles of one language and the words they share; but for the last, in either order."""
    every, rarest, early, plain, plain_lead = _of_words(one, other, shared)
    titles, in_other, in_lead, best_in_lead, alone = _of_titles(one, other, shared)
    names, leading, best_leading, names_tell, missing = _of_names(one, other, shared)
    of_longer, of_shorter = _runs(one, other)
    return (
        every,
        titles,
        rarest,
        early,
        plain,
        plain_lead,
        names,
        _phrases(one, other),
        in_other,
        in_lead,
        best_in_lead,
        leading,
        best_leading,
        names_tell,
        missing,
        _shared_numbers(one, other),
        _other_numbers(one, other),
        of_longer,
        of_shorter,
        float(bool(one.days & other.days)),
        _other_days(one.lead_days, other.lead_days),
        _other_dates(one.title_dates, other.title_dates),
        _days_apart(one, other),
        alone,
    )


def _of_words(one: Facts, other: Facts, shared: Sequence[Shared]) -> tuple[float, ...]:
    """All words, the rarest, the early ones, those that name nobody, and those in the lead."""
    every = rarest = early = plain = plain_lead = 0
    for _, (tells, full, soon, marks), (their_tells, their_full, their_soon, their_marks) in shared:
        product, told = full * their_full, tells * their_tells
        every += product
        rarest += product * told
        early += soon * their_soon
        if not (marks | their_marks) & NAME:
            plain += product
            if marks & their_marks & LEAD:
                plain_lead += told
    mine, theirs = one.norms, other.norms
    return (
        every / (mine.full * theirs.full),
        rarest / (mine.sharp * theirs.sharp),
        early / (mine.early * theirs.early),
        plain / (mine.plain * theirs.plain),
        plain_lead / (mine.plain_lead * theirs.plain_lead),
    )


def _of_titles(one: Facts, other: Facts, shared: Sequence[Shared]) -> tuple[float, ...]:
    """Of both, and how much of each stands in the other article, in its lead, and in its title."""
    product = mine = theirs = mine_in_lead = theirs_in_lead = mine_in_title = 0
    for _, (tells, _, _, marks), (their_tells, _, _, their_marks) in shared:
        if marks & TITLE:
            mine += tells
            if their_marks & LEAD:
                mine_in_lead += tells
            if their_marks & TITLE:
                mine_in_title += tells
                product += tells * their_tells
        if their_marks & TITLE:
            theirs += their_tells
            if marks & LEAD:
                theirs_in_lead += their_tells
    leads = _share(mine_in_lead, one.title), _share(theirs_in_lead, other.title)
    return (
        product / (one.norms.title * other.norms.title),
        min(_share(mine, one.title), _share(theirs, other.title)),
        min(leads),
        max(leads),
        0.0 if one.shingles and other.shingles else _share(mine_in_title, one.title),
    )


def _of_names(one: Facts, other: Facts, shared: Sequence[Shared]) -> tuple[float, ...]:
    """Of both, how much of the leading ones of each stands in the other, what they tell, and what is missing."""
    product = told = mine = theirs = 0
    for _, (tells, full, _, marks), (_, their_full, _, their_marks) in shared:
        if marks & their_marks & NAMED:
            product += naming(full, marks) * naming(their_full, their_marks)
            told += tells
        if marks & LEADING:
            mine += naming(full, marks)
        if their_marks & LEADING:
            theirs += naming(their_full, their_marks)
    leading = _share(mine, one.leading, 0.5), _share(theirs, other.leading, 0.5)
    return (
        product / (one.norms.names * other.norms.names),
        min(leading),
        max(leading),
        math.log1p(told / TELLS),
        math.log1p(min(one.leading - mine, other.leading - theirs) / NAMING),
    )


def _share(part: int, whole: int, of_nothing: float = 0.0) -> float:
    return part / whole if whole else of_nothing


def _phrases(one: Facts, other: Facts) -> float:
    mine = opened(one).phrases
    told = sum(
        mine[pair] * tells for pair, tells in zip(other.phrases, other.phrases_tell, strict=True) if pair in mine
    )
    return told / (one.norms.phrases * other.norms.phrases)


def _runs(one: Facts, other: Facts) -> tuple[float, float]:
    """How many of the longer's are shared, and of the shorter's what exceeds a quotation."""
    fewer, more = sorted((len(one.shingles), len(other.shingles)))
    if fewer < FEWEST_RUNS:
        return 0.0, 0.0
    runs = len(opened(one).shingles.intersection(other.shingles))
    return runs / more, max(0.0, runs / fewer - 0.3)


def measure_across(one: Facts, other: Facts) -> tuple[float, ...]:
    """`ACROSS` of two articles in different languages: names by their consonants, numbers, cognates and days."""
    mine = opened(one)
    keys = mine.keys.intersection(other.keys)
    cognates = sum(mine.words[word][0] for word in filter(mine.words.__contains__, other.stems) if len(word) > 3)
    return (
        math.log1p(sum(min(len(key), 6) - 2 for key in _apart(keys))),
        _keys_in_common(one, other),
        _shared_numbers(one, other),
        _other_numbers(one, other),
        math.log1p(cognates / TELLS),
        float(bool(one.days & other.days)),
        _other_days(one.days, other.days),
        _days_apart(one, other),
    )


def _keys_in_common(one: Facts, other: Facts) -> float:
    return _share(len(opened(one).keys.intersection(other.keys)), min(len(one.keys), len(other.keys)))


def _apart(keys: Collection[str]) -> set[str]:
    """Of keys that one name gives in several readings (`drfn`, `drf`), the longest."""
    return {key for key in keys if not any(key != longer and longer.startswith(key) for longer in keys)}


def _shared_numbers(one: Facts, other: Facts) -> float:
    """Long numbers are rarer than short ones: 287 passengers say more than 12."""
    mine = opened(one).numbers
    return math.log1p(sum(len(number) - 1 for number in other.numbers if number in mine))


def _other_numbers(one: Facts, other: Facts) -> float:
    shared = len(opened(one).numbers.intersection(other.numbers))
    return math.log1p(min(len(one.numbers), len(other.numbers)) - shared)


def _other_days(one: int, other: int) -> float:
    return float(bool(one) and bool(other) and not one & other)


def _other_dates(one: Collection[tuple[int, int]], other: Collection[tuple[int, int]]) -> float:
    return float(bool(one) and bool(other) and not any(date in other for date in one))


def _days_apart(one: Facts, other: Facts) -> float:
    return min(abs(one.at_h - other.at_h), LONGEST_APART_H) / 24


def kinship(one: Facts, other: Facts) -> float:
    """The logarithm of the odds that both tell of one affair, whatever its stage; none where they lead with others.

    Two rare leading names of each must be the other's, which is a person or a place with its people: a port alone has
    its weather, its ferries and its fires. Across languages, consonants in common prove too little.
    """
    if not one_language(one, other) or len(set(one.leaders).intersection(other.leaders)) < FEWEST_KIN:
        return -math.inf
    shared = words_shared(one, other)
    _, in_common, *_ = _of_names(one, other, shared)
    if in_common < KIN_NAMES:
        return -math.inf
    return weights.BIAS + _dot(_UNDATED, measure(one, other, shared))


def one_language(one: Facts, other: Facts) -> bool:
    return not one.language or not other.language or one.language == other.language
