"""New settings and feeds reach the parts that run: what is under way ends, or is broken off where it is outdated."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest

from bot.config import Settings
from bot.errors import FetchError
from bot.matching import MatchingThread
from bot.model import Feed
from bot.net import GuardedSession, Limits, WayOut
from bot.storage import feeds
from tests.matching.names import watched
from tests.newsstand import Newsstand
from tests.test_poller import HOUR, Desk, desk, stand, worker

__all__ = ["desk", "stand", "worker"]

LIMITS = Limits(timeout_s=5.0, max_bytes=100_000)
OPEN = WayOut(
    allow_networks=[ip_network("127.0.0.0/8")], user_agent="one", concurrency=4, per_host=2, proxy=None, ca_file=None
)


async def listed(desk: Desk, *configured: Feed) -> None:
    """As an edit is taken up."""
    await desk.poller.reconfigure(Settings(), {feed.id: feed for feed in configured})
    async with desk.database.transaction() as tx:
        await feeds.sync_feeds(tx, configured, {feed.id: desk.clock.now() for feed in configured})


async def test_a_poll_of_a_feed_that_is_gone_is_broken_off_and_the_feed_is_polled_no_more(
    desk: Desk, stand: Newsstand
) -> None:
    stand.hang()
    assert await desk.poller.poll_due() == 1
    await stand.arrived(1)
    await listed(desk)
    assert await desk.poll(after_s=24 * HOUR) == 0
    assert (await desk.row()).failures == 0


async def test_a_feed_that_moved_is_polled_at_its_new_address_at_once(desk: Desk, stand: Newsstand) -> None:
    [old] = desk._configured.values()
    stand.hang()
    await desk.poller.poll_due()
    await stand.arrived(1)
    stand.publish()
    await listed(desk, replace(old, url=stand.url("/elsewhere")))
    row = await desk.row()
    assert (row.lease_until, row.next_poll_at) == (None, desk.clock.now())


async def test_a_feed_that_was_taken_out_a_moment_ago_is_not_claimed(desk: Desk) -> None:
    await desk.poller.reconfigure(Settings(), {})  # the rows follow
    assert await desk.poll() == 0


async def test_a_shorter_interval_need_not_wait_for_the_longer_one(desk: Desk) -> None:
    await desk.poll()
    soon = desk.clock.now() + timedelta(seconds=5)
    async with desk.database.transaction() as tx:
        await feeds.hasten(tx, ["phare"], soon)
        await feeds.hasten(tx, ["phare"], soon + timedelta(hours=1))
    assert (await desk.row()).next_poll_at == soon


async def test_a_feed_in_trouble_keeps_its_distance(desk: Desk, stand: Newsstand) -> None:
    stand.answer(500)
    await desk.poll()
    due = (await desk.row()).next_poll_at
    async with desk.database.transaction() as tx:
        await feeds.hasten(tx, ["phare"], desk.clock.now())
    assert (await desk.row()).next_poll_at == due


# --- The way out ------------------------------------------------------------------------------------------------------


async def test_what_the_guard_allows_and_who_we_say_we_are_changes_with_the_next_request(stand: Newsstand) -> None:
    session = GuardedSession(**OPEN)
    first = await session.get(stand.url(), headers={}, limits=LIMITS)
    session.reconfigure(WayOut(**(OPEN | {"user_agent": "two"})))
    second = await session.get(stand.url(), headers={}, limits=LIMITS)
    assert (first.status, second.status) == (200, 200)
    assert [request.headers["User-Agent"] for request in stand.asked()] == ["one", "two"]
    session.reconfigure(WayOut(**(OPEN | {"allow_networks": []})))
    with pytest.raises(FetchError):
        await session.get(stand.url(), headers={}, limits=LIMITS)
    await session.close()


async def test_a_request_that_is_under_way_ends_as_it_began(stand: Newsstand) -> None:
    session = GuardedSession(**OPEN)
    stand.hang()
    asking = asyncio.create_task(session.get(stand.url(), headers={}, limits=replace(LIMITS, timeout_s=0.5)))
    await stand.arrived(1)
    session.reconfigure(WayOut(**(OPEN | {"concurrency": 1, "allow_networks": []})))
    with pytest.raises(FetchError) as ended:
        await asking
    assert ended.value.code == "timeout"
    await session.close()


# --- The matcher ------------------------------------------------------------------------------------------------------


async def test_hundreds_of_names_come_and_go() -> None:
    thread = MatchingThread()
    many = [watched(f"Aldebert Quincampoix{number}") for number in range(250)]
    await thread.change([], [*many, watched("Aurélie Vantadour")])
    await thread.change([(name.scope, name.id) for name in many], [watched("Yann Kerbrazou")])
    [found] = await thread.match([("", "Aldebert Quincampoix7, Yann Kerbrazou et Aurélie Vantadour", "fr")])
    assert [match.name_id for match in found] == ["Aurélie Vantadour", "Yann Kerbrazou"]
    thread.close()
