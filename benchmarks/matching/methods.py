"""Ours and what one would use instead, each made ready for a set of names and then asked text by text.

The alternatives get the folded text (no case, no accents), the names with their aliases, and a threshold that serves
them well. None knows tiers: whatever they find rings.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import NamedTuple

from bot.model import Tier, WatchedName

SIMILAR = 90
"""Of 100, for rapidfuzz: at 85 its F1 is lower, and a near miss (neg_near) rings three times as often."""
SPACZZ_SIMILAR = 85
"""Its default is 75."""


class Found(NamedTuple):
    """Ids of names, by tier."""

    certain: frozenset[str]
    possible: frozenset[str] = frozenset()


Find = Callable[[str, str], Found]
"""Takes a text and its language."""


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    prepare: Callable[[Sequence[WatchedName]], Find]
    modules: tuple[str, ...] = ()
    """What it imports beyond the program's own dependencies."""
    remembers: bool = False
    """It reads a word faster when it has read it before."""
    most_names: int | None = None
    """With more, one article takes minutes."""

    @property
    def installed(self) -> bool:
        return all(find_spec(module) for module in self.modules)

    def takes(self, names: int) -> bool:
        return self.most_names is None or names <= self.most_names


# --- Ours --------------------------------------------------------------------------------------------------------


def ours(names: Sequence[WatchedName]) -> Find:
    from bot.matching.index import matcher_of  # here, so that what its tables cost is measured

    matcher = matcher_of(names)

    def find(text: str, language: str) -> Found:
        matches = matcher.find("", text, language)
        certain = frozenset(match.name_id for match in matches if match.tier is Tier.CERTAIN)
        return Found(certain, frozenset(match.name_id for match in matches) - certain)

    return find


# --- What one would use instead --------------------------------------------------------------------------------------


UNREAD = re.compile("[\u0300-\u036f\u064b-\u0652\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064]")
"""Accents, Arabic vowel signs, soft hyphens, zero-width characters, bidi marks."""


def folded(text: str) -> str:
    """Words without case, accents and invisible characters, one space between them."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"\w+", UNREAD.sub("", plain)))


def spellings(names: Sequence[WatchedName]) -> list[tuple[str, str]]:
    """Every name and alias, folded, with the id it stands for."""
    return [
        (folded(spelling), name.id)
        for name in names
        for spelling in (name.entity.name, *name.entity.aliases)
        if folded(spelling)
    ]


def partial_ratio(names: Sequence[WatchedName]) -> Find:
    """Every name against the whole text."""
    from rapidfuzz import fuzz, process

    written, ids = zip(*spellings(names), strict=True)

    def find(text: str, language: str) -> Found:
        hits = process.extract_iter(folded(text), written, scorer=fuzz.partial_ratio, score_cutoff=SIMILAR)
        return Found(frozenset(ids[at] for _, _, at in hits))

    return find


def token_windows(names: Sequence[WatchedName]) -> Find:
    """Every name against every run of as many words, or one more (a middle name), whatever their order."""
    from rapidfuzz import fuzz, process

    by_length: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for written, name_id in spellings(names):
        words = sorted(written.split())
        by_length[len(words)].append((" ".join(words), name_id))

    def find(text: str, language: str) -> Found:
        words = folded(text).split()
        found: set[str] = set()
        for length, watched in by_length.items():
            windows = list(_windows(words, length) | _windows(words, length + 1))
            if windows:
                written = [each for each, _ in watched]
                likeness = process.cdist(written, windows, scorer=fuzz.ratio, score_cutoff=SIMILAR, dtype="uint8")
                found.update(watched[at][1] for at in likeness.nonzero()[0])
        return Found(frozenset(found))

    return find


def _windows(words: list[str], length: int) -> set[str]:
    return {" ".join(sorted(words[at : at + length])) for at in range(len(words) - length + 1)}


def exact_automaton(names: Sequence[WatchedName]) -> Find:
    """Every name as it is written, all at once."""
    import ahocorasick

    by_spelling: dict[str, set[str]] = defaultdict(set)
    for written, name_id in spellings(names):
        by_spelling[f" {written} "].add(name_id)
    automaton = ahocorasick.Automaton()
    for written, ids in by_spelling.items():
        automaton.add_word(written, ids)
    automaton.make_automaton()

    def find(text: str, language: str) -> Found:
        return Found(frozenset().union(*(ids for _, ids in automaton.iter(f" {folded(text)} "))))

    return find


def spacy_fuzzy(names: Sequence[WatchedName]) -> Find:
    """spaczz's FuzzyMatcher on spaCy's blank pipeline."""
    import spacy
    from spaczz.matcher import FuzzyMatcher

    read = spacy.blank("xx")
    matcher = FuzzyMatcher(read.vocab)
    for written, name_id in spellings(names):
        matcher.add(name_id, [read(written)], kwargs=[{"min_r2": SPACZZ_SIMILAR}])

    def find(text: str, language: str) -> Found:
        return Found(frozenset(hit[0] for hit in matcher(read(folded(text)))))

    return find


OURS = Method("guetteur", ours, remembers=True)
ALTERNATIVES = (
    Method("rapidfuzz token windows", token_windows, modules=("numpy",)),
    Method("rapidfuzz partial_ratio", partial_ratio),
    Method("pyahocorasick (exact)", exact_automaton, modules=("ahocorasick",)),
    Method("spaczz", spacy_fuzzy, modules=("spacy", "spaczz"), most_names=2_500),
)
METHODS = (OURS, *ALTERNATIVES)
