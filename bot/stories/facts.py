"""What grouping remembers of an article, small: a window holds thousands. Pure; reads no text and decides nothing.

Figures are whole numbers in small units, so that sums of them are exact in any order: a word's `tells` in halves, its
`full` in hundredths, its `early` in tenths; what a pair of words tells in quarters. Each article holds six bytes a
word beside the word itself, which all articles share.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, count
from struct import Struct
from typing import NamedTuple

LEAD = 1
"""It stands at the beginning."""
TITLE = 2
NAME = 4
"""It says who, where or how many: a name or a number."""
NAMED = 8
"""A name that tells enough to know an article by."""
LEADING = 16
"""One of the names that stand for the article."""
TELLING = 32
"""The article is found by it."""

TELLS, FULL, EARLY, PHRASE = 2, 100, 10, 4
"""So many units of each figure make one."""
RARE_TELLS = 4 * TELLS
NAMING = 2 * FULL

_PACKED = Struct("<BHHB")


class Word(NamedTuple):
    """How a stem stands in an article."""

    tells: int
    full: int
    """By how often it stands there."""
    early: int
    """By how early."""
    marks: int
    """`LEAD` | `TITLE` | …"""

    @property
    def is_rare(self) -> bool:
        return self.tells >= RARE_TELLS

    @property
    def naming(self) -> int:
        """How much it stands for the article as a name, in units of `NAMING`."""
        return naming(self.full, self.marks)


def naming(full: int, marks: int) -> int:
    return full * (3 if marks & LEAD else 2)


class Norms(NamedTuple):
    """Of the vectors that comparing multiplies, in their units."""

    full: float
    sharp: float
    early: float
    plain: float
    plain_lead: float
    title: float
    names: float
    phrases: float


Fields = tuple[int, int, int, int]
"""Those of `Word`, where a comparison has no time to name them."""
Shared = tuple[str, Fields, Fields]
"""A word of two articles, and how it stands in each."""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """An article as grouping remembers it."""

    language: str
    at_h: float
    """Publication, hours since 1970."""
    stems: tuple[str, ...]
    words: bytes
    """A packed `Word` for each stem (`pack`)."""
    phrases: array[int]
    """Pairs of neighbouring words."""
    phrases_tell: bytes
    shingles: array[int]
    """Runs of words of the text."""
    numbers: tuple[str, ...]
    days: int
    """Days of the week, anywhere: a bit each."""
    lead_days: int
    title_dates: tuple[tuple[int, int], ...]
    keys: tuple[str, ...]
    """Names as any script shows them: their consonants."""
    title: int
    """What the words of the title tell together."""
    leading: int
    """What the leading names weigh together, in units of `NAMING`."""
    leaders: tuple[str, ...]
    """The rare ones of the leading names."""
    norms: Norms

    def telling(self) -> Iterator[tuple[str, float]]:
        """The words by which the article is found, and how much each tells."""
        for word, (tells, _, _, marks) in zip(self.stems, _PACKED.iter_unpack(self.words), strict=True):
            if marks & TELLING:
                yield word, tells / TELLS


class Opened(NamedTuple):
    """An article laid out for being compared with many others."""

    words: Mapping[str, Fields]
    phrases: Mapping[int, int]
    shingles: frozenset[int]
    numbers: frozenset[str]
    keys: frozenset[str]


@lru_cache(maxsize=1)
def opened(facts: Facts) -> Opened:
    """Of a new article: it is compared with dozens in a row, so that the last one is kept."""
    return Opened(
        dict(zip(facts.stems, _PACKED.iter_unpack(facts.words), strict=True)),
        dict(zip(facts.phrases, facts.phrases_tell, strict=True)),
        frozenset(facts.shingles),
        frozenset(facts.numbers),
        frozenset(facts.keys),
    )


def words_shared(one: Facts, other: Facts) -> list[Shared]:
    """In the order of the other article."""
    mine, stems, packed = opened(one).words, other.stems, other.words
    unpack, size = _PACKED.unpack_from, _PACKED.size
    places = compress(count(), map(mine.__contains__, stems))
    return [(stems[at], mine[stems[at]], unpack(packed, size * at)) for at in places]


def pack(words: Iterable[Word]) -> bytes:
    return b"".join(_PACKED.pack(*word) for word in words)


def norm(values: Iterable[float]) -> float:
    """A vector's length; one for an empty vector, whose products are nought."""
    return math.sqrt(sum(value * value for value in values)) or 1.0
