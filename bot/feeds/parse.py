"""Bytes of a feed → entries. Pure; with `lean.py` the only module that knows feedparser.

Takes RSS, RDF, Atom and JSON Feed as publishers write them, faults included, and gives strings that every database and
encoding accepts. Never opens a path or URL, never cleans HTML (`articles/clean.py` does).

feedparser's answer is the truth, and slow. Of a document whose items were read before, it gets only those that are new
or edited (`skim.py` finds them); of any other, all of it, through its strict parser alone (`lean.py`) where that is
enough. Whatever is odd goes the whole long way, `feedparser.parse`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Container
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from time import struct_time
from typing import Any

import feedparser
from feedparser.exceptions import CharacterEncodingOverride, NonXMLContentType

from bot.errors import ParseError
from bot.feeds.challenge import CHALLENGE_PAGE
from bot.feeds.hints import read_hints
from bot.feeds.jsonfeed import is_json, parse_json_feed
from bot.feeds.lean import Strict, decoded, parse_strictly
from bot.feeds.skim import skim
from bot.markup import plain_text, storable
from bot.model import Entry, Hints, ParsedFeed

END_TAG = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
"""Not `channel`: RDF closes it before its items."""
TAIL_BYTES = 65_536
"""Where the end tag is looked for: some servers append comments, scripts or error messages."""
FIRST_ITEM = re.compile(rb"<(?:[\w.-]++:)?(?:item|entry)[\s>]", re.IGNORECASE)
HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+)?"
    rb"(?:<!--(?:[^-]|-(?!->))*+-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE,
)
FEED_WORDS = re.compile(
    rb"<(?:[\w.-]{1,50}+:)?+(?:rss|feed|rdf|channel|item|entry)\b|purl\.org/rss|netscape\.com/rdf|w3\.org/2005/atom",
    re.IGNORECASE,
)
"""feedparser takes nothing without one of them for a feed, and looks at a page of 1 MB for 10 s before it says so."""
CHALLENGE_BYTES = 100_000
"""Challenge pages are short; a longer one is a site's own, which may carry a guard's script or such words."""
DECLARATION = re.compile(rb"\A((?:\xef\xbb\xbf)?)\s*<\?[^>]*\?>")
CHARACTER_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
PLAIN = "text/plain"


def parse_document(
    body: bytes, *, content_type: str | None, url: str, max_items: int, known: Container[str] = frozenset()
) -> ParsedFeed:
    """The first `max_items` entries of the document, in its order.

    Items whose digest is `known` are not parsed again but told as `unchanged`, once for each time that they are
    listed. Where all are known, nothing is parsed: the feed's title and language are "" and None then, and stay as
    they were. What is `known` must come from documents without fault (`ParsedFeed.fault`), as `Entry.item`.

    Raises:
        ParseError: `empty`, `challenge`, `html` (a page instead of a feed) or `not-a-feed`.
    """
    if not body.strip():
        raise ParseError("empty", "the answer is empty")
    if is_json(body):
        return parse_json_feed(body, url=url, max_items=max_items)
    body = CHARACTER_REFERENCE.sub(_possible_reference, body)
    headers = {"content-location": url, "content-type": _content_type(body, content_type)}
    if HTML_START.match(body[:4096]) and not FEED_WORDS.search(body):
        raise _no_feed(body)
    try:
        document = decoded(body, headers)
    except ValueError:  # an encoding named with bytes that no name has, or one that is none (`undefined`)
        body = DECLARATION.sub(rb"\1", body)
        headers["content-type"] = "application/xml"
        document = decoded(body, headers)
    parsed = None if document is None else _of_strict_parser(document, url, max_items, known)
    return parsed or _of_feedparser(body, headers, max_items)


# --- From the shortest way to the longest --------------------------------------------------------------------------


def _of_strict_parser(document: bytes, url: str, max_items: int, known: Container[str]) -> ParsedFeed | None:
    """What feedparser makes of the document (UTF-8), or None: it is no feed, or not well-formed."""
    items = skim(document, salt=url.encode("utf-8", "replace"), most=max_items)
    if items is None:
        return _whole(parse_strictly(document, url), max_items, read_hints(_head(document)))
    digests = items.digests
    fresh = {number: digest for number, digest in enumerate(digests) if digest not in known}
    hints = read_hints(items.around)
    if digests and not fresh:
        return ParsedFeed(entries=(), unchanged=digests, hints=hints)
    raw = parse_strictly(items.holding(fresh), url)
    if raw and raw.version and raw.independent and len(raw.entries) == len(fresh):
        language = _language(raw.feed)
        return ParsedFeed(
            entries=tuple(
                _entry(entry, language, digest) for entry, digest in zip(raw.entries, fresh.values(), strict=True)
            ),
            title=_title(raw.feed),
            language=language,
            unchanged=tuple(digest for digest in digests if digest in known),
            tail=_below_known(fresh, len(digests)),
            hints=hints,
        )
    if len(fresh) < len(items.spans):  # what was left of it is odd
        raw = parse_strictly(document, url)
    return _whole(raw, max_items, hints)


def _below_known(fresh: Container[int], listed: int) -> int:
    """How many fresh items end the document; 0 where none but fresh ones are listed."""
    number = listed
    while number and number - 1 in fresh:
        number -= 1
    return listed - number if number else 0


def _whole(raw: Strict | None, max_items: int, hints: Hints) -> ParsedFeed | None:
    if raw is None or not (raw.entries or raw.version):
        return None
    language = _language(raw.feed)
    return ParsedFeed(
        entries=tuple(_entry(entry, language) for entry in raw.entries[:max_items]),
        title=_title(raw.feed),
        language=language,
        hints=hints,
    )


def _of_feedparser(body: bytes, headers: dict[str, str], max_items: int) -> ParsedFeed:
    # BytesIO always: bytes or text would be taken for a path or a URL and opened. We keep plain text only, so neither
    # feedparser's sanitizer nor its rewriting of links inside HTML would add anything but three times the time.
    try:
        raw = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, LookupError) as error:  # feedparser's own faults, e.g. for a blank inside a namespace
        raise ParseError("not-a-feed", f"the answer is too broken to be read: {error}") from error
    if not raw["entries"] and not dict.get(raw, "version"):
        raise _no_feed(body)
    fault = _fault(raw)
    language = _language(raw["feed"])
    return ParsedFeed(
        entries=tuple(_entry(entry, language) for entry in raw["entries"][:max_items]),
        title=_title(raw["feed"]),
        language=language,
        fault=fault,
        complete=fault is None or _ends_with_its_tag(body),
        hints=read_hints(_head(body)),
    )


def _head(document: bytes) -> bytes:
    first = FIRST_ITEM.search(document)
    return document[: first.start()] if first else document


def _content_type(body: bytes, claimed: str | None) -> str:
    """What decides the encoding: valid UTF-8 is UTF-8, whatever a server's default charset says.

    Without a type feedparser would take a document without declaration for Latin-1.
    """
    other_unicode = b"\0" in body[:64] or b"\x1b" in body  # UTF-16 and ISO-2022 can look like UTF-8
    with suppress(UnicodeDecodeError):
        if not other_unicode and body.decode():
            return "application/xml; charset=utf-8"
    return claimed or "application/xml"


def _fault(raw: dict[str, Any]) -> str | None:
    error = raw["bozo_exception"] if raw["bozo"] else None
    # A wrong content type or charset in the headers says nothing about the document.
    harmless = error is None or isinstance(error, NonXMLContentType | CharacterEncodingOverride)
    return None if harmless else storable(str(error))


def _possible_reference(found: re.Match[bytes]) -> bytes:
    """Nothing for a reference that XML forbids: it costs the document its strict parser, and breaks the lenient one."""
    if len(found[0]) > 20:
        return b""
    number = int(found[1], 16) if found[1] else int(found[2])
    return found[0] if number <= 0x10FFFF and storable(chr(number)) else b""


def _no_feed(body: bytes) -> ParseError:
    if HTML_START.match(body[:4096]):
        if len(body) <= CHALLENGE_BYTES and CHALLENGE_PAGE.search(body):
            return ParseError("challenge", "the answer is a page that asks whether we are human, not a feed")
        return ParseError("html", "the answer is a web page, not a feed")
    return ParseError("not-a-feed", "the answer is neither RSS, Atom nor JSON Feed")


def _ends_with_its_tag(body: bytes) -> bool:
    # UTF-16 has a NUL beside every ASCII letter.
    return END_TAG.search(body[-TAIL_BYTES:].replace(b"\0", b"")) is not None


# --- One entry -----------------------------------------------------------------------------------------------------


def _entry(raw: dict[str, Any], feed_language: str | None, item: str | None = None) -> Entry:
    language = _language(raw)
    return Entry(
        guid=_field(raw, "id"),
        link=_field(raw, "feedburner_origlink") or _field(raw, "link"),
        title=_title(raw),
        summary="\n".join(map(_html, _details(raw, "summary_detail"))),
        content="\n".join(filter(None, map(_html, _details(raw, "content")))),
        published=_moment(dict.get(raw, "published_parsed")),
        updated=_moment(dict.get(raw, "updated_parsed")),
        # feedparser lets entries inherit the feed's language; only one of their own says more than that.
        language=language if language != feed_language else None,
        item=item,
    )


# feedparser's dictionaries answer for keys they do not hold (`updated` for `published`, with a warning);
# `dict.get` asks for what is really there.


def _details(raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """What feedparser keeps under `key`: nothing, one or several values with their type and language."""
    found = dict.get(raw, key)
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)]


def _field(raw: dict[str, Any], key: str) -> str | None:
    value = dict.get(raw, key)
    return storable(value).strip() or None if isinstance(value, str) else None


def _title(raw: dict[str, Any]) -> str:
    """Without markup, on one line."""
    for detail in _details(raw, "title_detail"):
        value = detail.get("value") or ""
        return " ".join((storable(value) if _is_plain(detail) else plain_text(value)).split())
    return ""


def _html(detail: dict[str, Any]) -> str:
    """A summary or a content as HTML; what is neither HTML nor text (an image in base64) is left out."""
    kind = detail.get("type") or "text/html"
    value = detail.get("value") or ""
    if not kind.startswith(("text/", "application/xhtml")):
        return ""
    return storable(escape(value) if _is_plain(detail) else value)


def _is_plain(detail: dict[str, Any]) -> bool:
    return detail.get("type") == PLAIN


def _language(raw: dict[str, Any]) -> str | None:
    """Of the element itself, or of its title, summary or content (`xml:lang`)."""
    details = [*_details(raw, "title_detail"), *_details(raw, "summary_detail"), *_details(raw, "content")]
    claims = [dict.get(raw, "language"), *(detail.get("language") for detail in details)]
    return next((storable(claim).strip()[:16] for claim in claims if isinstance(claim, str) and claim.strip()), None)


def _moment(parsed: struct_time | None) -> datetime | None:
    """feedparser's UTC time; None for what no article can mean: the zeros of Unix, .NET and OLE."""
    if parsed is None:
        return None
    try:
        moment = datetime(*parsed[:6], tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= 1900 and moment.timestamp() != 0 else None
