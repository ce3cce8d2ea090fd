from __future__ import annotations

import asyncio
import gzip
import ipaddress
import shutil
import ssl
import subprocess
import traceback
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest

from bot import __version__
from bot.errors import FetchError
from bot.net import GuardedSession, Limits, address_refusal, redact_url, same_origin, split_credentials, user_agent
from tests.newsstand import Newsstand, newsstand

HERE = [ipaddress.ip_network("127.0.1.0/24")]
LIMITS = Limits(timeout_s=10, max_bytes=1_000_000)


def session_for(
    *,
    allow: bool = True,
    concurrency: int = 10,
    per_host: int = 4,
    proxy: str | None = None,
    ca_file: Path | None = None,
) -> GuardedSession:
    return GuardedSession(
        allow_networks=HERE if allow else [],
        user_agent="Guetteur/test",
        concurrency=concurrency,
        per_host=per_host,
        proxy=proxy,
        ca_file=ca_file,
    )


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as stand:
        yield stand


@pytest.fixture
async def session() -> AsyncIterator[GuardedSession]:
    session = session_for()
    yield session
    await session.close()


@asynccontextmanager
async def wire(context: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that shows each request as it came, to the byte, and its origin."""
    requests = list[str]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<rss/>")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.1.7", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if context else 'http'}://127.0.1.7:{port}", requests


# --- Addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.216.34",
        "2606:4700:4700::1111",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "2002:101:101::1",
    ],
)
def test_public_addresses_pass(address: str) -> None:
    assert address_refusal(ipaddress.ip_address(address), []) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "4000::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    assert address_refusal(ipaddress.ip_address(address), HERE)


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00::5"])
def test_allowed_networks_open_their_addresses_and_what_carries_them(address: str) -> None:
    allow = [ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/64")]
    assert address_refusal(ipaddress.ip_address(address), allow) is None


def test_an_allowed_network_opens_no_other() -> None:
    assert address_refusal(ipaddress.ip_address("10.2.0.1"), [ipaddress.ip_network("10.1.0.0/16")])


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0"])
async def test_no_connection_is_made_to_a_private_address(host: str) -> None:
    async with newsstand("127.0.0.1") as stand:
        guarded = session_for(allow=False)
        port = stand.origin.rpartition(":")[2]
        with pytest.raises(FetchError) as caught:
            await guarded.get(f"http://{host}:{port}/", headers={}, limits=LIMITS)
        await guarded.close()
        assert caught.value.code == "address"
        assert "allow_networks" in str(caught.value)
        assert not stand.requests


async def test_a_redirect_to_a_private_address_is_refused(stand: Newsstand, session: GuardedSession) -> None:
    async with newsstand("127.0.0.2") as inside:
        inside.answer(200, b"secret")
        stand.redirect(inside.url())
        with pytest.raises(FetchError) as caught:
            await session.get(stand.url(), headers={}, limits=LIMITS)
        assert caught.value.code == "address"
        assert not inside.requests


# --- Redirects ---------------------------------------------------------------------------------------------------


async def test_redirects_are_followed_and_told(stand: Newsstand, session: GuardedSession) -> None:
    stand.redirect("/two", path="/one", status=301)
    stand.redirect(stand.url("/three"), path="/two", status=307)
    stand.answer(200, b"here", path="/three")
    response = await session.get(stand.url("/one"), headers={}, limits=LIMITS)
    assert (response.body, response.url) == (b"here", stand.url("/three"))
    assert [(hop.status, hop.url) for hop in response.hops] == [(301, stand.url("/one")), (307, stand.url("/two"))]
    assert "Referer" not in stand.asked("/three")[0].headers


async def test_a_redirect_loop_ends(stand: Newsstand, session: GuardedSession) -> None:
    stand.redirect("/feed.xml")
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={}, limits=Limits(10, 1000, max_redirects=3))
    assert caught.value.code == "redirects"
    assert len(stand.requests) == 4


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.1.7/", "data:text/plain,x", "javascript:1"])
async def test_redirects_leave_the_web_nowhere(stand: Newsstand, session: GuardedSession, target: str) -> None:
    stand.redirect(target)
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={}, limits=LIMITS)
    assert caught.value.code == "scheme"


@pytest.mark.parametrize("target", ["http://[::1", "http://host:99999/"])
async def test_unreadable_redirects_are_told(stand: Newsstand, session: GuardedSession, target: str) -> None:
    stand.redirect(target)
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={}, limits=LIMITS)
    assert caught.value.code == "url"


async def test_credentials_stay_with_their_host(stand: Newsstand, session: GuardedSession) -> None:
    secrets = {"Authorization": "Bearer FAKE", "Cookie": "a=FAKE", "X-Api-Key": "FAKE", "If-None-Match": '"v1"'}
    async with newsstand("127.0.1.8") as elsewhere:
        stand.redirect("/same-host")
        stand.redirect(elsewhere.url(), path="/same-host")
        elsewhere.redirect(stand.url("/back"))
        stand.answer(200, path="/back")
        await session.get(stand.url(), headers=secrets, limits=LIMITS)
        assert stand.asked("/same-host")[0].headers["X-Api-Key"] == "FAKE"
        for asked in (elsewhere.asked()[0], stand.asked("/back")[0]):
            assert not {"Authorization", "Cookie", "X-Api-Key"} & set(asked.headers)
            assert asked.headers["If-None-Match"] == '"v1"'


async def test_a_password_in_the_url_is_sent_as_basic_auth_and_never_shown(
    stand: Newsstand, session: GuardedSession
) -> None:
    url = stand.url().replace("http://", "http://jean:p%40ss@")
    stand.redirect("/elsewhere")
    response = await session.get(url, headers={}, limits=LIMITS)
    assert stand.asked("/elsewhere")[0].headers["Authorization"] == "Basic amVhbjpwQHNz"
    assert "jean" not in response.url + response.hops[0].url
    stand.hang()
    with pytest.raises(FetchError) as caught:
        await session.get(url, headers={}, limits=Limits(0.05, 1000))
    assert caught.value.code == "timeout"
    assert "p%40ss" not in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("http://a.fr/1", "http://a.fr/2", True),
        ("http://a.fr/1", "https://a.fr/1", True),
        ("https://a.fr/1", "http://a.fr/1", False),
        ("http://a.fr/1", "http://a.fr:8080/1", False),
        ("https://a.fr/1", "https://a.fr.evil.example/1", False),
    ],
)
def test_same_origin(before: str, after: str, same: bool) -> None:
    assert same_origin(before, after) is same


# --- Limits ------------------------------------------------------------------------------------------------------


async def test_one_deadline_bounds_the_whole_request(stand: Newsstand, session: GuardedSession) -> None:
    stand.stream(b"<rss>", then_hang=True)
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={}, limits=Limits(0.1, 1000))
    assert caught.value.code == "timeout"


async def test_an_endless_body_is_cut(stand: Newsstand, session: GuardedSession) -> None:
    stand.stream(b"x" * 50_000, repeat=True)
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={}, limits=Limits(30, 200_000))
    assert caught.value.code == "too-large"


async def test_decompressed_bytes_are_counted(stand: Newsstand, session: GuardedSession) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    stand.answer(200, bomb, Content_Encoding="gzip")
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={}, limits=Limits(30, 100_000))
    assert caught.value.code == "too-large"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(b"<rss/>")), ("deflate", zlib.compress(b"<rss/>")), ("br", brotli.compress(b"<rss/>"))],
)
async def test_compressed_bodies_are_read(
    stand: Newsstand, session: GuardedSession, encoding: str, body: bytes
) -> None:
    stand.answer(200, body, Content_Encoding=encoding)
    assert (await session.get(stand.url(), headers={}, limits=LIMITS)).body == b"<rss/>"
    assert encoding in stand.requests[0].headers["Accept-Encoding"]


async def test_garbage_instead_of_gzip_is_told(stand: Newsstand, session: GuardedSession) -> None:
    stand.answer(200, b"this is no gzip", Content_Encoding="gzip")
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={}, limits=LIMITS)
    assert caught.value.code == "decoding"


async def test_a_cut_gzip_body_gives_what_it_held(stand: Newsstand, session: GuardedSession) -> None:
    whole = b"".join(b"<item>%d</item>" % number for number in range(5000))
    stand.answer(200, gzip.compress(whole)[:-5000], Content_Encoding="gzip")
    body = (await session.get(stand.url(), headers={}, limits=LIMITS)).body
    assert body
    assert whole.startswith(body)


async def test_a_host_gets_no_more_requests_at_once_than_allowed(stand: Newsstand) -> None:
    polite = session_for(concurrency=10, per_host=2)
    stand.hang()
    asking = [asyncio.create_task(polite.get(stand.url(), headers={}, limits=LIMITS)) for _ in range(5)]
    async with newsstand("127.0.1.8") as other:
        other.answer(200)
        # Five wait for one host; another is answered all the same.
        assert (await polite.get(other.url(), headers={}, limits=LIMITS)).status == 200
    await stand.arrived(2)
    assert len(stand.requests) == 2
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await polite.close()


async def test_the_wait_for_the_host_that_a_redirect_leads_to_is_no_timeout(stand: Newsstand) -> None:
    polite = session_for(per_host=1)
    async with newsstand("127.0.1.8") as busy:
        busy.hang("/slow")
        busy.answer(200, b"at last")
        stand.redirect(busy.url())
        slow = asyncio.create_task(polite.get(busy.url("/slow"), headers={}, limits=Limits(0.6, 1000)))
        await busy.arrived(1, "/slow")
        assert (await polite.get(stand.url(), headers={}, limits=Limits(0.3, 1000))).body == b"at last"
        with pytest.raises(FetchError, match="did not answer"):
            await slow
    await polite.close()


async def test_one_deadline_bounds_all_redirects_together(stand: Newsstand, session: GuardedSession) -> None:
    stand.redirect("/two")
    stand.hang("/two")
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={}, limits=Limits(0.1, 1000))
    assert caught.value.code == "timeout"


async def test_a_host_that_asked_for_a_rest_gets_it_from_redirects_too(
    stand: Newsstand, session: GuardedSession
) -> None:
    async with newsstand("127.0.1.8") as tired:
        stand.redirect(tired.url())
        limits = Limits(10, 1000, rest_s={"127.0.1.7": 0.0, "127.0.1.8": 60.0}.__getitem__)
        for url in (stand.url(), tired.url()):
            with pytest.raises(FetchError) as caught:
                await session.get(url, headers={}, limits=limits)
            assert (caught.value.code, caught.value.retry_after_s) == ("paused", 60.0)
        assert not tired.requests
        assert len(stand.requests) == 1


async def test_a_rest_that_is_asked_for_meanwhile_reaches_those_that_wait(stand: Newsstand) -> None:
    polite = session_for(per_host=1)
    rests = {"127.0.1.7": 0.0}
    stand.hang()
    limits = Limits(0.2, 1000, rest_s=rests.__getitem__)
    first, second = (asyncio.create_task(polite.get(stand.url(), headers={}, limits=limits)) for _ in range(2))
    await stand.arrived(1)
    rests["127.0.1.7"] = 60.0
    errors = await asyncio.gather(first, second, return_exceptions=True)
    await polite.close()
    assert [error.code for error in errors if isinstance(error, FetchError)] == ["timeout", "paused"]
    assert len(stand.requests) == 1


# --- Manners -----------------------------------------------------------------------------------------------------


async def test_cookies_are_not_kept(stand: Newsstand, session: GuardedSession) -> None:
    stand.answer(200, Set_Cookie="seen=yes; Path=/")
    for _ in range(2):
        await session.get(stand.url(), headers={}, limits=LIMITS)
    assert "Cookie" not in stand.requests[1].headers
    assert stand.requests[1].headers["User-Agent"] == "Guetteur/test"


async def test_nothing_is_added_to_what_was_asked(session: GuardedSession) -> None:
    async with wire() as (origin, requests):
        await session.get(f"{origin}/page.html?a=1", headers={"Accept": "text/html"}, limits=LIMITS)
    line, *headers = requests[0].splitlines()
    assert line == "GET /page.html?a=1 HTTP/1.1"
    assert sorted(header.partition(":")[0] for header in headers if header) == [
        "Accept",
        "Accept-Encoding",
        "Host",
        "User-Agent",
    ]
    assert "Accept: text/html" in headers


def test_publishers_learn_who_asks_and_whom_to_write_to() -> None:
    assert user_agent("https://redaction.example/bot") == f"Guetteur/{__version__} (https://redaction.example/bot)"
    assert user_agent(None).startswith(f"Guetteur/{__version__} (")


async def test_the_body_of_an_error_is_not_read(stand: Newsstand, session: GuardedSession) -> None:
    stand.answer(500, b"x" * 10_000, Content_Type="application/rss+xml")
    response = await session.get(stand.url(), headers={}, limits=Limits(10, 100))
    assert (response.status, response.body) == (500, b"")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("file:///etc/passwd", "scheme"),
        ("feed://x.example/", "scheme"),
        ("/etc/passwd", "scheme"),
        ("http://", "url"),
        ("http://[::1", "url"),
        ("http://x.example:port/", "url"),
        ("http://user:FAKE/slash@x.example/", "url"),
        ("http://127.0.1.7:1/", "connection"),
    ],
)
async def test_errors_have_stable_codes(session: GuardedSession, url: str, code: str) -> None:
    with pytest.raises(FetchError) as caught:
        await session.get(url, headers={}, limits=LIMITS)
    assert caught.value.code == code
    assert "FAKE" not in "".join(traceback.format_exception(caught.value))


async def test_a_header_that_cannot_be_sent_is_told(stand: Newsstand, session: GuardedSession) -> None:
    with pytest.raises(FetchError) as caught:
        await session.get(stand.url(), headers={"X-Key": "FAKE\r\nX-Other: 1"}, limits=LIMITS)
    assert "FAKE" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@x.fr/rss?a=1", "https://x.fr/rss?a=1"),
        ("https://x.fr/rss?api_key=FAKE&a=1", "https://x.fr/rss?api_key=…&a=1"),
        ("https://x.fr/rss?a=1&Token=FAKE", "https://x.fr/rss?a=1&Token=…"),
        ("http://[::1", "(an unreadable URL)"),
        ("https://u:p/p@x.fr/rss", "(an unreadable URL)"),
    ],
)
def test_what_logs_show_of_a_url(url: str, shown: str) -> None:
    assert redact_url(url) == shown


def test_a_fragment_is_not_sent() -> None:
    assert split_credentials("https://x.fr/rss#top") == ("https://x.fr/rss", {})


# --- The way out -------------------------------------------------------------------------------------------------


async def test_a_proxy_makes_the_connections() -> None:
    async with wire() as (origin, requests):
        proxied = session_for(allow=False, proxy=origin.replace("http://", "http://user:FAKE@"))
        response = await proxied.get("http://feeds.invalid/rss", headers={}, limits=LIMITS)
        await proxied.close()
    assert response.body == b"<rss/>"
    assert requests[0].startswith("GET http://feeds.invalid/rss HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic" in requests[0]


async def test_a_proxy_that_is_away_is_told_without_its_password() -> None:
    proxied = session_for(proxy="http://user:FAKE@127.0.1.7:1")
    with pytest.raises(FetchError) as caught:
        await proxied.get("http://feeds.invalid/rss", headers={}, limits=LIMITS)
    await proxied.close()
    assert caught.value.code == "connection"
    assert "FAKE" not in "".join(traceback.format_exception(caught.value))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of a server at 127.0.1.7 that no public authority knows, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "server.pem", folder / "server.key"
    asks = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=newsstand"
    named = ["-addext", "subjectAltName=IP:127.0.1.7", "-keyout", str(key), "-out", str(made)]
    subprocess.run([openssl, *asks.split(), *named], check=True, capture_output=True)
    return made, key


async def test_a_private_authority_is_trusted_when_the_settings_name_it(certificate: tuple[Path, Path]) -> None:
    made, key = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)
    trusting, other = session_for(ca_file=made), session_for()
    async with wire(context) as (origin, requests):
        assert (await trusting.get(origin, headers={}, limits=LIMITS)).body == b"<rss/>"
        with pytest.raises(FetchError) as caught:
            await other.get(origin, headers={}, limits=LIMITS)
        await trusting.close()
        await other.close()
    assert caught.value.code == "tls"
    assert len(requests) == 1
