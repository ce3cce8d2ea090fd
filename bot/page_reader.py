"""Reads one article page: asks the site, waits its turn, fetches behind the guard, extracts in the worker.

A redirect leads to a site that is asked and waited for like the first.
A page's fault is an answer (`Skipped`), never an error. Does not decide which pages are read or when, nor what becomes
of their text.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

import structlog

from bot.articles.page import Page, read_page
from bot.clock import Clock
from bot.errors import FetchError, ParseError
from bot.feeds.challenge import says_challenge
from bot.feeds.fetch import retry_after_s
from bot.net import (
    REDIRECTS,
    GuardedSession,
    Limits,
    Response,
    host_of,
    redact_url,
    redirect_target,
    split_credentials,
)
from bot.robots import Asks, Verdict, origin_of
from bot.worker import Worker

log = structlog.get_logger(__name__)

ACCEPT = "text/html, application/xhtml+xml;q=0.9"
HTML = frozenset({"text/html", "application/xhtml+xml"})
LIMITS = Limits(timeout_s=20.0, max_bytes=5_000_000)
"""Of each request; redirects are followed here."""
MOST_REDIRECTS = 5
AT_ONCE = 8
"""Pages that are fetched and extracted at one moment; one that waits for its host's pace does not count."""
EXTRACTION_S = 6.0
"""The largest real page takes a tenth of a second, a new worker half a second; the others wait behind a hostile one."""
PACE_S = 2.0
"""Between the starts of two requests for pages of one host."""
REFUSALS = frozenset({401, 403, 429, 451})
NO_SUCH_PAGE = frozenset({404, 410})
LEFT_ALONE_S = 3600.0
MAX_LEFT_ALONE_S = 24 * 3600.0
MOST_HOSTS = 2_000


class Reason(StrEnum):
    """Why a page gave nothing."""

    ROBOTS = "robots"
    RESERVED = "reserved"
    PAYWALLED = "paywalled"
    REFUSED = "refused"
    LEFT_ALONE = "left-alone"
    """The host refused another page a while ago."""
    NOT_HTML = "not-html"
    GONE = "gone"
    """The site says that there is no such page (404, 410)."""
    FAILED = "failed"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Skipped:
    reason: Reason
    words: str
    """For logs and people, without passwords: what happened, and where."""

    @property
    def final(self) -> bool:
        """Another reading of this page within the day would end the same."""
        return self.reason in {Reason.ROBOTS, Reason.RESERVED, Reason.PAYWALLED, Reason.NOT_HTML}


Outcome = Page | Skipped


@dataclass(slots=True)
class _Host:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_start: float = 0.0
    left_alone_until: float = 0.0

    def is_idle(self, now: float) -> bool:
        return not self.turn.locked() and self.next_start <= now and self.left_alone_until <= now


class PageReader:
    """One reading at a time to a host, at its pace; hosts do not wait for each other."""

    def __init__(
        self,
        session: GuardedSession,
        robots: Asks,
        worker: Worker,
        clock: Clock,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        limits: Limits = LIMITS,
        at_once: int = AT_ONCE,
    ) -> None:
        self._session = session
        self._robots = robots
        self._worker = worker
        self._clock = clock
        self._sleep = sleep
        self._limits = replace(limits, max_redirects=0)
        self._places = asyncio.Semaphore(at_once)
        self._hosts: dict[str, _Host] = {}

    async def read(self, url: str) -> Outcome:
        """What may be used of the page, or why there is nothing."""
        shown = redact_url(url)
        try:
            # What a link holds of `user:password@` would be sent in our name.
            outcome = await self._followed(split_credentials(url)[0])
        except FetchError as error:
            outcome = Skipped(Reason.DEADLINE if error.code == "timeout" else Reason.FAILED, str(error))
        except ParseError as error:
            reason = Reason.DEADLINE if error.code == "deadline" else Reason.FAILED
            outcome = Skipped(reason, f"{shown}: {error}")
        if isinstance(outcome, Skipped):
            log.debug("page skipped", url=shown, reason=outcome.reason.value, words=outcome.words)
        return outcome

    async def _followed(self, url: str) -> Outcome:
        target = url
        for _ in range(MOST_REDIRECTS + 1):
            step = await self._step(target)
            if not isinstance(step, str):
                return step
            target = step
        return Skipped(Reason.FAILED, f"{redact_url(url)} redirects more than {MOST_REDIRECTS} times")

    async def _step(self, url: str) -> Outcome | str:
        """The page, or the URL that it redirects to."""
        async with self._turn(url) as host:
            alone = host.left_alone_until - self._clock.monotonic()
            if alone > 0:
                return Skipped(Reason.LEFT_ALONE, f"{origin_of(url)} refused us; it is asked again in {alone:.0f} s")
            async with self._places:
                verdict = await self._robots.verdict(url)
            if refusal := _refusal(verdict, url):
                return refusal
            await self._pace(host, verdict)
            async with self._places:
                answer = await self._session.get(url, headers={"Accept": ACCEPT}, limits=self._limits)
                self._mark_refusal(host, answer)
                return _redirect(answer) or _skipped_answer(answer) or await self._extracted(answer)

    async def _pace(self, host: _Host, verdict: Verdict) -> None:
        wait = host.next_start - self._clock.monotonic()
        if wait > 0:
            await self._sleep(wait)
        host.next_start = self._clock.monotonic() + max(PACE_S, verdict.crawl_delay_s)

    def _mark_refusal(self, host: _Host, answer: Response) -> None:
        if _refuses(answer):
            asked = retry_after_s(answer.headers) or LEFT_ALONE_S
            host.left_alone_until = self._clock.monotonic() + min(asked, MAX_LEFT_ALONE_S)

    async def _extracted(self, answer: Response) -> Outcome:
        shown = redact_url(answer.url)
        page = await self._worker.run(
            partial(
                read_page,
                answer.body,
                content_type=answer.headers.get("Content-Type"),
                url=answer.url,
                now=self._clock.now(),
            ),
            deadline_s=EXTRACTION_S,
        )
        if page.reserved:
            return Skipped(Reason.RESERVED, f"{shown} reserves text mining (tdm-reservation)")
        if page.paywalled and not page.text:
            return Skipped(Reason.PAYWALLED, f"{shown} is for subscribers")
        return page

    @asynccontextmanager
    async def _turn(self, url: str) -> AsyncIterator[_Host]:
        name = host_of(url)
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= MOST_HOSTS:
                now = self._clock.monotonic()
                self._hosts = {name: host for name, host in self._hosts.items() if not host.is_idle(now)}
            host = self._hosts[name] = _Host()
        async with host.turn:
            yield host


def _refusal(verdict: Verdict, url: str) -> Skipped | None:
    shown = redact_url(url)
    if not verdict.allowed:
        why = "cannot be read now" if verdict.unreachable else "keeps programs like this one out"
        reason = Reason.FAILED if verdict.unreachable else Reason.ROBOTS
        return Skipped(reason, f"{shown}: the site's robots.txt {why}")
    if verdict.reserved:
        return Skipped(Reason.RESERVED, f"{shown} is reserved from text mining (tdmrep.json)")
    return None


def _refuses(answer: Response) -> bool:
    return answer.status in REFUSALS or says_challenge(answer.headers)


def _redirect(answer: Response) -> str | None:
    location = answer.headers.get("Location")
    return redirect_target(answer.url, location) if answer.status in REDIRECTS and location else None


def _skipped_answer(answer: Response) -> Skipped | None:
    shown = redact_url(answer.url)
    if _refuses(answer):
        return Skipped(Reason.REFUSED, f"{shown} refuses us ({answer.status})")
    if answer.status in NO_SUCH_PAGE:
        return Skipped(Reason.GONE, f"{shown} is not there ({answer.status})")
    if answer.status // 100 != 2:
        return Skipped(Reason.FAILED, f"{shown} answered {answer.status}")
    if answer.headers.get("tdm-reservation", "").strip() == "1":
        return Skipped(Reason.RESERVED, f"{shown} reserves text mining (tdm-reservation)")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind and kind not in HTML:
        return Skipped(Reason.NOT_HTML, f"{shown} is {kind}, no HTML page")
    return None
