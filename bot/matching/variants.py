"""Plausible ways to write a watched name, right and wrong, to be tried on the matcher. Pure; decides nothing.

Each stands for one rule ("surname first", "another given name"), the most telling first. Other scripts are tried letter
by letter, and kept only where the table of known names says that the result is the same name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice, product
from typing import NamedTuple

from rapidfuzz.distance import OSA

from bot.given_names import given_names
from bot.known_names import known_names
from bot.matching.alias import Alias, Manner
from bot.matching.lexicon import CONNECTORS, LEGAL_FORMS, PARTICLES
from bot.matching.spelling import Script, Spelling
from bot.text import fold, tokens


class Way(StrEnum):
    """What sets an example apart from the name as it is watched."""

    ITSELF = "itself"
    ALIAS = "alias"
    SURNAME = "surname"
    DOUBLED = "doubled"
    HEARD = "heard"
    ARABIC = "arabic"
    CYRILLIC = "cyrillic"
    LATIN = "latin"
    INITIAL = "initial"
    REVERSED = "reversed"
    SHORTER = "shorter"
    NO_PARTICLE = "no-particle"
    NO_HYPHEN = "no-hyphen"
    NO_ACCENT = "no-accent"
    SWAPPED = "swapped"
    MIDDLE = "middle"
    CAPITALS = "capitals"
    DOTS = "dots"
    NO_LEGAL_FORM = "no-legal-form"
    FEWER_WORDS = "fewer-words"
    GIVEN_NAME = "given-name"
    OTHER_GIVEN_NAME = "other-given-name"
    WITH_GIVEN_NAME = "with-given-name"
    CLOSE_GIVEN_NAME = "close-given-name"
    CLOSE_SURNAME = "close-surname"
    LOWER_CASE = "lower-case"
    LONGER_WORD = "longer-word"
    OTHER_ORDER = "other-order"


class Variant(NamedTuple):
    """A way to write a name, and what it is an example of."""

    written: str
    way: Way


def variants(alias: Alias) -> Iterator[Variant]:
    """Ways to write what one alias of a name stands for, but for the alias itself."""
    made = {
        Manner.FULL_NAME: _of_a_full_name,
        Manner.SURNAME: _of_a_surname,
        Manner.NICKNAME: _of_a_nickname,
        Manner.ACRONYM: _of_an_acronym,
        Manner.ORGANISATION: _of_an_organisation,
        Manner.PHRASE: _of_a_phrase,
    }[alias.manner]
    return (each for each in made(alias.written) if each.written != alias.written)


@dataclass(frozen=True, slots=True)
class Person:
    """A full name taken apart as it is written."""

    given: str
    middle: tuple[str, ...]
    particles: tuple[str, ...]
    surname: str

    @staticmethod
    def of(written: str) -> Person:
        words = written.split()
        if len(words) == 1:  # Jean-Martin
            words = [written[word.start : word.end] for word in tokens(written)]
        first, *between, last = words
        at = next((at for at in range(len(between)) if _only_particles(between[at:])), len(between))
        return Person(first, tuple(between[:at]), tuple(between[at:]), last)

    @property
    def family(self) -> str:
        """The surname with its particles: `de Gaulle`."""
        return " ".join([*self.particles, self.surname])

    def named(self, given: str, family: str | None = None) -> str:
        return f"{given} {family or self.family}"

    def respelt(self, surname: str) -> str:
        """Given name and another spelling of the surname."""
        return self.named(self.given, " ".join([*self.particles, surname]))


def _only_particles(words: Sequence[str]) -> bool:
    return all(fold(word) in PARTICLES for word in words)


# --- People ----------------------------------------------------------------------------------------------------------


def _of_a_full_name(written: str) -> Iterator[Variant]:
    person = Person.of(written)
    cased = person.given[0].isupper()
    yield Variant(person.surname, Way.SURNAME)
    yield from (Variant(person.respelt(each), Way.DOUBLED) for each in _doubled(person.surname))
    yield from _in_other_scripts(person.named(person.given))
    if cased:
        yield Variant(f"{person.given[0]}. {person.family}", Way.INITIAL)
        yield Variant(f"{person.family.upper()} {person.given}", Way.REVERSED)
    yield from (Variant(person.respelt(each), Way.HEARD) for each in _heard(person.surname))
    yield from (Variant(person.respelt(each), Way.SWAPPED) for each in _swapped(person.surname))
    if person.middle:
        yield Variant(person.named(person.given), Way.SHORTER)
    if person.particles:
        yield Variant(" ".join([person.given, *person.middle, person.surname]), Way.NO_PARTICLE)
    yield from _as_typed(written)
    if Spelling(fold(person.given)).script is Script.LATIN and not person.middle:
        yield Variant(person.named(f"{person.given} J."), Way.MIDDLE)
    yield from _other_people(person)


def _other_people(person: Person) -> Iterator[Variant]:
    yield Variant(person.given, Way.GIVEN_NAME)
    others = _other_given_names((person.given, *person.middle))
    yield from (Variant(person.named(each), Way.OTHER_GIVEN_NAME) for each in others)
    yield from (Variant(person.named(each), Way.CLOSE_GIVEN_NAME) for each in _close_given_names(person.given))
    yield from (Variant(person.respelt(each), Way.CLOSE_SURNAME) for each in _close_surnames(person.surname))


def _of_a_surname(written: str) -> Iterator[Variant]:
    yield Variant(written.upper(), Way.CAPITALS)
    yield from (Variant(each, Way.DOUBLED) for each in _doubled(written))
    yield from _in_other_scripts(written)
    yield from _as_typed(written)
    yield from (Variant(each, Way.HEARD) for each in _heard(written))
    yield from (Variant(each, Way.SWAPPED) for each in _swapped(written))
    yield from (Variant(f"{each} {written}", Way.WITH_GIVEN_NAME) for each in _other_given_names([written]))
    yield Variant(written.lower(), Way.LOWER_CASE)
    yield from (Variant(each, Way.CLOSE_SURNAME) for each in _close_surnames(written))


def _of_a_nickname(written: str) -> Iterator[Variant]:
    yield Variant(written.lower(), Way.LOWER_CASE)


# --- Bodies and phrases -----------------------------------------------------------------------------------------------


def _of_an_acronym(written: str) -> Iterator[Variant]:
    letters = written.replace(".", "")
    yield Variant(letters if "." in written else ".".join(letters) + ".", Way.DOTS)
    yield Variant(letters.lower(), Way.LOWER_CASE)
    yield Variant(letters.capitalize(), Way.LOWER_CASE)
    yield Variant(letters + "E", Way.LONGER_WORD)


def _of_an_organisation(written: str) -> Iterator[Variant]:
    words = written.split()
    named = [word for word in words if fold(word.replace(".", "")) not in LEGAL_FORMS]
    if 0 < len(named) < len(words):
        yield Variant(" ".join(named), Way.NO_LEGAL_FORM)
    yield from _as_typed(written)
    yield Variant(written.upper(), Way.CAPITALS)
    longest = max(words, key=len)
    for swapped in _swapped(longest):
        yield Variant(written.replace(longest, swapped), Way.SWAPPED)
    yield Variant(written.lower(), Way.LOWER_CASE)
    telling = [word for word in named if fold(word) not in CONNECTORS and any(map(str.isalpha, word))]
    if len(telling) > 1:
        yield Variant(telling[0], Way.FEWER_WORDS)
        yield Variant(" ".join(reversed(telling)), Way.OTHER_ORDER)


def _of_a_phrase(written: str) -> Iterator[Variant]:
    words = written.split()
    yield Variant(written.upper(), Way.CAPITALS)
    yield from _as_typed(written)
    if len(words) > 1:
        yield Variant(" ".join(reversed(words)), Way.OTHER_ORDER)
        yield Variant(words[0], Way.FEWER_WORDS)


# --- One word otherwise -----------------------------------------------------------------------------------------------


def _as_typed(written: str) -> Iterator[Variant]:
    """What keyboards and house styles make of it."""
    yield Variant(re.sub("[-‑]", " ", written), Way.NO_HYPHEN)
    marks = unicodedata.normalize("NFD", written)
    if written[0].upper() != written[0].lower():
        yield Variant("".join(each for each in marks if not unicodedata.combining(each)), Way.NO_ACCENT)


def _doubled(word: str) -> Iterator[str]:
    """A doubled consonant written once, or a single one between vowels written twice."""
    if once := re.sub(r"([^\W\d_aeiouy])\1", r"\1", word, count=1, flags=re.ASCII):
        yield from [once] if once != word else []
    if not re.search(r"(\w)\1", word):
        found = list(re.finditer(r"(?<=[aeiou])[lmnrst](?=[aeiou])", word))
        if found:
            at = found[-1].start()
            yield word[:at] + word[at] + word[at:]


_HABITS = (("ou", "u"), ("sh", "ch"), ("dj", "j"), ("kh", "k"), ("q", "k"), ("gui", "guy"), ("y", "i"), ("j", "dj"))
"""Spellings that newspapers swap in names from Arabic and Russian, the most telling first."""


def _heard(word: str) -> Iterator[str]:
    for one, other in _HABITS:
        at = word.rfind(one)
        if at > 0 and not word[at - 1 : at + 2].startswith(other):
            yield word[:at] + other + word[at + len(one) :]
            return


def _swapped(word: str) -> Iterator[str]:
    """Two letters in the middle change places (in scripts with capitals: Arabic letters are not shuffled so)."""
    if word.upper() == word.lower():
        return
    middle = len(word) // 2
    for at in (middle, middle - 1, middle + 1):
        if 0 < at < len(word) - 1 and word[at] != word[at + 1] and word[at : at + 2].isalpha():
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            return


# --- Other people -----------------------------------------------------------------------------------------------------

_OTHERS = {
    Script.LATIN: ("Sofia", "Paul", "Karim"),
    Script.ABJAD: ("سعاد", "كريم", "طارق"),
    Script.CYRILLIC: ("Ольга", "Павел", "Тимур"),
}
_ENDINGS = ("et", "ot", "ier", "ard", "ani", "as", "is", "er", "el", "an", "on", "in", "a", "i", "e")


def _other_given_names(mine: Sequence[str]) -> Iterator[str]:
    """A common given name that is like none of these words."""
    words = [fold(word) for each in mine for word in re.split("[-‑]", each) if fold(word)]
    others = _OTHERS.get(Spelling(words[0]).script, ()) if words else ()
    unlike = (other for other in others if not any(_one_name(fold(other), word) for word in words))
    return islice(unlike, 1)


def _one_name(one: str, other: str) -> bool:
    return one == other or not set(known_names().groups(one)).isdisjoint(known_names().groups(other))


def _close_given_names(given: str) -> Iterator[str]:
    """Another common given name, one slip away: Gérard for Gérald."""
    mine = fold(given)
    near = (other for other in given_names() if other[:2] == mine[:2] and OSA.distance(other, mine) == 1)
    return (other.capitalize() for other in sorted(near) if not _one_name(other, mine))


def _close_surnames(surname: str) -> Iterator[str]:
    """Real names that begin like this one: Bajaj for Bajjou."""
    folded = fold(surname)
    if not folded.isascii() or len(folded) < 4:
        return
    mine = set(known_names().groups(folded))
    for cut in (1, 2):
        for ending in _ENDINGS:
            other = folded[:-cut] + ending
            if other != folded and other in known_names() and mine.isdisjoint(known_names().groups(other)):
                yield surname[:1] + other[1:]


# --- Other scripts ----------------------------------------------------------------------------------------------------

_MOST_TRIED = 4000
_ARABIC = {
    "a": ("ا", "", "ع", "ه", "ة"), "b": ("ب",), "c": ("ك", "س"), "d": ("د", "ض"), "e": ("", "ي", "ا"), "f": ("ف",),
    "g": ("ج", "غ", "ق"), "h": ("ح", "ه", ""), "i": ("ي", ""), "j": ("ج",), "k": ("ك", "ق", "خ"), "l": ("ل",),
    "m": ("م",), "n": ("ن",), "o": ("و", ""), "p": ("ب",), "q": ("ق",), "r": ("ر",), "s": ("س", "ص"),
    "t": ("ت", "ط"), "u": ("و", ""), "v": ("ف",), "w": ("و",), "x": ("كس",), "y": ("ي",), "z": ("ز",),
    "ch": ("ش",), "sh": ("ش",), "kh": ("خ",), "gh": ("غ",), "ou": ("و", ""), "ia": ("يا", "ية"), "a$": ("ة", "ا", ""),
}  # fmt: skip
_CYRILLIC = {
    "a": ("а",), "b": ("б",), "c": ("к", "с"), "d": ("д",), "e": ("е", "э"), "f": ("ф",), "g": ("г", "ж"),
    "h": ("х", ""), "i": ("и", "й"), "j": ("ж", "й"), "k": ("к", "х"), "l": ("л", "ль"), "m": ("м",), "n": ("н",),
    "o": ("о",), "p": ("п",), "q": ("к",), "r": ("р",), "s": ("с", "з"), "t": ("т",), "u": ("у", "ю"), "v": ("в",),
    "w": ("в", "у"), "x": ("кс",), "y": ("й", "и", "ы"), "z": ("з",), "ch": ("ш", "ч"), "sh": ("ш",), "kh": ("х",),
    "ou": ("у",), "ya": ("я",), "ia": ("ия", "я"), "^e": ("э", "е"), "ue": ("уэ", "ю"), "ie": ("ие", "ье", "иэ"),
    "ae": ("аэ", "ае"), "l$": ("ль", "л"),
}  # fmt: skip
_LETTERS = re.compile("ch|sh|kh|gh|ou|ya|ia|ue|ie|ae|[a-z]")
"""Letters that are written as one; `^` and `$` mark those that begin or end a word."""


def _in_other_scripts(written: str) -> Iterator[Variant]:
    """The name in Arabic and Cyrillic, or in Latin letters, where every word of it is known so."""
    words = [word for word in re.split(r"[\s-]+", written) if word]
    script = Spelling(fold(words[0])).script
    if script is Script.LATIN:
        arabic = [_known_form(fold(word), _ARABIC) for word in words]
        cyrillic = [_known_form(fold(word), _CYRILLIC) for word in words]
        if all(arabic):
            yield Variant(" ".join(map(str, arabic)), Way.ARABIC)
        if all(cyrillic):
            yield Variant(" ".join(str(word).capitalize() for word in cyrillic), Way.CYRILLIC)
    elif script in {Script.ABJAD, Script.CYRILLIC}:
        latin = [_latin_form(fold(word)) for word in words]
        if all(latin):
            yield Variant(" ".join(str(word).capitalize() for word in latin), Way.LATIN)


def _known_form(folded: str, letters: Mapping[str, Sequence[str]]) -> str | None:
    """The first spelling in these letters that is known to be the same name."""
    groups = set(known_names().groups(folded))
    if not groups or not folded.isascii() or not folded.isalpha():
        return None
    tried = islice(chain(_spelt(folded, letters), _spelt(re.sub(r"(.)\1", r"\1", folded), letters)), _MOST_TRIED)
    return next((each for each in tried if not groups.isdisjoint(known_names().groups(fold(each)))), None)


def _spelt(folded: str, letters: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every spelling of a Latin word in these letters."""
    choices: list[Sequence[str]] = []
    for found in _LETTERS.finditer(folded):
        edge = "^" * (found.start() == 0) + found[0] + "$" * (found.end() == len(folded))
        marked = (edge, edge.rstrip("$"), edge.lstrip("^"), found[0])
        choice = next((letters[each] for each in marked if each in letters), None)
        choices += [choice] if choice else [letters[letter] for letter in found[0]]
    return ("".join(each) for each in product(*choices))


def _latin_form(folded: str) -> str | None:
    """A common given name that is the same name, else the plain reading of the letters where that is a name."""
    groups = set(known_names().groups(folded))
    roman = Spelling(folded).roman
    same = [each for each in given_names() if each.isascii() and not groups.isdisjoint(known_names().groups(each))]
    if same:
        return min(same, key=lambda each: (OSA.distance(each, roman), each))
    return roman if roman in known_names() else None
