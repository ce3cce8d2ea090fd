"""The guard's laws: what no notation, name, translation or second look-up gets past."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FetchError
from bot.net import Address, GuardedSession, Limits, address_refusal, host_of_pause
from tests.newsstand import Newsstand, newsstand

HERE = [ipaddress.ip_network("127.0.1.0/24")]
LIMITS = Limits(timeout_s=5, max_bytes=1_000_000)

V4_NOT_PUBLIC = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
V6_NOT_PUBLIC = [
    "::/96",
    "100::/64",
    "2001:db8::/32",
    "2001:2::/48",
    "3fff::/20",
    "4000::/2",
    "5f00::/16",
    "64:ff9b:1::/48",
    "8000::/1",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


def carried_by(prefix: str, shift: int = 0) -> Callable[[int], Address]:
    network = int(ipaddress.IPv6Address(prefix))
    return lambda inner: ipaddress.IPv6Address(network | inner << shift)


EMBEDDINGS: dict[str, Callable[[int], Address]] = {
    "mapped": carried_by("::ffff:0:0"),
    "compatible": carried_by("::"),
    "translated": carried_by("::ffff:0:0:0"),
    "NAT64": carried_by("64:ff9b::"),
    "local NAT64": carried_by("64:ff9b:1::"),
    "6to4": carried_by("2002::", 80),
    "Teredo server": carried_by("2001::", 64),
    "Teredo client": lambda inner: carried_by("2001:0:101:101::")(inner ^ 0xFFFF_FFFF),
}

v4_not_public = st.sampled_from(V4_NOT_PUBLIC).flatmap(lambda network: st.ip_addresses(network=network))
v6_not_public = st.sampled_from(V6_NOT_PUBLIC).flatmap(lambda network: st.ip_addresses(network=network))


@given(v4_not_public | v6_not_public)
def test_no_address_of_a_special_network_passes(address: Address) -> None:
    assert address_refusal(address, [])


@pytest.mark.parametrize("embed", EMBEDDINGS.values(), ids=EMBEDDINGS)
@given(inner=v4_not_public)
def test_no_embedding_of_one_passes(embed: Callable[[int], Address], inner: Address) -> None:
    assert address_refusal(embed(int(inner)), [])


@given(v4_not_public | v6_not_public)
def test_allowing_an_address_opens_it(address: Address) -> None:
    assert address_refusal(address, [ipaddress.ip_network(address)]) is None


# --- On the wire -------------------------------------------------------------------------------------------------


def session_for(resolver: AbstractResolver | None = None) -> GuardedSession:
    return GuardedSession(allow_networks=HERE, user_agent="Guetteur/test", concurrency=4, per_host=2, resolver=resolver)


@pytest.fixture
async def inside() -> AsyncIterator[Newsstand]:
    """A server where no feed may lead."""
    async with newsstand("127.0.0.1") as stand:
        stand.answer(200, b"secret", path="/")
        yield stand


@pytest.mark.parametrize(
    "host",
    [
        "good.example@127.0.0.1",
        "good.example:80@127.0.0.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "localhost.",
        "LOCALHOST",
        "１２７.0.0.1",
        "127。0。0。1",
        "ⓛocalhost",
        "%31%32%37.0.0.1",
        "[::127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::1%25lo]",
    ],
)
async def test_no_notation_reaches_a_private_address(inside: Newsstand, host: str) -> None:
    session = session_for()
    async with newsstand("127.0.1.7") as stand:
        url = f"http://{host}:{inside.origin.rpartition(':')[2]}/"
        stand.redirect(url)
        for start in (url, stand.url()):
            with pytest.raises(FetchError) as caught:
                await session.get(start, headers={}, limits=LIMITS)
            assert caught.value.code in {"address", "url", "dns"}
    await session.close()
    assert not inside.requests


class Names(AbstractResolver):
    """Answers each look-up with the next of its lists of addresses, as a hostile name server may."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self._answers.pop(0)
        ]

    async def close(self) -> None:
        pass


async def test_a_name_that_changes_its_address_reaches_nothing(inside: Newsstand) -> None:
    """DNS rebinding: a harmless address first, a private one for the next connection."""
    port = inside.origin.rpartition(":")[2]
    async with newsstand("127.0.1.7") as stand:
        stand.redirect(f"http://two.example:{port}/", path="/")
        session = session_for(Names(["127.0.1.7"], ["127.0.0.1"]))
        outside = stand.origin.rpartition(":")[2]
        with pytest.raises(FetchError) as caught:
            await session.get(f"http://one.example:{outside}/", headers={}, limits=LIMITS)
        await session.close()
    assert caught.value.code == "address"
    assert not inside.requests


async def test_among_the_addresses_of_a_name_only_the_public_are_tried(inside: Newsstand) -> None:
    async with newsstand("127.0.1.7") as stand:
        stand.answer(200, b"news")
        session = session_for(Names(["127.0.0.1", "127.0.1.7"]))
        port = stand.origin.rpartition(":")[2]
        response = await session.get(f"http://one.example:{port}/feed.xml", headers={}, limits=LIMITS)
        await session.close()
    assert response.body == b"news"
    assert not inside.requests


# --- Whom a pause concerns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Phare.example/rss?a=1", "www.phare.example"),
        ("http://user:pw@phare.example.:8080/rss", "phare.example"),
        ("https://jean.blogs.example/rss", "jean.blogs.example"),  # not blogs.example: Jeanne has done nothing
        ("http://localnews.example/rss", "localnews.example"),
    ],
)
def test_a_public_host_pauses_as_a_whole(url: str, host: str) -> None:
    assert host_of_pause(url) == host


@pytest.mark.parametrize(
    "host",
    [
        "localhost:1200",
        "rsshub",
        "rsshub.local",
        "RSSHUB.LAN.",
        "rss.corp.internal",
        "nas.home.arpa",
        "93.184.216.34",
        "127.1",
        "0x7f.1",
        "2130706433",
        "[2606:4700:4700::1111]",
        "[::ffff:1.1.1.1]",
    ],
)
def test_at_private_names_and_addresses_only_the_feed_pauses(host: str) -> None:
    assert host_of_pause(f"http://{host}/rss") is None
