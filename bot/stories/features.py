"""What an article says, in the form in which two articles are compared. Pure; decides nothing.

Only the article counts: nothing here depends on what else was published, so that a day replayed gives the same
stories, whatever the archive holds.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise
from sys import intern
from typing import NamedTuple

from bot.matching.romanise import abjad_skeletons, is_abjad, is_latin, skeletons
from bot.stories.words import DAYS, MONTHS, RAREST, stem, weights_of
from bot.text import Token, tokens

READ_CHARACTERS = 4000
"""The beginning of an article tells its event; what follows is background that other events share."""
LEAD_WORDS = 60
NAME_TELLS = 1.5
"""Words that tell less are no names, however they are written: The, Monday."""
PHRASE_TELLS = 1.2
ABJAD = frozenset({"ar", "fa", "he", "ur"})
INDEX_TELLS = 1.5
INDEXED_WORDS = 40
"""An article is found by so many of its words, those that tell most, and by all of its title's."""
RARE_TELLS = 4.2
"""From here on a word of a script without capitals is taken for a name."""
SHINGLE = 4

_BREAK = re.compile(r"[.!?:;\n«»\"“”|•–—()\[\]؟۔]")
_NUMBER = re.compile(r"\d+(?:[.,٫]\d+)*")
_GROUPED = re.compile(r"[.,٫](?=\d{3}(?:\D|$))")
_YEAR = re.compile(r"(?:19|20)\d\d")


class Word(NamedTuple):
    """How a stem stands in an article. Shared between articles, hence the rounding."""

    tells: float
    full: float
    """By how often it stands there."""
    early: float
    """By how early."""
    lead: bool
    name: bool


_word = lru_cache(maxsize=65_536)(Word)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """An article as grouping remembers it. Norms are those of the vectors that comparing multiplies."""

    language: str
    at_h: float
    """Publication, hours since 1970."""
    words: Mapping[str, Word]
    telling: tuple[str, ...]
    """By which it is found."""
    title: Mapping[str, float]
    names: Mapping[str, float]
    leading_names: tuple[str, ...]
    phrases: Mapping[int, float]
    """Pairs of neighbouring words."""
    shingles: frozenset[int]
    """Runs of `SHINGLE` words of the text."""
    numbers: frozenset[str]
    days: frozenset[int]
    """Days of the week, anywhere."""
    lead_days: frozenset[int]
    title_dates: frozenset[tuple[int, int]]
    keys: frozenset[str]
    """Names as any script shows them: their consonants."""
    full_norm: float
    sharp_norm: float
    early_norm: float
    plain_norm: float
    plain_lead_norm: float
    title_norm: float
    names_norm: float
    phrases_norm: float


def facts_of(title: str, text: str, language: str | None, published: datetime) -> Facts:
    """Read an article for comparing."""
    in_title, in_text = tokens(title), tokens(text[:READ_CHARACTERS])
    base = _language(language, in_title + in_text)
    tells = weights_of(base)
    stems = [intern(stem(token.folded)) for token in (*in_title, *in_text)]
    titled = len(in_title)
    named = _names(title, in_title) + _names(text, in_text)
    words = _words(stems, titled, tells, named)
    names = {
        word: each.full * (1.5 if each.lead else 1.0)
        for word, each in words.items()
        if each.name and each.tells > NAME_TELLS and not word[0].isdigit()
    }
    title_words = {word: words[word].tells for word in stems[:titled] if word in words}
    phrases = _phrases(stems[: titled + 300], tells)
    plain = [each for each in words.values() if not each.name]
    return Facts(
        language=base,
        at_h=hours(published),
        words=words,
        telling=_telling(words, title_words),
        title=title_words,
        names=names,
        leading_names=tuple(sorted(names, key=lambda name: (-names[name], name))[:5]),
        phrases=phrases,
        shingles=_shingles([token.folded for token in in_text]),
        numbers=frozenset(_numbers(f"{title}\n{text[:READ_CHARACTERS]}")),
        days=frozenset(_days(in_title + in_text)),
        lead_days=frozenset(_days(in_title + in_text[:LEAD_WORDS])),
        title_dates=frozenset(_dates(in_title)),
        keys=_keys(in_title + in_text, {word for word, each in words.items() if each.name}, base),
        full_norm=_norm(each.full for each in words.values()),
        sharp_norm=_norm(each.full * each.tells for each in words.values()),
        early_norm=_norm(each.early for each in words.values()),
        plain_norm=_norm(each.full for each in plain),
        plain_lead_norm=_norm(each.tells for each in plain if each.lead),
        title_norm=_norm(title_words.values()),
        names_norm=_norm(names.values()),
        phrases_norm=_norm(phrases.values()),
    )


def _language(said: str | None, found: Sequence[Token]) -> str:
    """What the feed says, unless the script says otherwise: an Arabic outlet's feed may hold its French edition."""
    base = (said or "").split("-")[0].lower()
    abjad = 2 * sum(is_abjad(token.folded) for token in found) > len(found)
    if abjad:
        return base if base in ABJAD else "ar"
    return "" if base in ABJAD else base


def hours(moment: datetime) -> float:
    """Since 1970."""
    return moment.timestamp() / 3600


def _telling(words: Mapping[str, Word], title: Iterable[str]) -> tuple[str, ...]:
    most = nlargest(INDEXED_WORDS, words, key=lambda word: (words[word].full, word))
    return tuple(word for word in dict.fromkeys((*title, *most)) if words[word].tells >= INDEX_TELLS)


def _norm(values: Iterable[float]) -> float:
    return math.sqrt(sum(value * value for value in values)) or 1.0


def _words(
    stems: Sequence[str], titled: int, tells: Mapping[str, float], named: Mapping[str, float]
) -> dict[str, Word]:
    often = Counter(stems)
    early: dict[str, float] = {}
    for place, word in enumerate(stems):
        early[word] = early.get(word, 0.0) + (3.0 if place < titled else 1 / (1 + (place - titled) / LEAD_WORDS))
    lead = set(stems[: titled + LEAD_WORDS])
    found = {}
    for word, times in often.items():
        if len(word) < 2:
            continue
        told = tells.get(word, RAREST)
        rare_sign = is_abjad(word) and told > RARE_TELLS
        number = word[0].isdigit()
        found[word] = _word(
            told,
            round(told * (1 + math.log(times)), 2),
            round(told * math.log1p(early[word]), 1),
            word in lead,
            number or rare_sign or word in named,
        )
    return found


def _names(text: str, found: Sequence[Token]) -> Counter[str]:
    """Stems of words written with a capital for another reason than where they stand, and how often."""
    inside: Counter[str] = Counter()
    first: Counter[str] = Counter()
    small: Counter[str] = Counter()
    capitals = sum(token.capital for token in found)
    headline = len(found) > 3 and capitals > 0.6 * len(found)
    end = 0
    for token in found:
        opens = end == 0 or _BREAK.search(text, end, token.start) is not None
        end = token.end
        word = token.folded
        if word[0].isdigit() or len(word) < 2 or is_abjad(word):
            continue
        if not token.capital:
            small[word] += 1
        elif opens or headline:
            first[word] += 1
        else:
            inside[word] += 1
    names: Counter[str] = Counter()
    for word in inside.keys() | first.keys():
        if small[word] <= inside[word] and (inside[word] or not small[word]):
            names[stem(word)] += inside[word] + first[word]
    return names


def _phrases(stems: Sequence[str], tells: Mapping[str, float]) -> dict[int, float]:
    found = {}
    for one, other in pairwise(stems):
        low, high = sorted((tells.get(one, RAREST), tells.get(other, RAREST)))
        if low > PHRASE_TELLS:
            found[zlib.crc32(f"{one} {other}".encode())] = low + high / 2
    return found


def _shingles(words: Sequence[str]) -> frozenset[int]:
    runs = (words[at : at + SHINGLE] for at in range(len(words) - SHINGLE + 1))
    return frozenset(zlib.crc32(" ".join(run).encode()) for run in runs)


def _numbers(text: str) -> Iterable[str]:
    """Of two signs and more, years apart: `1.500`, `1 500` stays two, `12,5` → `12.5`."""
    for found in _NUMBER.finditer(text):
        plain = "".join(str(int(sign)) if sign.isdecimal() else "." if sign in ",٫" else sign for sign in found[0])
        plain = _GROUPED.sub("", plain)
        if len(plain) > 1 and not _YEAR.fullmatch(plain):
            yield plain


def _days(found: Sequence[Token]) -> Iterable[int]:
    return (DAYS[token.folded] for token in found if token.folded in DAYS)


def _dates(found: Sequence[Token]) -> Iterable[tuple[int, int]]:
    """(month, day), from `4 mars` as from `March 4`; (0, day of the week) too, for what a title is dated by."""
    words = [token.folded for token in found]
    for at, word in enumerate(words):
        if word in DAYS:
            yield 0, DAYS[word]
        if word in MONTHS:
            for near in (*words[max(0, at - 1) : at], *words[at + 1 : at + 2]):
                if near.isdecimal() and 1 <= int(near) <= 31:
                    yield MONTHS[word], int(near)
                    break


def _keys(found: Sequence[Token], named: set[str], language: str) -> frozenset[str]:
    keys: set[str] = set()
    tells = weights_of(language)
    for word in {token.folded for token in found}:
        if is_abjad(word):
            keys.update(_abjad_keys(word, tells))
        elif is_latin(word) and stem(word) in named:
            keys.update(_latin_keys(word))
    return frozenset(keys)


def _abjad_keys(word: str, tells: Mapping[str, float]) -> Iterable[str]:
    if tells.get(stem(word), RAREST) < RARE_TELLS:
        return
    forms = {word} | ({word[1:]} if len(word) > 4 and word[0] in "ولبف" else set())
    for form in forms:
        yield from (intern(key.removeprefix("a")) for key in abjad_skeletons(form) if len(key) >= 3)


@lru_cache(maxsize=16_384)
def _latin_keys(word: str) -> tuple[str, ...]:
    return tuple(intern(key) for key in skeletons(word, abjad=True) if len(key) >= 3)
