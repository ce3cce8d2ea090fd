"""The poller with real parts: politeness over many polls, feeds' troubles and ours, and what it tells of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.config import Settings
from bot.feeds.fetch import AnswerError
from bot.model import Feed
from bot.net import GuardedSession
from bot.poller import Poller
from bot.storage import articles, feeds
from bot.storage.coverage import resume
from bot.storage.database import Database
from bot.storage.notices import waiting_notices
from bot.storage.schema import articles as articles_table
from bot.storage.schema import feeds as feeds_table
from bot.storage.schema import gaps, identities, polls
from bot.worker import Worker
from tests.faketime import StandingClock
from tests.newsstand import FEED, Item, Newsstand, newsstand, rss

HOUR = 3600.0
OLD = Item("Marée haute sur le port", "Rien à signaler.")
NEW = Item("Un phare s’allume", "On le voit de loin.")


class Desk:
    """A poller on a database; `poll` lets time pass and polls what is due."""

    def __init__(self, database: Database, worker: Worker, configured: Sequence[Feed]) -> None:
        self.database = database
        self.clock = StandingClock()
        self.session = GuardedSession(
            allow_networks=[ip_network("127.0.0.0/8")], user_agent="test", concurrency=10, per_host=2
        )
        self._worker = worker
        self._configured = {feed.id: feed for feed in configured}

    async def start(self) -> None:
        self.poller = Poller(
            self.database,
            self.session,
            self._worker,
            self.clock,
            Settings(),
            self._configured,
            news=asyncio.Event(),
        )
        async with self.database.transaction() as tx:
            first = dict.fromkeys(self._configured, self.clock.now())
            await feeds.sync_feeds(tx, list(self._configured.values()), first)
            await feeds.release_leases(tx, self.clock.now())

    async def poll(self, after_s: float = 0.0) -> int:
        self.clock.advance(after_s)
        started = await self.poller.poll_due()
        await self.poller.settle(None)
        return started

    def is_blind(self) -> bool:
        return self.poller.is_blind

    async def row(self, feed_id: str = "phare") -> Any:
        async with self.database.read() as connection:
            return (await connection.execute(select(feeds_table).where(feeds_table.c.id == feed_id))).one()

    async def waits_s(self, feed_id: str = "phare") -> float:
        """Seconds to the feed's next poll."""
        due: timedelta = (await self.row(feed_id)).next_poll_at - self.clock.now()
        return due.total_seconds()

    async def notices(self) -> list[str]:
        async with self.database.read() as connection:
            return [notice.kind for notice in await waiting_notices(connection, 99)]

    async def run(self, statement: str) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(text(statement))

    async def all(self, table: Any) -> list[Any]:
        async with self.database.read() as connection:
            return list((await connection.execute(select(table))).all())


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        opened.publish(OLD)
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


@pytest.fixture
async def desk(sqlite: Database, worker: Worker, stand: Newsstand) -> AsyncIterator[Desk]:
    """One feed, polled every ten minutes by default."""
    made = Desk(sqlite, worker, [Feed("phare", stand.url(), "Le Phare")])
    await made.start()
    yield made
    await made.poller.stop()
    await made.session.close()


# --- A quiet feed -----------------------------------------------------------------------------------------------------


async def test_a_feed_without_news_is_asked_conditionally_and_counted(desk: Desk, stand: Newsstand) -> None:
    for _ in range(3):
        assert await desk.poll(after_s=HOUR) == 1
    first, *later = stand.asked()
    assert "If-None-Match" not in first.headers
    assert len({asked.headers["If-None-Match"] for asked in later}) == 1
    [counted] = await desk.all(polls)
    assert (counted.made, counted.unchanged, counted.failed) == (3, 2, 0)
    assert (await desk.row()).last_good_at == desk.clock.now()


async def test_new_validators_of_an_unchanged_body_are_taken(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    body = b"<rss version='2.0'><channel><title>x</title></channel></rss>"
    stand.answer(200, body, ETag='"one"')
    await desk.poll(after_s=HOUR)
    stand.answer(200, body, ETag='"two"')
    await desk.poll(after_s=HOUR)
    assert (await desk.row()).etag == '"two"'
    stand.answer(304, ETag='"three"')
    await desk.poll(after_s=HOUR)
    assert (await desk.row()).etag == '"three"'


async def test_what_is_not_due_is_left_alone(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    assert await desk.poll(after_s=60) == 0
    assert len(stand.asked()) == 1


async def test_items_known_by_their_bytes_are_not_parsed_again_and_stay_listed(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    async with desk.database.read() as connection:
        known = await articles.listed_items(connection, "phare", since=(await desk.row()).read_at)
    assert len(known) == 1
    stand.publish(NEW, OLD)
    await desk.poll(after_s=HOUR)
    assert len(await desk.all(articles_table)) == 2
    assert {row.listed_at for row in await desk.all(identities)} == {desk.clock.now()}


# --- Hints and hosts --------------------------------------------------------------------------------------------------


async def test_what_the_server_asks_for_lengthens_the_wait(desk: Desk, stand: Newsstand) -> None:
    stand.publish(OLD, Cache_Control="max-age=7200")
    await desk.poll()
    assert await desk.waits_s() >= 7200


async def test_a_short_cache_shortens_nothing(desk: Desk, stand: Newsstand) -> None:
    stand.publish(OLD, Cache_Control="max-age=5")
    await desk.poll()
    assert await desk.waits_s() >= 600


async def test_retry_after_is_kept(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.answer(503, Retry_After="30000")
    await desk.poll(after_s=HOUR)
    assert await desk.waits_s() == 30000


# --- A feed's troubles ------------------------------------------------------------------------------------------------


async def test_a_failing_feed_is_tried_later_and_later_and_told_once(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.answer(500)
    waits = []
    for _ in range(8):
        assert await desk.poll(after_s=7 * HOUR) == 1
        waits.append(await desk.waits_s())
    assert waits == sorted(waits)
    assert max(waits) <= 6 * HOUR
    assert await desk.notices() == ["feed-failing"]
    stand.publish(NEW, OLD)
    await desk.poll(after_s=7 * HOUR)
    await desk.poll(after_s=7 * HOUR)
    assert await desk.notices() == ["feed-failing", "feed-recovered"]
    gap, *_ = await desk.all(gaps)
    assert (gap.why, gap.end_at - gap.begin_at) == ("failing", timedelta(hours=9 * 7))


async def test_a_refusal_is_a_state_of_its_own(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.answer(403)
    await desk.poll(after_s=HOUR)
    assert (await desk.row()).state == "refused"
    assert await desk.waits_s() >= HOUR
    assert await desk.notices() == []
    await desk.poll(after_s=2 * HOUR)
    assert await desk.notices() == ["feed-refused"]


async def test_a_feed_taken_down_is_asked_no_more(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.answer(410)
    await desk.poll(after_s=HOUR)
    assert await desk.poll(after_s=999 * HOUR) == 0
    assert await desk.notices() == ["feed-gone"]


async def test_a_feed_that_falls_quiet_is_told_once_and_when_it_speaks_again(desk: Desk, stand: Newsstand) -> None:
    start = desk.clock.now()
    items = [
        Item(f"Marée {number}", f"Le coefficient est de {number}.", published=start - timedelta(hours=number))
        for number in range(1, 9)
    ]
    stand.publish(*items)
    await desk.poll()
    for _ in range(30):
        await desk.poll(after_s=7 * HOUR)
    assert await desk.notices() == ["feed-quiet"]
    stand.publish(Item("La marée revient", "Enfin.", published=desk.clock.now()), *items)
    await desk.poll(after_s=7 * HOUR)
    assert await desk.notices() == ["feed-quiet", "feed-recovered"]


async def test_a_feed_without_dates_falls_quiet_as_well(desk: Desk, stand: Newsstand) -> None:
    items = [OLD]
    await desk.poll()
    for number in range(4):
        items.insert(0, Item(f"Marée {number}", f"Le coefficient est de {number}."))
        stand.publish(*items)
        await desk.poll(after_s=7 * HOUR)
    spoke_at = desk.clock.now()
    for _ in range(30):
        await desk.poll(after_s=7 * HOUR)
    assert await desk.notices() == ["feed-quiet"]
    assert (await desk.row()).newest_at == spoke_at


async def test_what_an_undated_feed_listed_at_first_tells_no_rhythm(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    assert (await desk.row()).newest_at is None


async def test_a_web_page_instead_of_the_feed_loses_nothing(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.serve(b"<!doctype html><html><body>Maintenance</body></html>", content_type="text/html")
    await desk.poll(after_s=HOUR)
    assert (await desk.row()).state == "failing"
    stand.publish(NEW, OLD)
    await desk.poll(after_s=HOUR)
    assert len(await desk.all(articles_table)) == 2


# --- Our own troubles -------------------------------------------------------------------------------------------------


async def many(sqlite: Database, worker: Worker, stands: Sequence[Newsstand], *others: Feed) -> Desk:
    for each in stands:
        each.publish(OLD)
    made = Desk(sqlite, worker, [*(Feed(f"feed-{number}", each.url()) for number, each in enumerate(stands)), *others])
    await made.start()
    await made.poll()
    return made


async def test_when_nobody_answers_it_is_us(sqlite: Database, worker: Worker) -> None:
    async with newsstand("127.0.1.11") as a, newsstand("127.0.1.12") as b, newsstand("127.0.1.13") as c:
        stands = [a, b, c]
        desk = await many(sqlite, worker, stands)
        for each in stands:
            each.drop()
        for _ in range(15):
            await desk.poll(after_s=600)
        states = {row.id: row.state for row in await desk.all(feeds_table)}
        assert desk.is_blind()
        assert await desk.notices() == ["network-down"]
        assert max(row.failures for row in await desk.all(feeds_table)) <= 1, states
        for each in stands:
            each.publish(NEW, OLD)
        stands[0].answer(403)
        for _ in range(3):
            await desk.poll(after_s=300)
        refused = await desk.row("feed-0")
        assert (refused.failures, refused.noticed) == (1, None), "what our outage made of it does not count"
        assert not desk.is_blind()
        assert await desk.notices() == ["network-up"]
        found = await desk.all(gaps)
        assert {gap.why for gap in found} == {"network"}
        assert len(found) == 2
        await desk.session.close()


async def test_the_only_three_hosts_fail_themselves_when_they_stay_silent(sqlite: Database, worker: Worker) -> None:
    async with newsstand("127.0.1.11") as a, newsstand("127.0.1.12") as b, newsstand("127.0.1.13") as c:
        stands = [a, b, c]
        desk = await many(sqlite, worker, stands)
        for each in stands:
            each.drop()
        for _ in range(16 * 6):
            await desk.poll(after_s=600)
        asked = sum(len(each.asked()) for each in stands)
        for _ in range(12):
            await desk.poll(after_s=600)
        await desk.session.close()
        assert await desk.notices() == ["network-down", *["feed-failing"] * 3]
        assert sum(len(each.asked()) for each in stands) - asked <= 6


async def test_while_nobody_answers_few_are_asked_and_ever_seldomer(sqlite: Database, worker: Worker) -> None:
    addresses = [f"127.0.1.{number}" for number in range(11, 15)]
    async with AsyncExitStack() as opened:
        stands = [await opened.enter_async_context(newsstand(each)) for each in addresses]
        desk = await many(sqlite, worker, stands)
        for each in stands:
            each.drop()
        for _ in range(9):
            await desk.poll(after_s=600)
        assert desk.is_blind()
        asked = sum(len(each.asked()) for each in stands)
        for _ in range(6 * 60):
            await desk.poll(after_s=10)
        await desk.session.close()
        assert desk.is_blind()
        assert 3 * 11 <= sum(len(each.asked()) for each in stands) - asked <= 3 * 60


async def test_only_a_server_that_answers_ends_an_outage(sqlite: Database, worker: Worker) -> None:
    async with newsstand("127.0.1.11") as a, newsstand("127.0.1.12") as b, newsstand("127.0.1.13") as c:
        stands = [a, b, c]
        desk = await many(sqlite, worker, stands, Feed("odd", "ftp://phare.example/feed"))
        for each in stands:
            each.drop()
        for _ in range(30):
            await desk.poll(after_s=600)
        assert desk.is_blind()
        assert await desk.notices() == ["network-down"]
        for each in stands:
            each.redirect(FEED, status=302)
        await desk.poll(after_s=600)
        await desk.session.close()
        assert not desk.is_blind()


async def test_an_end_that_cannot_be_written_down_is_logged_and_counted(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.answer(500)
    await desk.run("ALTER TABLE polls RENAME TO lost_polls")
    assert await desk.poll(after_s=HOUR) == 1
    assert desk.poller.failed
    await desk.run("ALTER TABLE lost_polls RENAME TO polls")
    stand.publish(NEW, OLD)
    assert await desk.poll(after_s=HOUR) == 1
    row = await desk.row()
    assert (row.state, row.failures) == ("ok", 0)


async def test_three_dead_hosts_in_a_row_are_no_outage(sqlite: Database, worker: Worker) -> None:
    async with (
        newsstand("127.0.1.11") as a,
        newsstand("127.0.1.12") as b,
        newsstand("127.0.1.13") as c,
        newsstand("127.0.1.14") as well,
    ):
        desk = await many(sqlite, worker, [a, b, c, well])
        async with sqlite.transaction() as tx:
            await feeds.push_back(tx, ["feed-3"], desk.clock.now() + timedelta(days=1))
        for each in (a, b, c):
            each.drop()
        for _ in range(180):
            await desk.poll(after_s=60)
        failures = {row.id: row.failures for row in await desk.all(feeds_table)}
        await desk.session.close()
        assert await desk.notices() == []
        assert min(failures[f"feed-{number}"] for number in range(3)) >= 1
        assert failures["feed-3"] == 0
        assert len(well.asked()) < 60


async def test_a_start_after_a_night_finds_the_gap(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    desk.clock.advance(9 * HOUR)
    await desk.start()
    await desk.poll()
    [gap] = await desk.all(gaps)
    assert (gap.why, gap.end_at - gap.begin_at) == ("stopped", timedelta(hours=9))


async def test_overdue_feeds_are_spread_over_the_start(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    listed = [Feed(f"feed-{number}", stand.url(f"/{number}")) for number in range(10)]
    desk = Desk(sqlite, worker, listed)
    await desk.start()
    now = desk.clock.now()
    async with sqlite.transaction() as tx:
        await feeds.release_leases(tx, now, spread_s=60)
    async with sqlite.read() as connection:
        free = [len(await feeds.due(connection, now + timedelta(seconds=at), limit=99)) for at in (0.1, 31, 61)]
    assert free == [1, 6, 10]


async def test_a_host_asked_for_much_is_asked_by_two_at_once(sqlite: Database, worker: Worker) -> None:
    async with newsstand() as stand:
        listed = [Feed(f"feed-{number}", stand.url(f"/{number}")) for number in range(30)]
        for number in range(30):
            stand.publish(OLD, path=f"/{number}")
        desk = Desk(sqlite, worker, listed)
        await desk.start()
        while await desk.poll():
            pass
        assert len(stand.requests) == 30
        assert stand.most_at_once <= 2
        await desk.session.close()


async def test_one_feed_that_breaks_us_is_recorded(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.answer(200, b"not a feed at all", path=FEED)
    await desk.poll(after_s=HOUR)
    assert "neither RSS" in (await desk.row()).last_error


# --- Moved ------------------------------------------------------------------------------------------------------------


async def test_a_move_that_holds_for_a_week_is_remembered(desk: Desk, stand: Newsstand) -> None:
    stand.publish(OLD, path="/new.xml")
    stand.redirect("/new.xml", status=301)
    for _ in range(30):
        await desk.poll(after_s=7 * HOUR)
    asked_before = len(stand.asked())
    await desk.poll(after_s=7 * HOUR)
    assert len(stand.asked()) == asked_before
    stand.publish(OLD)
    stand.answer(500, path="/new.xml")
    await desk.poll(after_s=7 * HOUR)
    await desk.poll(after_s=7 * HOUR)
    assert (await desk.row()).state == "ok", "the old address answers again"


async def test_a_moved_feed_whose_old_address_is_gone_is_not_suspended(desk: Desk, stand: Newsstand) -> None:
    stand.publish(OLD, path="/new.xml")
    stand.redirect("/new.xml", status=308)
    await desk.poll()
    stand.answer(410)
    for _ in range(3):
        await desk.poll(after_s=7 * HOUR)
    assert (await desk.row()).state == "ok"
    assert stand.asked("/new.xml")


async def test_a_temporary_redirect_is_asked_about_each_time(desk: Desk, stand: Newsstand) -> None:
    stand.publish(OLD, path="/new.xml")
    stand.redirect("/new.xml", status=302)
    for _ in range(40):
        await desk.poll(after_s=7 * HOUR)
    assert len(stand.asked()) == 40


# --- A host that asks for a rest --------------------------------------------------------------------------------------


async def test_a_private_host_that_asks_for_a_rest_pauses_one_feed(sqlite: Database, worker: Worker) -> None:
    async with newsstand() as stand:
        listed = [Feed("busy", stand.url("/busy")), Feed("calm", stand.url("/calm"))]
        stand.publish(OLD, path="/busy")
        stand.publish(OLD, path="/calm")
        desk = Desk(sqlite, worker, listed)
        await desk.start()
        await desk.poll()
        stand.answer(429, path="/busy", Retry_After="90000")
        await desk.poll(after_s=HOUR)
        assert await desk.waits_s("busy") == 90000
        assert await desk.waits_s("calm") < HOUR
        await desk.session.close()


async def test_feeds_of_one_host_are_pushed_back_together(sqlite: Database, worker: Worker) -> None:
    listed = [Feed(name, f"https://phare.example/{name}") for name in "abc"]
    desk = Desk(sqlite, worker, [*listed, Feed("d", "https://dune.example/d")])
    await desk.start()
    error = AnswerError("http", "429", url="https://phare.example/a", status=429, retry_after_s=5000.0)
    async with sqlite.transaction() as tx:
        [record, *_] = await feeds.claim(tx, ["a"], desk.clock.now(), lease_s=60)
    await desk.poller.ledger.failed(record, error)
    assert [await desk.waits_s(name) >= 5000 for name in "abcd"] == [True, True, True, False]
    await desk.session.close()


# --- What is old, however it is listed --------------------------------------------------------------------------------


def undated(first: int, last: int) -> list[Item]:
    """Items without a date, the highest number first."""
    return [Item(f"Brève {n} du port", f"La jetée {n} est rouverte.", number=9000 + n) for n in range(last, first, -1)]


async def rings(desk: Desk) -> int:
    return sum(not row.baseline for row in await desk.all(articles_table))


async def test_what_appears_below_known_items_is_old(desk: Desk, stand: Newsstand) -> None:
    stand.publish(*undated(100, 120))
    await desk.poll()
    for last in (121, 122, 123):  # what is new stands on top: the feed shows its habit
        stand.publish(*undated(100, last))
        await desk.poll(after_s=7 * HOUR)
    assert await rings(desk) == 3
    stand.publish(*undated(100, 124), *undated(50, 100))
    await desk.poll(after_s=7 * HOUR)
    assert await rings(desk) == 4


async def test_a_first_document_that_breaks_off_is_no_baseline(desk: Desk, stand: Newsstand) -> None:
    now = desk.clock.now()
    listed = [Item(f"Titre {n}", f"Texte {n}.", published=now - timedelta(hours=n)) for n in range(30)]
    whole = rss(*listed, origin=stand.origin).encode()
    stand.serve(whole[: len(whole) // 3])
    await desk.poll()
    stand.serve(whole)
    await desk.poll(after_s=HOUR)
    assert await rings(desk) == 0
    stand.publish(NEW, *listed)
    await desk.poll(after_s=HOUR)
    assert await rings(desk) == 1


async def test_a_feed_that_always_breaks_off_is_read_all_the_same(desk: Desk, stand: Newsstand) -> None:
    for number in range(4):
        stand.serve(rss(*undated(100, 110 + number), origin=stand.origin).encode()[:-20])
        await desk.poll(after_s=HOUR)
    assert await rings(desk) == 2


async def test_a_feed_that_comes_back_to_the_list_begins_anew(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    async with desk.database.transaction() as tx:
        await feeds.sync_feeds(tx, [], {})
    desk.clock.advance(90 * 24 * HOUR)
    now = desk.clock.now()
    stand.publish(*(Item(f"Titre {n}", f"Texte {n}.", published=now - timedelta(days=n)) for n in range(40)))
    await desk.start()
    await desk.poll()
    assert await rings(desk) == 0


async def test_nothing_older_than_a_week_is_caught_up(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.answer(500)
    await desk.poll(after_s=HOUR)
    desk.clock.advance(60 * 24 * HOUR)
    now = desk.clock.now()
    listed = [Item(f"Titre {n}", f"Texte {n}.", published=now - timedelta(hours=23 * n)) for n in range(40)]
    stand.publish(*listed)
    await desk.poll()
    assert await rings(desk) == 8


async def test_a_resumed_feed_tells_its_gap_and_is_well_again(desk: Desk, stand: Newsstand) -> None:
    await desk.poll()
    stand.answer(410)
    await desk.poll(after_s=HOUR)
    stand.publish(NEW, OLD)
    desk.clock.advance(50 * HOUR)
    async with desk.database.transaction() as tx:
        assert await resume(tx, "phare", desk.clock.now())
    await desk.poll()
    row = await desk.row()
    assert (row.state, row.failing_since, row.last_error) == ("ok", None, None)
    assert [gap.why for gap in await desk.all(gaps)] == ["gone"]
    assert await rings(desk) == 0


async def test_two_hours_without_us_are_a_gap_even_of_a_slow_feed(desk: Desk, stand: Newsstand) -> None:
    stand.publish(OLD, Cache_Control="max-age=3600")
    await desk.poll()
    desk.clock.advance(3 * HOUR)
    await desk.start()
    await desk.poll()
    assert [gap.why for gap in await desk.all(gaps)] == ["stopped"]
