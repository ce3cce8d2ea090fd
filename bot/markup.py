"""HTML as feeds carry it → plain text. Pure, tolerant and linear, however hostile the nesting.

Never renders: what a reader would not see as words (scripts, styles, images) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

MAX_HTML_CHARS = 2_000_000
"""The longest real entry of our corpus has 0.1 million; the rest of a longer one is left out."""

DROPPED = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "math"})
INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
        "img", "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike",
        "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    }
)  # fmt: skip
"""Tags that may stand inside a word (`<b>D</b>armanin`); every other one parts words and sentences."""

UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""No text in PostgreSQL (NUL), in UTF-8 (half of a surrogate pair) or in Telegram (controls)."""


def plain_text(html: str) -> str:
    """The words of `html`: entities decoded, blanks folded, one line a block."""
    html = storable(html[:MAX_HTML_CHARS])
    if "<" in html or "&" in html:
        words: Any = _Words()
        text: Any = etree.fromstring(html.encode(), etree.HTMLParser(target=words, encoding="utf-8", huge_tree=True))
        html = storable(text)  # entities may name what was removed above
    else:
        html = " ".join(html.split())
    lines = (" ".join(line.split()) for line in html.split("\n"))
    return "\n".join(line for line in lines if line)


def storable(text: str) -> str:
    """`text` without the characters that no database, encoding or message takes."""
    return UNSTORABLE.sub("", text)


def flat_text(text: str) -> str:
    """`text` as it is compared with other text: one line, blanks folded, no soft hyphens."""
    return " ".join(text.replace("\xad", "").split())


class _Words:
    """Takes the parser's events instead of a tree: libxml2 drops what lies deeper than its limit in a tree."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._dropping = 0

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self._dropping += tag in DROPPED
        self._part(tag)

    def end(self, tag: str) -> None:
        self._dropping -= tag in DROPPED
        self._part(tag)

    def data(self, text: str) -> None:
        if not self._dropping:
            # A line break of the source is a blank.
            self._parts.append(text.replace("\n", " ").replace("\r", " "))

    def close(self) -> str:
        return "".join(self._parts)

    def _part(self, tag: str) -> None:
        if tag not in INLINE:
            self._parts.append("\n")
