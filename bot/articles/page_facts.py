"""What a page says of itself beside its text: address, language, date, title, and what may be done with it. Pure.

Sources: schema.org in JSON-LD, Open Graph and `article:` metas, https://developers.google.com/search/docs/appearance/
structured-data/paywalled-content, and TDMRep (https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from bot.articles.address import canonical_url
from bot.articles.clean import primary_language

MAX_JSON_CHARS = 1_000_000
MOST_NODES = 200
"""Of one JSON-LD block; news pages have a dozen."""
LATEST = timedelta(days=1)
"""A publisher's clock may be wrong by a time zone; a later date is nonsense."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
PAID_TIERS = frozenset({"locked", "metered"})
"""Values of `article:content_tier`."""
OF_A_PAGE = re.compile(r"Article|Posting|Report|Review|WebPage|CreativeWork|Recipe|VideoObject", re.IGNORECASE)
SIMPLE_SELECTOR = re.compile(r"([A-Za-z][\w-]*)?((?:[.#][\w-]+|\[[\w-]+\])+)")
"""`div.paywall`: all that Google allows in `cssSelector`, and a little more."""

Node = Any
"""An element of lxml; its stubs leave most of it untyped."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the publisher keeps for readers who pay, or out of machines' reach."""

    reserved: bool = False
    paywalled: bool = False
    paid_parts: tuple[str, ...] = ()
    """CSS selectors of the parts that are not free; empty while `paywalled` means the whole page."""


class PageFacts:
    """Reads the head of a parsed page, and the JSON-LD wherever it stands."""

    def __init__(self, tree: Node) -> None:
        self._tree = tree
        self._metas = dict(reversed(list(_metas(tree))))
        self._articles = [node for node in _linked_data(tree) if OF_A_PAGE.search(str(node.get("@type")))]

    def meta(self, *names: str) -> str | None:
        """The content of the first of these `<meta>` that is there and not empty."""
        return next((self._metas[name] for name in names if self._metas.get(name)), None)

    def canonical_url(self, url: str) -> str | None:
        """The page's address, as `bot.articles.address.canonical_url` writes it: what it says, else where it was found.

        A page cannot name another site's, and a front page is no article's address.
        """
        links = [link.get("href") for link in self._tree.iter("link") if link.get("rel", "").lower() == "canonical"]
        for said in (*links[:1], self.meta("og:url"), url):
            found = page_address(said, base=url) if said else None
            if found and _same_site(found, canonical_url(url) or ""):
                return found
        return None

    def language(self) -> str | None:
        html = self._tree.getroottree().getroot()
        return primary_language(html.get("lang"), html.get("xml:lang"), self.meta("og:locale"))

    def title(self) -> str | None:
        said = [self.meta("og:title"), *(_text(node.get("headline")) for node in self._articles)]
        said += [" ".join(title.text_content().split()) for title in self._tree.xpath("//head/title[1]")]
        return next(filter(None, said), None)

    def published_at(self, now: datetime) -> datetime | None:
        """Aware, UTC, never after `now`; None when the page tells none that can be true."""
        said = [_text(node.get("datePublished")) for node in self._articles]
        said += [self.meta(name) for name in ("article:published_time", "og:article:published_time", "datepublished")]
        said += [
            time.get("datetime") or time.get("content") for time in self._tree.xpath('//*[@itemprop="datePublished"]')
        ]
        said += [self.meta("date", "dc.date", "dc.date.issued", "dcterms.created", "parsely-pub-date", "sailthru.date")]
        return next((date for each in said if each and (date := _date(each, now))), None)

    def rights(self) -> Rights:
        parts = [part for node in self._articles for part in _nodes_in(node.get("hasPart")) if _is_paid(part)]
        selectors = tuple(name for part in parts for name in _selectors(part.get("cssSelector")))
        whole = any(map(_is_paid, self._articles))
        tier = (self.meta("article:content_tier", "og:article:content_tier") or "").lower()
        return Rights(
            reserved=self.meta("tdm-reservation") == "1",
            paywalled=whole or bool(parts) or tier in PAID_TIERS,
            paid_parts=selectors,
        )


def elements_of(tree: Node, selectors: tuple[str, ...]) -> list[Node] | None:
    """The elements that these selectors choose; None when one of them cannot be read."""
    found: list[Node] = []
    for selector in selectors:
        simple = SIMPLE_SELECTOR.fullmatch(selector)
        if simple is None:
            return None
        wanted = re.findall(r"[.#][\w-]+|\[[\w-]+\]", simple[2])
        found += [element for element in tree.iter(simple[1] or "*") if _has_all(element, wanted)]
    return found


def _has_all(element: Node, wanted: list[str]) -> bool:
    has = {f".{name}" for name in element.get("class", "").split()}
    has |= {f"#{element.get('id')}", *(f"[{name}]" for name in element.attrib)}
    return has.issuperset(wanted)


def _metas(tree: Node) -> Iterator[tuple[str, str]]:
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        if name:
            yield name.strip().lower(), " ".join(meta.get("content", "").split())


def _linked_data(tree: Node) -> Iterator[dict[str, Any]]:
    """The nodes that the page's JSON-LD blocks describe, not those they only mention."""
    for script in tree.iter("script"):
        if "ld+json" not in script.get("type", "").lower():
            continue
        text = (script.text or "").strip().removesuffix(";")
        try:
            data = json.loads(text, strict=False) if len(text) <= MAX_JSON_CHARS else None
        except (ValueError, RecursionError):
            continue
        for node in _nodes_in(data):
            yield node
            yield from _nodes_in(node.get("@graph"))
            yield from _nodes_in(node.get("mainEntity"))


def _nodes_in(value: object) -> list[dict[str, Any]]:
    several = value if isinstance(value, list) else [value]
    return [node for node in several[:MOST_NODES] if isinstance(node, dict)]


def _is_paid(node: dict[str, Any]) -> bool:
    return str(node.get("isAccessibleForFree", "")).lower().rpartition("/")[2] == "false"


def _selectors(value: object) -> list[str]:
    several = value if isinstance(value, list) else [value]
    return [name.strip() for each in several if isinstance(each, str) for name in each.split(",") if name.strip()]


def _text(value: object) -> str | None:
    return " ".join(value.split()) if isinstance(value, str) else None


def page_address(said: str, *, base: str = "") -> str | None:
    """The canonical URL of a page as it was said; None for a front page or what is no address."""
    try:
        found = canonical_url(urljoin(base, said.strip()))
    except ValueError:
        return None
    if found is None:
        return None
    parts = urlsplit(found)
    return found if parts.path or parts.query else None


def _same_site(one: str, other: str) -> bool:
    """One host is the other's, or stands above it: `edition.brumes.example` may name `brumes.example`."""
    hosts = urlsplit(one).netloc, urlsplit(other).netloc
    short, long = sorted(hosts, key=len)
    return short == long or (long.endswith(f".{short}") and "." in short)


def _date(said: str, now: datetime) -> datetime | None:
    try:
        date = datetime.fromisoformat(said)
        date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return min(date, now) if EARLIEST <= date <= now + LATEST else None
