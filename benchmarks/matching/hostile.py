"""The worst that a page may hold: texts of a million characters made to be slow, of the watched names' own words."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from benchmarks.matching import corpus
from benchmarks.matching.measure import stopwatch
from benchmarks.matching.methods import Find, ours
from bot.model import WatchedName

LENGTHS = (62_500, 125_000, 250_000, 500_000, 1_000_000)
"""In characters."""
ARABIC = ("محمد", "أحمد", "باديس", "كريم", "سمير", "يوسف", "عبد", "الرحمن", "بن", "علي")
PREFIXES = ("", "و", "ب", "ل", "ك", "ف", "ال", "وال", "بال", "لل", "فال", "وبال")


class Words:
    """The words of watched names, to make texts of."""

    def __init__(self, names: Sequence[WatchedName]) -> None:
        self.random = random.Random()
        self.names = [name.entity.name for name in names]
        split = [name.split() for name in self.names if " " in name]
        self.given = Counter(name[0] for name in split).most_common(1)[0][0]
        self.surname = Counter(name[-1] for name in split).most_common(1)[0][0]
        self.all = sorted({word for name in split for word in name})

    def name(self) -> str:
        return self.random.choice(self.names)

    def word(self) -> str:
        return self.random.choice(self.all)

    def misspelt(self) -> str:
        """A watched word with one letter more: rarely the same twice."""
        word = self.word()
        at = self.random.randrange(len(word)) + 1
        return word[:at] + self.random.choice("abcdefghijklmnopqrstuvwxyz") + word[at:]

    def letter(self) -> str:
        return self.random.choice("abcdefghijklmnopqrstuvwxyz")

    def arabic(self) -> str:
        return self.random.choice(PREFIXES) + self.random.choice(ARABIC)

    def han(self) -> str:
        return chr(self.random.randrange(0x4E00, 0x9FA6))


Shape = Callable[[Words], Iterator[str]]
"""Endless pieces of a text."""


def _endless(make: Callable[[], str]) -> Iterator[str]:
    return (make() for _ in repeat(None))


SHAPES: dict[str, Shape] = {
    "one given name, again and again": lambda words: repeat(f"{words.given} "),
    "one surname, again and again": lambda words: repeat(f"{words.surname} "),
    "one full name, again and again": lambda words: repeat(f"{words.names[0]} "),
    "every name, one after another": lambda words: _endless(lambda: f"{words.name()}, "),
    "words of names, capitals only": lambda words: _endless(lambda: f"{words.word().upper()} "),
    "misspelt words of names": lambda words: _endless(lambda: f"{words.misspelt()} "),
    "initials": lambda words: repeat("J. "),
    "initials and a surname": lambda words: repeat(f"J. {words.surname} "),
    "one chain of hyphens": lambda words: _endless(lambda: f"{words.word()}-"),
    "one-letter words": lambda words: _endless(lambda: f"{words.letter()} "),
    "Arabic names and prefixes": lambda words: _endless(lambda: f"{words.arabic()} "),
    "one run of Chinese signs": lambda words: _endless(words.han),
    "entities encoded twice": lambda words: _endless(lambda: f"{words.word()}&amp;amp;"),
    "soft hyphens in every word": lambda words: _endless(lambda: "\u00ad".join(words.word()) + " "),
}


MIXED = "all of these, mixed"


def _mixed(words: Words) -> Iterator[str]:
    makers = [shape(words) for shape in SHAPES.values()]
    return (next(words.random.choice(makers)) for _ in repeat(None))


def text_of(shape: str, words: Words, length: int) -> str:
    """So many characters: always the same for a length, and others for each, so that none has been read before."""
    words.random.seed(length)
    pieces = (_mixed if shape == MIXED else SHAPES[shape])(words)
    found: list[str] = []
    missing = length
    while missing > 0:
        found.append(next(pieces))
        missing -= len(found[-1])
    return "".join(found)[:length]


@dataclass(frozen=True, slots=True)
class Ordeal:
    """CPU seconds for a text of each length, in characters; a length that would take too long is left out."""

    shape: str
    seconds: dict[int, float]

    @property
    def longest(self) -> int:
        return max(self.seconds)

    @property
    def growth(self) -> float | None:
        """How many times longer twice the text took; 2 is linear."""
        half = self.seconds.get(self.longest // 2)
        return self.seconds[self.longest] / half if half else None


def ordeals(size: int, budget_s: float) -> list[Ordeal]:
    """Every shape, read by ours with so many names. To be run in a fresh process."""
    names = corpus.watched_names(size)
    find, words = ours(names), Words(names)
    return [Ordeal(shape, _seconds(find, shape, words, budget_s)) for shape in (*SHAPES, MIXED)]


def _seconds(find: Find, shape: str, words: Words, budget_s: float) -> dict[int, float]:
    seconds: dict[int, float] = {}
    for length in LENGTHS:
        text = text_of(shape, words, length)
        with stopwatch() as watch:
            find(text, "fr")
        seconds[length] = watch.seconds
        if watch.seconds > budget_s / 4:
            break  # the next would take twice as long, or four times
    return seconds
