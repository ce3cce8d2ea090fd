"""A host that asks for a rest, through the real parts: nobody asks it again, by whatever way a feed leads there."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.model import Feed
from bot.net import GuardedSession
from bot.storage.database import Database
from bot.storage.schema import feeds as feeds_table
from bot.worker import Worker
from tests.newsstand import Newsstand, newsstand
from tests.test_poller import HOUR, OLD, Desk


class Everywhere(AbstractResolver):
    """Every name leads to one server."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.1.7", port=port, family=socket.AF_INET, proto=0, flags=0),
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def named(sqlite: Database, stand: Newsstand) -> AsyncIterator[Desk]:
    """Six feeds of one public name, and one that redirects to it for good from another."""
    port = stand.origin.rpartition(":")[2]
    listed = [Feed(f"feed-{number}", f"http://phare.example:{port}/{number}") for number in range(6)]
    worker = Worker()
    made = Desk(sqlite, worker, [*listed, Feed("moved", f"http://old.example:{port}/old")])
    await made.session.close()
    made.session = GuardedSession(
        allow_networks=[ip_network("127.0.0.0/8")],
        user_agent="test",
        concurrency=10,
        per_host=1,
        resolver=Everywhere(),
    )
    for number in range(6):
        stand.publish(OLD, path=f"/{number}")
    stand.redirect(f"http://phare.example:{port}/new", path="/old", status=301)
    stand.publish(OLD, path="/new")
    await made.start()
    yield made
    await made.poller.stop()
    await made.session.close()
    await worker.close()


async def test_feeds_that_wait_for_their_host_are_not_asked_once_it_asks_for_a_rest(
    named: Desk, stand: Newsstand
) -> None:
    for number in range(6):
        stand.answer(429, path=f"/{number}", Retry_After="20000")
    await named.poll()
    asked = len(stand.requests)
    assert [await named.poll(after_s=600) for _ in range(5)] == [0] * 5
    assert len(stand.requests) == asked <= 2, "one at the tired host, and the one that redirects to it"
    rows = await named.all(feeds_table)
    assert sorted(row.failures for row in rows) == [0] * 6 + [1]
    assert {row.lease_until for row in rows} == {None}
    assert await named.poll(after_s=20000) == 7


async def test_a_feed_rests_with_the_host_that_it_moved_to(named: Desk, stand: Newsstand) -> None:
    for _ in range(30):
        await named.poll(after_s=7 * HOUR)
    asked_old = len(stand.asked("/old"))
    stand.answer(429, path="/new", Retry_After="90000")
    await named.poll(after_s=7 * HOUR)
    asked = len(stand.requests)
    assert await named.poll(after_s=7 * HOUR) == 0
    assert len(stand.requests) == asked
    assert len(stand.asked("/old")) == asked_old
