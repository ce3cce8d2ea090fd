"""Puts back what an extractor left out of the middle of an article: captions, quotations, a first paragraph set apart.

Between the headline (or the first block that was extracted) and the last one, a block of prose is the article's too,
unless it stands in what never is. One name in a caption is enough for us, where a reader can do without. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from bot.markup import DROPPED, INLINE, flat_text

NEVER = DROPPED | {
    "aside", "button", "dialog", "footer", "form", "nav", "ol", "select", "table", "textarea", "title", "ul",
}  # fmt: skip
"""What stands in these and was not extracted is a menu, a list of links or a prompt, as a rule."""
SET_APART = frozenset({"blockquote", "figcaption"})
TELLING_CHARS = 40
"""A block this long is recognised in the extracted text; a shorter one may stand there by chance."""
PROSE_CHARS = 60
SHORT_CHARS = 12
"""Captions, quotations and whole sentences may be short."""
SENTENCE_ENDS = (".", "!", "?", "…", "»", "”", '"', "؟", "۔")
MOST_LINKS = 0.4
FARTHEST = 30
"""A headline that so many blocks part from the article is not its own."""

Node = Any
"""An element of lxml; its stubs leave most of it untyped."""


@dataclass(slots=True)
class Block:
    """Text that no block element parts, and where it stands."""

    inside: frozenset[str]
    """The block elements around it."""
    parts: list[str] = field(default_factory=list)
    linked_chars: int = 0

    def add(self, text: str | None, *, linked: bool) -> None:
        if text:
            self.parts.append(text)
            self.linked_chars += len(text) * linked

    @property
    def text(self) -> str:
        return flat_text("".join(self.parts))

    def is_prose(self, text: str) -> bool:
        if self.inside & NEVER or "h1" in self.inside or self.linked_chars > MOST_LINKS * len(text):
            return False
        is_sentence = "p" in self.inside and text.endswith(SENTENCE_ENDS)
        return len(text) >= (SHORT_CHARS if is_sentence or self.inside & SET_APART else PROSE_CHARS)


def with_gaps_filled(extracted: str, tree: Node) -> str:
    """`extracted`, then the prose of `tree` that is missing in it, one line a block."""
    said = flat_text(extracted)
    blocks = [(text, block) for block in _blocks(tree) if (text := block.text)]
    known = [at for at, (text, _) in enumerate(blocks) if len(text) >= TELLING_CHARS and text in said]
    if not known:
        return extracted
    before = range(max(0, known[0] - FARTHEST), known[0])
    first = next((at for at in reversed(before) if "h1" in blocks[at][1].inside), known[0])
    missing = [text for text, block in blocks[first : known[-1] + 1] if text not in said and block.is_prose(text)]
    return "\n".join((extracted, *dict.fromkeys(missing)))


def _blocks(tree: Node) -> Iterator[Block]:
    around: list[str] = []
    block = Block(frozenset())
    links = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag
        starts = event == "start"
        links += (1 if starts else -1) * (tag == "a")
        if tag not in INLINE:
            yield block
            if starts:
                around.append(tag)
            else:
                around.pop()
            block = Block(frozenset(around))
        if not starts or tag not in DROPPED:
            block.add(element.text if starts else element.tail, linked=links > 0)
    yield block
