"""The page behind an entry, read when the feed gives little: due → read politely → keep → look again.

Never holds back an entry: the feed's text was looked at before, and what the page adds is looked at when it comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from rapidfuzz import fuzz
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.articles.page import Page
from bot.articles.reading import next_reading, takes_place
from bot.clock import Clock
from bot.config import Settings
from bot.feeds.identity import Identity, url_identity
from bot.lull import Lull
from bot.net import host_of
from bot.page_reader import Outcome, Reason, Skipped
from bot.storage import feeds
from bot.storage.database import Database
from bot.storage.pages import WantedPage, due_pages, keep_page, wanted_pages

log = structlog.get_logger(__name__)

MOST_HOSTS = 100
"""Hosts with a page under way. Most of them wait for their pace; the reader bounds how many pages are fetched."""
MOST_WAITING = 5_000
"""Due pages that a tick looks at to find hosts that are free."""
SAME_HEADLINE = 80.0
"""Of 100: a page's title has the site's name beside the headline, and may have been retouched."""


class Reader(Protocol):
    """`PageReader`, or a test's fake."""

    async def read(self, url: str) -> Outcome:
        """What may be used of the page, or why there is nothing."""
        ...


class Pages:
    """Reads the pages that are due."""

    def __init__(
        self, database: Database, reader: Reader, clock: Clock, *, max_age: timedelta, news: asyncio.Event
    ) -> None:
        """What is older than `max_age` when first seen alerts nobody; `news` is set when a page says something new."""
        self._database = database
        self._reader = reader
        self._clock = clock
        self._max_age = max_age
        self._news = news
        self._lull = Lull(database, clock)
        self._under_way: dict[asyncio.Task[None], str] = {}

    def reconfigure(self, settings: Settings) -> None:
        """From now on by these settings."""
        self._max_age = settings.alerts.max_age

    async def read_due(self) -> int:
        """Start reading what is due, one page of a host at a time; returns how many. Waits for no page."""
        if len(self._under_way) >= MOST_HOSTS or self._lull.lasts():
            return 0
        writes = self._database.writes
        async with self._database.read() as connection:
            due = await due_pages(connection, self._clock.now(), MOST_WAITING)
            chosen = self._chosen(due)
            wanted = await wanted_pages(connection, chosen) if chosen else []
        if not due:
            self._lull.begin(writes)
        for each in wanted:
            task = asyncio.create_task(self._read(each), name=f"page of article {each.article_id}")
            self._under_way[task] = chosen[each.article_id]
            task.add_done_callback(lambda done: self._under_way.pop(done, None))
        return len(wanted)

    def _chosen(self, due: Iterable[tuple[int, str]]) -> dict[int, str]:
        """The first due page of each host that has none under way, as far as there is room: article id → host."""
        busy = set(self._under_way.values())
        chosen: dict[int, str] = {}
        for article_id, url in due:
            host = _host(url)
            if len(busy) < MOST_HOSTS and host not in busy:
                busy.add(host)
                chosen[article_id] = host
        return chosen

    async def settle(self) -> None:
        """Wait until the pages under way have been read."""
        while self._under_way:
            await asyncio.wait(list(self._under_way))

    async def stop(self) -> None:
        """Break off what is under way: it is due again at the next start."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, wanted: WantedPage) -> None:
        try:
            outcome = await self._reader.read(wanted.url)
            await self._keep(wanted, outcome)
        except SQLAlchemyError:  # the database's trouble, not the page's: it stays due
            log.exception("a page could not be written down", article=wanted.article_id)
        except Exception:  # a job's boundary: one page disturbs no other
            log.exception("a page could not be read", article=wanted.article_id)
            async with self._database.transaction() as tx:
                await keep_page(tx, wanted, next_at=None, now=self._clock.now())

    async def _keep(self, wanted: WantedPage, outcome: Outcome) -> None:
        if isinstance(outcome, Page) and takes_place(outcome.text, wanted.page_text):
            await self._keep_page(wanted, outcome)
            return
        now = self._clock.now()
        reason = outcome.reason.value if isinstance(outcome, Skipped) else "the page has lost its text"
        log.debug("page not used", article=wanted.article_id, reason=reason)
        is_final = isinstance(outcome, Skipped) and outcome.final
        again = None if is_final else _next_reading(wanted, 0, now)
        async with self._database.transaction() as tx:
            await keep_page(tx, wanted, next_at=again, withdrawn=_is_withdrawn(wanted, outcome), now=now)

    async def _keep_page(self, wanted: WantedPage, page: Page) -> None:
        now = self._clock.now()
        is_new = bool(page.text) and page.text != wanted.page_text
        published_at = None if wanted.dated else page.published_at
        async with self._database.transaction() as tx:
            is_old = published_at is not None and await self._is_old(tx, wanted, wanted.seen_at - published_at)
            await keep_page(
                tx,
                wanted,
                next_at=None if is_old else _next_reading(wanted, len(page.text), now),
                text=page.text if is_new else None,
                language=None if wanted.language else page.language,
                published_at=published_at,
                is_old=is_old,
                known_by=_addresses(wanted, page),
                withdrawn=False,
                now=now,
            )
        if is_new:
            self._news.set()

    async def _is_old(self, connection: AsyncConnection, wanted: WantedPage, age: timedelta) -> bool:
        """Whether an article of this age alerts nobody: not when it was published while we were away."""
        return age > self._max_age and not await feeds.caught_up(
            connection, wanted.feed_id, wanted.seen_at, at_least=age
        )


def _host(url: str) -> str:
    try:
        return host_of(url)
    except ValueError:  # no URL: the reader says so
        return ""


def _is_withdrawn(wanted: WantedPage, outcome: Outcome) -> bool | None:
    """Of a page that gave nothing: whether it is gone after it was read.

    One that never could be read may have had a wrong address; one that answers without its text may be behind a wall.
    """
    is_gone = isinstance(outcome, Skipped) and outcome.reason is Reason.GONE
    return True if is_gone and wanted.page_text else None


def _addresses(wanted: WantedPage, page: Page) -> list[Identity]:
    """By what the article is known from now on: a short link by where it led, any page by what it calls itself.

    A link that led to something else, as those of withdrawn articles lead to a section's page, says nothing.
    """
    led_on = page.found_at != wanted.canonical_url
    if led_on and fuzz.token_set_ratio(wanted.title.casefold(), (page.title or "").casefold()) < SAME_HEADLINE:
        return []
    return [url_identity(each) for each in sorted({each for each in (page.canonical_url, page.found_at) if each})]


def _next_reading(wanted: WantedPage, length: int, now: datetime) -> datetime | None:
    """After a reading that gave so many characters."""
    return next_reading([len(wanted.page_text)] * wanted.reads + [length], wanted.seen_at, now)
