"""Files of feeds: YAML as in `config/feeds.yaml`, or OPML as other readers export it.

Turns them into `Feed`s and complaints, and makes sure that ids and addresses are unique over all files. Fetches
nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from bot.config.environment import substitute
from bot.config.opml import read_opml
from bot.config.settings import Interval
from bot.config.values import WebUrl
from bot.errors import Problem
from bot.model import Feed
from bot.yamlfile import Located, parse
from bot.yamlmodel import TEXT_SCHEMA, Refused, Section, Text, Texts, fill

ID_LENGTH = 64
LANGUAGE_LENGTH = 16
"""As many characters as the database keeps of an id and of a language."""

FEED_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")


def _check_id(text: str) -> str:
    if not FEED_ID.fullmatch(text):
        raise Refused("an id has small letters, digits, - . and _ only", f"write {slug(text)}")
    if len(text) > ID_LENGTH:
        raise Refused(f"the id is longer than {ID_LENGTH} characters", f"write {slug(text)}")
    return text


def _check_language(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", text):
        raise Refused(f"{text} is not a language code", "write one like fr, ar or en")
    if len(text) > LANGUAGE_LENGTH:
        raise Refused(f"the language code is longer than {LANGUAGE_LENGTH} characters", "write one like fr, ar or en")
    return text.lower().replace("_", "-")


def _headers(value: object) -> object:
    if isinstance(value, Mapping):
        for name, text in value.items():
            if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", str(name)) or re.search(r"[\r\n\0]", str(text)):
                raise Refused("this is not an HTTP header", "write it as Name: value")
    return value


class FeedEntry(Section):
    """One feed of `feeds.yaml`; a URL alone stands for an entry with nothing else."""

    url: WebUrl = Field(description="The address of the RSS or Atom document.")
    id: Annotated[Text, AfterValidator(_check_id)] | None = Field(
        None, description="Short and stable: what is stored hangs on it. Made from the address when left out."
    )
    title: Text | None = Field(None, description="The outlet's name as alerts show it; default: the feed's own title.")
    language: Annotated[Text, AfterValidator(_check_language), WithJsonSchema(TEXT_SCHEMA)] | None = Field(
        None, description="The language of its articles, like fr, when the feed does not say it or says it wrong."
    )
    tags: Texts = Field((), description="Words that watchlists choose feeds by.")
    interval: Interval | None = Field(None, description="Poll this often on average; default: adapts to the feed.")
    headers: Annotated[dict[str, Text], BeforeValidator(_headers)] = Field(
        default_factory=dict, description="HTTP headers to send, for a feed that wants a key.", repr=False
    )


@dataclass(frozen=True, slots=True)
class PlacedFeed:
    """A feed and where it was written."""

    feed: Feed
    path: Path
    line: int
    column: int
    written_url: str = ""
    """With its `${NAME}` as they stand in the file: an id made of it holds no key, and outlives one."""
    explicit_id: bool = field(default=False)


def read_feeds(text: str, path: Path, environ: Mapping[str, str]) -> tuple[list[PlacedFeed], list[Problem]]:
    """The feeds of one file's text; ids that were left out are still empty."""
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        root, problems = read_opml(text, path)
        written = _urls(root)
    else:
        root, problems = parse(text, path)
        written = _urls(root)
        problems += substitute(root, environ, path) if root else []
    if root is None:
        return [], problems
    if isinstance(root.value, str) and root.is_null:
        return [], problems
    if not isinstance(root.value, list):
        wrong = "feeds are written as a list"
        return [], [*problems, root.problem(path, wrong, "begin each with “- ”, as in: - url: https://…")]
    feeds: list[PlacedFeed] = []
    for item, url in zip(root.value, written, strict=True):
        placed, faults = _read_entry(item, path, url)
        feeds += [placed] if placed else []
        problems += faults
    return feeds, problems


def _urls(root: Located | None) -> list[str]:
    """The address of each entry as it is written, empty where there is none."""
    items = root.value if root and isinstance(root.value, list) else []
    nodes = [item.value.get("url", item) if isinstance(item.value, dict) else item for item in items]
    return [node.value if isinstance(node.value, str) else "" for node in nodes]


def _read_entry(item: Located, path: Path, written_url: str) -> tuple[PlacedFeed | None, list[Problem]]:
    if isinstance(item.value, str):
        item = Located({"url": item}, item.line, item.column)
    entry, problems = fill(FeedEntry, item, path)
    if entry is None:
        return None, problems
    feed = Feed(
        id=entry.id or "",
        url=entry.url,
        title=entry.title or "",
        language=entry.language,
        tags=frozenset(tag.casefold() for tag in entry.tags),
        interval_s=entry.interval.total_seconds() if entry.interval else None,
        headers=entry.headers,
    )
    return PlacedFeed(feed, path, item.line, item.column, written_url, explicit_id=entry.id is not None), []


def settle_ids(feeds: list[PlacedFeed]) -> tuple[tuple[Feed, ...], list[Problem]]:
    """Give the nameless their ids and complain about what stands there twice, over all files."""
    ids: dict[str, PlacedFeed] = {}
    urls: dict[str, PlacedFeed] = {}
    problems: list[Problem] = []
    for one in feeds:
        if (first := urls.setdefault(same_url(one.feed.url), one)) is not one:
            problems.append(_twice(one, first, "this address"))
        elif one.explicit_id and (first := ids.setdefault(one.feed.id, one)) is not one:
            problems.append(_twice(one, first, f"the id {one.feed.id}"))
    settled: list[Feed] = []
    for one in feeds:
        feed = one.feed if one.explicit_id else replace(one.feed, id=derived_id(one.written_url, ids))
        ids.setdefault(feed.id, one)
        settled.append(feed)
    return tuple(settled), problems


def _twice(one: PlacedFeed, first: PlacedFeed, what: str) -> Problem:
    place = f"line {first.line}" if first.path == one.path else f"{first.path}:{first.line}"
    return Problem(one.path, one.line, one.column, f"{what} stands here a second time (first: {place})", "remove one")


def same_url(url: str) -> str:
    """Equal for two spellings of an address that fetch the same document."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in {None, default} else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path or '/'}{query}"


def derived_id(url: str, taken: Mapping[str, object]) -> str:
    """An id from host and path, like `lemonde.fr-rss-une`; with the query, then a hash, where that is taken."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = re.sub(r"\.(xml|rss|atom|rdf|php|aspx?)$", "", parts.path.rstrip("/"), flags=re.IGNORECASE)
    plain, queried = slug(host + path), slug(f"{host}{path}-{parts.query}")
    digest = hashlib.blake2b(url.encode(), digest_size=4).hexdigest()
    return next(one for one in (plain, queried, f"{plain[: ID_LENGTH - 9]}-{digest}") if one not in taken)


def slug(text: str) -> str:
    """The text as an id."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-._")[:ID_LENGTH].rstrip("-._") or "feed"
