"""The newsroom as a reader meets it: over HTTP, on loopback, at any moment of the day."""

from __future__ import annotations

import io
from calendar import timegm
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import aiohttp
import feedparser
import pytest
import yaml
from aiohttp import web
from yarl import URL

from bot.newsroom.day import Situation
from bot.newsroom.server import Newsroom

DAY_S = 40.0
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STORY = "vantadour-terminal"


class FakeClock:
    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def pass_s(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def strike(self, hour: int, minute: int = 0) -> None:
        """It is so late in the newsroom's day, which began at START."""
        self.time = START + timedelta(seconds=DAY_S * ((hour - 6) * 60 + minute) / 960)


class Reader:
    """Reads feeds and pages as anybody would."""

    def __init__(self, newsroom: Newsroom, session: aiohttp.ClientSession) -> None:
        self.newsroom = newsroom
        self.session = session

    async def get(self, url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(url, headers=named) as response:
            return response.status, await response.read(), {k.lower(): v for k, v in response.headers.items()}

    async def read(self, feed_id: str) -> Any:
        status, body, _ = await self.get(self.newsroom.url_of(feed_id))
        assert status == 200
        return feedparser.parse(io.BytesIO(body))

    async def read_all(self) -> dict[str, Any]:
        """By feed id; what is out of order is left out."""
        documents = {}
        for feed in self.newsroom.feeds:
            status, body, _ = await self.get(feed.url)
            if status == 200:
                documents[feed.id] = feedparser.parse(io.BytesIO(body))
        return documents


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def reader(clock: FakeClock) -> AsyncIterator[Reader]:
    newsroom = Newsroom(day_s=DAY_S, clock=clock)
    await newsroom.start()
    async with aiohttp.ClientSession() as session:
        yield Reader(newsroom, session)
    await newsroom.stop()


@pytest.fixture
async def day(reader: Reader) -> Reader:
    """The same, with its day begun: every feed was read once, at START."""
    await reader.read_all()
    return reader


async def test_it_listens_on_loopback_only(reader: Reader) -> None:
    for feed in reader.newsroom.feeds:
        assert ip_address(URL(feed.url).host or "").is_loopback
        assert feed.interval_s in {1.0, 2.0}
    with pytest.raises(ValueError, match="loopback"):
        Newsroom(host="0.0.0.0")


class OnMacOS(Newsroom):
    """On a machine that knows no loopback address but one: binding to any other fails as for an address elsewhere."""

    async def _bind(self, runner: web.AppRunner, host: str) -> None:
        await super()._bind(runner, host if host == "127.0.0.1" else "192.0.2.1")


async def test_an_address_that_the_machine_lacks_falls_back_to_another() -> None:
    newsroom = OnMacOS(host="127.0.1.1")
    await newsroom.start()
    assert URL(newsroom.origin).host == "127.0.0.1"
    await newsroom.stop()


async def test_a_port_in_use_is_an_error(reader: Reader) -> None:
    second = Newsroom(port=URL(reader.newsroom.origin).port or 0)
    with pytest.raises(OSError, match="address already in use"):
        await second.start()
    await second.stop()


async def test_feeds_tell_who_they_are(day: Reader) -> None:
    documents = await day.read_all()
    for feed in day.newsroom.feeds:
        assert documents[feed.id].feed.title == feed.title
        assert documents[feed.id].feed.language == feed.language


@pytest.mark.parametrize("hour", range(6, 23, 2))
async def test_feeds_parse_at_every_hour(day: Reader, clock: FakeClock, hour: int) -> None:
    clock.strike(hour)
    documents = await day.read_all()
    assert len(documents) >= len(day.newsroom.feeds) - 1
    for feed_id, document in documents.items():
        if feed_id == "echo-du-delta" and document.bozo:
            continue
        assert not document.bozo, document.get("bozo_exception")
        ids = [entry.id for entry in document.entries]
        assert len(set(ids)) == len(ids) > 0
        for entry in document.entries:
            assert entry.title
            assert entry.summary
            assert entry.link.startswith(f"{day.newsroom.origin}/{feed_id}/")


async def test_the_day_waits_for_a_slow_reader(reader: Reader, clock: FakeClock) -> None:
    clock.pass_s(3600)
    before = await reader.read_all()
    assert {STORY} & {
        entry.link.split("/")[-1].split(".")[0] for entry in before["courrier-des-quais"].entries
    } == set()
    whole = reader.newsroom.remaining(clock.now())
    clock.pass_s(10)
    assert reader.newsroom.remaining(clock.now()) == pytest.approx(whole - 10)
    assert STORY in " ".join(entry.link for entry in (await reader.read("courrier-des-quais")).entries)


async def test_the_day_ends(day: Reader, clock: FakeClock) -> None:
    assert 30 < day.newsroom.remaining(clock.now()) < DAY_S
    clock.strike(22)
    assert day.newsroom.remaining(clock.now()) == 0.0
    assert sum(len(document.entries) for document in (await day.read_all()).values()) >= 30


async def test_dates_are_the_reader_s_own_time(day: Reader, clock: FakeClock) -> None:
    clock.strike(22)
    for document in (await day.read_all()).values():
        for entry in document.entries:
            if "published_parsed" in entry:
                published = datetime.fromtimestamp(timegm(entry.published_parsed), UTC)
                assert START - timedelta(hours=48) < published <= clock.now()


async def test_old_entries_keep_their_dates_when_the_day_begins(reader: Reader, clock: FakeClock) -> None:
    first = await reader.read("strand-ledger")
    clock.pass_s(30)
    await reader.read_all()
    clock.pass_s(1)
    again = await reader.read("strand-ledger")
    assert [entry.published for entry in again.entries] == [entry.published for entry in first.entries]


async def test_what_is_known_is_not_sent_again(day: Reader, clock: FakeClock) -> None:
    url = day.newsroom.url_of("courrier-des-quais")
    _, _, headers = await day.get(url)
    clock.pass_s(0.5)
    status, body, again = await day.get(url, If_None_Match=headers["etag"])
    assert (status, body) == (304, b"")
    assert again["etag"] == headers["etag"]
    assert (await day.get(url, If_Modified_Since=headers["last-modified"]))[0] == 304


async def test_what_changed_is_sent(day: Reader, clock: FakeClock) -> None:
    url = day.newsroom.url_of("courrier-des-quais")
    _, _, headers = await day.get(url)
    clock.strike(8)
    status, body, new = await day.get(url, If_None_Match=headers["etag"], If_Modified_Since=headers["last-modified"])
    assert status == 200
    assert STORY.encode() in body
    assert new["etag"] != headers["etag"]
    assert (await day.get(url, If_Modified_Since=headers["last-modified"]))[0] == 200


async def test_an_edit_and_a_new_guid_lead_to_the_same_page(day: Reader, clock: FakeClock) -> None:
    entries = []
    for hour in (8, 12, 13):
        clock.strike(hour)
        document = await day.read("courrier-des-quais")
        entries.append(next(entry for entry in document.entries if STORY in entry.link))
    first, edited, republished = entries
    assert first.id == edited.id != republished.id
    assert first.title != edited.title
    assert republished.link == f"{first.link}?utm_source=rss&utm_medium=feed&utm_campaign=une"
    assert (await day.get(republished.link))[0] == 200


async def test_a_broken_feed_disturbs_no_other(day: Reader, clock: FakeClock) -> None:
    url = day.newsroom.url_of("echo-du-delta")
    clock.strike(12)
    assert (await day.get(url))[0] == 500
    assert len(await day.read_all()) == len(day.newsroom.feeds) - 1
    clock.strike(13)
    status, body, headers = await day.get(url)
    document = feedparser.parse(io.BytesIO(body))
    assert (status, bool(document.bozo), len(document.entries)) == (200, True, 0)
    assert "etag" not in headers
    clock.strike(14)
    assert "eoliennes" in " ".join(entry.link for entry in (await day.read("echo-du-delta")).entries)


async def test_pages_exist_once_their_news_is_out(day: Reader, clock: FakeClock) -> None:
    (story,) = day.newsroom.showing(Situation.NEW_STORY)
    assert (await day.get(story.url))[0] == 404
    clock.strike(22)
    for document in (await day.read_all()).values():
        for entry in document.entries:
            status, body, headers = await day.get(entry.link)
            assert status == 200
            assert headers["content-type"] == "text/html; charset=utf-8"
            assert "<article>" in body.decode()
    assert (await day.get(f"{day.newsroom.origin}/nowhere/feed.xml"))[0] == 404


async def test_pages_read_from_the_right_in_arabic(day: Reader, clock: FakeClock) -> None:
    clock.strike(22)
    for shown in day.newsroom.showing(Situation.ARABIC):
        page = (await day.get(shown.url))[1].decode()
        assert '<html lang="ar" dir="rtl">' in page


async def test_every_situation_but_the_broken_feed_names_its_articles(reader: Reader) -> None:
    for situation in Situation:
        assert bool(reader.newsroom.showing(situation)) == (situation is not Situation.BROKEN_FEED)


async def test_the_watchlist_stands_in_its_folder(reader: Reader) -> None:
    (path,) = reader.newsroom.watchlist_folder.iterdir()
    assert path == Path(path.parent, "demo.yaml")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = [entry if isinstance(entry, str) else entry["name"] for entry in data["names"]]
    assert {"Gérald Darmanin", "Mohamed Amra", "Badiss Mohammed Bajjou", "Félix Bingui"} < set(names)


async def test_it_stops_cleanly_and_frees_its_port(clock: FakeClock) -> None:
    newsroom = Newsroom(clock=clock)
    await newsroom.start()
    async with aiohttp.ClientSession() as session:
        url = newsroom.feeds[0].url
        async with session.get(url) as response:
            await response.read()
        await newsroom.stop()
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(url)
    await newsroom.stop()
    again = Newsroom(port=URL(url).port or 0, clock=clock)
    await again.start()
    await again.stop()


def test_it_has_no_address_before_it_starts() -> None:
    with pytest.raises(RuntimeError, match="start"):
        _ = Newsroom().feeds
