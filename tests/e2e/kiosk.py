"""A thousand feeds on some dozens of loopback hosts, served by a process of its own that is told what they do.

async with kiosk(feeds=1000, hosts=50) as stand:
    await stand.publish("f0001", number=1, title="…", text="…")
    await stand.ail(["f0002"], "500")
    await stand.leave()     # nobody answers any more
    await stand.come_back()

`python -m tests.e2e.kiosk` is the process: one command a line comes in as JSON, one answer a line goes out, and it ends
when nobody is there any more.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from aiohttp import web

from tests.newsstand import Item, rss

LISTED = 100
"""Items that a feed lists: none falls out of it while nobody reads."""
QUIET = Item("Marée haute sur le port", "Rien à signaler.", guid="quiet", link="/quiet.html")
Json = dict[str, Any]


def feed_id(number: int) -> str:
    return f"f{number:04}"


def host_of(feed: str, hosts: int) -> str:
    return f"127.0.4.{1 + int(feed[1:]) % hosts}"


# --- In the test's process ---------------------------------------------------------------------------------------


class Kiosk:
    """Speaks to the process."""

    def __init__(self, process: asyncio.subprocess.Process, hosts: int, port: int) -> None:
        self._process = process
        self._hosts = hosts
        self._port = port
        self._one = asyncio.Lock()

    def url(self, feed: str) -> str:
        return f"http://{host_of(feed, self._hosts)}:{self._port}/{feed}.xml"

    async def publish(self, feed: str, *, number: int, title: str, text: str) -> bool:
        """Whether it is listed now: not by a feed that nobody has read yet, whose first items would be no news."""
        return bool(await self._do("publish", feed, number, title, text))

    async def ail(self, feeds: Sequence[str], how: str | None) -> None:
        """These feeds fail from now on: with a status, or `hang`, `drop`, `garbage`; None ends it."""
        await self._do("ail", list(feeds), how)

    async def leave(self) -> None:
        """Nothing listens any more; whoever was being answered is cut off."""
        await self._do("leave")

    async def come_back(self) -> None:
        await self._do("come_back")

    async def _do(self, what: str, *arguments: Any) -> Any:
        reading, writing = self._process.stdout, self._process.stdin
        assert reading is not None
        assert writing is not None
        async with self._one:
            writing.write(json.dumps([what, *arguments]).encode() + b"\n")
            return json.loads(await reading.readline())


@asynccontextmanager
async def kiosk(*, feeds: int, hosts: int) -> AsyncIterator[Kiosk]:
    """The process, with feeds `f0000` …; it ends with the body."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.e2e.kiosk", str(feeds), str(hosts),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield Kiosk(process, hosts, int(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()


# --- The process -------------------------------------------------------------------------------------------------


@dataclass
class Feed:
    items: deque[Item] = field(default_factory=lambda: deque([QUIET], maxlen=LISTED))
    was_read: bool = False
    ails: str | None = None


class Server:
    def __init__(self, feeds: int, hosts: int) -> None:
        self._feeds = {feed_id(number): Feed() for number in range(feeds)}
        self._hosts = hosts
        self._pages: dict[int, Item] = {}
        self._well = asyncio.Event()
        self.port = 0

    async def open(self) -> None:
        app = web.Application()
        app.router.add_get("/{feed}.xml", self._feed)
        app.router.add_get("/articles/{number}.html", self._page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.do_come_back()

    async def close(self) -> None:
        self._well.set()
        await self._runner.cleanup()

    async def do_come_back(self) -> None:
        for number in range(self._hosts):
            site = web.TCPSite(self._runner, f"127.0.4.{1 + number}", self.port, reuse_address=True)
            await site.start()
            self.port = self.port or self._runner.addresses[0][1]

    async def do_leave(self) -> None:
        for site in list(self._runner.sites):
            await site.stop()
        assert self._runner.server is not None
        for connection in list(self._runner.server.connections):
            connection.force_close()

    async def do_publish(self, feed: str, number: int, title: str, text: str) -> bool:
        here = self._feeds[feed]
        if here.was_read:
            item = Item(title, text, published=datetime.now(UTC), number=number)
            self._pages[number] = item
            here.items.appendleft(item)
        return here.was_read

    async def do_ail(self, feeds: Sequence[str], how: str | None) -> None:
        for feed in feeds:
            self._feeds[feed].ails = how
        self._well.set()
        self._well = asyncio.Event()

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        feed = self._feeds[request.match_info["feed"]]
        if feed.ails is not None:
            return await self._ailing(request, feed.ails)
        feed.was_read = True
        body = rss(*feed.items, origin=f"http://{request.host}", title=f"Gazette {request.path[1:-4]}").encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"ETag": etag, "Content-Type": "application/rss+xml"})

    async def _ailing(self, request: web.Request, how: str) -> web.StreamResponse:
        if how == "hang":
            await self._well.wait()
        if how in {"hang", "drop"} and request.transport:
            request.transport.abort()
        if how == "garbage":
            return web.Response(text="<html><p>Maintenance", content_type="text/html")
        return web.Response(status=int(how) if how.isdigit() else 503)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        item = self._pages.get(int(request.match_info["number"]))
        if item is None:
            return web.Response(status=404)
        paragraphs = "".join(f"<p>{escape(each)}</p>" for each in (item.text, item.title, "Le vote a eu lieu mardi."))
        head = f"<head><title>{escape(item.title)}</title></head>"
        body = f"<body><article><h1>{escape(item.title)}</h1>{paragraphs}</article></body>"
        return web.Response(text=f"<html>{head}{body}</html>", content_type="text/html")


async def serve(feeds: int, hosts: int) -> None:
    """Until standard input ends."""
    server = Server(feeds, hosts)
    await server.open()
    _say(server.port)
    reading = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reading), sys.stdin)
    while line := await reading.readline():
        what, *arguments = json.loads(line)
        _say(await getattr(server, f"do_{what}")(*arguments))
    await server.close()


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
