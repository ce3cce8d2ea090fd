"""feedparser's strict parser at a fraction of its cost, with its own answer. Pure; for `parse.py` only.

feedparser resolves the base address anew at every tag, although nearly no feed changes it; where none does, it is
resolved here once a link. Everything else is feedparser's own code, decoding included (parts of it that it does not
call public: tests hold the answers against `feedparser.parse`). What its strict parser does not take is not taken here:
`feedparser.parse` reads that.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any
from xml.sax import SAXException
from xml.sax.expatreader import ExpatParser
from xml.sax.handler import feature_external_ges, feature_namespaces
from xml.sax.xmlreader import InputSource

from feedparser.api import StrictFeedParser
from feedparser.encodings import convert_to_utf8
from feedparser.urls import _urljoin, make_safe_absolute_uri

BASE = re.compile(rb"\s(?:[\w.-]++:)?base\s*=\s*[\"']", re.IGNORECASE)
DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
FIRST_TAG = re.compile(rb"<\w")


@dataclass(frozen=True, slots=True)
class Strict:
    """What feedparser keeps under the same names."""

    feed: dict[str, Any]
    entries: list[dict[str, Any]]
    version: str
    independent: bool
    """No item left anything behind that would change how the next one is read."""


def decoded(body: bytes, headers: dict[str, str]) -> bytes | None:
    """The document in UTF-8, as feedparser decodes it; None where it finds no encoding."""
    found: dict[str, Any] = {}
    document: bytes = convert_to_utf8(headers, body, found)
    return document if found["encoding"] else None


def parse_strictly(document: bytes, url: str) -> Strict | None:
    """The whole of it (UTF-8), or None: it is not well-formed, or has a DOCTYPE."""
    first_tag = FIRST_TAG.search(document)
    if first_tag is None or DOCTYPE.search(document, 0, first_tag.start()):
        return None
    handler = _Handler(make_safe_absolute_uri(url), moving=BASE.search(document) is not None)
    reader = ExpatParser()
    reader.setFeature(feature_namespaces, True)
    reader.setFeature(feature_external_ges, False)
    reader.setContentHandler(handler)
    reader.setErrorHandler(handler)
    source = InputSource()
    source.setByteStream(io.BytesIO(document))
    try:
        reader.parse(source)
    except (
        SAXException,
        ValueError,
        LookupError,
    ):  # ValueError: the standard library trips over a blank in a namespace
        return None
    return Strict(handler.feeddata, handler.entries, handler.version, handler.independent)


class _Handler(StrictFeedParser):  # type: ignore[misc]  # feedparser has no types
    """feedparser's own, told by `moving` whether any tag may change the base address."""

    def __init__(self, base: str, *, moving: bool) -> None:
        super().__init__(base if moving else "", None, "utf-8")
        self.contentparams: dict[str, Any] = {}
        self.sanitize_html = self.resolve_relative_uris = False
        self.independent = True
        self._document_base = base
        self._state_at_first_item: tuple[int, ...] | None = None

    def resolve_uri(self, uri: str) -> str:
        absolute: str = _urljoin(self.baseuri or self._document_base, uri)
        return absolute

    def push_content(self, *given: Any) -> None:
        super().push_content(*given)
        # Asked for its type at every text: feedparser's own dictionaries are slow.
        self.contentparams = dict(self.contentparams)

    def startPrefixMapping(self, prefix: str | None, uri: str) -> None:  # noqa: N802 - SAX calls it
        # feedparser forgets no namespace: one declared inside an item is known in the next ones, too. That changes
        # nothing where the prefix is the one that feedparser itself uses.
        before = self.namespacemap.get(prefix), self.namespaces_in_use.get(prefix)
        super().startPrefixMapping(prefix, uri)
        if self.inentry and prefix and self._matchnamespaces.get((uri or "").lower()) != prefix:
            after = self.namespacemap.get(prefix), self.namespaces_in_use.get(prefix)
            self.independent &= before == after

    def _start_item(self, attributes: dict[str, str]) -> None:
        if self._state_at_first_item is None:
            self._state_at_first_item = self._state()
            self.independent &= not any(self._inside())
        self._expect_same_state()
        super()._start_item(attributes)

    def _end_item(self) -> None:
        super()._end_item()
        self._expect_same_state()

    _start_entry = _start_item
    _end_entry = _end_item

    def _expect_same_state(self) -> None:
        # E.g. a title within XHTML content ends feedparser's content, and every later item is read as if inside one.
        self.independent &= self._state() == self._state_at_first_item

    def _inside(self) -> tuple[int, ...]:
        """What feedparser believes to be inside of."""
        return (
            self.incontent,
            self.insource,
            self.inimage,
            self.intextinput,
            self.inauthor,
            self.incontributor,
            self.inpublisher,
            self.inentry,
            self.svgOK,
            self._summaryKey is not None,
            len(self.contentparams) + len(self.sourcedata),
        )

    def _state(self) -> tuple[int, ...]:
        # Not the stack of elements, although `content` leaves one behind: an item looks no deeper than at its own.
        return (self.infeed, self.depth, len(self.langstack), len(self.basestack), *self._inside())
