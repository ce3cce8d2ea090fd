"""What a text index is asked for: which words must stand in an article for the matcher to find a name there. Pure.

The answer holds every article in which the name may be found, and more; the matcher itself decides (`index.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from bot.matching import weights
from bot.matching.alias import Alias, Manner, aliases_of
from bot.matching.keys import watched_keys
from bot.matching.romanise import is_ideographic, latin
from bot.matching.spelling import Likeness, Spelling, may_stand_alone
from bot.matching.vocabulary import Vocabulary, Word
from bot.model import Entity
from bot.text import fold

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
        meant, alone = self._meant(stored)
        likely = dict.fromkeys(_in_full(alias, meant) for alias in self._aliases)
        persons = [alias for alias in self._aliases if alias.manner is Manner.FULL_NAME]
        cased = [alias for alias in persons if not is_ideographic(alias.words[-1])]
        bare = dict.fromkeys(wanted for alias in cased for wanted in _in_part(alias, meant, alone))
        return Plan(tuple(likely), tuple(each for each in bare if each not in likely), signs=bool(persons))

    def _meant(self, stored: Iterable[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """The stored words by the watched word that they may be, and those that may be it without a given name.

        Every watched word is meant by itself.
        """
        meant = {word: {word} for word in self._watched}
        alone = {word: {word} for word in self._watched}
        for each in stored:
            written = Spelling(each)
            for word, likeness in self._vocabulary.meant_by(written).items():
                meant[word.folded].add(each)
                if _may_stand_alone(written, word, likeness):
                    alone[word.folded].add(each)
        return meant, alone


def _may_stand_alone(written: Spelling, word: Word, likeness: Likeness) -> bool:
    """In an article of any context: the rules of `Seen.bare`."""
    if likeness.score < weights.SAME_SOUND:
        return False
    return any(may_stand_alone(written, word.spelling, likeness, context=context) for context in (True, False))


def _in_full(alias: Alias, meant: Mapping[str, set[str]]) -> Wanted:
    match alias.manner:
        case Manner.FULL_NAME:
            given = frozenset().union(*(meant[word] for word in alias.words[:-1]))
            return Wanted((frozenset(meant[alias.words[-1]]), given))
        case Manner.ACRONYM:
            return Wanted((frozenset({alias.words[0], " ".join(alias.words[0])}),))
        case _:
            return Wanted(tuple(frozenset(meant[word]) for word in dict.fromkeys(alias.words)))


def _in_part(alias: Alias, meant: Mapping[str, set[str]], alone: Mapping[str, set[str]]) -> tuple[Wanted, Wanted]:
    """The surname without anything, or with the letter that the given name begins with."""
    surname = alias.words[-1]
    initials = _written_as(latin(alias.words[0])[:1] or alias.words[0][:1])
    return Wanted((frozenset(alone[surname]),)), Wanted((frozenset(meant[surname]), initials))


@cache
def _written_as(initial: str) -> Words:
    """The letters of all scripts with capitals that may stand for a Latin one."""
    return frozenset({initial, *(letter for letter in _LETTERS if latin(letter)[:1] == initial)})


_LETTERS = sorted({fold(chr(code)) for code in range(0x370, 0x590) if chr(code).isalpha()} - {""})
"""Greek, Cyrillic and Armenian."""
