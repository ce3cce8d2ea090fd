"""A farm of feeds that misbehave, on loopback: every feed at an address of its own, and traps that nobody may reach.

Speaks HTTP by hand, so that it can be wrong in every way: lie about lengths, stop in the middle, drip, reset. Bounded:
what is endless stops when the reader goes away, and everything ends with the farm.

async with farm(FEEDS) as opened:
    … poll opened.url(name) …
    assert not opened.trapped
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, Protocol

NETWORK = "127.0.3.0/24"
"""Where the feeds live: the only private network that a reader may be allowed."""
TRAPS = ("127.0.0.2", "127.0.0.1", "::1")
DRIP_S = 0.3
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing throws away what was not sent, and resets the connection."""


@dataclass(frozen=True)
class Visit:
    """A request for a feed. Header names are in small letters."""

    number: int
    """Of the requests for this feed, from 1."""
    path: str
    headers: Mapping[str, str]
    origin: str
    """Of the feed."""
    trap: str
    """Host and port of the first trap."""
    at_s: float
    """On the clock of the event loop."""

    @property
    def trap_port(self) -> int:
        return int(self.trap.rpartition(":")[2])


@dataclass(frozen=True)
class Answer:
    """What is sent, and how."""

    body: bytes | Iterable[bytes] = b""
    """In pieces: sent one after the other, without a length."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """A Content-Length that is not the body's."""
    pause_s: float = 0.0
    """Before each piece."""
    drips: bool = False
    """The head comes byte by byte, the first dozen of them in as many `DRIP_S`."""
    ending: Literal["close", "hang", "reset"] = "close"


class Served(Protocol):
    """What the farm needs to know of a feed."""

    @property
    def name(self) -> str: ...
    @property
    def answer(self) -> Callable[[Visit], Answer]: ...


class Farm:
    def __init__(self, feeds: Sequence[Served]) -> None:
        self._feeds = {feed.name: feed for feed in feeds}
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.origins: dict[str, str] = {}
        self.visits: dict[str, list[Visit]] = defaultdict(list)
        """By the feed's name: requests for the feed itself, not those for other paths of its host."""
        self.elsewhere: dict[str, list[Visit]] = defaultdict(list)
        """Requests for other paths: robots.txt, article pages, redirect targets."""
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        """What each of `visits` was answered."""
        self.trapped: list[str] = []
        """What reached a trap: its address, and the request."""
        self.trap = ""

    def url(self, name: str) -> str:
        return f"{self.origins[name]}/{name}.xml"

    async def open(self) -> None:
        port = 0
        for host in TRAPS:
            with suppress(OSError):  # a machine without IPv6 has no ::1
                server = await asyncio.start_server(self._spring, host, port)
                port = server.sockets[0].getsockname()[1]  # a redirect names one port, whatever the address
                self._servers.append(server)
                self.trap = self.trap or f"{host}:{port}"
        for number, feed in enumerate(self._feeds.values(), start=1):
            host = f"{NETWORK.rpartition('.')[0]}.{number}"
            server = await asyncio.start_server(self._serving(feed), host, 0)
            self._servers.append(server)
            self.origins[feed.name] = f"http://{host}:{server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._quiet.wait()

    async def _spring(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(1):
                line = await reader.readline()
            self.trapped.append(f"{address}: {line.decode('latin-1').strip()}")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    def _serving(self, feed: Served) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            self._quiet.clear()
            try:
                with suppress(ConnectionError, asyncio.IncompleteReadError):
                    await self._serve(feed, reader, writer)
            finally:
                writer.close()
                self._writers.discard(writer)
                if not self._writers:
                    self._quiet.set()

        return serve

    async def _serve(self, feed: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        own = path.partition("?")[0] == f"/{feed.name}.xml"
        known = (self.visits if own else self.elsewhere)[feed.name]
        number = len(known) + 1
        visit = Visit(number, path, headers, self.origins[feed.name], self.trap, asyncio.get_running_loop().time())
        known.append(visit)
        if not own and not path.startswith(f"/{feed.name}/"):  # neither its feed nor where it redirects to
            await _send(Answer(status=404), reader, writer)
            return
        answer = feed.answer(visit)
        if own:
            self.answers[feed.name].append(answer)
        await _send(answer, reader, writer)


async def _send(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    length, pieces = answer.length, answer.body
    if isinstance(pieces, bytes):
        length = len(pieces) if length is None else length
        pieces = [pieces]
    headers = {"Content-Type": "application/rss+xml", **answer.headers, "Connection": "close"}
    if length is not None and answer.status != 304:
        headers["Content-Length"] = str(length)
    lines = [f"HTTP/1.1 {answer.status} Answer", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    head = "\r\n".join(lines).encode()
    if answer.drips:
        for byte in head[:12]:
            writer.write(bytes([byte]))
            await asyncio.sleep(DRIP_S)
        head = head[12:]
    writer.write(head)
    for piece in pieces:
        if answer.pause_s:
            await asyncio.sleep(answer.pause_s)
        writer.write(piece)
        await writer.drain()
    if answer.ending == "hang":
        await reader.read()  # until the other side has had enough
    elif answer.ending == "reset":
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
    else:
        await writer.drain()


@asynccontextmanager
async def farm(feeds: Sequence[Served]) -> AsyncIterator[Farm]:
    opened = Farm(feeds)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
