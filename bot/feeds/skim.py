"""Where the items of a feed stand, without parsing it: spans of bytes, and a digest for each. Pure and linear.

What an item means follows from its bytes and a little context (namespaces, base, language). So an item whose digest is
known needs no parser, and what is left of the document without it is a document still. Only plain cases are taken:
`skim` gives None whenever anything is unusual, and the whole document is parsed instead.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

TAG = re.compile(rb"""<[^\s<>!?/"'][^<>"']*+(?:"[^"<]*+"[^<>"']*+|'[^'<]*+'[^<>"']*+)*+>""")
"""A start tag: it ends at the first `>` outside its values."""
ROOT = re.compile(
    rb"(?:\s++|<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)*+<(rss|feed|(?:[\w.-]{1,50}+:)?+RDF)(?=[\s/>])"
)
"""After blanks, instructions and comments only."""
MARK = re.compile(rb"<(?:(!--|!\[CDATA\[|\?)|(!)|(/?)((?:[\w.-]++:)?+)(item|entry)(?=[\s/>]))", re.IGNORECASE)
"""What may hold the word of an item without being one, a declaration, or the tag of an item."""
ENDS = {b"!--": b"-->", b"![cdata[": b"]]>", b"?": b"?>"}
SETTING = re.compile(rb"\b(?:xmlns|lang|base)\b", re.IGNORECASE)
"""Attributes that change how the elements inside are read."""
LANGUAGE = re.compile(rb"<(?:[\w.-]++:)?language\b[^<]{0,200}(?:<!\[CDATA\[[^\]]{0,200})?", re.IGNORECASE)
"""The feed's language: an entry tells its own only where it differs."""


@dataclass(frozen=True, slots=True)
class Skim:
    """The items of a document, in its order."""

    document: bytes
    spans: tuple[tuple[int, int], ...]
    """Start and end of each, in bytes; one more holds all items beyond those that were asked for."""
    digests: tuple[str, ...]
    """Of each item's bytes and its context, 32 hexadecimal digits each."""

    @property
    def around(self) -> bytes:
        """What is no item: head, gaps and tail."""
        return self.holding(())

    def holding(self, kept: Container[int]) -> bytes:
        """The document with only those of its items, by their number from 0."""
        pieces = []
        at = 0
        for number, (start, end) in enumerate(self.spans):
            if number not in kept:
                pieces.append(self.document[at:start])
                at = end
        pieces.append(self.document[at:])
        return b"".join(pieces)


def skim(document: bytes, *, salt: bytes = b"", most: int = sys.maxsize) -> Skim | None:
    """The items of an RSS, RDF or Atom document in UTF-8 (or another superset of ASCII), or None: it is odd.

    Odd is a DOCTYPE, a root that is none of the three or does not end, an item nested, unclosed, prefixed, empty
    (`<item/>`), declaring a prefix or of the other kind (`entry` in RSS), and a byte that tells of another encoding.

    Args:
        salt: what else the meaning of an item depends on, e.g. the address that relative links start from.
        most: how many items are wanted; there may be half a million.
    """
    if b"\0" in document or b"\x1b" in document:
        return None
    root = ROOT.match(document)
    if root is None:
        return None
    spans = _spans(document, root.end(), b"entry" if root[1] == b"feed" else b"item", most)
    if spans is None or not _ends(document, root[1], spans[-1][1] if spans else root.end()):
        return None
    bare = Skim(document, tuple(spans), ())
    context = _context(bare.around, root.start(1) - 1, salt)
    return Skim(document, bare.spans, tuple(_digests(document, spans[:most], context)))


def _spans(document: bytes, at: int, name: bytes, most: int) -> list[tuple[int, int]] | None:
    spans: list[tuple[int, int]] = []
    start = -1
    while mark := MARK.search(document, at):
        at = mark.end()
        hidden, declaration, slash, prefix, found = mark.groups()
        if hidden is not None:
            at = document.find(ENDS[hidden.lower()], at) + 1
            if not at:
                return None
        elif declaration or prefix or found != name or bool(slash) == (start < 0):
            return None
        else:
            tag_end = _tag_end(document, mark.start(), at, is_end=bool(slash))
            if tag_end is None:
                return None
            if slash and len(spans) > most:
                spans[most] = (spans[most][0], tag_end)
            elif slash:
                spans.append((start, tag_end))
            start, at = (-1 if slash else mark.start()), tag_end
    return spans if start < 0 else None


def _tag_end(document: bytes, start: int, after_name: int, *, is_end: bool) -> int | None:
    """After the `>` of an item's tag; None for `<item/>`, for one that declares a prefix, and for what is no tag."""
    if document[after_name : after_name + 1] == b">":  # nearly always
        return after_name + 1
    if is_end:
        closed = document.find(b">", after_name)
        return None if closed < 0 or document[after_name:closed].strip() else closed + 1
    tag = TAG.match(document, start)
    plain = tag is not None and not tag[0].endswith(b"/>") and b"xmlns:" not in tag[0].lower()
    return tag.end() if tag and plain else None


def _ends(document: bytes, root: bytes, after: int) -> bool:
    return re.compile(rb"</" + re.escape(root) + rb"\s*>").search(document, after) is not None


def _context(around: bytes, root_at: int, salt: bytes) -> bytes:
    """What stands outside the items and changes how they are read."""
    root, *inner = TAG.findall(around, root_at) or [b""]
    settings = [tag for tag in inner if SETTING.search(tag)]
    return b"\0".join([salt, root, *settings, *LANGUAGE.findall(around)])


def _digests(document: bytes, spans: Sequence[tuple[int, int]], context: bytes) -> Iterator[str]:
    salted = blake2b(context, digest_size=16)
    salted.update(b"\0")
    view = memoryview(document)
    for start, end in spans:
        digest = salted.copy()
        digest.update(view[start:end])
        yield digest.hexdigest()
