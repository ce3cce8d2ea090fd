"""The page behind an entry, read when the feed gives little: due → read politely → keep → look again.

Never holds back an entry: the feed's text was looked at before, and what the page adds is looked at when it comes.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

import structlog
from rapidfuzz import fuzz

from bot.articles.page import Page
from bot.articles.reading import next_reading
from bot.clock import Clock
from bot.feeds.identity import Identity, url_identity
from bot.page_reader import Outcome, Reason, Skipped
from bot.storage.database import Database
from bot.storage.pages import WantedPage, keep_page, wanted_pages

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Pages under way; the reader itself asks no host for two at once."""

SAME_HEADLINE = 80.0
"""Of 100: a page's title has the site's name beside the headline, and may have been retouched."""


class Reader(Protocol):
    """`PageReader`, or a test's fake."""

    async def read(self, url: str) -> Outcome:
        """What may be used of the page, or why there is nothing."""
        ...


class Pages:
    """Reads the pages that are due."""

    def __init__(self, database: Database, reader: Reader, clock: Clock, *, news: asyncio.Event) -> None:
        """`news` is set when a page says something new."""
        self._database = database
        self._reader = reader
        self._clock = clock
        self._news = news
        self._under_way: dict[asyncio.Task[None], int] = {}

    async def read_due(self) -> int:
        """Start reading what is due, as far as there is room; returns how many. Waits for no page."""
        room = AT_ONCE - len(self._under_way)
        if room <= 0:
            return 0
        async with self._database.read() as connection:
            under_way = list(self._under_way.values())
            wanted = await wanted_pages(connection, self._clock.now(), room, without=under_way)
        for each in wanted:
            task = asyncio.create_task(self._read(each), name=f"page of article {each.article_id}")
            self._under_way[task] = each.article_id
            task.add_done_callback(lambda done: self._under_way.pop(done, None))
        return len(wanted)

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
        except Exception:  # a job's boundary: one page disturbs no other
            log.exception("a page could not be read", article=wanted.article_id)
            async with self._database.transaction() as tx:
                await keep_page(tx, wanted, next_at=None, now=self._clock.now())

    async def _keep(self, wanted: WantedPage, outcome: Outcome) -> None:
        now = self._clock.now()
        if isinstance(outcome, Skipped):
            log.debug("page not read", article=wanted.article_id, reason=outcome.reason)
            again = None if outcome.final else _next_reading(wanted, 0, now)
            async with self._database.transaction() as tx:
                await keep_page(tx, wanted, next_at=again, withdrawn=_is_withdrawn(wanted, outcome), now=now)
            return
        is_new = bool(outcome.text) and outcome.text != wanted.page_text
        async with self._database.transaction() as tx:
            await keep_page(
                tx,
                wanted,
                next_at=_next_reading(wanted, len(outcome.text), now),
                text=outcome.text if is_new else None,
                language=None if wanted.language else outcome.language,
                published_at=outcome.published_at,
                known_by=_addresses(wanted, outcome),
                withdrawn=False,
                now=now,
            )
        if is_new:
            self._news.set()


def _is_withdrawn(wanted: WantedPage, skipped: Skipped) -> bool | None:
    """A page that is gone after it was read; one that never could be may have had a wrong address."""
    return True if skipped.reason is Reason.GONE and wanted.page_text else None


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
