"""A text as the terms of the text index: the matcher's own words, and pairs of signs where words stand together.

Han, Kana, Hangul, Thai, Lao, Khmer and Burmese put no blanks between words, or write particles to them. A run of their
signs is indexed in pairs (and its last sign alone), so that any part of it is found as a row of pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.matching.romanise import is_ideographic
from bot.text import plain_tokens, view

MOST_BYTES = 500_000
"""Of the terms of one text, which is a long book; what stands behind is not indexed. PostgreSQL takes a megabyte."""

_RUN = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    r"\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+"  # Hangul, Kana, Han
)
SIGNS = "\ue000signs"
"""A term that no text has, beside those of a text with Han, Kana or Hangul: the matcher reads these sign by sign."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An article as the text index holds it."""

    title: tuple[str, ...]
    text: tuple[str, ...]
    """The terms in their order, each as often as it stands there."""
    names: frozenset[str]
    """The words that may be a part of a name: with a capital, or of a script that has none."""


def indexed(title: str, text: str) -> Indexed:
    names: set[str] = set()
    found = [tuple(_terms(each, names)) for each in (title, text)]
    if any(is_ideographic(term) for terms in found for term in terms if not term.isascii()):
        found[1] = (*found[1], SIGNS)
    return Indexed(found[0], found[1], frozenset(names))


def _terms(text: str, names: set[str]) -> Iterator[str]:
    room = MOST_BYTES
    for piece, capital in _pieces(text):
        run = is_run(piece)
        for term in pairs_of(piece) if run else (piece,):
            room -= len(term.encode())
            if room < 0:
                return
            yield term
        if capital and not run and len(piece) > 1 and not piece[0].isdigit():
            names.add(piece)


def pieces_of(text: str) -> list[str]:
    """Folded words, and runs of signs."""
    return [piece for piece, _ in _pieces(text)]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """With whether a capital stands at the beginning, or no script has any."""
    run, end = "", 0
    plain = view(text).text
    for token in plain_tokens(plain):
        parts = _split(token.folded)
        if run and not (is_run(parts[0]) and _goes_on(plain[end : token.start])):
            yield run, True
            run = ""
        for part in parts:
            if is_run(part):
                run += part
                continue
            if run:
                yield run, True
                run = ""
            yield part, token.capital
        end = token.end
    if run:
        yield run, True


def is_run(piece: str) -> bool:
    """Signs of a script without blanks, rather than a word."""
    return _RUN.match(piece) is not None


def pairs_of(run: str) -> list[str]:
    """Each sign with the next one; the last stands alone."""
    return [run[at : at + 2] for at in range(len(run))]


def _split(folded: str) -> list[str]:
    """A word where scripts meet: `jr東日本` is two pieces."""
    if folded.isascii():
        return [folded]
    # Folding took the syllables of Hangul and the voiced Kana apart.
    composed = unicodedata.normalize("NFC", folded) if any(map(_is_apart, folded)) else folded
    return [part for part in re.split(f"({_RUN.pattern})", composed) if part]


def _is_apart(sign: str) -> bool:
    return "\u1100" <= sign <= "\u11ff" or sign in "\u3099\u309a"


def _goes_on(gap: str) -> bool:
    """Nothing but marks stands there: vowel signs of Thai, which end a word as the matcher reads it."""
    return all(unicodedata.category(sign).startswith("M") for sign in gap)
