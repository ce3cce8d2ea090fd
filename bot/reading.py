"""A document as the worker reads it: bytes → entries → articles. Pure, and light to import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.articles.clean import clean_entry
from bot.feeds.parse import parse_document
from bot.model import Article, Feed, Hints

MAX_ITEMS = 2_000
"""News feeds list 20 to 200 items; a feed of 480,000 exists to hurt."""
PARSE_DEADLINE_S = 10.0
"""The slowest real feed of 2.7 MB takes 2 s; what takes longer is an attack or a fault."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the worker made of a document."""

    articles: tuple[Article, ...]
    """Of the items that are new or edited, as far as the document could be read so."""
    unchanged: tuple[str, ...]
    """Digests of the other items that it lists."""
    tail: int
    """How many of `articles` stand below every unchanged item."""
    title: str
    """What the feed calls itself."""
    complete: bool
    fault: str | None
    hints: Hints


def read_document(
    body: bytes, content_type: str | None, url: str, feed: Feed, known: frozenset[str], now: datetime
) -> Reading:
    """Read what `url` answered. `known`: digests of items that need no parser.

    Raises:
        ParseError: it is no feed.
    """
    parsed = parse_document(body, content_type=content_type, url=url, max_items=MAX_ITEMS, known=known)
    cleaned = tuple(clean_entry(entry, feed, parsed.language, now) for entry in parsed.entries)
    return Reading(
        articles=cleaned,
        unchanged=parsed.unchanged,
        tail=parsed.tail,
        title=parsed.title,
        complete=parsed.complete,
        fault=parsed.fault,
        hints=parsed.hints,
    )
