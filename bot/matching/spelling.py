"""How one written word resembles one word of a name, and the keys under which it is looked up.

Two words that `compare` accepts share at least one of the keys that `Vocabulary` files and looks under.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from rapidfuzz.distance import OSA, LCSseq
from rapidfuzz.fuzz import ratio

from bot.known_names import known_names
from bot.matching import weights
from bot.matching.inflection import base_forms, declined
from bot.matching.romanise import is_abjad, is_cyrillic, is_ideographic, is_latin, latin, skeleton, skeletons, sound


class Script(Enum):
    """Scripts that are compared in different ways."""

    LATIN = "latin"
    ABJAD = "abjad"
    CYRILLIC = "cyrillic"
    IDEOGRAPHIC = "ideographic"
    OTHER = "other"


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
OTHER_NAME = Likeness(weights.OTHER_NAME, "other-name")
JOINED = Likeness(weights.SOUNDS_ALIKE, "joined")
"""Mc Grath = McGrath."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A folded word and what it is compared by."""

    folded: str
    script: Script
    roman: str
    heard: str

    @property
    def groups(self) -> tuple[int, ...]:
        return known_names().groups(self.folded)


def spell(folded: str) -> Spelling:
    """The word, romanised and heard."""
    script = _script(folded)
    roman = latin(folded)
    return Spelling(folded, script, roman, sound(roman))


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
    if word.script is Script.LATIN:
        return (word,)
    return (word, *(spell(base) for base in base_forms(word.folded)))


def compare(written: Spelling, wanted: Spelling) -> Likeness | None:
    """How `written` stands for `wanted`, or None when it is another word."""
    if written.folded == wanted.folded:
        return EXACT
    if _one_name(written, wanted):
        return SAME_NAME
    if found := _sounds_alike(written, wanted):
        return found
    for base in readings(written)[1:]:
        if base.folded == wanted.folded or _one_name(base, wanted) or _heard_alike(base, wanted):
            return INFLECTED
        if found := _sounds_alike(base, wanted):
            return found
    if written.script is wanted.script:
        return _declined(written, wanted) or _slip(written, wanted)
    return None


def _declined(written: Spelling, wanted: Spelling) -> Likeness | None:
    languages = declined(written.heard, wanted.heard)
    if not languages:
        return None
    if written.script is not Script.LATIN:
        return INFLECTED
    return Likeness(weights.INFLECTED, "inflected", languages, otherwise=_slip(written, wanted))


def _one_name(written: Spelling, wanted: Spelling) -> bool:
    """Two spellings of one name, as far as they are known (`known_names`)."""
    groups = wanted.groups
    if not groups or set(groups).isdisjoint(written.groups):
        return False
    # John, Jean and Juan are one name in the data, and three men in the press.
    if written.script is not Script.LATIN or wanted.script is not Script.LATIN:
        return True
    short = min(len(written.roman), len(wanted.roman)) < weights.SHORTEST_WITH_TYPO
    return ratio(written.roman, wanted.roman) >= (weights.ONE_SHORT_NAME if short else weights.ONE_NAME)


def _sounds_alike(written: Spelling, wanted: Spelling) -> Likeness | None:
    """By sound, or across scripts by the consonants and the vowels that both of them write."""
    same_script = written.script is wanted.script
    if _heard_alike(written, wanted):
        return SOUNDS_ALIKE if same_script else SAME_SOUND
    if same_script or Script.IDEOGRAPHIC in {written.script, wanted.script}:
        return None
    abjad = Script.ABJAD in {written.script, wanted.script}
    shared = bones(written, abjad=abjad) & bones(wanted, abjad=abjad)
    if not shared:
        return None
    if abjad:
        unvoweled, voweled = (written, wanted) if written.script is Script.ABJAD else (wanted, written)
        agree = _vowels_agree(unvoweled.heard, voweled.heard, max(map(len, shared)))
        return TRANSLITERATED if agree else None
    apart = OSA.distance(written.heard, wanted.heard)
    return TRANSLITERATED if apart <= 1 + len(wanted.heard) // 4 else None


def bones(word: Spelling, *, abjad: bool) -> frozenset[str]:
    """The consonants under which a word meets those of other scripts, two at least."""
    if word.script is Script.LATIN:
        found = skeletons(word.roman, abjad=abjad)
    else:
        found = frozenset({skeleton(word.heard, abjad=abjad)})
        if "kh" in word.roman:
            found |= {skeleton(sound(word.roman.replace("kh", "h")), abjad=abjad)}
    return frozenset(each for each in found if len(each) >= 2)


def _heard_alike(written: Spelling, wanted: Spelling) -> bool:
    return len(written.heard) >= weights.SHORTEST_SOUND and written.heard == wanted.heard


def _vowels_agree(unvoweled: str, voweled: str, shared: int) -> bool:
    """The vowels that are written stand in the other word in the same order; the more consonants, the fewer need to."""
    if (unvoweled[0] in "aiu") != (voweled[0] in "aiuh"):
        return False  # a word that begins with a vowel is written with one: إدوار is Edouard, ترد is not
    one, other = (re.sub("[^aiu]", "", heard) for heard in (unvoweled, voweled))
    if shared <= weights.SHORTEST_SKELETON and voweled[-1] in "iu" and unvoweled[-1] != voweled[-1]:
        return False  # a long vowel at the end is always written: بجو is Bajjou, بج is not
    return len(one) - LCSseq.similarity(one, other) <= shared - 2


# --- Slips -------------------------------------------------------------------------------------------------------


def _slip(written: Spelling, wanted: Spelling) -> Likeness | None:
    """A typing error in proportion to the length; a name of its own is none."""
    one, other = written.roman, wanted.roman
    length = min(len(one), len(other))
    if length < weights.SHORTEST_WITH_TYPO - 1 or len(other) < weights.SHORTEST_WITH_TYPO:
        return None
    budget = 2 if length >= weights.SHORTEST_WITH_TWO_TYPOS else 1
    if OSA.distance(one, other, score_cutoff=budget) > budget:
        return None
    # Gérard for Gérald, Kurata for Murata: another name, or a slip that looks like one.
    return OTHER_NAME if written.folded in known_names() else TYPO


def shortened(roman: str) -> list[str]:
    """The word and the word without each one of its letters (without two, when it is long).

    Two words share one of them when they are a slip apart (two slips, when both are long). Empty for short words, which
    may have none.
    """
    if len(roman) < weights.SHORTEST_WITH_TYPO - 1:
        return []
    once = [roman[:at] + roman[at + 1 :] for at in range(len(roman))]
    if len(roman) < weights.SHORTEST_WITH_TWO_TYPOS - 1:
        return [roman, *once]
    twice = {each[:at] + each[at + 1 :] for each in once for at in range(len(each))}
    return [roman, *once, *twice]
