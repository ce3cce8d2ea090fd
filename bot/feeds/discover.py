"""An HTML page → the feeds it may have: those it names, then the places where sites usually keep one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree

from bot.markup import storable

FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
PERHAPS_JSON = "application/json"
"""JSON Feed as its first version said; WordPress names its API so on every page."""
WELL_KNOWN = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml")
MOST_LINKS = 50
"""A page that names more is no news site; some name one feed per comment."""

KINDS = (
    (re.compile(rb"<(?:\w+:)?feed\b[^>]*http://www\.w3\.org/2005/Atom", re.IGNORECASE), "Atom"),
    (re.compile(rb"<(?:\w+:)?feed\b", re.IGNORECASE), "Atom 0.3"),
    (re.compile(rb"<(?:\w+:)?RDF\b", re.IGNORECASE), "RSS 1.0 (RDF)"),
)
HEAD_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names."""

    url: str
    title: str = ""


def feed_links(page: bytes, url: str) -> tuple[FeedLink, ...]:
    """The feeds that the page at `url` names in its head, in its order; those that are only perhaps feeds last."""
    found: Any = _Links(url)
    encoding = "utf-8" if _is_utf8(page) else None
    try:
        etree.fromstring(page, etree.HTMLParser(target=found, encoding=encoding, huge_tree=True))
    except (etree.LxmlError, ValueError):  # nothing that could be a page
        return ()
    links: dict[str, FeedLink] = {}
    for link in (*found.certain, *found.perhaps):
        links.setdefault(link.url, link)
    links.pop(urldefrag(url)[0], None)
    return tuple(links.values())[:MOST_LINKS]


def well_known(url: str) -> tuple[str, ...]:
    """Where the site of `url` would keep its feed if it named none."""
    return tuple(address for path in WELL_KNOWN if (address := urljoin(url, path)) != url)


def kind_of(document: bytes) -> str:
    """What a feed's document is written in, by its first element: `RSS 2.0`, `Atom`, `JSON Feed` …"""
    head = document.replace(b"\0", b"")[:HEAD_BYTES]
    if head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"{"):
        return "JSON Feed"
    if rss := re.search(rb"<rss\b[^>]*", head, re.IGNORECASE):
        version = re.search(rb"\bversion\s*=\s*[\"']([\d.]+)", rss[0])
        return f"RSS {version[1].decode()}" if version else "RSS"
    return next((name for pattern, name in KINDS if pattern.search(head)), "unknown")


class _Links:
    """Takes the parser's events: no tree of a page that may be large."""

    def __init__(self, url: str) -> None:
        self._base = url
        self._based = False
        self.certain: list[FeedLink] = []
        self.perhaps: list[FeedLink] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "base" and not self._based and (address := _joined(self._base, attributes.get("href", ""))):
            self._base, self._based = address, True
        if tag != "link" or "alternate" not in attributes.get("rel", "").lower().split():
            return
        kind = attributes.get("type", "").partition(";")[0].strip().lower()
        address = _joined(self._base, attributes.get("href", ""))
        if address is None or kind not in {*FEED_TYPES, PERHAPS_JSON}:
            return
        link = FeedLink(address, " ".join(storable(attributes.get("title", "")).split()))
        (self.perhaps if kind == PERHAPS_JSON else self.certain).append(link)

    def end(self, _tag: str) -> None:
        pass

    def data(self, _text: str) -> None:
        pass

    def close(self) -> None:
        pass


def _joined(base: str, href: str) -> str | None:
    """The address without its fragment; None where it is none on the web."""
    if not href.strip():
        return None
    try:
        address = urldefrag(urljoin(base, storable(href.strip())))[0]
        parts = urlsplit(address)
        return address if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


def _is_utf8(page: bytes) -> bool:
    try:
        page.decode()
    except UnicodeDecodeError:
        return False
    return True
