"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/) → entries. Pure.

Takes each item for what is right in it; a document that breaks off is refused whole, as JSON has no meaning then.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import urljoin

from bot.errors import ParseError
from bot.markup import storable
from bot.model import Entry, ParsedFeed

START = re.compile(rb"(?:\xef\xbb\xbf)?\s*+\{")
VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1")


def is_json(body: bytes) -> bool:
    """An object, whatever the server calls it."""
    return START.match(body) is not None


def parse_json_feed(body: bytes, *, url: str, max_items: int) -> ParsedFeed:
    """The first `max_items` entries of the document, in its order.

    Raises:
        ParseError: `not-a-feed`; also for one that is cut.
    """
    document = _read(body)
    items = document.get("items")
    if not VERSION.match(_text(document, "version")) or not isinstance(items, list):
        raise ParseError("not-a-feed", "the answer is JSON, but no JSON Feed")
    language = _language(document)
    objects = [item for item in items[:max_items] if isinstance(item, dict)]
    lost = len(items[:max_items]) - len(objects)
    return ParsedFeed(
        entries=tuple(_entry(item, url, language) for item in objects),
        title=_line(document, "title"),
        language=language,
        fault=f"{lost} items are no objects" if lost else None,
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        # Numbers stay as they are written: an id may be one, of any length.
        document = json.loads(body.decode("utf-8-sig", "replace"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise ParseError("not-a-feed", f"the answer is broken JSON: {error}") from error
    return document if isinstance(document, dict) else {}


def _entry(item: dict[str, Any], url: str, feed_language: str | None) -> Entry:
    language = _language(item)
    return Entry(
        guid=_text(item, "id") or None,
        link=_link(item, "url", url) or _link(item, "external_url", url),
        title=_line(item, "title"),
        summary=_html_of(_text(item, "summary")),
        content=_text(item, "content_html") or _html_of(_text(item, "content_text")),
        published=_moment(item, "date_published"),
        updated=_moment(item, "date_modified"),
        language=language if language != feed_language else None,
    )


def _text(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return storable(value).strip() if isinstance(value, str) else ""


def _line(holder: dict[str, Any], key: str) -> str:
    return " ".join(_text(holder, key).split())


def _html_of(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _language(holder: dict[str, Any]) -> str | None:
    return _text(holder, "language")[:16] or None


def _link(item: dict[str, Any], key: str, base: str) -> str | None:
    link = _text(item, key)
    try:
        return urljoin(base, link) if link else None
    except ValueError:  # e.g. `http://[`
        return None


def _moment(item: dict[str, Any], key: str) -> datetime | None:
    """RFC 3339; None for what no article can mean."""
    try:
        moment = datetime.fromisoformat(_text(item, key))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= 1900 and moment.timestamp() != 0 else None
