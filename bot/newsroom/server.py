"""The sample newsroom as a web server on loopback: feeds and article pages at the present state of the day.

Keeps nothing but the time at which its day began. The day begins when every feed has been read once, so that a slow
start takes no news away from the reader: before that it is six in the morning, and only old entries stand in the feeds.
"""

from __future__ import annotations

import errno
import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from aiohttp import web

from bot.clock import Clock, SystemClock
from bot.model import Feed
from bot.newsroom import documents
from bot.newsroom.day import (
    HERE,
    FaultKind,
    Listed,
    Outlet,
    Situation,
    Timeline,
    fault_at,
    last_change,
    listed,
    load_outlets,
    shows,
)

log = structlog.get_logger(__name__)

FALLBACK_HOST = "127.0.0.1"
"""Where 127.0.1.1 is not an address of the machine (macOS)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An article that is there to show a situation."""

    outlet: str
    title: str
    url: str


class Newsroom:
    """`start`, let the reader read `feeds` until `remaining` is 0, `stop`.

    `day_s`: how many seconds the day takes, 6:00 to 22:00; the last news is out after six sevenths of it.
    """

    def __init__(
        self, *, day_s: float = 40.0, host: str = "127.0.1.1", port: int = 0, clock: Clock | None = None
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the sample newsroom is served on loopback only, not on {host}")
        self._day_s = day_s
        self._host = host
        self._port = port
        self._clock: Clock = clock or SystemClock()
        self._outlets = {outlet.id: outlet for outlet in load_outlets()}
        self._unread = set(self._outlets)
        self._opened = self._clock.now()
        self._begun: datetime | None = None
        self._origin: str | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{outlet}/feed.xml", self._serve_feed)
        app.router.add_get("/{outlet}/{item}.html", self._serve_page)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        host = await self._listen(self._runner)
        port = self._runner.addresses[0][1]
        self._origin = f"http://{host}:{port}"
        log.info("sample newsroom open", url=self._origin, feeds=len(self._outlets))

    async def _listen(self, runner: web.AppRunner) -> str:
        """Bind; returns the address that could be bound to."""
        try:
            await self._bind(runner, self._host)
        except OSError as error:
            # asyncio gives no number when none of the addresses exists (Python 3.13).
            if error.errno not in {errno.EADDRNOTAVAIL, None}:
                raise
            await self._bind(runner, FALLBACK_HOST)
            return FALLBACK_HOST
        return self._host

    async def _bind(self, runner: web.AppRunner, host: str) -> None:
        await web.TCPSite(runner, host, self._port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def origin(self) -> str:
        """`http://ADDRESS:PORT`."""
        if self._origin is None:
            raise RuntimeError("the newsroom has no address before start()")
        return self._origin

    @property
    def watchlist_folder(self) -> Path:
        return HERE / "watchlists"

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return tuple(
            Feed(
                id=outlet.id,
                url=self.url_of(outlet.id),
                title=outlet.title,
                language=outlet.language,
                tags=outlet.tags,
                interval_s=outlet.interval_s,
            )
            for outlet in self._outlets.values()
        )

    def url_of(self, feed_id: str) -> str:
        return f"{self.origin}/{self._outlets[feed_id].id}/feed.xml"

    def showing(self, situation: Situation) -> tuple[Shown, ...]:
        """The articles that are there for this situation (none for a broken feed)."""
        return tuple(
            Shown(outlet.title, item.title, documents.page_url(self.origin, outlet, item))
            for outlet in self._outlets.values()
            for item in outlet.items
            if shows(item, situation)
        )

    def remaining(self, now: datetime) -> float:
        """Seconds until the last news of the day is out; 0.0 from then on."""
        last = self._timeline(now).when(last_change(tuple(self._outlets.values())))
        return max(0.0, (last - now).total_seconds())

    def _timeline(self, now: datetime) -> Timeline:
        return Timeline(self._opened, self._begun or now, self._day_s)

    def _outlet(self, request: web.Request) -> Outlet:
        outlet = self._outlets.get(request.match_info["outlet"])
        if outlet is None:
            raise web.HTTPNotFound
        return outlet

    async def _serve_feed(self, request: web.Request) -> web.Response:
        outlet = self._outlet(request)
        now = self._clock.now()
        timeline = self._timeline(now)
        fault = fault_at(outlet, timeline, now)
        if fault is FaultKind.SERVER_ERROR:
            raise web.HTTPInternalServerError
        if fault is FaultKind.MALFORMED:
            return web.Response(
                body=documents.malformed_document(outlet), content_type=documents.media_type(outlet), charset="utf-8"
            )
        response = _feed_response(request, self.origin, outlet, listed(outlet, timeline, now))
        self._note_read(outlet, now)
        return response

    def _note_read(self, outlet: Outlet, now: datetime) -> None:
        self._unread.discard(outlet.id)
        if self._begun is None and not self._unread:
            self._begun = now
            log.info("sample newsroom begins its day", seconds=self._day_s)

    async def _serve_page(self, request: web.Request) -> web.Response:
        outlet = self._outlet(request)
        now = self._clock.now()
        entries = listed(outlet, self._timeline(now), now)
        for entry in entries:
            if entry.item.id == request.match_info["item"]:
                others = [other for other in entries if other is not entry]
                body = documents.page(self.origin, outlet, entry, others)
                return web.Response(body=body, content_type="text/html", charset="utf-8")
        raise web.HTTPNotFound


def _feed_response(request: web.Request, origin: str, outlet: Outlet, entries: tuple[Listed, ...]) -> web.Response:
    changed = max(entry.updated for entry in entries)
    body = documents.feed_document(origin, outlet, entries, changed)
    tag = hashlib.blake2b(body, digest_size=8).hexdigest()
    response = web.Response(body=body, content_type=documents.media_type(outlet), charset="utf-8")
    if _is_current(request, tag, changed):
        response = web.Response(status=304)
    response.etag = tag
    response.last_modified = changed
    return response


def _is_current(request: web.Request, tag: str, changed: datetime) -> bool:
    """Whether the reader has this state already; If-None-Match goes before If-Modified-Since (RFC 9110 §13.2.2)."""
    if request.if_none_match is not None:
        return any(known.value in {tag, "*"} for known in request.if_none_match)
    since = request.if_modified_since
    return since is not None and changed < since + timedelta(seconds=1)
