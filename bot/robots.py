"""What a site asks of programs: its robots.txt (RFC 9309) and its reservations of text mining (TDMRep).

Asked once a day and site, before any page of it. Does not fetch pages, and does not read what a page says of itself.
https://www.rfc-editor.org/rfc/rfc9309, https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from weakref import WeakValueDictionary

import structlog
from protego import Protego

from bot.clock import Clock
from bot.errors import FetchError
from bot.net import GuardedSession, Limits

log = structlog.get_logger(__name__)

PRODUCT = "Guetteur"
"""The name that robots.txt files may call us by."""
KEPT_S = 24 * 3600.0
UNREACHABLE_S = 3600.0
"""A site whose robots.txt cannot be had is left alone, and asked again after this long."""
MOST_SITES = 500
READ_BYTES = 500 * 1024
"""RFC 9309, 2.5: at least so much is read; rules behind it do not count."""
LIMITS = Limits(timeout_s=15.0, max_bytes=READ_BYTES, max_redirects=5, cut=True)
MAX_CRAWL_DELAY_S = 60.0
MOST_RULES = 1_000
NOT_THERE = range(400, 500)
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a site says of one URL."""

    allowed: bool
    reserved: bool = False
    """Text mining is reserved (TDMRep)."""
    crawl_delay_s: float = 0.0
    unreachable: bool = False
    """Not allowed only because robots.txt could not be had."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of tdmrep.json."""

    location: str
    reserved: bool


@dataclass(frozen=True, slots=True)
class Wishes:
    """Of one site. `robots` is None when robots.txt could not be had."""

    robots: Protego | None
    rules: tuple[Rule, ...]
    until: float
    """On the monotonic clock."""

    def verdict(self, url: str) -> Verdict:
        parts = urlsplit(url)
        reserved = is_reserved(self.rules, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if self.robots is None:
            return Verdict(allowed=False, reserved=reserved, unreachable=True)
        delay = self.robots.crawl_delay(PRODUCT) or 0.0
        return Verdict(
            allowed=self.robots.can_fetch(url, PRODUCT),
            reserved=reserved,
            crawl_delay_s=min(max(delay, 0.0), MAX_CRAWL_DELAY_S),
        )


class Asks(Protocol):
    """Whom a page reader asks; `Robots` is the one that fetches."""

    async def verdict(self, url: str) -> Verdict: ...


class Robots:
    """Remembers what `MOST_SITES` sites ask for; the one not asked about for longest is forgotten first."""

    def __init__(self, session: GuardedSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._known: OrderedDict[str, Wishes] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def verdict(self, url: str) -> Verdict:
        """What the site of an http(s) URL says of it. Never raises for a site's fault."""
        origin = origin_of(url)
        async with self._asking.setdefault(origin, asyncio.Lock()):
            known = self._known.get(origin)
            if known is None or known.until <= self._clock.monotonic():
                known = await self._ask(origin, known)
                self._known[origin] = known
        self._known.move_to_end(origin)
        while len(self._known) > MOST_SITES:
            self._known.popitem(last=False)
        return known.verdict(url)

    async def _ask(self, origin: str, before: Wishes | None) -> Wishes:
        robots = await self._robots(origin)
        if robots is None and before is not None:
            robots = before.robots  # RFC 9309, 2.4: while it cannot be had, an old copy holds
            again = UNREACHABLE_S
        else:
            again = KEPT_S if robots is not None else UNREACHABLE_S
        # A site that does not answer is not asked twice.
        rules = await self._reservations(origin) if robots is not None else ()
        return Wishes(robots, rules, self._clock.monotonic() + again)

    async def _robots(self, origin: str) -> Protego | None:
        try:
            answer = await self._session.get(f"{origin}/robots.txt", headers={"Accept": "text/plain"}, limits=LIMITS)
        except FetchError as error:
            log.debug("robots.txt not had", site=origin, code=error.code)
            return Protego.parse("") if error.code == "redirects" else None  # RFC 9309, 2.3.1.2
        if answer.status in NOT_THERE and answer.status != TOO_MANY_REQUESTS:
            return Protego.parse("")
        if answer.status // 100 != 2:
            return None
        text = _whole_lines(answer.body).decode("utf-8-sig", errors="replace")
        # Half a second for the worst half megabyte: too long for the loop.
        return await asyncio.to_thread(Protego.parse, text)

    async def _reservations(self, origin: str) -> tuple[Rule, ...]:
        url = f"{origin}/.well-known/tdmrep.json"
        try:
            answer = await self._session.get(url, headers={"Accept": "application/json"}, limits=LIMITS)
        except FetchError:
            return ()
        return read_rules(answer.body) if answer.status // 100 == 2 else ()


def _whole_lines(body: bytes) -> bytes:
    """Without the line that the limit cut: `Disallow: /` may be the beginning of `Disallow: /private/`."""
    return body[: body.rfind(b"\n") + 1] if len(body) >= READ_BYTES else body


def origin_of(url: str) -> str:
    """`https://host:port` of a URL, without user name and password."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2].lower(), "", "", ""))


def read_rules(body: bytes) -> tuple[Rule, ...]:
    """The rules of a tdmrep.json; none of a document that is something else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    several = data if isinstance(data, list) else []
    return tuple(
        Rule(each["location"], str(each.get("tdm-reservation")) == "1")
        for each in several[:MOST_RULES]
        if isinstance(each, dict) and isinstance(each.get("location"), str)
    )


def is_reserved(rules: tuple[Rule, ...], path: str) -> bool:
    """Whether text mining of `path` is reserved: the longest location that matches says, and of two, the one that does.

    Locations are patterns as in robots.txt: `*` is anything, a last `$` the end.
    """
    matching = [(len(rule.location), rule.reserved) for rule in rules if _matches(rule.location, path)]
    return max(matching, default=(0, False))[1]


def _matches(location: str, path: str) -> bool:
    """Without a regular expression: a hostile `*a*a*a…` would keep one busy for hours."""
    to_end = location.endswith("$")
    first, *others = location.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for piece in others[:-1] if to_end else others:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if not to_end:
        return True
    return path.endswith(others[-1]) and len(path) - len(others[-1]) >= at if others else at == len(path)
