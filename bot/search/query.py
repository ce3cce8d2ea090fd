"""What people write behind /search, read so that no sign of theirs can be taken for a command of the database.

`word` and `other` both, `"an exact phrase"`, `-without`, `begin*`. Anything else is a word or nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.search.terms import is_run, pairs_of, pieces_of

MOST_PARTS = 20
"""Words and phrases of one question; a database's parser has its limits, too."""
LONGEST_PHRASE = 60

_PART = re.compile(
    r"""(?P<minus>(?<!\S)[-−–](?=\S))?"""
    r"""(?:["«“„](?P<phrase>[^"»”“„«]*)["»”“]?|(?P<word>[^\s"«»“”„]+))"""
)


@dataclass(frozen=True, slots=True)
class Part:
    """Terms that stand one behind the other; with `prefix`, the last is only how a term begins."""

    terms: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """An article must have every part and none of `without`."""

    parts: tuple[Part, ...]
    without: tuple[Part, ...] = ()


def read_query(written: str) -> Query | None:
    """None when nothing is left to look for: no word at all, or only words that must not be there."""
    parts: dict[Part, None] = {}
    without: dict[Part, None] = {}
    for found in _PART.finditer(written):
        words = found["phrase"] if found["phrase"] is not None else found["word"]
        part = part_of(words, prefix=found["phrase"] is None and words.endswith("*"))
        if part is not None:
            (without if found["minus"] else parts)[part] = None
    if not parts:
        return None
    return Query(tuple(parts)[:MOST_PARTS], tuple(without)[:MOST_PARTS])


def part_of(words: str, *, prefix: bool = False) -> Part | None:
    """The words as one phrase, in the terms of the index; None when there is none among them."""
    pieces = pieces_of(words)
    if not pieces:
        return None
    *before, last = pieces
    terms = [term for piece in before for term in (pairs_of(piece) if is_run(piece) else (piece,))]
    # Behind the last sign there may be more in the text.
    terms += pairs_of(last)[: max(len(last) - 1, 1)] if is_run(last) else [last]
    # A sign alone is how a pair begins.
    alone = is_run(last) and len(last) == 1
    return Part(tuple(terms[:LONGEST_PHRASE]), prefix=(prefix or alone) and len(terms) <= LONGEST_PHRASE)
