"""Right-to-left and left-to-right words in one line, so that neither garbles the other. Pure.

What stands in a text of the other direction is isolated (Unicode's FSI … PDI). Text from outside has lost its own
marks before (`telegram/markup.py: clean`), so that marks are always in pairs.
"""

from __future__ import annotations

import re
import unicodedata

FSI, PDI = "\u2068", "\u2069"
RLM = "\u200f"
"""An invisible right-to-left letter, before what is isolated: a line that begins with it, or holds nothing else, would
be taken for left-to-right (Unicode skips isolates there, not every app does)."""

RIGHT_TO_LEFT = frozenset({"ar"})
"""Of the languages we speak."""

_UNREAD = re.compile(r"<[^>]*>|&#?\w+;")
"""Telegram's tags and references are no letters."""
_PIECES = re.compile(
    r"""(?P<isolated><code>.*?</code>                               # to be copied: no marks inside
          | /?[A-Za-z]\w*(?:[ ./:-]*(?:[A-Za-z]\w*|\{\w+\}))*)      # commands and other Latin words, values within
      | <[^>]*> | \{\w+\} """,
    re.VERBOSE | re.ASCII,
)


def isolated(words: str) -> str:
    return f"{FSI}{words}{PDI}"


def within(language: str, words: str) -> str:
    """The words as they may stand in a line of this language; left alone where they disturb nothing."""
    if language not in RIGHT_TO_LEFT and words.isascii():
        return words
    bare = _bare(words)
    left, right = _directions(bare)
    if language not in RIGHT_TO_LEFT:
        return isolated(words) if right else words
    if left:
        return RLM + isolated(words)
    return words if right or bare == _UNREAD.sub("", words) else RLM + words


def marked(language: str, template: str) -> str:
    """A text with its values still in braces, its commands, code and Latin words isolated where need be."""
    if language not in RIGHT_TO_LEFT:
        return template
    return _PIECES.sub(lambda piece: RLM + isolated(piece[0]) if piece["isolated"] else piece[0], template)


def is_inside(words: str, at: int) -> bool:
    """Whether an isolate stands open there."""
    return words.count(FSI, 0, at) > words.count(PDI, 0, at)


def without_marks(words: str) -> str:
    return re.sub(f"[{FSI}{PDI}{RLM}]", "", words)


def _bare(words: str) -> str:
    """What a reader sees outside all isolates."""
    read = _UNREAD.sub("", words)
    if FSI not in read:
        return read
    kept, depth = [], 0
    for char in read:
        depth += (char == FSI) - (char == PDI)
        if depth == 0 and char != PDI:
            kept.append(char)
    return "".join(kept)


def _directions(words: str) -> tuple[bool, bool]:
    """Whether letters of each direction are there: left-to-right, right-to-left."""
    kinds = {unicodedata.bidirectional(char) for char in set(words)}
    return "L" in kinds, bool(kinds & {"R", "AL"})
