"""What an article says, read into the form in which two articles are compared. Pure; decides nothing.

Only the article counts: nothing here depends on what else was published, so that a day replayed gives the same
stories, whatever the archive holds.
"""

from __future__ import annotations

import math
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise
from sys import intern

from bot.matching.romanise import abjad_skeletons, is_abjad, is_latin, skeletons
from bot.stories.facts import (
    EARLY,
    FULL,
    LEAD,
    LEADING,
    NAME,
    NAMED,
    PHRASE,
    TELLING,
    TELLS,
    TITLE,
    Facts,
    Norms,
    Word,
    norm,
    pack,
)
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
LEADING_NAMES = 5
SHINGLE = 4

_BREAK = re.compile(r"[.!?:;\n«»\"“”|•–—()\[\]؟۔]")
_NUMBER = re.compile(r"\d+(?:[.,٫]\d+)*")
_GROUPED = re.compile(r"[.,٫](?=\d{3}(?:\D|$))")
_YEAR = re.compile(r"(?:19|20)\d\d")


def facts_of(title: str, text: str, language: str | None, published: datetime) -> Facts:
    """Read an article for comparing."""
    in_title, in_text = tokens(title), tokens(text[:READ_CHARACTERS])
    both = in_title + in_text
    base = _language(language, both)
    tells = weights_of(base)
    stems = [stem(token.folded) for token in both]
    titled = len(in_title)
    words = _words(stems, titled, tells, _names(title, in_title).keys() | _names(text, in_text).keys())
    leading = _mark(words)
    phrases = _phrases(stems[: titled + 300], tells)
    lead_days = _days(in_title + in_text[:LEAD_WORDS])
    return Facts(
        language=base,
        at_h=hours(published),
        stems=tuple(words),
        words=pack(words.values()),
        phrases=array("I", phrases),
        phrases_tell=bytes(phrases.values()),
        shingles=_shingles([token.folded for token in in_text]),
        numbers=tuple(dict.fromkeys(_numbers(f"{title}\n{text[:READ_CHARACTERS]}"))),
        days=lead_days | _days(in_text[LEAD_WORDS:]),
        lead_days=lead_days,
        title_dates=tuple(dict.fromkeys(_dates(in_title))),
        keys=_keys(both, {word for word, each in words.items() if each.marks & NAME}, base),
        title=sum(each.tells for each in words.values() if each.marks & TITLE),
        leading=sum(words[name].naming for name in leading),
        leaders=tuple(name for name in leading if words[name].is_rare),
        norms=_norms(words.values(), phrases.values()),
    )


def _language(said: str | None, found: Sequence[Token]) -> str:
    """What the feed says, unless the script says otherwise: an Arabic outlet's feed may hold its French edition."""
    base = (said or "").split("-")[0].lower()
    abjad = 2 * sum(is_abjad(token.folded) for token in found) > len(found)
    if abjad:
        return intern(base) if base in ABJAD else "ar"
    return "" if base in ABJAD else intern(base)


def hours(moment: datetime) -> float:
    """Since 1970."""
    return moment.timestamp() / 3600


def _mark(words: dict[str, Word]) -> list[str]:
    """Marks the words by which the article is found, and the names that stand for it, which it returns."""
    names = [word for word, each in words.items() if each.marks & NAMED]
    leading = sorted(names, key=lambda name: (-words[name].naming, name))[:LEADING_NAMES]
    titled = [word for word, each in words.items() if each.marks & TITLE]
    most = nlargest(INDEXED_WORDS, words, key=lambda word: (words[word].full, word))
    found = [word for word in {*titled, *most} if words[word].tells >= INDEX_TELLS * TELLS]
    for marked, mark in ((leading, LEADING), (found, TELLING)):
        for word in marked:
            words[word] = words[word]._replace(marks=words[word].marks | mark)
    return leading


def _norms(words: Collection[Word], phrases: Iterable[int]) -> Norms:
    plain = [each for each in words if not each.marks & NAME]
    return Norms(
        full=norm(each.full for each in words),
        sharp=norm(each.full * each.tells for each in words),
        early=norm(each.early for each in words),
        plain=norm(each.full for each in plain),
        plain_lead=norm(each.tells for each in plain if each.marks & LEAD),
        title=norm(each.tells for each in words if each.marks & TITLE),
        names=norm(each.naming for each in words if each.marks & NAMED),
        phrases=norm(phrases),
    )


def _words(stems: Sequence[str], titled: int, tells: Mapping[str, float], named: Collection[str]) -> dict[str, Word]:
    often = Counter(stems)
    early: dict[str, float] = {}
    for place, word in enumerate(stems):
        early[word] = early.get(word, 0.0) + (3.0 if place < titled else 1 / (1 + (place - titled) / LEAD_WORDS))
    title, lead = set(stems[:titled]), set(stems[: titled + LEAD_WORDS])
    found = {}
    for word, times in often.items():
        if len(word) < 2:
            continue
        told = tells.get(word, RAREST)
        marks = LEAD * (word in lead) | TITLE * (word in title) | _naming_marks(word, told, named)
        full, soon = told * (1 + math.log(times)), told * math.log1p(early[word])
        found[word] = Word(round(told * TELLS), round(full * FULL), round(soon * EARLY), marks)
    return found


def _naming_marks(word: str, told: float, named: Collection[str]) -> int:
    if word[0].isdigit():
        return NAME
    if word not in named and not (told > RARE_TELLS and is_abjad(word)):
        return 0
    return NAME | NAMED if told > NAME_TELLS else NAME


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


def _phrases(stems: Sequence[str], tells: Mapping[str, float]) -> dict[int, int]:
    found = {}
    for one, other in pairwise(stems):
        low, high = sorted((tells.get(one, RAREST), tells.get(other, RAREST)))
        if low > PHRASE_TELLS:
            found[zlib.crc32(f"{one} {other}".encode())] = round((low + high / 2) * PHRASE)
    return found


def _shingles(words: Sequence[str]) -> array[int]:
    runs = zip(*(words[at:] for at in range(SHINGLE)), strict=False)  # until the last one is whole
    return array("I", {zlib.crc32(" ".join(run).encode()) for run in runs})


def _numbers(text: str) -> Iterable[str]:
    """Of two signs and more, years apart: `1.500`, `1 500` stays two, `12,5` → `12.5`."""
    for found in _NUMBER.finditer(text):
        plain = "".join(str(int(sign)) if sign.isdecimal() else "." if sign in ",٫" else sign for sign in found[0])
        plain = _GROUPED.sub("", plain)
        if len(plain) > 1 and not _YEAR.fullmatch(plain):
            yield intern(plain)


def _days(found: Sequence[Token]) -> int:
    """A bit for each day of the week that is named."""
    bits = 0
    for token in found:
        if token.folded in DAYS:
            bits |= 1 << DAYS[token.folded]
    return bits


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


def _keys(found: Sequence[Token], named: Collection[str], language: str) -> tuple[str, ...]:
    keys: set[str] = set()
    tells = weights_of(language)
    for word in {token.folded for token in found}:
        if is_abjad(word):
            keys.update(_abjad_keys(word, tells))
        elif is_latin(word) and stem(word) in named:
            keys.update(_latin_keys(word))
    return tuple(sorted(keys))


def _abjad_keys(word: str, tells: Mapping[str, float]) -> Iterable[str]:
    if tells.get(stem(word), RAREST) < RARE_TELLS:
        return
    forms = {word} | ({word[1:]} if len(word) > 4 and word[0] in "ولبف" else set())
    for form in forms:
        yield from (intern(key.removeprefix("a")) for key in abjad_skeletons(form) if len(key) >= 3)


@lru_cache(maxsize=16_384)
def _latin_keys(word: str) -> tuple[str, ...]:
    return tuple(intern(key) for key in skeletons(word, abjad=True) if len(key) >= 3)
