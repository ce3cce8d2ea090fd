"""Words as grouping sees them: stems, how much each one tells, days and months.

A stem is the beginning of a folded word, which serves every inflecting language of the news well enough and makes
cognates of French, English and Spanish equal. Arabic loses its article, its one-letter prefixes and its endings.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from sys import intern

from bot.matching.romanise import is_abjad
from bot.text import fold

STEM_LETTERS = 5
"""Tried on labelled pairs: 5 groups better than 6 and 8 (docs/benchmarks/stories.md)."""
RAREST = 5.5
"""What a word tells at most: the logarithm of one article in how many holds it."""
_ARTICLES = ("بال", "كال", "فال", "لل", "ال")
_ENDINGS = ("هما", "كما", "ها", "هم", "هن", "نا", "كم", "ات", "ون", "ين", "ان", "يه", "ته", "ه", "ي", "ا")


@lru_cache(maxsize=65_536)
def stem(folded: str) -> str:
    """`elections` and `electoral` → `elect`, `المحكمة` → `محكم`. One string for all who remember it."""
    if is_abjad(folded):
        return intern(_abjad_stem(folded))
    if folded[0].isdigit():
        return intern(folded)
    if len(folded) > 3 and folded[-1] in "sx":
        folded = folded[:-1]
    return intern(folded[:STEM_LETTERS])


def _abjad_stem(word: str) -> str:
    """After Larkey's light10: no more than one prefix and one ending, and three letters stay."""
    if len(word) > 4 and word[0] in "وف":
        word = word[1:]
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= 3:
            word = word[len(article) :]
            break
    else:
        if len(word) > 4 and word[0] in "بلك":
            word = word[1:]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


COMMON = Path(__file__).with_name("common.txt")
"""Made by benchmarks/stories/learn.py: a line a language and weight, `fr 2.5 word word …`."""


@cache
def _common() -> Mapping[str, Mapping[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for line in COMMON.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            language, weight, *words = line.split()
            found.setdefault(language, {}).update(dict.fromkeys(words, float(weight)))
    every: dict[str, float] = {}
    for table in found.values():
        for word, told in table.items():
            every[word] = min(told, every.get(word, RAREST))
    return found | {"": every}


def weights_of(language: str) -> Mapping[str, float]:
    """How much the common stems of a language tell, 0 to `RAREST`; of every language, for one we have no table of."""
    tables = _common()
    return tables.get(language) or tables[""]


_DAYS = (
    "lundi monday lunes الاثنين الإثنين اثنين понедельник понедельника",
    "mardi tuesday martes الثلاثاء ثلاثاء вторник вторника",
    "mercredi wednesday miercoles الأربعاء среда среду среды",
    "jeudi thursday jueves الخميس четверг четверга",
    "vendredi friday viernes الجمعة пятница пятницу пятницы",
    "samedi saturday sabado السبت суббота субботу субботы",
    "dimanche sunday domingo الأحد воскресенье воскресенья",
)
_MONTHS = (
    "janvier january enero января يناير",
    "fevrier february febrero февраля فبراير شباط",
    "mars march marzo марта مارس آذار",
    "avril april abril апреля أبريل نيسان",
    "mai may mayo мая مايو أيار",
    "juin june junio июня يونيو حزيران",
    "juillet july julio июля يوليو تموز",
    "aout august agosto августа أغسطس آب",
    "septembre september septiembre сентября سبتمبر أيلول",
    "octobre october octubre октября أكتوبر",
    "novembre november noviembre ноября نوفمبر",
    "decembre december diciembre декабря ديسمبر",
)
DAYS = {fold(word): day for day, words in enumerate(_DAYS) for word in words.split()}
"""Folded name of a day → 0 for Monday … 6."""
MONTHS = {fold(word): month for month, words in enumerate(_MONTHS, 1) for word in words.split()}
"""Folded name of a month → 1 to 12."""
DATE_STEMS = frozenset(stem(word) for word in (*DAYS, *MONTHS))
