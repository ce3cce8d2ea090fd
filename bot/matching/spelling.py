"""How one written word may stand for one word of a name, and the keys under which the two meet.

Each relation is told of two words that share its key (`vocabulary.py` looks them up), and does not look for it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA, LCSseq
from rapidfuzz.fuzz import ratio

from bot.given_names import given_names
from bot.known_names import known_names
from bot.matching import weights
from bot.matching.inflection import base_forms
from bot.matching.romanise import (
    abjad_skeletons,
    abjad_vowels,
    is_abjad,
    is_cyrillic,
    is_ideographic,
    is_latin,
    latin,
    skeleton,
    skeletons,
    sound,
)


class Script(StrEnum):
    """Scripts that are compared in different ways."""

    LATIN = "latin"
    ABJAD = "abjad"
    CYRILLIC = "cyrillic"
    IDEOGRAPHIC = "ideographic"
    OTHER = "other"

    __hash__ = str.__hash__  # as fast as a string: every new word is looked up by its script


@dataclass(frozen=True, slots=True)
class Likeness:
    """How good a resemblance is (`weights`), and its reason code; `exact` needs no explaining."""

    score: int
    code: str
    languages: frozenset[str] | None = None
    """It holds in texts of these languages only; None in all."""
    otherwise: Likeness | None = None
    """What it is in texts of other languages."""


EXACT = Likeness(weights.EXACT, "exact")
SAME_NAME = Likeness(weights.SAME_NAME, "same-name")
SOUNDS_ALIKE = Likeness(weights.SOUNDS_ALIKE, "sounds-alike")
INFLECTED = Likeness(weights.INFLECTED, "inflected")
SAME_SOUND = Likeness(weights.SAME_SOUND, "transliterated")
TRANSLITERATED = Likeness(weights.TRANSLITERATED, "transliterated")
TYPO = Likeness(weights.TYPO, "typo")
WRONG_START = Likeness(weights.TYPO, "typo")
"""Bondui for Bindui: of a surname, perhaps another one."""
OTHER_NAME = Likeness(weights.OTHER_NAME, "other-name")
JOINED = Likeness(weights.SOUNDS_ALIKE, "joined")
"""Mc Grath = McGrath."""


class Spelling:
    """A folded word and what it is compared by, made when it is first asked for: most words are never compared."""

    __slots__ = ("folded", "heard", "roman", "script", "vowels")

    folded: str
    script: Script
    roman: str
    """In the letters a to z."""
    heard: str
    """What it sounds like, coarsely (`romanise.sound`)."""
    vowels: str
    """Those that are written, of an Arabic or Hebrew word; of others those that are heard."""

    def __init__(self, folded: str) -> None:
        self.folded = folded
        if folded.isascii():
            self.script = Script.LATIN
            self.roman = folded
        else:
            self.script = _script(folded)

    def __getattr__(self, name: str) -> str:
        # Asked only for what is not there yet; from then on it is an attribute like any other.
        match name:
            case "roman":
                made = latin(self.folded)
            case "heard":
                made = sound(self.roman)
            case "vowels" if self.script is Script.ABJAD:
                made = abjad_vowels(self.folded)
            case "vowels":
                made = self.heard.translate(_NO_CONSONANTS)
            case _:
                raise AttributeError(name)
        setattr(self, name, made)
        return made


_NO_CONSONANTS = str.maketrans("", "", "bcCdfghjklmnpqrstvwxz0123456789")


def _script(folded: str) -> Script:
    if is_latin(folded):
        return Script.LATIN
    if is_abjad(folded):
        return Script.ABJAD
    if is_cyrillic(folded):
        return Script.CYRILLIC
    return Script.IDEOGRAPHIC if is_ideographic(folded) else Script.OTHER


def readings(word: Spelling) -> tuple[Spelling, ...]:
    """The written word, then what it may be with a prefix or a case ending taken off (where the script tells so)."""
    return (word, *(Spelling(base) for base in base_forms(word.folded)))


def is_other_sex(written: Spelling, wanted: Spelling) -> bool:
    """The name of a man and of a woman: Daniel and Danièle, Novák and Nováková, Petrov and Petrova."""
    short, long = sorted((written.folded, wanted.folded), key=len)
    if not long.startswith(short):
        return False
    more = long[len(short) :]
    if more == "ova" or (more == "a" and short.endswith(("ov", "ev", "in"))):
        return True
    return more in {"e", "le", "ne", "te"} and {short, long} <= given_names()


def is_one_name(written: Spelling, wanted: Spelling) -> bool:
    """Two words of one group of the known names: whether the press would write one for the other."""
    if written.script is not Script.LATIN or wanted.script is not Script.LATIN:
        return True
    if is_other_sex(written, wanted):
        return False
    short = min(len(written.roman), len(wanted.roman)) < weights.SHORTEST_WITH_TYPO
    return ratio(written.roman, wanted.roman) >= (weights.ONE_SHORT_NAME if short else weights.ONE_NAME)


def may_stand_alone(written: Spelling, wanted: Spelling, likeness: Likeness, *, context: bool) -> bool:
    """Whether a surname in this spelling says enough without a given name: « Brücke » is nobody called Bruck.

    Args:
        context: the entity names words that must stand in the article then.
    """
    if likeness.code == "exact":
        return len(written.folded) >= weights.SHORTEST_BARE
    if len(wanted.heard) < weights.SHORTEST_BARE_OTHERWISE - context:
        return False
    if likeness.code == "inflected":
        return written.script is not Script.LATIN or written.folded.startswith(wanted.folded[:-1])
    if likeness.code == "sounds-alike":
        other_name = context or written.folded in known_names()
        return not other_name and OSA.distance(written.roman, wanted.roman) <= 1
    return written.script is not wanted.script and written.heard == wanted.heard


# --- Across scripts ----------------------------------------------------------------------------------------------


def bones(word: Spelling, *, abjad: bool) -> frozenset[str]:
    """The consonants under which a word meets those of other scripts, two at least.

    In Arabic and Hebrew (`abjad`) a word that begins with a vowel is written with one: an `a` stands first then. Behind
    two consonants the written vowels stand, too.
    """
    if word.script is Script.LATIN:
        found = skeletons(word.roman, abjad=abjad)
    elif word.script is Script.ABJAD:
        found = abjad_skeletons(word.folded)
    else:
        found = frozenset({skeleton(word.heard, abjad=abjad)})
        if "\u0370" <= word.folded[:1] <= "\u03ff":  # inside a Greek word, too, ντ and μπ may be d and b
            found |= {skeleton(word.heard.replace("nt", "d").replace("mb", "b"), abjad=abjad)}
        if "kh" in word.roman:
            found |= {skeleton(sound(word.roman.replace("kh", "h")), abjad=abjad)}
    counted = {each: consonants(each) for each in found}
    found = frozenset(each for each, count in counted.items() if count > 1)
    if not abjad or not found:
        return found
    if word.script is Script.ABJAD:
        return frozenset(f"{each} {word.vowels}" if counted[each] == 2 else each for each in found)
    if word.heard[:1] == "h":
        found |= {"a" + each for each in found}
    elif word.heard[:1] in _VOWELS:
        found = frozenset("a" + each for each in found)
    return frozenset(key for each in found for key in _with_vowels(each, word.vowels))


def _with_vowels(key: str, vowels: str) -> Iterable[str]:
    """Two consonants say too little: every choice of the vowels that may be written stands with them."""
    if consonants(key) > 2:
        return (key,)
    choices = {""}
    for vowel in vowels[:_MOST_VOWELS]:
        choices |= {choice + vowel for choice in choices}
    return [f"{key} {choice}" for choice in choices]


_MOST_VOWELS = 5


def consonants(key: str) -> int:
    """How many a key of `bones` has."""
    length = key.find(" ")
    return (length if length >= 0 else len(key)) - key.startswith("a")


_VOWELS = frozenset("aiu")


def is_transliterated(written: Spelling, wanted: Spelling, shared: int) -> bool:
    """Words of two scripts with `shared` consonants in common: whether the vowels agree as far as they are written."""
    if written.script is Script.ABJAD:
        return _vowels_agree(written, wanted, shared)
    if wanted.script is Script.ABJAD:
        return _vowels_agree(wanted, written, shared)
    return OSA.distance(written.heard, wanted.heard) <= 1 + len(wanted.heard) // 3


def _vowels_agree(unvoweled: Spelling, voweled: Spelling, shared: int) -> bool:
    """The vowels that are written stand in the other word in the same order; the more consonants, the fewer need to."""
    last = voweled.heard[-1]
    if last in "iu" and unvoweled.heard[-1] != last:
        return False  # a long vowel at the end is always written: بجو is Bajjou, بج is not
    if unvoweled.heard[-1] in _VOWELS and voweled.roman[-1] not in "aeiouyh":
        return False  # and none is written where none is: لكنة is no Logan
    return len(unvoweled.vowels) - LCSseq.similarity(unvoweled.vowels, voweled.vowels) <= shared - 2


# --- Slips -------------------------------------------------------------------------------------------------------


def slip(written: Spelling, wanted: Spelling) -> Likeness | None:
    """A typing error in proportion to the length; a name of its own may be one, or somebody else."""
    one, other = written.roman, wanted.roman
    length = min(len(one), len(other))
    if length < weights.SHORTEST_WITH_TYPO - 1 or len(other) < weights.SHORTEST_WITH_TYPO:
        return None
    budget = 2 if length >= weights.SHORTEST_WITH_TWO_TYPOS else 1
    if OSA.distance(one, other, score_cutoff=budget) > budget:
        return None
    if one.replace("kh", "h") == other.replace("kh", "h"):
        return SOUNDS_ALIKE  # Akhmed, Ahmed
    if length > weights.SHORTEST_WITH_TYPO and _press_form(one) == _press_form(other):
        return SOUNDS_ALIKE
    # Gérard for Gérald, Kurata for Murata: another name, or a slip that looks like one.
    if written.folded in known_names():
        return OTHER_NAME
    return WRONG_START if length < weights.SHORTEST_WITH_WRONG_START and _starts_wrong(one, other) else TYPO


def _press_form(roman: str) -> str:
    """Equal for what the press writes one for the other: Zeghloul, Zaghloul; Tlemçani, Tlemsani."""
    return roman.replace("kh", "h").replace("c", "s").replace("e", "a")


def _starts_wrong(written: str, wanted: str) -> bool:
    """One of the first two letters stands for another (a swap of neighbours is a slip of the fingers)."""
    return len(written) == len(wanted) and written[:2] != wanted[:2] and sorted(written) != sorted(wanted)


def shortened(roman: str) -> list[str]:
    """What two words have in common that are a slip apart: the word, and the word without each one of its letters.

    Of long words, which may have two slips, the first and the last letters too: both ends are seldom wrong. Empty for
    short words, which may have none.
    """
    if len(roman) < weights.SHORTEST_WITH_TYPO - 1:
        return []
    keys = [roman]
    keys += [roman[:at] + roman[at + 1 :] for at in range(len(roman))]
    if len(roman) >= weights.SHORTEST_WITH_TWO_TYPOS - 1:
        keys += (f"{roman[:_END]}-", f"-{roman[-_END:]}")
    return keys


_END = 5
