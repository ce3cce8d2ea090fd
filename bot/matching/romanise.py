"""Words of any alphabet in Latin letters, and what they sound like, coarsely.

For comparing names, not for reading them: Arabic loses ع and keeps و and ي as vowels, since و in a name is ou, o or w.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

_ARABIC = {
    "ا": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r",
    "ز": "z", "س": "s", "ش": "ch", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f",
    "ق": "k", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "u", "ي": "i", "ء": "", "پ": "p",
    "چ": "tch", "ژ": "j", "گ": "g", "ڤ": "v", "ڭ": "g",
}  # fmt: skip
_HEBREW = {
    "א": "a", "ב": "b", "ג": "g", "ד": "d", "ה": "h", "ו": "u", "ז": "z", "ח": "h", "ט": "t", "י": "i",
    "כ": "k", "ך": "k", "ל": "l", "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s", "ע": "a", "פ": "p",
    "ף": "f", "צ": "ts", "ץ": "ts", "ק": "k", "ר": "r", "ש": "ch", "ת": "t",
}  # fmt: skip
_ABJADS = _ARABIC | _HEBREW

_SEMIVOWEL = re.compile("^[وي](?=.)|[وي](?=ا)|(?<=ا)و(?=ي$)")
"""Where و and ي are consonants: وليد is Walid, ياسين Yassine, زواوي Zawawi."""

PREFIXES = ("وال", "بال", "فال", "كال", "ال", "لل", "وب", "ول", "وك", "و", "ف", "ب", "ك", "ل")
"""Arabic "and", "with", "so", "like", "to" and the article, written to the word they stand before."""

_SOUNDS = [
    (r"ques$", "k"),
    (r"(?<=[oe])ff$", "v"),
    (r"tsch|tch|sch|sh|ch|cz|sz", "C"),
    (r"(?<=C)y?ov", "iv"),
    (r"dzh|dj|zh", "j"),
    (r"g(?=[eiy])", "j"),
    (r"kh", "k"),
    (r"ph", "f"),
    (r"gh", "g"),
    (r"ck|qu|q", "k"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"x", "ks"),
    (r"(?<![^aeiouy])ou(?=[aeiouy])|w", "v"),
    (r"eau|aux|au", "o"),
    (r"ou|oo", "u"),
    (r"ai|ay|ei|ey|ee|ie|ij|iy|yi", "i"),
    (r"(?<=.)h", ""),
    (r"(?<=[^aeiouy])e$", ""),
    (r"[eiy]+", "i"),
    (r"[ou]+", "u"),
    (r"z", "s"),
    (r"(.)\1+", r"\1"),
]
"""Spelling habits of French, English, German and the Slavic languages, in the order in which they apply."""
_SOUND_RULES = [(re.compile(pattern), sound) for pattern, sound in _SOUNDS]


def is_abjad(folded: str) -> bool:
    """Written without most of its vowels: Arabic and Hebrew."""
    return folded[:1] in _ABJADS


def is_cyrillic(folded: str) -> bool:
    return "а" <= folded[:1] <= "ӿ"


_DIGRAPHS = {"ου": "u", "ու": "u"}
"""Two Greek or Armenian letters for one sound."""
_AT_THE_START = {"μπ": "b", "ντ": "d", "γκ": "g"}
"""In Greek a foreign b, d or g; inside a word the two letters are heard (Αντώνης is Antonis)."""


@lru_cache(maxsize=65_536)
def latin(folded: str) -> str:
    """A folded word in the letters a to z and digits; empty for what has no such form."""
    if folded.isascii():
        return folded
    if is_abjad(folded):
        spelt = _SEMIVOWEL.sub(lambda found: "w" if found[0] == "و" else "y", folded)
        if len(spelt) > 2 and spelt.endswith("ه"):
            spelt = spelt[:-1] + "ا"  # ة, as it is folded: فاطمة is Fatima
        return "".join(_ABJADS.get(letter, letter if letter.isascii() else "") for letter in spelt)
    if folded[:2] in _AT_THE_START:
        folded = _AT_THE_START[folded[:2]] + folded[2:]
    for written, heard in _DIGRAPHS.items():
        folded = folded.replace(written, heard)
    return "".join(letter for letter in anyascii(folded).lower() if letter.isalnum() and letter.isascii())


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """What a Latin word sounds like: equal for Badjou and Bajjou, Binguy and Bingui, Soukhanov and Sukhanov."""
    for rule, replacement in _SOUND_RULES:
        word = rule.sub(replacement, word)
    return word


def skeleton(word: str) -> str:
    """The consonants of a sound, as a script that lacks some of them writes: Arabic has no p, no v and no hard g."""
    return re.sub(r"[aiuh]", "", word).translate(_LACKING)


_LACKING = str.maketrans("pvg", "bfj")
