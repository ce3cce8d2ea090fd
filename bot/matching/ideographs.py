"""Names in Han, Kana and Hangul, where words stand together without blanks.

A name is two pieces side by side: 渡辺 and 健二, 罗伯特 and 亨德森 with a dot between. A piece is known by the table of
names, by its reading in Latin letters, or, for foreign names, by the few consonants that such scripts write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

from bot.matching import weights
from bot.matching.alias import Manner
from bot.matching.document import Document
from bot.matching.entry import Filed
from bot.matching.mentions import Mention
from bot.matching.romanise import syllabic
from bot.matching.spelling import EXACT, TRANSLITERATED, Likeness
from bot.matching.vocabulary import Vocabulary, Word
from bot.model import Reason

LONGEST_PIECE = 7
"""Signs of one piece: アレクサンドル."""
SHORTEST_KOREAN = 3
"""Signs of surname and given name; two of them make any word."""
_DOTS = frozenset("・·‧•=＝ ")
"""What stands between the pieces of a foreign name."""


LONGEST_NATIVE = 3
"""The same where no dot shows that the name is foreign: 諸葛, 健太郎."""
_PARTICLES = ("은", "는", "이", "가", "을", "를", "의", "에", "와", "과", "도", "로", "으로", "씨", "님", "측")
"""What Korean writes to a name."""
_LONGEST_PARTICLE = max(map(len, _PARTICLES))


_NEVER_LAST = frozenset("는은을를의")
"""Particles that no name ends in."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Signs `first` to `last` of a document, and the watched words that they may be."""

    first: int
    last: int
    likes: dict[Word, Likeness]


def read_ideographs(document: Document, vocabulary: Vocabulary) -> Iterator[tuple[Filed, Mention]]:
    """Every mention written in signs."""
    starting: dict[int, list[Piece]] = {}
    ending: dict[int, list[Piece]] = {}
    for piece in _pieces(document, vocabulary):
        starting.setdefault(piece.first, []).append(piece)
        ending.setdefault(piece.last, []).append(piece)
    for last, left in ending.items():
        for one, two in product(left, starting.get(last + 1, ())):
            yield from _together(document, one, two)


def _pieces(document: Document, vocabulary: Vocabulary) -> Iterator[Piece]:
    for first, sign in enumerate(document.words[: weights.MOST_SIGNS]):
        kind = _kind(sign)
        if kind is None or (kind is not Kind.HAN and _follows(document, first, kind) and not _may_follow(kind)):
            continue
        longest = LONGEST_PIECE if kind is not Kind.HAN or _near_dot(document, first) else LONGEST_NATIVE
        for last in range(first, min(first + longest, len(document.words))):
            if _kind(document.words[last]) is not kind or (last > first and document.between(last - 1, last)):
                break
            if kind is Kind.KATAKANA and _follows(document, last + 1, kind):
                continue  # words of this script end where the script does
            written = document.text[document.start(first) : document.end(last)]
            likes = vocabulary.read_signs(written, foreign=_by_sound(document, first, last, kind))
            if likes:
                yield Piece(first, last, likes)


def _near_dot(document: Document, first: int) -> bool:
    """A dot stands before the sign, or so near behind it that a foreign name may go on to it."""
    start = document.start(first)
    return any(sign in _DOTS for sign in document.text[max(0, start - 1) : start + LONGEST_PIECE + 1])


class Kind(Enum):
    """How far a word reaches is told by a change of script (Katakana), by blanks and particles (Hangul), by nothing."""

    HAN = "han"
    KATAKANA = "katakana"
    HANGUL = "hangul"


def _kind(sign: str) -> Kind | None:
    if "\u3400" <= sign <= "\u9fff" or sign == "々":
        return Kind.HAN
    if "\u30a0" <= sign <= "\u30ff":
        return Kind.KATAKANA
    return Kind.HANGUL if "\uac00" <= sign <= "\ud7af" else None


def _follows(document: Document, at: int, kind: Kind) -> bool:
    """The sign at `at` goes on with the word before it."""
    words = document.words
    return 0 < at < len(words) and _kind(words[at - 1]) is kind is _kind(words[at]) and not document.between(at - 1, at)


def _may_follow(kind: Kind) -> bool:
    """A given name is written to a Korean surname; a word of Katakana stands for itself."""
    return kind is Kind.HANGUL


def _by_sound(document: Document, first: int, last: int, kind: Kind) -> bool:
    """The piece may be a part of a foreign name: a dot or a blank stands beside it, and it is a whole word."""
    behind = last + 1 < len(document.words)
    if kind is Kind.HANGUL:
        return document.words[last] not in _NEVER_LAST and _is_word(document, first, last)
    beside = (first and document.between(first - 1, first) in _DOTS) or (
        behind and document.between(last, last + 1) in _DOTS
    )
    return bool(beside)


def _is_word(document: Document, first: int, last: int) -> bool:
    """Signs of Hangul that begin where a word begins, and end where it ends or a particle follows."""
    rest = _rest_of_word(document, last)
    starts = first == 0 or document.between(first - 1, first) != ""
    return starts and (not rest or rest.startswith(_PARTICLES))


def _rest_of_word(document: Document, last: int) -> str:
    """The signs that go on with the word, as far as a particle may reach."""
    at = last + 1
    while at <= last + _LONGEST_PARTICLE and _follows(document, at, Kind.HANGUL):
        at += 1
    return document.text[document.end(last) : document.end(at - 1)]


def _together(document: Document, one: Piece, two: Piece) -> Iterator[tuple[Filed, Mention]]:
    between = document.between(one.last, two.first)
    if between and between not in _DOTS:
        return
    if _kind(document.words[one.first]) is Kind.HANGUL:
        written_together = not between and two.last - one.first + 1 < SHORTEST_KOREAN
        if written_together or not _is_word(document, one.first, two.last):
            return
    for anchor, other in ((one, two), (two, one)):
        for word, likeness in anchor.likes.items():
            for partner in word.partners.keys() & other.likes.keys():
                found = (likeness, other.likes[partner])
                for filed in word.partners[partner]:
                    if _may_be(filed, between) and _is_enough((word, partner), found, between):
                        yield filed, _mention(document, filed, one, two, found)


def _may_be(filed: Filed, between: str) -> bool:
    """Written together, surname and given name must be the whole name: 金正 is not Kim Jong-un."""
    return filed.alias.manner is Manner.FULL_NAME and (bool(between) or len(filed.words) == 2)


def _is_enough(words: tuple[Word, Word], found: tuple[Likeness, Likeness], between: str) -> bool:
    """By consonants alone only foreign names are found, with a dot or a blank between and not too short."""
    if TRANSLITERATED not in found:
        return True
    consonants = sum(len(min(syllabic(word.spelling.roman), key=len)) for word in words)
    guessed = weights.GUESSED_SIGNS + 2 * (set(found) == {TRANSLITERATED})
    return bool(between) and consonants >= guessed


def _mention(document: Document, filed: Filed, one: Piece, two: Piece, found: tuple[Likeness, Likeness]) -> Mention:
    score = round(sum(likeness.score for likeness in found) / 2)
    text = document.text[document.start(one.first) : document.end(two.last)]
    worst = min(found, key=lambda likeness: likeness.score)
    reasons = [Reason("full-name")]
    if worst is not EXACT:
        reasons.append(Reason(worst.code, {"text": text, "name": filed.alias.written}))
    two_signs = two.last == one.first + 1 and worst is not EXACT  # 胜一 may be anything, and somebody called so
    return Mention(document, filed.alias, one.first, two.last, score, tuple(reasons), doubtful=two_signs)
