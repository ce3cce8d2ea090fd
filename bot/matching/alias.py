"""A watched name as the matcher reads it: its aliases, each taken apart into words, with the way it is to be found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from bot.given_names import given_names
from bot.matching.lexicon import ARTICLES, CONNECTORS, COURTESY, LEGAL_FORMS, PARTICLES, RANKS, SPLIT_HEADS
from bot.matching.romanise import is_ideographic
from bot.model import Entity, Kind
from bot.text import Token, fold, fold_text, tokens

_DOTTED = re.compile(r"(?<!\w)(?:[A-Z]\.\s?){2,}|\([^)]*\)")
"""`S.A. de C.V.` and what stands in brackets."""


class Manner(StrEnum):
    """How the words of an alias must stand in a text."""

    FULL_NAME = "full-name"
    """Given names and a surname, in either order, with middle names and particles between."""
    SURNAME = "surname"
    """One word: a name of its own."""
    NICKNAME = "nickname"
    """Every word in order, with the alias's own capitals."""
    ACRONYM = "acronym"
    """Capitals only, the whole word, dots allowed."""
    ORGANISATION = "organisation"
    """Every word that says something, in order."""
    PHRASE = "phrase"
    """Every word in order, in any case."""

    __hash__ = str.__hash__  # as fast as a string: every word of every alias asks for it


@dataclass(frozen=True, slots=True)
class Alias:
    """`words` are folded; `capitals` says which of them began with a capital."""

    written: str
    manner: Manner
    words: tuple[str, ...]
    capitals: tuple[bool, ...]
    listed: bool
    """Given as an alias of its own: a bare surname is then asked for."""
    bound: tuple[tuple[int, int], ...] = ()
    """Numbers of words that a hyphen makes one name: a Jong or an Anne alone is neither Jong-un nor Anne-Lise."""
    titled: bool = False
    """Its last word is no surname by itself: a place (`Paola of Belgium`), or a Kim."""

    @property
    def surname(self) -> int:
        return len(self.words) - 1


def aliases_of(entity: Entity) -> tuple[Alias, ...]:
    """The name and its aliases, each way to write once."""
    written = dict.fromkeys([entity.name, *entity.aliases])
    found: list[Alias] = []
    for each in written:
        words = tokens(each)
        alias = _alias(entity, each, words, listed=each != entity.name)
        found.append(alias)
        if alias.manner is Manner.SURNAME:
            found += _split_signs(alias)
        elif alias.manner is Manner.FULL_NAME and len(words) > 2:
            found += _with_joined_words(alias, words)
            found += _given_first(alias)
    if len(found) == 1:
        return tuple(found) if found[0].words else ()
    by_words = {(alias.manner, alias.words): alias for alias in reversed(found) if alias.words}
    return tuple(reversed(by_words.values()))


def _alias(entity: Entity, written: str, words: list[Token], *, listed: bool) -> Alias:
    names = _names_of_person(written, words)
    manner = _manner(entity, written, words, len(names), listed=listed)
    plain = _DOTTED.sub(" ", written) if manner is Manner.ORGANISATION else written
    if plain != written:
        words = tokens(plain) or words
    if manner is Manner.ACRONYM:
        return Alias(written, manner, (fold_text(written).replace(" ", ""),), (True,), listed)
    if manner in {Manner.FULL_NAME, Manner.SURNAME}:
        kept = names
    else:
        kept = [word for word in words if word.folded not in _dropped(manner)] or words
    return Alias(
        written,
        manner,
        tuple(word.folded for word in kept),
        tuple(word.capital for word in kept),
        listed,
        bound=_bound(plain, kept) if manner is Manner.FULL_NAME else (),
        titled=any(word.folded == "of" for word in words),
    )


def _names_of_person(written: str, words: list[Token]) -> list[Token]:
    """Without particles, titles and numerals: Paola, Belgium of `Queen Paola of Belgium`; Edna, Brien of O'Brien.

    A particle with a capital at either end may be the name itself: Ben Davis, Chen Da.
    """
    kept = [
        word
        for at, word in enumerate(words)
        if word.folded not in PARTICLES
        or (word.capital and at == len(words) - 1)
        or (word.capital and at == 0 and (len(words) == 2 or word.folded in given_names()))
        or (word.folded in _SYLLABLES and written[word.end : word.end + 1] in _HYPHENS)
    ]
    kept = [word for word in kept if not (len(word.folded) == 1 and written[word.end : word.end + 1] in _APOSTROPHES)]
    kept = kept or words
    bare = [
        word
        for at, word in enumerate(kept)
        if word.folded not in RANKS
        and not _NUMERAL.fullmatch(word.folded)
        and not (at == 0 and word.folded in COURTESY)
    ]
    return (bare if len(bare) > 1 else kept) or words


_HYPHENS = frozenset("-‑")
_APOSTROPHES = frozenset("'’")
_SYLLABLES = frozenset({"do", "da", "di", "du", "de"})
"""Particles that are syllables of Korean and Chinese names, before a hyphen: Do-hyun, but not al-Brumi."""
_NUMERAL = re.compile("[ivx]+")


def _bound(written: str, kept: list[Token]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (at, at + 1) for at, (one, two) in enumerate(pairwise(kept)) if written[one.end : two.start] in _HYPHENS
    )


def _split_signs(alias: Alias) -> Iterator[Alias]:
    """`渡辺健二`, written together, as surname and given name: the first sign is the surname, or the first two."""
    written = alias.written
    if not 2 <= len(written) <= 5 or not all(is_ideographic(sign) for sign in written):
        return
    for at in (1, 2):
        if at < len(written):
            words = (fold(written[at:]), fold(written[:at]))
            yield replace(alias, manner=Manner.FULL_NAME, words=words, capitals=(True, True))


def _given_first(alias: Alias) -> Iterator[Alias]:
    """`Kim Hyun-woo` as English papers turn it: Hyun-woo Kim. Told by the small letter behind the hyphen."""
    if alias.bound == ((1, 2),) and len(alias.words) == 3 and not alias.capitals[2]:
        family, first, second = alias.words
        capitals = (alias.capitals[1], alias.capitals[2], alias.capitals[0])
        yield replace(alias, words=(first, second, family), capitals=capitals, bound=((0, 1),), titled=True)


def _with_joined_words(alias: Alias, words: list[Token]) -> Iterator[Alias]:
    """The name with two of its words in one: `Vonradványi`, `Abdelkader`, `Annelise`, `Jongun`."""
    for at, (one, two) in enumerate(pairwise(words)):
        hyphen = alias.written[one.end : two.start] in _HYPHENS
        if not (hyphen or one.folded in SPLIT_HEADS):
            continue
        whole = Token(one.start, two.end, one.folded + two.folded, one.capital or two.capital)
        kept = [word for word in (*words[:at], whole, *words[at + 2 :]) if word.folded not in PARTICLES]
        if len(kept) > 1:
            folded, capitals = tuple(word.folded for word in kept), tuple(word.capital for word in kept)
            yield replace(alias, words=folded, capitals=capitals, bound=_bound(alias.written, kept))


def _manner(entity: Entity, written: str, words: list[Token], names: int, *, listed: bool) -> Manner:
    if entity.kind is Kind.PHRASE:
        return Manner.PHRASE
    if is_acronym(written):
        return Manner.ACRONYM
    if entity.kind is Kind.ORGANISATION:
        return Manner.ORGANISATION
    if listed and words and words[0].folded in ARTICLES:
        return Manner.NICKNAME
    return Manner.FULL_NAME if names > 1 else Manner.SURNAME


def is_acronym(written: str) -> bool:
    """MSJ, P.S.J., PNAT: two to six capital letters, dotted or not."""
    return written.isupper() and _ACRONYM.fullmatch(written) is not None


_ACRONYM = re.compile(r"(?:[^\W\d_a-z]\.?){2,6}")


def _dropped(manner: Manner) -> frozenset[str]:
    match manner:
        case Manner.ORGANISATION:
            return CONNECTORS | LEGAL_FORMS
        case _:
            return frozenset()
