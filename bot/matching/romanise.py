"""Words of any alphabet in Latin letters, and what they sound like, coarsely.

For comparing names, not for reading them: Arabic loses ع and keeps و and ي as vowels, since و in a name is ou, o or w.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
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
_ABJAD = str.maketrans(_ARABIC | _HEBREW)
_CYRILLIC = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "j", "з": "z", "и": "i", "к": "k", "л": "l",
    "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "і": "i",
    "є": "ye", "ґ": "g", "ј": "y", "љ": "ly", "њ": "ny", "ћ": "ch", "ђ": "dj", "џ": "dj", "ў": "u", "ә": "a",
    "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "ѓ": "g", "ќ": "k", "ѕ": "dz",
})  # fmt: skip
_GREEK = str.maketrans({
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "kh", "ψ": "ps", "ω": "o",
})  # fmt: skip
_GREEK_PAIRS = {
    "ου": "u",
    "αυ": "av",
    "ευ": "ev",
    "τσ": "ch",
    "τζ": "dj",
    "γκ": "ng",
    "μπ": "mb",
    "ντ": "nt",
    "γγ": "ng",
}
_GREEK_AT_THE_START = {"μπ": "b", "ντ": "d", "γκ": "g"}
"""Two Greek letters for one sound; at the start of a word μπ is a foreign b."""
_ARMENIAN = str.maketrans({
    "ա": "a", "բ": "b", "գ": "g", "դ": "d", "ե": "e", "զ": "z", "է": "e", "ը": "e", "թ": "t", "ժ": "j", "ի": "i",
    "լ": "l", "խ": "kh", "ծ": "ts", "կ": "k", "հ": "h", "ձ": "dz", "ղ": "gh", "ճ": "ch", "մ": "m", "յ": "y",
    "ն": "n", "շ": "sh", "ո": "o", "չ": "ch", "պ": "p", "ջ": "j", "ռ": "r", "ս": "s", "վ": "v", "տ": "t", "ր": "r",
    "ց": "ts", "ւ": "v", "փ": "p", "ք": "k", "և": "ev", "օ": "o", "ֆ": "f",
})  # fmt: skip
_GEORGIAN = str.maketrans({
    "ა": "a", "ბ": "b", "გ": "g", "დ": "d", "ე": "e", "ვ": "v", "ზ": "z", "თ": "t", "ი": "i", "კ": "k", "ლ": "l",
    "მ": "m", "ნ": "n", "ო": "o", "პ": "p", "ჟ": "j", "რ": "r", "ს": "s", "ტ": "t", "უ": "u", "ფ": "p", "ქ": "k",
    "ღ": "gh", "ყ": "k", "შ": "sh", "ჩ": "ch", "ც": "ts", "ძ": "dz", "წ": "ts", "ჭ": "ch", "ხ": "kh", "ჯ": "j",
    "ჰ": "h",
})  # fmt: skip

_SEMIVOWEL = re.compile("^[وي](?=.)|[وي](?=ا)|(?<=ا)و(?=ي$)")
"""Where و and ي are consonants: وليد is Walid, ياسين Yassine, زواوي Zawawi."""

PREFIXES = ("وال", "بال", "فال", "كال", "ال", "لل", "وب", "ول", "وك", "و", "ف", "ب", "ك", "ل")
"""Arabic "and", "with", "so", "like", "to" and the article, written to the word they stand before."""


def is_abjad(folded: str) -> bool:
    """Written without most of its vowels: Arabic and Hebrew."""
    return "\u0590" <= folded[:1] <= "\u06ff"


def is_cyrillic(folded: str) -> bool:
    return "\u0400" <= folded[:1] <= "\u052f"


def is_latin(folded: str) -> bool:
    return folded[:1] < "\u0250"


IDEOGRAPH = re.compile("[\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af]")


def is_ideographic(folded: str) -> bool:
    """Written with one sign a syllable or word: Han, Kana, Hangul (folding takes its syllables apart)."""
    first = folded[:1]
    return "\u1100" <= first <= "\u11ff" or "\u3040" <= first <= "\u9fff" or "\uac00" <= first <= "\ud7af"


@lru_cache(maxsize=65_536)
def latin(folded: str) -> str:
    """A folded word in the letters a to z and digits; empty for what has no such form."""
    if folded.isascii():
        return folded
    first = folded[0]
    if is_abjad(folded):
        roman = _abjad(folded)
    elif is_cyrillic(folded):
        roman = folded.translate(_CYRILLIC)
    elif "\u0370" <= first <= "\u03ff":
        roman = _greek(folded)
    elif "\u0530" <= first <= "\u058f":
        roman = folded.replace("ու", "u").translate(_ARMENIAN)
    elif "\u10a0" <= first <= "\u10ff":
        roman = folded.translate(_GEORGIAN)
    else:
        roman = anyascii(unicodedata.normalize("NFC", folded)).lower()
    return "".join(letter for letter in roman if letter.isalnum() and letter.isascii())


_GERESH = (("צ׳", "ש"), ("ג׳", "j"), ("ז׳", "j"), ("ת׳", "ת"), ("׳", ""))
"""Hebrew letters with a sign for foreign sounds: צ׳ is tch, ג׳ is dj."""


def _with_geresh(folded: str) -> str:
    if "׳" in folded:
        for written, meant in _GERESH:
            folded = folded.replace(written, meant)
    return folded


def _abjad(folded: str) -> str:
    folded = _with_geresh(folded)
    spelt = _SEMIVOWEL.sub(lambda found: "w" if found[0] == "و" else "y", folded)
    if len(spelt) > 2 and spelt.endswith("ه"):
        spelt = spelt[:-1] + "ا"  # ة, as it is folded: فاطمة is Fatima
    return spelt.translate(_ABJAD)


def _greek(folded: str) -> str:
    if folded[:2] in _GREEK_AT_THE_START:
        folded = _GREEK_AT_THE_START[folded[:2]] + folded[2:]
    for pair, heard in _GREEK_PAIRS.items():
        folded = folded.replace(pair, heard)
    return folded.translate(_GREEK)


# --- Sounds ------------------------------------------------------------------------------------------------------

_FIRST = (("tsch", "C"), ("tch", "C"), ("sch", "C"), ("sh", "C"), ("ch", "C"), ("cz", "C"), ("sz", "C"))
_SECOND = (
    ("ght", "t"), ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("ge", "je"), ("gi", "ji"), ("gy", "jy"), ("kh", "k"),
    ("ph", "f"),
    ("gh", "g"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("ce", "se"), ("ci", "si"), ("cy", "sy"), ("c", "k"),
    ("x", "ks"), ("w", "v"), ("eau", "o"), ("aux", "o"), ("au", "o"),
)  # fmt: skip
"""Spelling habits of French, English, German and the Slavic languages, in the order in which they apply."""
_DIPHTHONG = re.compile("[aei][iy]|[ei]e|ij|y[iy]")
_GLIDE = re.compile("(?<![^aeiouy])ou(?=[aeiouy])")
_SERVANT = re.compile(r"^abd[aeiou]+(?:l(?=.{3})|([rsntdz])(?=\1))?")
"""Abdelkader, Abdulqadir, Abderrahmane: what follows is the name of God, joined with an article or without."""
_MERGED = str.maketrans({"e": "i", "y": "i", "o": "u", "z": "s"})
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = frozenset("aeiou")


def undoubled(word: str) -> str:
    """With one letter for two: Bajou for Bajjou."""
    return _DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """What a Latin word sounds like: equal for Badjou and Bajjou, Binguy and Bingui, Soukhanov and Sukhanov."""
    if word.startswith("abd"):
        word = _SERVANT.sub("abda", word)
    if word.endswith("ques"):
        word = word[:-4] + "k"
    elif word.endswith(("off", "eff")):
        word = word[:-2] + "v"
    for written, heard in _FIRST:
        if written in word:
            word = word.replace(written, heard)
    if "C" in word:
        word = word.replace("Cyov", "Civ").replace("Cov", "Civ")
    if "ou" in word:
        word = _GLIDE.sub("v", word)
    for written, heard in _SECOND:
        if written in word:
            word = word.replace(written, heard)
    word = _DIPHTHONG.sub("i", word)
    word = word[:1] + word[1:].replace("h", "")
    if word.endswith("e") and word[-2:-1] not in _VOWELS and len(word) > 1:
        word = word[:-1]
    return _DOUBLED.sub(r"\1", word.translate(_MERGED))


def sounds(word: str) -> Collection[str]:
    """What a Latin word sounds like to several readers: to Germans Jewgeni Chworostin is Yevgeny Khvorostin."""
    if not _SEVERAL.search(word):
        return (sound(word),)
    found = {sound(word)}
    if _OTHERWISE.search(word):
        # The long groups first, out of reach of the short ones.
        german = word.replace("tsch", "\0").replace("sch", "\1").replace("ch", "kh")
        german = german.replace("j", "y").replace("z", "ts").replace("\0", "ch")
        found |= {sound(german.replace("\1", "sh")), sound(german.replace("\1", "zh"))}
        found.add(sound(word.replace("tj", "ch").replace("j", "kh")))  # Nordic, Spanish
    if _UMLAUT.search(word):
        found.add(sound(_UMLAUT.sub(lambda pair: pair[0][0], word)))
    if "w" in word:
        found.add(sound(word.replace("w", "ou")))
    return found


_SEVERAL = re.compile("[jzw]|ch|[aou]e")
_UMLAUT = re.compile("[aou]e")
"""Muellenbaeumer: what a keyboard without ü and ä leaves of Müllenbäumer."""
_OTHERWISE = re.compile("j|z|ch")

_NO_VOWELS = str.maketrans("", "", "aiuh")
_NO_P_NO_V = str.maketrans("pv", "bf")
_ABJAD_VOWELS = str.maketrans(
    {letter: each if each in {"a", "u", "i"} else "" for letter, each in (_ARABIC | _HEBREW).items()}
)


def abjad_vowels(folded: str) -> str:
    """The vowels that an Arabic or Hebrew word writes; two that make one sound are one."""
    if len(folded) > 2 and folded.endswith("ه"):
        folded = folded[:-1] + "ا"
    folded = _SEMIVOWEL.sub(lambda found: "" if found[0] == "و" else found[0], folded)
    return folded.replace("اي", "ي").replace("او", "و").translate(_ABJAD_VOWELS)


_HARD_OR_SOFT = re.compile("g(?=[eiy])")
_SILENT_END = frozenset("tsdpx")
_ABJAD_CONSONANTS = str.maketrans(
    {letter: "" if each in {"a", "h", "u", "i", ""} else each for letter, each in (_ARABIC | _HEBREW).items()}
    | {"ش": "C", "ש": "C", "خ": "k", "غ": "g", "ث": "t", "ذ": "d", "ظ": "s", "ز": "s", "پ": "b", "ڤ": "f", "چ": "C",
       "פ": "b", "ז": "s"}
)  # fmt: skip
"""What a letter is in `skeletons`; و is never counted, since as a consonant it stands for w and v."""


def abjad_skeletons(folded: str) -> frozenset[str]:
    """The consonants of an Arabic or Hebrew word, behind an `a` when it begins with a vowel."""
    folded = _with_geresh(folded).replace("تش", "ش")
    spelt = _SEMIVOWEL.sub(lambda found: "ف" if found[0] == "و" else found[0], folded)
    start = "a" if folded[0] in "اعيאעי" else ""
    return frozenset(start + each.translate(_ABJAD_CONSONANTS) for each in {folded, spelt})


def skeleton(heard: str, *, abjad: bool) -> str:
    """The consonants of a sound, as another script shows them; Arabic and Hebrew (`abjad`) have no p and no v."""
    return (heard.translate(_NO_P_NO_V) if abjad else heard).translate(_NO_VOWELS)


@lru_cache(maxsize=65_536)
def skeletons(roman: str, *, abjad: bool) -> frozenset[str]:
    """The consonants that a word of Latin letters may have in another script.

    Foreign h is dropped or becomes kh or g (Уго, Хуго, Гюго), w and v are vowels or v (Уилсон, برويز), g and ch are
    hard in German, j is h in Spanish, z is ts and st is sht in German, g is not heard in Italian gli and gn, and
    French endings are not heard (Бертран). Of Japanese, Russian writes shi as si.

    Args:
        abjad: the other script is Arabic or Hebrew; of g they make what they have.
    """
    heard = sound(roman)
    forms = {heard}
    for letters, otherwise in (("kh", "h"), ("ch", "k"), ("w", "u"), ("gli", "li"), ("gn", "n")):
        if letters in roman:
            forms.add(sound(roman.replace(letters, otherwise)))
    if roman.startswith("j"):
        forms.add(sound("kh" + roman[1:]))
    if _HARD_OR_SOFT.search(roman):
        forms.add(sound(_HARD_OR_SOFT.sub("gh", roman)))
    if heard.startswith("h"):
        forms |= {"k" + heard[1:], "g" + heard[1:]}
    if "v" in heard:
        forms.add(heard.replace("v", "u"))
    if abjad:
        forms |= {form.replace("g", other) for form in forms if "g" in form for other in "jk"}
    else:
        forms |= {heard.replace("st", "Ct"), heard.replace("C", "s")}
        if roman.startswith("z"):
            forms.add("t" + heard)
    if roman[-1:] in _SILENT_END:
        forms |= {form[:-1] for form in forms}
    return frozenset(skeleton(form, abjad=abjad) for form in forms)


# --- Scripts of syllables -------------------------------------------------------------------------------------------

_SYLLABIC = str.maketrans("bvfdgCjrm", "ppptkssln", "aiuh")
_PINYIN = (("q", "ch"), ("x", "sh"), ("zh", "ch"), ("ce", "tse"), ("ci", "tsi"), ("er", "l"))
_CODA_R = re.compile("r(?![aiu])")


@lru_cache(maxsize=65_536)
def syllabic(roman: str, *, chinese: bool = False) -> frozenset[str]:
    """The consonants of a foreign name in Han, Kana or Hangul, which write few of them apart and no r before another.

    ヘンダーソン, 헨더슨 and 亨德森 share `ntsn` with Henderson.

    Args:
        chinese: the Latin letters are those of pinyin, where q is tch and x is sh.
    """
    for written, meant in _PINYIN if chinese else ():
        roman = roman.replace(written, meant)
    heard = sound(roman.replace("ng", "n"))
    forms = {heard, _CODA_R.sub("", heard)}
    forms |= {form.replace("v", "") for form in forms}
    return frozenset(_DOUBLED.sub(r"\1", form.translate(_SYLLABIC)) for form in forms)
