"""A stand-in for publishers' servers on loopback: serves feeds, counts requests, and misbehaves when told to.

async with newsstand() as feeds:
    feeds.publish(Item("Un titre", "Le texte."))
    feeds.hang("/slow.xml")
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from html import escape

from aiohttp import web

FEED = "/feed.xml"
_numbers = itertools.count(100_001)
"""Of one width, so that later items have later addresses."""

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Item:
    """An item of a feed as its publisher writes it; `link` may be relative to the stand."""

    title: str
    text: str = ""
    guid: str | None = None
    link: str | None = None
    published: datetime | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    def to_rss(self, origin: str) -> str:
        link = self.link if self.link is not None else f"/articles/{self.number}.html"
        link = link if "://" in link else origin + link
        date = f"<pubDate>{format_datetime(self.published)}</pubDate>" if self.published else ""
        return (
            f"<item><title>{escape(self.title)}</title><link>{escape(link)}</link>"
            f'<guid isPermaLink="false">{escape(self.guid or f"item-{self.number}")}</guid>{date}'
            f"<description>{escape(self.text)}</description></item>"
        )


def rss(*items: Item, origin: str, title: str = "Le Phare", language: str = "fr") -> str:
    entries = "".join(item.to_rss(origin) for item in items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(title)}</title>'
        f"<link>{origin}/</link><description>-</description><language>{language}</language>{entries}</channel></rss>"
    )


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]


class Newsstand:
    def __init__(self) -> None:
        self.origin = ""
        self.requests: list[Asked] = []
        self.most_at_once = 0
        """Requests that were being answered at one moment, at most."""
        self._at_once = 0
        self._answers: dict[str, Answer] = {}
        self._closing = asyncio.Event()
        self._news = asyncio.Condition()

    def url(self, path: str = FEED) -> str:
        return self.origin + path

    def asked(self, path: str = FEED) -> list[Asked]:
        return [request for request in self.requests if request.path == path]

    async def arrived(self, count: int, path: str = FEED) -> None:
        """Wait until so many requests for `path` have come."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.asked(path)) >= count)

    # --- What it can be told to do -------------------------------------------------------------------------------

    def publish(self, *items: Item, path: str = FEED, **headers: str) -> None:
        """Serve a feed of these items, newest first, with an ETag and conditional answers."""
        self.serve(rss(*items, origin=self.origin).encode(), path=path, **headers)

    def serve(
        self, body: bytes, *, path: str = FEED, content_type: str = "application/rss+xml", **headers: str
    ) -> None:
        """Serve any document like a well-kept server."""
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        kept = {"ETag": etag, "Content-Type": content_type, **_dashed(headers)}

        async def give(request: web.Request) -> web.StreamResponse:
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers={"ETag": etag, **_dashed(headers)})
            return web.Response(body=body, headers=kept)

        self._answers[path] = give

    def answer(self, status: int, body: bytes = b"", *, path: str = FEED, **headers: str) -> None:
        """Answer this and nothing else. Header names are written with underscores."""

        async def give(_request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=body, headers=_dashed(headers))

        self._answers[path] = give

    def redirect(self, to: str, *, path: str = FEED, status: int = 302) -> None:
        self.answer(status, path=path, Location=to)

    def drop(self, path: str = FEED) -> None:
        """Close the connection without an answer."""

        async def give(request: web.Request) -> web.StreamResponse:
            if request.transport:
                request.transport.close()
            return web.Response(status=503)

        self._answers[path] = give

    def hang(self, path: str = FEED) -> None:
        """Take the request and never answer."""

        async def give(_request: web.Request) -> web.StreamResponse:
            await self._closing.wait()
            return web.Response(status=503)

        self._answers[path] = give

    def stream(
        self, *chunks: bytes, path: str = FEED, repeat: bool = False, then_hang: bool = False, **headers: str
    ) -> None:
        """Send the chunks one after the other: for ever, or once and then silence."""

        async def give(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers=_dashed(headers))
            await response.prepare(request)
            for chunk in itertools.cycle(chunks) if repeat else chunks:
                await response.write(chunk)
            if then_hang:
                await self._closing.wait()
            return response

        self._answers[path] = give

    # --- The server ----------------------------------------------------------------------------------------------

    async def open(self, host: str) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, host, 0).start()
        self.origin = f"http://{host}:{runner.addresses[0][1]}"
        return runner

    async def close(self, runner: web.AppRunner) -> None:
        self._closing.set()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        async with self._news:
            self.requests.append(Asked(request.path, request.headers.copy()))
            self._news.notify_all()
        answer = self._answers.get(request.path)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await answer(request) if answer else web.Response(status=404)
        finally:
            self._at_once -= 1


@asynccontextmanager
async def newsstand(host: str = "127.0.1.7") -> AsyncIterator[Newsstand]:
    stand = Newsstand()
    runner = await stand.open(host)
    try:
        yield stand
    finally:
        await stand.close(runner)


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
