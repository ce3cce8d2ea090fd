"""Servers that misbehave below HTTP's good manners: each is bounded by time or by size."""

from __future__ import annotations

import asyncio
import gzip
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest

from bot.errors import FetchError
from bot.net import ERROR_PAGE_BYTES, GuardedSession, Limits
from tests.newsstand import newsstand

HOST = "127.0.1.7"
SHORT = Limits(timeout_s=0.3, max_bytes=100_000)
PATIENT = Limits(timeout_s=20, max_bytes=100_000)
OK = b"HTTP/1.1 200 OK\r\n"
HEADER_FLOOD = b"".join(b"X-Flood-%d: %s\r\n" % (number, b"x" * 1000) for number in range(5000))

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def session() -> AsyncIterator[GuardedSession]:
    session = GuardedSession(
        allow_networks=[ip_network("127.0.1.0/24")], user_agent="Guetteur/test", concurrency=4, per_host=2
    )
    yield session
    await session.close()


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    """A server that says what it likes; gives its host and port."""
    talks = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        talks.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await talk(reader, writer)
        writer.close()

    listening = await asyncio.start_server(serve, HOST, 0)
    try:
        yield f"{HOST}:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def says(*parts: bytes, then_wait: bool = False, every_s: float | None = None) -> Talk:
    """Answer the request with these parts; `every_s` apart, a byte at a time and for ever the last one."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
        while every_s is not None:
            for byte in parts[-1]:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(every_s)
        if then_wait:
            await reader.read()

    return talk


async def failure(session: GuardedSession, url: str, limits: Limits) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await session.get(url, headers={}, limits=limits)
    return caught.value


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(says(b"", then_wait=True), id="silence"),
        pytest.param(says(OK + b"Content-Length: 99999\r\n\r\n", b"x", every_s=0.01), id="a trickling body"),
        pytest.param(says(OK, b"X-Slow: 1\r\n", every_s=0.01), id="trickling headers"),
        pytest.param(says(OK + b"Content-Length: 10\r\n\r\nxx", then_wait=True), id="a body that stops"),
        pytest.param(says(OK + b"\r\n<rss/>", then_wait=True), id="a server that never closes"),
        pytest.param(says(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 X\r\n\r\n", every_s=0.001), id="only 1xx"),
    ],
)
async def test_one_deadline_bounds_the_slow(session: GuardedSession, talk: Talk) -> None:
    async with server(talk) as host:
        assert (await failure(session, f"http://{host}/", SHORT)).code == "timeout"


async def test_redirects_share_one_deadline(session: GuardedSession) -> None:
    async with newsstand(HOST) as stand:
        stand.redirect("/hangs")
        stand.hang("/hangs")
        assert (await failure(session, stand.url(), SHORT)).code == "timeout"


async def test_a_handshake_that_hangs_is_bounded(session: GuardedSession) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        await asyncio.Event().wait()

    async with server(silent) as host:
        assert (await failure(session, f"https://{host}/", SHORT)).code == "timeout"


async def test_a_connection_that_is_never_accepted_is_bounded(session: GuardedSession) -> None:
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind((HOST, 0))
        listening.listen(0)
        for waiting in (first, second):  # fill the queue: the next one's SYN is dropped
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        error = await failure(session, f"http://{HOST}:{listening.getsockname()[1]}/", SHORT)
    assert error.code == "timeout"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(OK + HEADER_FLOOD + b"\r\n", id="a flood of headers"),
        pytest.param(OK + b"X-Long: " + b"x" * 1_000_000 + b"\r\n\r\n", id="an endless header"),
        pytest.param(b"HTTP/1.1 200 " + b"x" * 1_000_000 + b"\r\n\r\n", id="an endless status line"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n", id="no HTTP"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 100_000, id="an endless chunk size"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_nonsense_is_no_answer(session: GuardedSession, answer: bytes) -> None:
    async with server(says(answer)) as host:
        assert (await failure(session, f"http://{host}/", PATIENT)).code in {"connection", "decoding"}


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [("gzip", gzip.compress(bytes(200_000_000), 1)), ("br", brotli.compress(bytes(200_000_000), quality=1))],
)
async def test_a_bomb_does_not_go_off(session: GuardedSession, encoding: str, bomb: bytes) -> None:
    async with newsstand(HOST) as stand:
        stand.answer(200, bomb, Content_Encoding=encoding)
        tracemalloc.start()
        try:
            error = await failure(session, stand.url(), PATIENT)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert error.code == "too-large"
    assert peak < 30_000_000


async def test_a_nested_encoding_is_not_unfolded(session: GuardedSession) -> None:
    nested = gzip.compress(gzip.compress(bytes(10_000_000)))
    async with newsstand(HOST) as stand:
        stand.answer(200, nested, Content_Encoding="gzip, gzip")
        assert (await session.get(stand.url(), headers={}, limits=PATIENT)).body == nested


# --- The pages of errors -----------------------------------------------------------------------------------------


async def test_of_an_error_page_only_the_beginning_is_read(session: GuardedSession) -> None:
    async with newsstand(HOST) as stand:
        stand.answer(503, b"<p>x" * 100_000, path="/503", Content_Type="text/html; charset=utf-8")
        response = await session.get(stand.url("/503"), headers={}, limits=Limits(10, 100))
    assert len(response.body) == ERROR_PAGE_BYTES


@pytest.mark.parametrize("body", [b"no gzip at all", gzip.compress(b"<p>Sorry")[:9]])
async def test_an_error_page_that_cannot_be_read_hides_no_status(session: GuardedSession, body: bytes) -> None:
    async with newsstand(HOST) as stand:
        stand.answer(503, body, Content_Type="text/html", Content_Encoding="gzip")
        assert (await session.get(stand.url(), headers={}, limits=PATIENT)).status == 503


async def test_an_error_page_that_does_not_end_hides_no_status(session: GuardedSession) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Length: 9999999\r\n\r\n"
    async with server(says(busy, b"x", every_s=0.01)) as host:
        response = await session.get(f"http://{host}/", headers={}, limits=PATIENT)
        assert (response.status, set(response.body)) == (503, set(b"x"))
        assert (await failure(session, f"http://{host}/", SHORT)).code == "timeout"
