from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator

import pytest

from bot.articles.page import Page
from bot.net import GuardedSession, Limits
from bot.page_reader import LEFT_ALONE_S, MOST_REDIRECTS, Outcome, PageReader, Reason, Skipped
from bot.robots import Robots, Verdict
from bot.worker import Worker
from tests.faketime import StandingClock
from tests.newsstand import Newsstand, newsstand

LINE = "<p>Le port de Sainte-Ombre rouvrira lundi, a dit Aldegonde Quincampoix aux marins réunis sur le quai ({}).</p>"
PAGE = f"<html lang=fr><body><article><h1>Le port</h1>{''.join(LINE.format(n) for n in range(6))}</article>".encode()
ROBOTS = "/robots.txt"


class Sleeps:
    """Waits no time, and moves the clock by what was asked for."""

    def __init__(self, clock: StandingClock) -> None:
        self.asked: list[float] = []
        self._clock = clock

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._clock.advance(seconds)
        await asyncio.sleep(0)


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as stand:
        stand.answer(200, PAGE, path="/a.html", Content_Type="text/html; charset=utf-8")
        yield stand


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def sleeps(clock: StandingClock) -> Sleeps:
    return Sleeps(clock)


@pytest.fixture
async def session() -> AsyncIterator[GuardedSession]:
    networks = [ipaddress.ip_network("127.0.1.0/24")]
    session = GuardedSession(allow_networks=networks, user_agent="Guetteur/test", concurrency=8, per_host=4)
    yield session
    await session.close()


@pytest.fixture
async def reader(session: GuardedSession, clock: StandingClock, sleeps: Sleeps) -> AsyncIterator[PageReader]:
    worker = Worker()
    limits = Limits(timeout_s=5, max_bytes=100_000)
    yield PageReader(session, Robots(session, clock), worker, clock, sleep=sleeps, limits=limits)
    await worker.close()


def reason(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Skipped), outcome
    assert outcome.words
    return outcome.reason


async def test_a_page_is_read_politely(stand: Newsstand, reader: PageReader) -> None:
    page = await reader.read(stand.url("/a.html"))
    assert isinstance(page, Page)
    assert "Aldegonde Quincampoix" in page.text
    [asked] = stand.asked("/a.html")
    assert asked.headers["Accept"].startswith("text/html")
    assert asked.headers["User-Agent"] == "Guetteur/test"
    assert not {"Cookie", "Referer"} & set(asked.headers)


async def test_robots_keep_us_out_before_anything_is_fetched(stand: Newsstand, reader: PageReader) -> None:
    stand.answer(200, b"User-agent: *\nDisallow: /", path=ROBOTS)
    skipped = await reader.read(stand.url("/a.html"))
    assert reason(skipped) is Reason.ROBOTS
    assert isinstance(skipped, Skipped)
    assert skipped.final
    assert not stand.asked("/a.html")


async def test_a_redirect_to_a_site_that_keeps_us_out_is_not_used(stand: Newsstand, reader: PageReader) -> None:
    async with newsstand("127.0.1.8") as other:
        other.answer(200, b"User-agent: Guetteur\nDisallow: /", path=ROBOTS)
        other.answer(200, PAGE, path="/b.html", Content_Type="text/html")
        stand.redirect(other.url("/b.html"), path="/b")
        assert reason(await reader.read(stand.url("/b"))) is Reason.ROBOTS
        assert not other.asked("/b.html")


async def test_a_redirect_within_a_site_asks_for_its_new_path(stand: Newsstand, reader: PageReader) -> None:
    stand.answer(200, b"User-agent: *\nDisallow: /a", path=ROBOTS)
    stand.redirect("/a.html", path="/b")
    assert reason(await reader.read(stand.url("/b"))) is Reason.ROBOTS
    assert not stand.asked("/a.html")


async def test_a_page_behind_redirects_is_read_and_a_loop_is_left(stand: Newsstand, reader: PageReader) -> None:
    stand.redirect("/c", path="/b")
    stand.redirect("/a.html", path="/c")
    assert isinstance(await reader.read(stand.url("/b")), Page)
    stand.redirect("/loop", path="/loop")
    assert reason(await reader.read(stand.url("/loop"))) is Reason.FAILED
    assert len(stand.asked("/loop")) == MOST_REDIRECTS + 1


async def test_a_refusal_is_the_answering_host_s_own(stand: Newsstand, reader: PageReader) -> None:
    async with newsstand("127.0.1.8") as other:
        other.answer(403, path="/no")
        other.answer(200, PAGE, path="/a.html", Content_Type="text/html")
        stand.redirect(other.url("/no"), path="/b")
        assert reason(await reader.read(stand.url("/b"))) is Reason.REFUSED
        assert reason(await reader.read(other.url("/a.html"))) is Reason.LEFT_ALONE
        assert isinstance(await reader.read(stand.url("/a.html")), Page)


async def test_a_link_s_password_is_not_sent(stand: Newsstand, reader: PageReader) -> None:
    assert isinstance(await reader.read(stand.url("/a.html").replace("//", "//user:secret@")), Page)
    [asked] = stand.asked("/a.html")
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize("how", ["tdmrep", "header", "meta"])
async def test_reservations_of_text_mining_are_honoured(stand: Newsstand, reader: PageReader, how: str) -> None:
    if how == "tdmrep":
        rule = b'[{"location": "/", "tdm-reservation": 1}]'
        stand.answer(200, rule, path="/.well-known/tdmrep.json", Content_Type="application/json")
    elif how == "header":
        stand.answer(200, PAGE, path="/a.html", Content_Type="text/html", tdm_reservation="1")
    else:
        marked = PAGE.replace(b"<body>", b"<head><meta name=tdm-reservation content=1></head><body>")
        stand.answer(200, marked, path="/a.html", Content_Type="text/html")
    assert reason(await reader.read(stand.url("/a.html"))) is Reason.RESERVED


async def test_a_page_for_subscribers_is_skipped(stand: Newsstand, reader: PageReader) -> None:
    locked = PAGE.replace(b"<body>", b"<head><meta name=article:content_tier content=locked></head><body>")
    stand.answer(200, locked, path="/a.html", Content_Type="text/html")
    assert reason(await reader.read(stand.url("/a.html"))) is Reason.PAYWALLED


@pytest.mark.parametrize("status", [401, 403, 429, 451])
async def test_a_host_that_refuses_is_left_alone_for_a_while(
    stand: Newsstand, reader: PageReader, clock: StandingClock, status: int
) -> None:
    stand.answer(status, path="/no")
    assert reason(await reader.read(stand.url("/no"))) is Reason.REFUSED
    assert reason(await reader.read(stand.url("/a.html"))) is Reason.LEFT_ALONE
    assert not stand.asked("/a.html")
    clock.advance(LEFT_ALONE_S)
    assert isinstance(await reader.read(stand.url("/a.html")), Page)


async def test_a_host_says_how_long_it_wants_to_be_left_alone(
    stand: Newsstand, reader: PageReader, clock: StandingClock
) -> None:
    stand.answer(429, path="/no", Retry_After="120")
    await reader.read(stand.url("/no"))
    clock.advance(119)
    assert reason(await reader.read(stand.url("/a.html"))) is Reason.LEFT_ALONE
    clock.advance(1)
    assert isinstance(await reader.read(stand.url("/a.html")), Page)


async def test_a_challenge_is_a_refusal(stand: Newsstand, reader: PageReader) -> None:
    stand.answer(503, path="/no", cf_mitigated="challenge")
    assert reason(await reader.read(stand.url("/no"))) is Reason.REFUSED


@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg", "application/json", "video/mp4"])
async def test_only_html_is_read(stand: Newsstand, reader: PageReader, kind: str) -> None:
    stand.answer(200, b"%PDF", path="/x", Content_Type=kind)
    assert reason(await reader.read(stand.url("/x"))) is Reason.NOT_HTML


@pytest.mark.parametrize("status", [404, 410])
async def test_a_page_that_is_not_there_is_told_apart(stand: Newsstand, reader: PageReader, status: int) -> None:
    stand.answer(status, path="/x")
    skipped = await reader.read(stand.url("/x"))
    assert reason(skipped) is Reason.GONE
    assert isinstance(skipped, Skipped)
    assert not skipped.final
    assert str(status) in skipped.words


@pytest.mark.parametrize("status", [500, 503, 304])
async def test_a_page_that_is_not_given_is_a_failure(stand: Newsstand, reader: PageReader, status: int) -> None:
    stand.answer(status, path="/x")
    skipped = await reader.read(stand.url("/x"))
    assert reason(skipped) is Reason.FAILED
    assert isinstance(skipped, Skipped)
    assert str(status) in skipped.words
    assert not skipped.final


@pytest.mark.parametrize(
    "url",
    ["ftp://lephare.example/a", "file:///etc/passwd", "http://", "http://[", "not a url", "http://127.0.0.1:9/a",
     "http://127.0.1.9:1/a", "https://user:secret@127.0.0.1:9/a", ""],
)  # fmt: skip
async def test_no_url_raises_and_no_password_is_told(reader: PageReader, url: str) -> None:
    skipped = await reader.read(url)
    assert reason(skipped) is Reason.FAILED
    assert isinstance(skipped, Skipped)
    assert "secret" not in skipped.words


async def test_a_page_too_large_and_a_redirect_inside_are_failures(stand: Newsstand, reader: PageReader) -> None:
    stand.answer(200, b"x" * 200_000, path="/big", Content_Type="text/html")
    stand.redirect("http://127.0.0.1:9/", path="/trap")
    assert reason(await reader.read(stand.url("/big"))) is Reason.FAILED
    assert reason(await reader.read(stand.url("/trap"))) is Reason.FAILED


async def test_a_body_without_end_ends_at_the_deadline(
    stand: Newsstand, session: GuardedSession, clock: StandingClock
) -> None:
    worker = Worker()
    reader = PageReader(session, Robots(session, clock), worker, clock, limits=Limits(timeout_s=0.2, max_bytes=100_000))
    stand.stream(b"<p>", path="/slow", then_hang=True, Content_Type="text/html")
    assert reason(await reader.read(stand.url("/slow"))) is Reason.DEADLINE
    await worker.close()


# --- Pace --------------------------------------------------------------------------------------------------------


async def test_a_host_gets_two_seconds_between_two_readings(
    stand: Newsstand, reader: PageReader, sleeps: Sleeps
) -> None:
    pages = await asyncio.gather(*(reader.read(stand.url("/a.html")) for _ in range(3)))
    assert all(isinstance(page, Page) for page in pages)
    assert sleeps.asked == [2.0, 2.0]
    assert stand.most_at_once == 1


async def test_a_crawl_delay_is_kept(stand: Newsstand, reader: PageReader, sleeps: Sleeps) -> None:
    stand.answer(200, b"User-agent: *\nCrawl-delay: 9", path=ROBOTS)
    for _ in range(2):
        await reader.read(stand.url("/a.html"))
    assert sleeps.asked == [9.0]


async def test_hosts_do_not_wait_for_each_other(stand: Newsstand, reader: PageReader, sleeps: Sleeps) -> None:
    async with newsstand("127.0.1.8") as other:
        other.answer(200, PAGE, path="/a.html", Content_Type="text/html")
        stand.hang("/slow")
        slow = asyncio.create_task(reader.read(stand.url("/slow")))
        await stand.arrived(1, "/slow")
        assert isinstance(await reader.read(other.url("/a.html")), Page)
        slow.cancel()
    assert sleeps.asked == []


async def test_a_redirect_waits_for_the_pace_of_the_host_that_it_leads_to(
    stand: Newsstand, reader: PageReader, sleeps: Sleeps
) -> None:
    async with newsstand("127.0.1.8") as other:
        other.answer(200, b"User-agent: *\nCrawl-delay: 9", path=ROBOTS)
        other.answer(200, PAGE, path="/a.html", Content_Type="text/html")
        stand.redirect(other.url("/a.html"), path="/b")
        await reader.read(other.url("/a.html"))
        assert isinstance(await reader.read(stand.url("/b")), Page)
    assert sleeps.asked == [9.0]


async def test_who_waits_for_a_host_s_pace_takes_no_place(
    stand: Newsstand, session: GuardedSession, clock: StandingClock
) -> None:
    waits, worker = asyncio.Event(), Worker()

    async def wait_for_ever(_seconds: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    reader = PageReader(session, AllowsAll(), worker, clock, sleep=wait_for_ever, at_once=1)
    await reader.read(stand.url("/a.html"))
    paced = asyncio.create_task(reader.read(stand.url("/a.html")))
    await waits.wait()
    async with newsstand("127.0.1.8") as other:
        other.answer(200, PAGE, path="/a.html", Content_Type="text/html")
        assert isinstance(await reader.read(other.url("/a.html")), Page)
    paced.cancel()
    await worker.close()


class AllowsAll:
    async def verdict(self, url: str) -> Verdict:
        return Verdict(allowed=True)


async def test_a_cancelled_reading_gives_its_turn_back(
    stand: Newsstand, session: GuardedSession, clock: StandingClock, sleeps: Sleeps
) -> None:
    worker = Worker()
    reader = PageReader(session, AllowsAll(), worker, clock, sleep=sleeps)
    stand.hang("/slow")
    slow = asyncio.create_task(reader.read(stand.url("/slow")))
    await stand.arrived(1, "/slow")
    slow.cancel()
    assert isinstance(await reader.read(stand.url("/a.html")), Page)
    await worker.close()
