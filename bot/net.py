"""One guarded HTTP session for everything that other people's servers answer: feeds, later pages and the heartbeat.

Checks the address of every connection as it is made, on every redirect, and bounds time, bytes and redirects. Never
keeps a cookie, never reads proxies or passwords from the environment, never judges what an answer means.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import os
import re
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit
from weakref import WeakValueDictionary

import aiohttp
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict, CIMultiDictProxy

from bot import __version__
from bot.errors import FetchError
from bot.logs import redacted, shown_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""Everything else in IPv6 is reserved, local or multicast, whatever `is_global` makes of it (it accepts fec0::/10)."""
NEVER_PUBLIC = tuple(
    ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20")
)
"""Special-purpose networks (IANA) of which one Python says `is_global` and the next does not."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAFE_HEADERS = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match"})
"""The headers that follow a redirect to another host; any other may hold a secret."""
SECRET_PARAMETER = re.compile(r"((?:^|&)[^=&]*(?:token|key|secret|passw|pwd|auth|sig)[^=&]*=)[^&]*", re.IGNORECASE)
MAX_HEADER_BYTES = 65_536
"""News sites send Content-Security-Policy lines far above aiohttp's 8 KiB."""
CHUNK_BYTES = 65_536
ERROR_PAGE_BYTES = 65_536
ERROR_PAGE_S = 1.0
IDLE_S = 2.0
"""How long a connection is kept for the next request. aiohttp does not count idle ones: thousands of feeds on as many
hosts would leave thousands open, and the usual limit of a process is 1,024."""

PRIVATE_DOMAINS = (
    "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa"
)  # fmt: skip
"""Names that networks give themselves: RFC 6761, RFC 6762 (appendix G), RFC 8375, and ICANN's `internal`."""
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


def _no_rest(_host: str) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one `get`, redirects included; `max_bytes` counts the decompressed body.

    With `max_redirects` 0 a redirect is the answer; with `cut` the beginning of a body that is too large is. `rest_s`
    tells for how many seconds a host is still to be left alone: it is asked at the last moment.
    """

    timeout_s: float
    max_bytes: int
    max_redirects: int = 5
    cut: bool = False
    rest_s: Callable[[str], float] = _no_rest


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect that was followed: its status, and the URL that answered so."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Response:
    """What the last hop answered. Of an answer of 400 and above only the beginning of an HTML page is read.

    Header names are case-insensitive. URLs hold no user name or password.
    """

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    url: str
    hops: tuple[Hop, ...] = ()


class WayOut(TypedDict):
    """What the settings say of a session."""

    allow_networks: Sequence[Network]
    user_agent: str
    concurrency: int
    per_host: int
    proxy: str | None
    ca_file: Path | None


class AddressRefusedError(OSError):
    """The guard's answer to a connection; stays inside this module."""


class GuardedSession:
    """Shares connections and slots among all that is fetched.

    A `proxy` is a trusted hop: it makes the connections, so the guard of addresses rests with it.
    """

    def __init__(
        self,
        *,
        allow_networks: Sequence[Network] = (),
        user_agent: str,
        concurrency: int,
        per_host: int,
        proxy: str | None = None,
        ca_file: Path | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._allow = tuple(allow_networks)
        self._user_agent = user_agent
        self._proxy = proxy
        self._ca_file = ca_file
        self._resolver = resolver
        self._concurrency = concurrency
        self._per_host = per_host
        self._slots = asyncio.Semaphore(concurrency)
        self._host_slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._session: aiohttp.ClientSession | None = None
        self._retired: list[aiohttp.ClientSession] = []
        self._in_use: Counter[aiohttp.ClientSession] = Counter()

    def reconfigure(self, way: WayOut) -> None:
        """From now on so; requests that are under way end as they began."""
        self._allow = tuple(way["allow_networks"])
        if (way["concurrency"], way["per_host"]) != (self._concurrency, self._per_host):
            self._slots = asyncio.Semaphore(way["concurrency"])
            self._host_slots = WeakValueDictionary()
        self._concurrency, self._per_host = way["concurrency"], way["per_host"]
        self._user_agent, self._proxy, self._ca_file = way["user_agent"], way["proxy"], way["ca_file"]
        if self._session is not None:  # the next request opens one that knows
            self._retired.append(self._session)
            self._session = None

    async def get(self, url: str, *, headers: Mapping[str, str], limits: Limits) -> Response:
        """What `url` answers after redirects. The wait for a free slot does not count against the deadline.

        Raises:
            FetchError: `scheme`, `url`, `address`, `dns`, `tls`, `connection`, `redirects`, `timeout`, `too-large`,
                `decoding`, `paused` (`limits.rest_s`).
        """
        start, authorization = split_credentials(url)
        sent = CIMultiDict(authorization)
        sent.update(headers)  # a header that was asked for outdoes the one made of the URL
        try:
            return await self._follow(start, sent, limits)
        except TimeoutError as error:
            raise FetchError("timeout", f"{redact_url(url)} did not answer within {limits.timeout_s:g} s") from error

    async def close(self) -> None:
        for session in [*self._retired, *([self._session] if self._session else [])]:
            await session.close()

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[aiohttp.ClientSession]:
        """The session of this moment; those that were retired are closed once nobody uses them."""
        session = self._open()
        self._in_use[session] += 1
        try:
            yield session
        finally:
            self._in_use[session] -= 1
            idle = [each for each in self._retired if not self._in_use[each]]
            for each in idle:
                self._retired.remove(each)
                del self._in_use[each]
                await each.close()

    async def _follow(self, url: str, headers: Mapping[str, str], limits: Limits) -> Response:
        hops: list[Hop] = []
        left_s, clock = limits.timeout_s, asyncio.get_running_loop().time
        while True:
            # A slot for each hop: the host that a redirect leads to may be a busier one.
            async with self._turn(url, limits):
                began = clock()
                async with asyncio.timeout(left_s):
                    answer = await self._request(url, headers, limits)
                left_s -= clock() - began
            location = answer.headers.get("Location")
            if answer.status not in REDIRECTS or not location or not limits.max_redirects:
                return Response(answer.status, answer.headers, answer.body, url, tuple(hops))
            hops.append(Hop(answer.status, url))
            if len(hops) > limits.max_redirects:
                raise FetchError(
                    "redirects", f"{redact_url(hops[0].url)} redirects more than {limits.max_redirects} times"
                )
            target = redirect_target(url, location)
            if not same_origin(url, target):
                headers = CIMultiDict((name, value) for name, value in headers.items() if name.lower() in SAFE_HEADERS)
            url = target

    @asynccontextmanager
    async def _turn(self, url: str, limits: Limits) -> AsyncIterator[None]:
        host = host_of(url)
        # The host's slot first: feeds that wait for one busy host must not hold slots that others could use.
        of_host = self._host_slots.setdefault(host, asyncio.Semaphore(self._per_host))
        async with of_host, self._slots:
            rest_s = limits.rest_s(host)
            if rest_s > 0:
                raise FetchError("paused", f"the host of {redact_url(url)} asked for a rest", retry_after_s=rest_s)
            yield

    async def _request(self, url: str, headers: Mapping[str, str], limits: Limits) -> Response:
        try:
            async with (
                self._borrowed() as session,
                session.get(url, headers=headers, allow_redirects=False, proxy=self._proxy) as answer,
            ):
                if answer.status in REDIRECTS and "Location" in answer.headers:
                    body = b""
                elif answer.status >= 400:
                    body = await _read_error_page(answer)
                else:
                    body = await _read(answer, limits, url)
                return Response(answer.status, answer.headers, body, url)
        except TimeoutError:
            raise  # an OSError too, but the deadline belongs to `get`
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _fetch_error(error, redact_url(url)) from error

    def _open(self) -> aiohttp.ClientSession:
        # Made at the first request: aiohttp wants a running loop.
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._concurrency,
                limit_per_host=self._per_host,
                keepalive_timeout=IDLE_S,
                resolver=self._resolver,
                ssl=_tls(self._ca_file),
                socket_factory=None if self._proxy else self._guarded_socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self._user_agent},
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
                max_line_size=MAX_HEADER_BYTES,
                max_field_size=MAX_HEADER_BYTES,
            )
        return self._session

    def _guarded_socket(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """The place every connection passes with its final address: no second look-up can change it afterwards."""
        family, kind, protocol, _, sockaddr = addr_info
        refusal = address_refusal(ipaddress.ip_address(sockaddr[0]), self._allow)
        if refusal:
            raise AddressRefusedError(refusal)
        return socket.socket(family=family, type=kind, proto=protocol)


def user_agent(contact: str | None) -> str:
    """Who we are, for publishers: name, version, and whom to write to where the settings say so."""
    return f"Guetteur/{__version__} ({contact or 'self-hosted news monitor'})"


# --- Addresses ---------------------------------------------------------------------------------------------------


def address_refusal(address: Address, allow: Sequence[Network]) -> str | None:
    """Why no connection may be made to this address, or None when it may.

    An address that carries an IPv4 address inside is judged by that one: 64:ff9b::7f00:1 reaches 127.0.0.1.
    """
    if _allowed(address, allow):
        return None
    carried = list(embedded_addresses(address))
    for inner in carried:
        refusal = None if _allowed(inner, allow) else _refusal_of_plain(inner)
        if refusal:
            return f"{address} carries {refusal}"
    return None if carried else _refusal_of_plain(address)


def embedded_addresses(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that a translator or tunnel would make of an IPv6 address."""
    if isinstance(address, IPv4Address):
        return
    last_32_bits = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.ipv4_mapped or address in NAT64:
        yield last_32_bits
    elif address.sixtofour:
        yield address.sixtofour
    elif address.teredo:
        yield from address.teredo


def _allowed(address: Address, allow: Sequence[Network]) -> bool:
    return any(address in network for network in allow)


def _refusal_of_plain(address: Address) -> str | None:
    if address.is_multicast:
        return f"{address}, a multicast address"
    outside = isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST
    special = any(address in network for network in NEVER_PUBLIC)
    return f"{address}, which is not a public address" if outside or special or not address.is_global else None


# --- URLs --------------------------------------------------------------------------------------------------------


def redact_url(url: str) -> str:
    """The URL as logs, lists and errors may show it.

    Without user name and password, without values that look like secrets, and without what the environment put behind
    the host: a key may stand in the path.
    """
    try:
        parts = urlsplit(shown_address(url))
        _ = parts.port  # a password with a slash in it stands where the port would
        host = parts.netloc.rpartition("@")[2]
        plain = urlunsplit(parts._replace(netloc=host, query=SECRET_PARAMETER.sub(r"\1…", parts.query)))
        host_end = plain.find(host) + len(host)
        return plain[:host_end] + redacted(plain[host_end:], "…")
    except ValueError:
        return "(an unreadable URL)"


def split_credentials(url: str) -> tuple[str, dict[str, str]]:
    """The URL without `user:password@`, and the Authorization header that replaces it.

    Raises:
        FetchError: `scheme` or `url`.
    """
    parts = _http_parts(url)
    userinfo, _, host = parts.netloc.rpartition("@")
    if not userinfo and not parts.fragment:
        return url, {}  # nearly always, and a thousand times a minute
    plain = urlunsplit(parts._replace(netloc=host, fragment=""))
    if not userinfo:
        return plain, {}
    user, _, password = userinfo.partition(":")
    token = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return plain, {"Authorization": f"Basic {token}"}


def same_origin(before: str, after: str) -> bool:
    """Whether what was secret for `before` may be told to `after`: the same host and port, or its https door."""
    old, new = urlsplit(before), urlsplit(after)
    if old.hostname != new.hostname:
        return False
    if (old.scheme, new.scheme) == ("http", "https"):
        return (old.port or 80, new.port or 443) == (80, 443)
    return (old.scheme, old.port) == (new.scheme, new.port)


def host_of_pause(url: str) -> str | None:
    """The host whose feeds all pause when `url` answered 429 or 503 with Retry-After; None for only this feed.

    The whole name, never its parent: the blogs of a hosting domain have nothing in common. None for what is no public
    name (an address, one label, a private domain): FreshRSS held back every feed of people's own RSSHub when it paused
    those together (its issues 7870 and 7880).
    """
    labels = host_of(url).rstrip(".").split(".")
    host = ".".join(labels)
    private = host.endswith(tuple(f".{domain}" for domain in PRIVATE_DOMAINS))
    # A name cannot end in a number: 127.1 and 0x7f.1 are addresses (WHATWG URL, 3.5), [::1] has no dot.
    return None if len(labels) < 2 or private or ":" in host or NUMBER.fullmatch(labels[-1]) else host


def redirect_target(url: str, location: str) -> str:
    """Where `url` redirects to, by its Location.

    Raises:
        FetchError: `scheme` or `url`.
    """
    try:
        target = urljoin(url, location.strip())
    except ValueError as error:
        raise FetchError("url", f"{redact_url(url)} redirects to an unreadable URL") from error
    # A server's own `user:password@` would be sent in our name: it is left out.
    return split_credentials(target)[0]


def _http_parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what checks it
    except ValueError:
        raise FetchError("url", f"{redact_url(url)} is not a URL") from None  # its text may hold a password
    if parts.scheme not in {"http", "https"}:
        raise FetchError("scheme", f"{redact_url(url)}: only http and https are fetched")
    if not parts.hostname:
        raise FetchError("url", f"{redact_url(url)} names no host")
    return parts


def host_of(url: str) -> str:
    """The host's name, empty for what names none."""
    return urlsplit(url).hostname or ""


# --- Reading and failing -----------------------------------------------------------------------------------------


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


async def _read(answer: aiohttp.ClientResponse, limits: Limits, url: str) -> bytes:
    """The decompressed body. aiohttp hands out what a cut gzip stream held without a word: the parser tells.

    A body in several encodings at once (`gzip, gzip`) stays as it came; nobody asked for it.
    """
    body = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > limits.max_bytes:
            answer.close()
            if limits.cut:
                return bytes(body[: limits.max_bytes])
            raise FetchError("too-large", f"{redact_url(url)} is larger than {limits.max_bytes:,} bytes")
    return bytes(body)


async def _read_error_page(answer: aiohttp.ClientResponse) -> bytes:
    """The beginning of an HTML page, as far as it comes soon and whole: the status is worth more than its page."""
    page = bytearray()
    if answer.content_type == "text/html":
        with suppress(TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(ERROR_PAGE_S):
                async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                    page += chunk
                    if len(page) >= ERROR_PAGE_BYTES:
                        break
    return bytes(page[:ERROR_PAGE_BYTES])


def _fetch_error(error: Exception, shown: str) -> FetchError:
    refused = _refusal_behind(error)
    if refused:
        return FetchError("address", f"{shown} leads to {refused}; polling.allow_networks can allow it")
    match error:
        case aiohttp.ClientConnectorDNSError():
            return FetchError("dns", f"the host of {shown} is not known")
        case aiohttp.ClientSSLError():
            return FetchError("tls", f"no trusted connection to {shown}: {error.__cause__ or type(error).__name__}")
        case aiohttp.InvalidURL():
            return FetchError("url", f"{shown} is not a URL")
        case aiohttp.ClientPayloadError():
            return FetchError("decoding", f"{shown} was cut short or cannot be decoded")
        case ValueError():
            return FetchError("url", f"{shown} cannot be asked for: a header or the URL holds a forbidden character")
        case _:
            return FetchError("connection", f"no answer from {shown} ({_reason(error)})")


def _reason(error: BaseException) -> str:
    """In the system's words: connection refused, network unreachable."""
    number = getattr(error, "errno", None)
    return os.strerror(number).lower() if number else "the connection was closed"


def _refusal_behind(error: BaseException | None) -> AddressRefusedError | None:
    while error is not None:
        if isinstance(error, AddressRefusedError):
            return error
        error = getattr(error, "os_error", None) or error.__cause__
    return None
