"""OPML, the list of feeds that other readers export and import; nested outlines become tags, tags categories.

Read by expat with every document type and entity refused, so no file, address or bomb hides in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from bot.errors import Problem
from bot.markup import storable
from bot.model import Feed
from bot.yamlfile import Located

MAX_DEPTH = 50


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    pass


@dataclass
class _Outlines:
    """Collects feeds from the parser's events."""

    path: Path
    parser: expat.XMLParserType
    feeds: dict[str, dict[str, Located]] = field(default_factory=dict)
    """By address: a feed that hangs in two folders is one feed with both tags."""
    problems: list[Problem] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    """Titles of the open outlines, empty for elements that are none."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.folders) >= MAX_DEPTH:
            raise _Refused("nested too deep")
        given = {key.lower(): value.strip() for key, value in attributes.items()}
        title = given.get("text") or given.get("title") or ""
        is_feed = name.lower() == "outline" and bool(given.get("xmlurl"))
        if is_feed:
            self._feed(given, title)
        elif name.lower() == "outline" and "xmlurl" in given:
            wrong = f"{title or 'an outline'} has an empty xmlUrl"
            self.problems.append(
                self._located("").problem(self.path, wrong, "write its address, or remove it", warning=True)
            )
        self.folders.append(title if name.lower() == "outline" and not is_feed else "")

    def _feed(self, given: dict[str, str], title: str) -> None:
        tags = [folder for folder in self.folders if folder]
        tags += [part for part in re.split(r"[,/]", given.get("category", "")) if part.strip()]
        located = [self._located(tag.strip()) for tag in tags]
        feed = self.feeds.setdefault(given["xmlurl"], {"url": self._located(given["xmlurl"])})
        before = feed["tags"].value if "tags" in feed else []
        feed["tags"] = self._located([*before, *located] if isinstance(before, list) else located)
        if title and title != given["xmlurl"]:  # who has no title for a feed writes its address, as we do
            feed["title"] = self._located(title)
        if re.fullmatch(r"(?=.{2,16}$)[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", given.get("language", "")):
            feed["language"] = self._located(given["language"])

    def _located(self, value: str | list[Located] | dict[str, Located]) -> Located:
        return Located(value, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    def end(self, _name: str) -> None:
        self.folders.pop()

    def refuse(self, *_: object) -> None:
        raise _Refused("it declares a document type or an entity")


def read_opml(text: str, path: Path) -> tuple[Located | None, list[Problem]]:
    """The feeds of an OPML document in the shape of `feeds.yaml`."""
    parser = expat.ParserCreate("utf-8")
    outlines = _Outlines(path, parser)
    parser.StartElementHandler, parser.EndElementHandler = outlines.start, outlines.end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = outlines.refuse
    try:
        parser.Parse(text.encode(), True)
    except _Refused as error:
        at = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        return None, [Problem(path, *at, f"this OPML is refused: {error}", "export it again, or delete that part")]
    except expat.ExpatError as error:
        wrong = f"this is not OPML ({expat.ErrorString(error.code)})"
        return None, [Problem(path, error.lineno, error.offset + 1, wrong, "export it again")]
    if not outlines.feeds:
        return None, [Problem(path, 1, 1, "this OPML lists no feed", "every feed is an outline with an xmlUrl")]
    feeds = [Located(dict(feed), feed["url"].line, feed["url"].column) for feed in outlines.feeds.values()]
    return Located(feeds, 1, 1), outlines.problems


def write_opml(feeds: Iterable[Feed]) -> str:
    """An OPML 2.0 document: address, title, language and tags (as categories), which `read_opml` reads back.

    Ids, intervals and headers have no place in it. Writes addresses as they are given: take their secrets out first.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += ["  <head><title>Guetteur</title></head>", "  <body>"]
    lines += [f"    <outline {_attributes(feed)}/>" for feed in feeds]
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _attributes(feed: Feed) -> str:
    title = feed.title or feed.url
    given = {"type": "rss", "text": title, "title": title, "xmlUrl": feed.url}
    if feed.language:
        given["language"] = feed.language
    if feed.tags:
        given["category"] = ",".join(sorted(feed.tags))
    return " ".join(f"{name}={quoteattr(storable(value))}" for name, value in given.items())
