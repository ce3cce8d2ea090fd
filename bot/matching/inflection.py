"""Case endings and prefixes: what the grammar of a language adds to a name, taken off again.

The rules are loose on purpose: given name and surname must both fit, in a text of a language that declines so.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.matching.romanise import PREFIXES, is_abjad, is_cyrillic, sound

SLAVIC = frozenset({"ru", "uk", "be", "bg", "mk", "sr", "hr", "bs", "sl", "sk", "cs", "pl"})
SHORTEST_STEM = 3
"""Letters that must be left of a name when an ending comes off."""

_SUFFIXES = {
    "hu": "t ot et at ban ben bol nak nek val vel al el ra re rol tol nal nel hoz hez ert ig kent ek",
    "tr": "in un nin nun i u yi yu a e ya ye da de ta te dan den tan ten la le yla yle",
    "fi": "n in an en a ta ssa sta lla lta lle na ksi issa ista illa ilta ille",
    "de nl sv no da": "s",
}
"""Endings put behind the whole name."""
_SLAVIC_ENDINGS = (
    "a u om ym em im e oi oyu ogo omu ego emu y i ya yu yem ei eyu aya uyu ami yami ymi aim ae aem "
    "owi iem ie iej iego iemu ovi ovou ou eho ega"
)
"""Endings that take the place of a final vowel (Irina, Irinu) or stand behind a consonant (Ruslan, Ruslanom)."""
_VOWELS = "aiu"
_FLEETING = frozenset("klcrnts")
"""Final consonants before which a vowel comes and goes: Marek, Marka; Pavel, Pavla."""


def _inside(ending: str) -> str:
    """How an ending is heard behind a consonant."""
    return sound("b" + ending)[1:]


def _languages_by_ending() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for languages, endings in _SUFFIXES.items():
        for ending in endings.split():
            found.setdefault(_inside(ending), set()).update(languages.split())
    return {ending: frozenset(languages) for ending, languages in found.items() if ending}


_LANGUAGES = _languages_by_ending()
_LONGEST = max(map(len, _LANGUAGES))
DECLINING = SLAVIC.union(*_LANGUAGES.values())
"""Languages that inflect names in Latin letters."""
_SLAVIC = frozenset(_inside(ending) for ending in _SLAVIC_ENDINGS.split()) - {""}


def stem(heard: str) -> str:
    """What stays the same of a name in every Slavic case: `irin` of irina, `mark` of marik (Marek)."""
    bare = heard.rstrip(_VOWELS)
    if len(bare) > SHORTEST_STEM and bare == heard and bare[-1] in _FLEETING and bare[-2] in "iu":
        return bare[:-2] + bare[-1]
    return bare


def stems(heard: str) -> Iterator[str]:
    """The stems that a written word may have, the word's own first."""
    bare = heard.rstrip(_VOWELS)
    yield bare
    if bare[-1:] in {"m", "k", "v", "j"}:
        shorter = bare[:-1].rstrip(_VOWELS)
        yield shorter
        if shorter[-1:] == "k":  # ogo: the g of a genitive is heard between vowels
            yield shorter[:-1].rstrip(_VOWELS)
    elif bare[-1:] in {"g", "h"}:
        yield bare[:-1].rstrip(_VOWELS)


def whole_names(heard: str) -> Iterator[str]:
    """The word without one ending of the languages that put it behind the whole name."""
    for length in range(1, min(_LONGEST, len(heard) - SHORTEST_STEM) + 1):
        if _languages_adding(heard[-length:], heard[:-length]):
            yield heard[:-length]


def _languages_adding(ending: str, name: str) -> frozenset[str]:
    """The languages that put an ending behind a name; of two equal letters that meet, one is heard (Judittól)."""
    return _LANGUAGES.get(ending, frozenset()) | _LANGUAGES.get(name[-1:] + ending, frozenset())


def declined(written: str, wanted: str) -> frozenset[str]:
    """The languages in which `written` is an inflected form of `wanted` (both as they are heard); empty in none."""
    found: frozenset[str] = frozenset()
    if written.startswith(wanted) and len(wanted) >= SHORTEST_STEM:
        found = _languages_adding(written[len(wanted) :], wanted)
    base = stem(wanted)
    for bare in (base, wanted.rstrip(_VOWELS)):
        if len(bare) >= SHORTEST_STEM - 1 and written.startswith(bare) and written[len(bare) :] in _SLAVIC:
            return found | SLAVIC
    return found


# --- Bases, in scripts whose words show what they are ---------------------------------------------------------------

_HEBREW_PREFIXES = ("ו", "ב", "ל", "מ", "ש", "ה", "כ")
_PREFIXES = {
    first: tuple(each for each in (*PREFIXES, *_HEBREW_PREFIXES) if each[0] == first)
    for first in {each[0] for each in (*PREFIXES, *_HEBREW_PREFIXES)}
}
"""By their first letter: most words begin with none of them."""
_CYRILLIC_ENDINGS = (
    "ого", "ому", "его", "ему", "ыми", "ими", "ами", "ями", "ове", "ові", "еві",
    "ом", "ым", "им", "ем", "єм", "ои", "ою", "еи", "ею", "ах", "ях", "ых", "их", "ую", "юю", "ая", "яя",
    "а", "у", "е", "и", "ы", "я", "ю", "і", "ї",
)  # fmt: skip
_GEORGIAN_ENDINGS = ("მა", "ის", "ით", "ად", "ს", "მ", "ი")
_NOMINATIVES = ("", "а", "я", "и", "ь", "ии", "ыи", "ая")
"""What the base form may end in: Руслан, Ирина, Мария, Сергей (folded), Игорь, Осинский, Осинская."""


def base_forms(folded: str) -> tuple[str, ...]:
    """What a word of Arabic, Hebrew or Cyrillic may be without its prefix or its case ending."""
    if is_abjad(folded):
        prefixes = _PREFIXES.get(folded[0], ())
        return tuple(folded[len(each) :] for each in prefixes if _sheds(folded, each))
    if is_cyrillic(folded):
        cut = {folded[: -len(each)] for each in _CYRILLIC_ENDINGS if folded.endswith(each)}
        long_enough = sorted(each for each in cut if len(each) >= SHORTEST_STEM)
        return tuple(each + ending for each in long_enough for ending in _NOMINATIVES)
    if "\u10d0" <= folded[:1] <= "\u10ff":
        bare = (folded.removesuffix(each) for each in _GEORGIAN_ENDINGS if folded.endswith(each))
        return tuple(each for each in bare if len(each) >= SHORTEST_STEM)
    return ()


def _sheds(folded: str, prefix: str) -> bool:
    return folded.startswith(prefix) and len(folded) - len(prefix) >= SHORTEST_STEM
