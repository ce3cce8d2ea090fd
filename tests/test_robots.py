from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.net import GuardedSession
from bot.robots import KEPT_S, MAX_CRAWL_DELAY_S, READ_BYTES, UNREACHABLE_S, Robots, Rule, is_reserved, read_rules
from tests.faketime import StandingClock
from tests.newsstand import Newsstand, newsstand

ROBOTS = "/robots.txt"
TDMREP = "/.well-known/tdmrep.json"


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as stand:
        yield stand


@pytest.fixture
async def session() -> AsyncIterator[GuardedSession]:
    session = GuardedSession(
        allow_networks=[ipaddress.ip_network("127.0.1.0/24")], user_agent="Guetteur/test", concurrency=4, per_host=2
    )
    yield session
    await session.close()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def robots(session: GuardedSession, clock: StandingClock) -> Robots:
    return Robots(session, clock)


def rules(stand: Newsstand, text: str) -> None:
    stand.answer(200, text.encode(), path=ROBOTS, Content_Type="text/plain")


async def test_our_own_rules_go_before_those_for_all(stand: Newsstand, robots: Robots) -> None:
    rules(stand, "User-agent: *\nDisallow: /\n\nUser-agent: guetteur\nDisallow: /payant/*.html$\nCrawl-delay: 7\n")
    free = await robots.verdict(stand.url("/libre.html"))
    assert (free.allowed, free.crawl_delay_s) == (True, 7.0)
    assert not (await robots.verdict(stand.url("/payant/a.html"))).allowed
    assert (await robots.verdict(stand.url("/payant/a.html?x"))).allowed


async def test_an_absurd_crawl_delay_is_cut(stand: Newsstand, robots: Robots) -> None:
    rules(stand, "User-agent: *\nCrawl-delay: 86400\n")
    assert (await robots.verdict(stand.url("/a"))).crawl_delay_s == MAX_CRAWL_DELAY_S


@pytest.mark.parametrize("status", [404, 401, 403, 410])
async def test_a_site_without_rules_allows_all(stand: Newsstand, robots: Robots, status: int) -> None:
    stand.answer(status, path=ROBOTS)
    assert (await robots.verdict(stand.url("/a"))).allowed


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_site_whose_rules_cannot_be_had_is_left_alone_for_an_hour(
    stand: Newsstand, robots: Robots, clock: StandingClock, status: int
) -> None:
    stand.answer(status, path=ROBOTS)
    verdict = await robots.verdict(stand.url("/a"))
    assert (verdict.allowed, verdict.unreachable) == (False, True)
    rules(stand, "")
    clock.advance(UNREACHABLE_S - 1)
    assert not (await robots.verdict(stand.url("/a"))).allowed
    clock.advance(1)
    assert (await robots.verdict(stand.url("/a"))).allowed


async def test_a_site_that_is_not_there_is_left_alone(robots: Robots) -> None:
    assert not (await robots.verdict("http://127.0.1.9:1/a")).allowed


async def test_the_answer_is_kept_for_a_day_then_asked_for_again(
    stand: Newsstand, robots: Robots, clock: StandingClock
) -> None:
    rules(stand, "User-agent: *\nDisallow: /a")
    for _ in range(3):
        assert not (await robots.verdict(stand.url("/a"))).allowed
    assert (len(stand.asked(ROBOTS)), len(stand.asked(TDMREP))) == (1, 1)
    clock.advance(KEPT_S)
    stand.answer(503, path=ROBOTS)
    assert not (await robots.verdict(stand.url("/a"))).allowed
    assert (await robots.verdict(stand.url("/b"))).allowed, "while it cannot be had, the old copy holds"
    assert len(stand.asked(ROBOTS)) == 2


async def test_many_at_once_ask_once(stand: Newsstand, robots: Robots) -> None:
    rules(stand, "")
    verdicts = await asyncio.gather(*(robots.verdict(stand.url(f"/{number}")) for number in range(20)))
    assert all(verdict.allowed for verdict in verdicts)
    assert len(stand.asked(ROBOTS)) == 1


async def test_redirects_are_followed_and_too_many_are_no_rules(stand: Newsstand, robots: Robots) -> None:
    stand.redirect("/elsewhere.txt", path=ROBOTS)
    stand.answer(200, b"User-agent: *\nDisallow: /a", path="/elsewhere.txt")
    assert not (await robots.verdict(stand.url("/a"))).allowed


async def test_a_loop_of_redirects_is_no_rules(stand: Newsstand, robots: Robots) -> None:
    stand.redirect(ROBOTS, path=ROBOTS)
    assert (await robots.verdict(stand.url("/a"))).allowed


async def test_rules_behind_half_a_megabyte_do_not_count(stand: Newsstand, robots: Robots) -> None:
    rules(stand, "User-agent: *\nDisallow: /a\n" + "#" * READ_BYTES + "\nDisallow: /b\n")
    assert not (await robots.verdict(stand.url("/a"))).allowed
    assert (await robots.verdict(stand.url("/b"))).allowed


async def test_however_much_there_is_the_first_half_megabyte_counts(stand: Newsstand, robots: Robots) -> None:
    rules(stand, "User-agent: *\nDisallow: /a\n" + "#" * (5 * READ_BYTES) + "\nDisallow: /b\n")
    assert not (await robots.verdict(stand.url("/a"))).allowed
    assert (await robots.verdict(stand.url("/b"))).allowed


async def test_a_rule_that_is_cut_does_not_count(stand: Newsstand, robots: Robots) -> None:
    beginning = "User-agent: *\n"
    cut = "\nDisallow: /"
    rules(stand, beginning + "#" * (READ_BYTES - len(beginning) - len(cut)) + cut + "private/\n")
    assert (await robots.verdict(stand.url("/a"))).allowed


async def test_a_page_for_people_is_no_rules(stand: Newsstand, robots: Robots) -> None:
    stand.answer(200, b"<html><p>Disallow: everything", path=ROBOTS, Content_Type="text/html")
    assert (await robots.verdict(stand.url("/a"))).allowed


async def test_reservations_of_the_site_are_known(stand: Newsstand, robots: Robots) -> None:
    rules(stand, "")
    reserved = [{"location": "/articles/", "tdm-reservation": 1, "tdm-policy": "https://x.example/"}]
    stand.answer(200, json.dumps(reserved).encode(), path=TDMREP, Content_Type="application/json")
    assert (await robots.verdict(stand.url("/articles/a"))).reserved
    assert not (await robots.verdict(stand.url("/dossiers/a"))).reserved


@pytest.mark.parametrize(
    ("location", "path", "expected"),
    [
        ("/", "/a", True), ("/a", "/b", False), ("/a*c", "/abbcd", True), ("/*.html$", "/a/b.html", True),
        ("/*.html$", "/a/b.html?x", False), ("/a$", "/a", True), ("/a$", "/ab", False), ("/a*b*b$", "/ab", False),
        ("*", "/a", True), ("/a*$", "/abc", True),
    ],
)  # fmt: skip
def test_locations_are_patterns(location: str, path: str, expected: bool) -> None:
    assert is_reserved((Rule(location, reserved=True),), path) is expected


def test_the_longest_location_says() -> None:
    several = (Rule("/", reserved=True), Rule("/libre/", reserved=False), Rule("/libre/a*", reserved=True))
    assert [is_reserved(several, path) for path in ("/x", "/libre/b", "/libre/abc")] == [True, False, True]


def test_a_hostile_location_takes_no_time() -> None:
    assert not is_reserved((Rule("/" + "*a" * 10_000 + "$", reserved=True),), "/" + "a" * 9_000)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1, null]", b"[" * 100_000, b"\xff", b'[{"location": 3}]', b"<html>"])
def test_what_is_no_list_of_rules_reserves_nothing(body: bytes) -> None:
    assert read_rules(body) == ()


@given(st.text(), st.text("/ab.*"))
def test_a_location_matches_the_path_that_is_written_like_it(location: str, path: str) -> None:
    assert is_reserved((Rule(path, reserved=True),), path)
    is_reserved((Rule(location, reserved=True),), path)
