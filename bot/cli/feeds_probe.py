"""Asks a URL as a poll would, twice, and finds the feed of a site: what `guetteur feeds test` shows. Stores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from bot.clock import Clock
from bot.config.settings import Settings
from bot.errors import FetchError, ParseError
from bot.feeds.discover import FeedLink, feed_links, kind_of, well_known
from bot.feeds.fetch import PERMANENT, Document, NotModified, Validators, fetch_feed
from bot.feeds.parse import parse_document
from bot.feeds.portrait import Portrait, portrait_of
from bot.model import Feed, ParsedFeed
from bot.net import GuardedSession, Hop, Limits, Response, redact_url, same_origin, user_agent
from bot.reading import MAX_ITEMS, PARSE_DEADLINE_S
from bot.worker import Worker

MOST_TRIED = 5
"""Feeds that a page names which are asked before it is given up; the first is nearly always the one."""

How = Literal["itself", "named by the page", "a usual place"]
"""How a feed was found."""


@dataclass(frozen=True, slots=True)
class Second:
    """What a second request with the validators of the first was answered."""

    status: int
    """304, or 200, or 0 for no answer."""
    same_body: bool = False
    new_validators: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A feed."""

    url: str
    """Without secrets."""
    how: How
    kind: str
    size: int
    """Bytes, decompressed."""
    parsed: ParsedFeed
    portrait: Portrait
    hops: tuple[Hop, ...]
    """Their addresses may hold secrets."""
    answered_by: str
    """Where the redirects led, without secrets."""
    headers: Mapping[str, str]
    validators: Validators
    min_wait_s: float | None
    """What its server asks for."""
    second: Second | None
    """None: it gave nothing to compare by."""

    @property
    def to_add(self) -> str:
        """The address to list: where it moved for good, if it did."""
        return self.answered_by if self.hops and all(hop.status in PERMANENT for hop in self.hops) else self.url


@dataclass(frozen=True, slots=True)
class Tried:
    """A URL that turned out to be no feed."""

    url: str
    error: str


@dataclass(frozen=True, slots=True)
class Probe:
    url: str
    """What was asked for, without secrets."""
    found: Found | None = None
    error: str | None = None
    """Why there is none."""
    links: tuple[FeedLink, ...] = ()
    """The feeds that the page names."""
    tried: tuple[Tried, ...] = ()


async def probe(feed: Feed, settings: Settings, clock: Clock) -> Probe:
    """What a poll of the feed would give now; of a page, what its feed would."""
    polling = settings.polling
    session = _ListeningSession(
        allow_networks=polling.allow_networks,
        user_agent=user_agent(polling.user_agent_contact),
        concurrency=1,
        per_host=1,
        proxy=settings.network.proxy,
        ca_file=settings.network.ca_file,
    )
    worker = Worker()
    limits = Limits(timeout_s=polling.timeout.total_seconds(), max_bytes=polling.max_bytes)
    try:
        return await _Prober(session, worker, clock, limits).probe(feed)
    finally:
        await worker.close()
        await session.close()


class _ListeningSession(GuardedSession):
    """Remembers the last answer with its headers and redirects, of which a poll keeps only what it needs."""

    heard: Response | None = None

    async def get(self, url: str, *, headers: Mapping[str, str], limits: Limits) -> Response:
        self.heard = await super().get(url, headers=headers, limits=limits)
        return self.heard


@dataclass(slots=True)
class _Prober:
    session: _ListeningSession
    worker: Worker
    clock: Clock
    limits: Limits
    tried: list[Tried] = field(default_factory=list)

    async def probe(self, feed: Feed) -> Probe:
        shown = redact_url(feed.url)
        try:
            document = await self._fetch(feed)
        except FetchError as error:
            return Probe(shown, error=_said(error))
        try:
            return Probe(shown, await self._examine(feed, document, "itself"))
        except ParseError as error:
            if error.code != "html" and "html" not in (document.content_type or "").lower():
                return Probe(shown, error=f"{shown} is not a feed: {error}")
        return await self._search(feed, document)

    async def _search(self, feed: Feed, page: Document) -> Probe:
        """The first feed of the page's site; one request after the other."""
        shown = redact_url(feed.url)
        try:
            links = await self.worker.run(feed_links, page.body, page.url, deadline_s=PARSE_DEADLINE_S)
        except ParseError as error:
            return Probe(shown, error=f"{shown} is a page that cannot be read: {error}")
        named = [link.url for link in links[:MOST_TRIED]]
        for url in named:
            if found := await self._try(feed, url, "named by the page"):
                return Probe(shown, found, links=links, tried=tuple(self.tried))
        for url in well_known(page.url):
            if url not in named and (found := await self._try(feed, url, "a usual place")):
                return Probe(shown, found, links=links, tried=tuple(self.tried))
        names = "none of the feeds that it names can be read" if links else "it names no feed"
        why = f"{shown} is a page; {names}, and there is none in the usual places"
        return Probe(shown, error=why, links=links, tried=tuple(self.tried))

    async def _try(self, feed: Feed, url: str, how: How) -> Found | None:
        # What is secret for the page's host is for that host alone.
        there = replace(feed, url=url, headers=feed.headers if same_origin(feed.url, url) else {})
        try:
            return await self._examine(there, await self._fetch(there), how)
        except (FetchError, ParseError) as error:
            self.tried.append(Tried(redact_url(url), _said(error)))
            return None

    async def _fetch(self, feed: Feed) -> Document:
        fetched = await fetch_feed(self.session, feed, Validators(), self.limits)
        if isinstance(fetched, NotModified):
            raise FetchError(
                "http", f"{redact_url(feed.url)} answered 304 to a request without a condition", status=304
            )
        return fetched

    async def _examine(self, feed: Feed, document: Document, how: How) -> Found:
        read = partial(parse_document, content_type=document.content_type, url=document.url, max_items=MAX_ITEMS)
        heard = self.session.heard
        parsed = await self.worker.run(read, document.body, deadline_s=PARSE_DEADLINE_S)
        return Found(
            url=redact_url(feed.url),
            how=how,
            kind=kind_of(document.body),
            size=len(document.body),
            parsed=parsed,
            portrait=portrait_of(parsed.entries, self.clock.now()),
            hops=heard.hops if heard else (),
            answered_by=redact_url(document.url),
            headers=heard.headers if heard else {},
            validators=document.validators,
            min_wait_s=document.min_wait_s,
            second=await self._ask_again(feed, document),
        )

    async def _ask_again(self, feed: Feed, first: Document) -> Second | None:
        if first.validators == Validators():
            return None
        try:
            second = await fetch_feed(self.session, feed, first.validators, self.limits)
        except FetchError as error:
            return Second(error.status or 0, error=str(error))
        new_validators = second.validators != first.validators
        if isinstance(second, NotModified):
            return Second(304, same_body=True, new_validators=new_validators)
        return Second(200, same_body=second.digest == first.digest, new_validators=new_validators)


def _said(error: FetchError | ParseError) -> str:
    """Of a refusal without the advice to remove the feed, which need not be listed."""
    return f"{str(error).partition('; ')[0]}; ask the publisher" if error.code == "refused" else str(error)
