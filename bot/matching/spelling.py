"""How one written word resembles one word of a name, and the keys under which it is looked up.

Two words that `compare` accepts share at least one of their `keys`: the index relies on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.given_names import given_names
from bot.matching import weights
from bot.matching.lexicon import group_keys
from bot.matching.romanise import PREFIXES, is_abjad, is_cyrillic, latin, skeleton, sound

ENDINGS = {
    "ru": "а у ом ым ем е ой ою и ы я ю ей ого ому ых ами ах ую ью",
    "pl": "a u owi em iem ie y i e ego emu im ym om",
    "cs": "a ovi u em om e ou y i ove",
    "hu": "t ot et at nak nek val vel ban ben ba be nal nel tol rol hoz hez ert",
    "tr": "i u in un nin nun a e ya ye da de dan den la le yla yle",
    "fi": "n a lle lla sta sti ssa aan lta na",
    "de": "s",
}
"""Endings of names (folded) by the language whose press declines them. Only a text of that language sheds them: in a
French one Amrat is not Amra."""
NOMINATIVES = ("", "a", "а", "я", "ая")
"""What the base form may end in instead: Annę of Anna, Татьяну of Татьяна."""
_ENDINGS = {language: tuple(endings.split()) for language, endings in ENDINGS.items()}
SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """How good a resemblance is (`weights`), and its reason code; `exact` needs no explaining."""

    score: int
    code: str


EXACT = Likeness(weights.EXACT, "exact")
TRANSLITERATED = Likeness(weights.TRANSLITERATED, "transliterated")
JOINED = Likeness(weights.SOUNDS_ALIKE, "joined")
"""Mc Grath = McGrath."""


@lru_cache(maxsize=200_000)
def keys(folded: str, language: str | None = None) -> frozenset[str]:
    """Where a word is filed, and where words that resemble it are looked for.

    `language` is that of the text, as a two-letter code; a watched word is filed without.
    """
    found = {folded, *(f"group {number}" for number in group_keys(folded))}
    for stem in _stems(folded, language):
        roman = latin(stem)
        heard = sound(roman)
        found |= {roman, f"sound {heard}", *(f"group {number}" for number in group_keys(stem))}
        bones = skeleton(heard)
        if len(bones) >= 2:
            found.add(f"bones {bones}")
    found |= _shortened(latin(folded))
    return frozenset(found - {""})


def compare(written: str, wanted: str, language: str | None = None) -> Likeness | None:
    """How `written` stands for `wanted` (both folded), or None when it is another word."""
    if written == wanted:
        return EXACT
    return max(_resemblances(written, wanted, language), key=lambda each: each.score, default=None)


def _resemblances(written: str, wanted: str, language: str | None) -> list[Likeness]:
    found = []
    if group_keys(written) & group_keys(wanted):
        return [Likeness(weights.SAME_NAME, "same-name")]
    for stem in _stems(written, language):
        if stem == wanted or group_keys(stem) & group_keys(wanted):
            found.append(Likeness(weights.INFLECTED, "inflected"))
        elif likeness := _sounds_alike(stem, wanted):
            found.append(likeness)
    if not found and (slip := _slip(latin(written), latin(wanted))):
        other = written in given_names() and wanted in given_names()
        found.append(Likeness(weights.OTHER_NAME, "other-name") if other else slip)
    return found


def _stems(folded: str, language: str | None) -> tuple[str, ...]:
    """The word, and the words it may be an inflected form of."""
    if is_abjad(folded):
        return (folded, *(folded.removeprefix(each) for each in PREFIXES if _sheds(folded, each)))
    endings = _ENDINGS.get("ru" if is_cyrillic(folded) else language or "", ())
    stems = [folded[: -len(each)] for each in endings if folded.endswith(each)]
    return (folded, *(stem + end for stem in stems if len(stem) >= SHORTEST_STEM for end in NOMINATIVES))


def _sheds(folded: str, prefix: str) -> bool:
    return folded.startswith(prefix) and len(folded) - len(prefix) >= 3


def _sounds_alike(stem: str, wanted: str) -> Likeness | None:
    """By sound, or across scripts by the consonants and the vowels that both of them write."""
    one, other = latin(stem), latin(wanted)
    heard, meant = sound(one), sound(other)
    if len(heard) >= weights.SHORTEST_SOUND and heard == meant:
        return Likeness(weights.SOUNDS_ALIKE, "sounds-alike")
    if is_abjad(stem) == is_abjad(wanted):
        return TRANSLITERATED if stem.isascii() != wanted.isascii() and _vowel_apart(heard, meant) else None
    unvoweled, voweled = (heard, meant) if is_abjad(stem) else (meant, heard)
    bones = skeleton(heard)
    if bones != skeleton(meant) or len(bones) < 2:
        return None
    agrees = _written_vowels_agree(unvoweled, voweled)
    return TRANSLITERATED if agrees or len(bones) > weights.SHORTEST_SKELETON else None


def _vowel_apart(heard: str, meant: str) -> bool:
    """One vowel is heard otherwise in the other script: Фрэнсис (frensis) is Francis."""
    bones = skeleton(heard)
    return len(bones) >= 2 and bones == skeleton(meant) and OSA.distance(heard, meant, score_cutoff=1) <= 1


def _written_vowels_agree(unvoweled: str, voweled: str) -> bool:
    """Every letter of the one stands in the other in the same order: b-j-u in b-a-j-u."""
    letters = iter(voweled)
    return (
        all(letter in letters for letter in unvoweled)
        and bool(voweled)
        and (voweled[-1] not in "iu" or unvoweled[-1] == voweled[-1])
    )


def _slip(written: str, wanted: str) -> Likeness | None:
    """A typing error in proportion to the length."""
    length = min(len(written), len(wanted))
    if length < weights.SHORTEST_WITH_TYPO:
        return None
    budget = 2 if length >= weights.SHORTEST_WITH_TWO_TYPOS else 1
    if OSA.distance(written, wanted, score_cutoff=budget) > budget:
        return None
    if length < weights.SHORTEST_WITH_WRONG_START and _starts_wrong(written, wanted):
        return None
    return Likeness(weights.TYPO, "typo")


def _starts_wrong(written: str, wanted: str) -> bool:
    """One of the first two letters stands for another (a swap of neighbours is a slip of the fingers)."""
    return len(written) == len(wanted) and written[:2] != wanted[:2] and sorted(written) != sorted(wanted)


def _shortened(roman: str) -> set[str]:
    """The word without each one of its letters (without two, when it is long): what two slips apart have in common."""
    if len(roman) < weights.SHORTEST_WITH_TYPO - 1:
        return set()
    once = {roman[:at] + roman[at + 1 :] for at in range(len(roman))}
    if len(roman) < weights.SHORTEST_WITH_TWO_TYPOS - 1:
        return {f"slip {each}" for each in once | {roman}}
    twice = {each[:at] + each[at + 1 :] for each in once for at in range(len(each))}
    return {f"slip {each}" for each in twice | once | {roman}}
