"""A stock of made-up articles in three scripts' worth of words: some common words, and a long tail of names.

The same seed makes the same stock. The names of nobody: syllables in a row.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from bot.given_names import given_names

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
DAYS = 90
WORDS = 300
COMMON = 60_000
SURNAMES = 250_000
ARABIC_EVERY = 8
"""One article of so many is in Arabic."""
NAMED_EVERY = 15
"""One word of so many is a person: given name and surname."""

_ONSETS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "j",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "br",
    "ch",
    "cr",
    "dr",
    "fl",
    "gr",
    "pl",
    "pr",
    "tr",
    "qu",
    "st",
]
_RHYMES = [
    "a",
    "e",
    "i",
    "o",
    "u",
    "ai",
    "an",
    "au",
    "en",
    "ou",
    "oi",
    "on",
    "eur",
    "el",
    "ar",
    "is",
    "et",
    "in",
    "al",
    "our",
]
_LETTERS = "ابتثجحخدذرزسشصضطعغفقكلمنهوي"


class Made(NamedTuple):
    title: str
    text: str
    language: str
    published_at: datetime


@dataclass(frozen=True)
class Words:
    """Some words and how often each stands in a text, by Zipf's law."""

    words: Sequence[str]
    sums: Sequence[float]

    def some(self, rng: random.Random, number: int) -> list[str]:
        return rng.choices(self.words, cum_weights=self.sums, k=number)


def _zipf(words: Sequence[str], flat: int) -> Words:
    """`flat`: the first so many are about equally common."""
    return Words(words, list(accumulate(1 / (rank + flat) for rank in range(len(words)))))


class Newsroom:
    """Makes articles, one after the other."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = random.Random(seed)
        self._common = _zipf(self._distinct(COMMON, self._word), 3)
        self._surnames = _zipf([each.title() for each in self._distinct(SURNAMES, self._word)], 40)
        given = sorted(each.title() for each in given_names() if each.isascii())
        self._rng.shuffle(given)
        self._given = _zipf(given, 20)
        self._arabic = _zipf(self._distinct(COMMON, self._arabic_word), 3)

    def surname(self, rank: int) -> str:
        """The 1st is the most common one."""
        return self._surnames.words[rank - 1]

    def common(self, rank: int) -> str:
        return self._common.words[rank - 1]

    def given(self, rank: int) -> str:
        return self._given.words[rank - 1]

    def vocabulary(self) -> list[str]:
        """Every word that may be of a name, folded."""
        return sorted({each.lower() for words in (self._surnames, self._given, self._arabic) for each in words.words})

    def articles(self, number: int) -> Iterator[Made]:
        """The oldest first."""
        for at in range(number):
            published = NOW - timedelta(days=DAYS) * (1 - at / number)
            arabic = at % ARABIC_EVERY == 0
            words = self._arabic.some(self._rng, WORDS) if arabic else self._french()
            yield Made(" ".join(words[:10]), " ".join(words[10:]) + ".", "ar" if arabic else "fr", published)

    def _french(self) -> list[str]:
        words = self._common.some(self._rng, WORDS)
        people = WORDS // NAMED_EVERY
        names = zip(self._given.some(self._rng, people), self._surnames.some(self._rng, people), strict=True)
        for number, (given, surname) in enumerate(names):
            words[number * NAMED_EVERY : number * NAMED_EVERY + 2] = [given, surname]
        return words

    def _distinct(self, number: int, make: object) -> list[str]:
        assert callable(make)  # noqa: S101 - a method of ours
        found: dict[str, None] = {}
        while len(found) < number:
            found[make()] = None
        return list(found)

    def _word(self) -> str:
        return "".join(
            self._rng.choice(_ONSETS) + self._rng.choice(_RHYMES) for _ in range(self._rng.choice((1, 2, 2, 3, 3, 4)))
        )

    def _arabic_word(self) -> str:
        return "".join(self._rng.choices(_LETTERS, k=self._rng.choice((3, 4, 4, 5, 5, 6, 7))))
