"""What a text index is asked for: which words must stand in an article for the matcher to find a name there. Pure.

The answer holds every article in which the name may be found, and more; the matcher itself decides (`index.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.matching.alias import Alias, Manner, aliases_of
from bot.matching.keys import watched_keys
from bot.matching.romanise import is_ideographic
from bot.matching.spelling import Spelling
from bot.matching.vocabulary import Vocabulary
from bot.model import Entity

Words = frozenset[str]
"""Folded; one of them must stand in the article."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an article must hold: one word of each set."""

    every: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a name may be found, the likelier places first."""

    likely: tuple[Wanted, ...]
    """It stands there in full, or all by itself if that is how it was listed."""
    perhaps: tuple[Wanted, ...]
    """A bare surname, or one with an initial."""
    signs: bool
    """It may stand in other signs of Han, Kana or Hangul, where no word can be asked for."""


class Candidates:
    """Which of the stored words may be meant by the words of some names."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._aliases = [alias for entity in entities for alias in aliases_of(entity)]
        self._watched = sorted({word for alias in self._aliases for word in alias.words})
        self._vocabulary = Vocabulary()
        for word in self._watched:
            self._vocabulary.word(word)

    def keys(self) -> frozenset[int]:
        """The stored words under these keys are to be looked at."""
        return frozenset().union(*(watched_keys(word) for word in self._watched))

    def plan(self, stored: Iterable[str]) -> Plan:
        """What to ask for.

        Args:
            stored: the words of the index under `keys`.
        """
        meant = self._meant(stored)
        likely = dict.fromkeys(_in_full(alias, meant) for alias in self._aliases)
        persons = [alias for alias in self._aliases if alias.manner is Manner.FULL_NAME]
        alone = dict.fromkeys(_alone(alias, meant) for alias in persons if not is_ideographic(alias.words[-1]))
        return Plan(tuple(likely), tuple(each for each in alone if each not in likely), signs=bool(persons))

    def _meant(self, stored: Iterable[str]) -> dict[str, set[str]]:
        """The stored words by the watched word that they may be; every watched word is meant by itself."""
        found = {word: {word} for word in self._watched}
        for written in stored:
            for word in self._vocabulary.meant_by(Spelling(written)):
                found[word.folded].add(written)
        return found


def _in_full(alias: Alias, meant: Mapping[str, set[str]]) -> Wanted:
    match alias.manner:
        case Manner.FULL_NAME:
            given = frozenset().union(*(meant[word] for word in alias.words[:-1]))
            return Wanted((frozenset(meant[alias.words[-1]]), given))
        case Manner.ACRONYM:
            return Wanted((frozenset({alias.words[0], " ".join(alias.words[0])}),))
        case _:
            return Wanted(tuple(frozenset(meant[word]) for word in dict.fromkeys(alias.words)))


def _alone(alias: Alias, meant: Mapping[str, set[str]]) -> Wanted:
    return Wanted((frozenset(meant[alias.words[-1]]),))
