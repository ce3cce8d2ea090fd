"""Text as matching, stories and search see it: folded words with their places in the original.

Folding forgets case, accents, ligatures and marks; every token remembers where it stood, counted in code points of the
text as it was given, whatever it is made of (NFD, soft hyphens, bidi marks, entities encoded twice …). Knows nothing of
names.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufe0e\ufe0f"
"""Soft hyphens, zero-width characters, bidi marks: inside a word they are not there."""
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # accents
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"  # Arabic vowel signs
)
"""Part of the word they stand on."""

LONGEST_WORD = 64
"""Longer "words" (keys, base64, the rubbish of a broken page) are not worth remembering."""

_GERESH = r"(?<=[גזצת])['’׳](?=[א-ת])"
"""Part of a Hebrew word: צ'ק, ג'ון."""
_TOKEN = re.compile(rf"([^\W_]++(?:(?:[{INVISIBLE}{MARKS}]++|{_GERESH})[^\W_]++)*+[{MARKS}]*+)")
_LEFTOVER = re.compile(
    r"&(?:amp;)*(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"  # an entity
    r"|(?<=[^\W\d_])[-\u2010\u00ad][ \t\r]*+\n\s*+(?=[^\W\d_])"  # a word broken at the end of a line
)
_VOICED = frozenset("\u3099\u309a")
"""Kana marks that make another sound: が is not か."""
_LETTERS = str.maketrans(
    {
        "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t",
        "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "ٱ": "ا", "ـ": "",
    }
)  # fmt: skip
"""What decomposition leaves as it is: letters with a stroke, and the Arabic letters that one writes for another."""


class Token(NamedTuple):
    """A word. `text[start:end]` is how it stands in the original."""

    start: int
    end: int
    folded: str
    capital: bool
    """It begins with a capital letter, or with a letter of a script that has none."""


class View(NamedTuple):
    """A text as a reader should have seen it: `Roc&amp;iacute;o` is `Rocío`, a word broken at a line's end is whole."""

    text: str
    origin: list[int] | None
    """Where each character stood in the text as given, and its length; None when nothing moved."""

    def place(self, offset: int) -> int:
        """The offset in the text as given."""
        return offset if self.origin is None else self.origin[offset]


def view(text: str) -> View:
    """The text without leftover entities, and with words that a line break cut in two made whole again."""
    if "&" not in text and "\n" not in text:
        return View(text, None)
    pieces: list[str] = []
    origin: list[int] = []
    done = 0
    for odd in (odd for start, end in _stretches(text) for odd in _LEFTOVER.finditer(text, start, end)):
        meant = _meant(odd)
        if meant is None:
            continue
        pieces += (text[done : odd.start()], meant)
        origin += range(done, odd.start())
        origin += [odd.start(), *[odd.end()] * (len(meant) - 1)][: len(meant)]
        done = odd.end()
    if not done:
        return View(text, None)
    origin += range(done, len(text) + 1)
    return View("".join(pieces) + text[done:], origin)


def _meant(odd: re.Match[str]) -> str | None:
    """What stands for a leftover; None when it stays as it is written."""
    if odd[1] is None:
        # `Van-` `tadour` is one word; `Jean-` `Pierre` keeps its hyphen.
        return "" if odd.string[odd.end()].islower() else None
    decoded = html.unescape(f"&{odd[1]};")
    # No character has that name or number.
    return None if not decoded or (decoded[0] == "&" and len(decoded) > 1) else decoded


def fold(word: str) -> str:
    """Without case, accents, ligatures, marks and invisible characters. Folding twice changes nothing.

    `Gérald` → `gerald`, `Strauß` → `strauss`, `أحمد` → `احمد`.
    """
    plain = view(word).text
    folded = _fold_now(plain) if len(plain) > LONGEST_WORD else _fold(plain)
    return folded if "&" not in folded or folded == word else fold(folded)  # folding may have spelt out an entity


def fold_text(text: str) -> str:
    """The folded words of a text, one space between them: equal for texts that differ only in how they are set."""
    return " ".join(token.folded for token in tokens(text))


def tokens(text: str) -> list[Token]:
    """The words, in order. Apostrophes, hyphens and every other sign stand between words: `l’ex-ministre` is three."""
    seen = view(text)
    found = plain_tokens(seen.text)
    if seen.origin is None:
        return found
    return [Token(seen.place(start), seen.place(end), folded, capital) for start, end, folded, capital in found]


def plain_tokens(text: str) -> list[Token]:
    """The words of a text in which nothing odd is left (of a `View`)."""
    found = []
    end = 0
    parts = iter(words_and_gaps(text))
    for gap, written in zip(parts, parts, strict=False):  # behind the last gap there is no word
        start = end + len(gap)
        end = start + len(written)
        folded, capital = read_word(written)
        if folded:
            found.append(Token(start, end, folded, capital))
    return found


def words_and_gaps(text: str) -> list[str]:
    """A `View`'s text cut where words begin and end: a gap, a word, a gap … and a gap. Joined it is the text again."""
    found = [""]
    for start, end in _stretches(text):
        first, *others = _TOKEN.split(text[start:end])
        found[-1] += first  # no word reaches from one stretch to the next, but a gap may
        found += others
    return found


STRETCH = 50_000
_CUT = re.compile(r"\w \w")


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of pieces, cut between words: one look through a whole book would hold other threads up."""
    start = 0
    while len(text) - start > STRETCH and (cut := _CUT.search(text, start + STRETCH)):
        yield start, cut.start() + 1
        start = cut.start() + 1
    yield start, len(text)


def read_word(written: str) -> tuple[str, bool]:
    """A written word folded (empty when nothing is left), and whether it begins with a capital (see `Token`)."""
    return _read(written) if len(written) <= LONGEST_WORD else _read_now(written)


def _read_now(word: str) -> tuple[str, bool]:
    return _fold_now(word), word[0].isupper() or not has_case(word[0])


_read = lru_cache(maxsize=65_536)(_read_now)


def has_case(letter: str) -> bool:
    """The letter belongs to a script with capitals."""
    # Georgian has capitals in Unicode and none in print.
    return letter.lower() != letter.upper() and not "\u10d0" <= letter <= "\u10ff"


def _fold_now(word: str) -> str:
    if word.isascii():
        return word.lower()
    once = _strip(unicodedata.normalize("NFKD", word.casefold()))
    if once.isascii():
        return once.lower()
    # Once more when casefolding composed or decomposing uncovered a capital (Ⓐ, ℌ).
    again = once.casefold()
    if again != once:
        once = _strip(unicodedata.normalize("NFKD", again))
    return _FOLDED_GERESH.sub("׳", once.translate(_LETTERS))


_fold = lru_cache(maxsize=65_536)(_fold_now)


_FOLDED_GERESH = re.compile(_GERESH)


class _Stripped(dict[int, int | None]):
    """Code points that stay, and None for marks and invisible characters; filled as texts bring them."""

    def __missing__(self, code: int) -> int | None:
        goes = unicodedata.category(chr(code)) in {"Mn", "Me", "Cf"} and chr(code) not in _VOICED
        self[code] = None if goes else code
        return self[code]


_STRIPPED = _Stripped()


def _strip(text: str) -> str:
    return text if text.isascii() else text.translate(_STRIPPED)


# --- Sentences ---------------------------------------------------------------------------------------------------

FARTHEST = 400
"""A "sentence" of a page without full stops is cut this many characters from the mention."""
ABBREVIATIONS = frozenset(
    {"m", "mm", "mme", "mmes", "mlle", "me", "dr", "pr", "st", "ste", "mgr", "gal", "cdt", "lt", "col"}
    | {"mr", "mrs", "ms", "sr", "jr", "gen", "sgt", "hon", "rep", "sen", "prof", "vs", "cf"}
)
_END = re.compile(r"[.!?…]+[\"»”’)\]]*(?=\s)|[؟۔。！？]+|\n+")


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence of the span stands, without the blanks around it; it always holds the span.

    A full stop after an initial or an abbreviation (`M. Darmanin`) ends nothing.
    """
    first = max(0, start - FARTHEST)
    last = min(len(text), end + FARTHEST)
    for found in _END.finditer(text, first, start):
        if _ends_sentence(text, found):
            first = found.end()
    for found in _END.finditer(text, end, last):
        if _ends_sentence(text, found):
            last = found.end()
            break
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last


def _ends_sentence(text: str, found: re.Match[str]) -> bool:
    if found[0] != ".":
        return True
    before = re.search(r"(\w+)$", text[max(0, found.start() - 12) : found.start()])
    word = before[1] if before else ""
    return not (len(word) == 1 and word.isupper()) and fold(word) not in ABBREVIATIONS
