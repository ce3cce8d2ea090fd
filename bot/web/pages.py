"""What each page of the dashboard shows: gathered from the tables, told in the settings' language, rendered by Jinja.

Everything that came from a feed or a file is escaped by the templates. Changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.config import Settings
from bot.errors import Problem
from bot.health.report import Report
from bot.logs import redacted
from bot.matching.near import NearMiss
from bot.model import StoredArticle
from bot.storage import coverage, dashboard
from bot.storage.database import Database
from bot.storage.stories import told_stories
from bot.storage.vitals import standing
from bot.watchlists import read_folder
from bot.web.tables import covered, feed_rows, gap_rows, mention_pages, near_rows

if TYPE_CHECKING:
    from jinja2 import Environment

ALERTS, ALERTS_ON_OVERVIEW, STORIES, TO_CHECK = 100, 5, 60, 100
STORIES_SINCE = timedelta(days=3)
CHECK_SINCE = timedelta(days=7)
NEAR_SINCE = timedelta(days=2)
NEAR_ARTICLES = 150
NEAR_KEPT_S = 300.0
"""Reading articles once more takes the matcher's time: nobody gets more by asking often."""
OVERVIEW_DAYS = 14
DAYS = (7, 14, 30, 90)
COVERED_DAYS = (7, 14, 30)


class Matching(Protocol):
    """Of the matcher's thread."""

    async def near(self, documents: Sequence[tuple[str, str, str | None]]) -> list[list[NearMiss]]: ...


class Health(Protocol):
    async def report(self) -> Report: ...


class Dashboard:
    """Its pages by path."""

    def __init__(
        self, database: Database, clock: Clock, matching: Matching, health: Health, settings: Settings
    ) -> None:
        self._database = database
        self._clock = clock
        self._matching = matching
        self._health = health
        self._settings = settings
        self._pages: Mapping[str, tuple[str, Callable[[Mapping[str, str]], Awaitable[dict[str, Any]]]]] = {
            "/": ("overview", self._overview),
            "/alerts": ("alerts", self._alerts),
            "/stories": ("stories", self._stories),
            "/mentions": ("mentions", self._mentions),
            "/near": ("near", self._near),
            "/watchlists": ("watchlists", self._watchlists),
            "/feeds": ("feeds", self._feeds),
            "/coverage": ("coverage", self._coverage),
        }
        self._checked: tuple[object, list[Problem]] | None = None
        self._nearly: tuple[float, list[tuple[StoredArticle, list[NearMiss]]]] | None = None

    def reconfigure(self, settings: Settings) -> None:
        """Speak and date by these settings from now on."""
        self._settings = settings
        self.__dict__.pop("_templates", None)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self._pages)

    async def page(self, path: str, asked: Mapping[str, str]) -> str:
        """The HTML of a page; `asked` is its query."""
        name, gather = self._pages[path]
        shown = await gather(asked)
        report = await self._health.report()
        shown |= {"page": name, "path": path, "health": report.verdict, "since": report.since, "report": report.counts}
        return await asyncio.to_thread(self._render, f"{name}.html", shown)  # of thousands of feeds, a long page

    def fault(self, status: int) -> str:
        """The page that says that there is none; of an unknown status the words of an error."""
        key = f"fault.{status}" if status in {404, 503} else "fault.500"
        return self._render("fault.html", {"page": "", "path": "", "fault": key, "health": None})

    def _render(self, template: str, shown: Mapping[str, Any]) -> str:
        pages = [(path, f"page.{name}") for path, (name, _) in self._pages.items()]
        return self._templates.get_template(template).render(**shown, pages=pages, now=self._clock.now())

    @cached_property
    def _templates(self) -> Environment:
        from bot.web.templating import templates

        return templates(self._settings.alerts.language, self._settings.alerts.timezone, self._clock)

    # --- The pages ---------------------------------------------------------------------------------------------------

    async def _overview(self, _asked: Mapping[str, str]) -> dict[str, Any]:
        now = self._clock.now()
        async with self._database.read() as connection:
            mentioned = await dashboard.mentions_since(connection, self._begin(OVERVIEW_DAYS))
            return {
                "alerts": await dashboard.latest_alerts(connection, ALERTS_ON_OVERVIEW),
                "alerts_today": await dashboard.alerts_since(connection, now - timedelta(days=1)),
                "stories_now": await dashboard.stories_since(connection, now - STORIES_SINCE),
                "days": OVERVIEW_DAYS,
                "every": mention_pages(mentioned, (), self._days(OVERVIEW_DAYS), self._zone).every,
            }

    async def _alerts(self, _asked: Mapping[str, str]) -> dict[str, Any]:
        async with self._database.read() as connection:
            return {"alerts": await dashboard.latest_alerts(connection, ALERTS)}

    async def _stories(self, _asked: Mapping[str, str]) -> dict[str, Any]:
        async with self._database.read() as connection:
            told = await told_stories(connection, self._clock.now() - STORIES_SINCE, limit=STORIES + 1)
        return {"stories": told[:STORIES], "more": len(told) > STORIES}

    async def _mentions(self, asked: Mapping[str, str]) -> dict[str, Any]:
        days = _chosen(asked, DAYS, 30)
        async with self._database.read() as connection:
            mentioned = await dashboard.mentions_since(connection, self._begin(days))
            names = await dashboard.listed_names(connection)
            lists = {each.id: each.title for each in await dashboard.shown_lists(connection)}
        shown = await asyncio.to_thread(mention_pages, mentioned, names, self._days(days), self._zone)
        return {"days": days, "choices": DAYS, "mentions": shown, "lists": lists}

    async def _near(self, _asked: Mapping[str, str]) -> dict[str, Any]:
        now = self._clock.now()
        async with self._database.read() as connection:
            possible = await dashboard.possible_matches(connection, now - CHECK_SINCE, TO_CHECK)
            names = {(each.scope, each.name_id): each.shown for each in await dashboard.listed_names(connection)}
            titles = await coverage.all_titles(connection)
        nearly = await self._nearly_found()
        return {"possible": possible, "misses": near_rows(nearly, names, titles), "looked_at": len(nearly)}

    async def _nearly_found(self) -> list[tuple[StoredArticle, list[NearMiss]]]:
        if self._nearly is not None and self._clock.monotonic() - self._nearly[0] < NEAR_KEPT_S:
            return self._nearly[1]
        async with self._database.read() as connection:
            since = self._clock.now() - NEAR_SINCE
            found = await dashboard.unmatched_articles(connection, since, NEAR_ARTICLES)
        asked = [(each.article.title, each.article.text, each.article.language) for each in found]
        nearly = list(zip(found, await self._matching.near(asked), strict=True))
        self._nearly = self._clock.monotonic(), nearly
        return nearly

    async def _watchlists(self, _asked: Mapping[str, str]) -> dict[str, Any]:
        async with self._database.read() as connection:
            lists = await dashboard.shown_lists(connection)
            names: dict[str, list[dashboard.ListedName]] = {}
            for each in await dashboard.listed_names(connection):
                names.setdefault(each.scope.removeprefix("list:"), []).append(each)
        return {"lists": lists, "names": names, "problems": await self._problems()}

    async def _problems(self) -> list[dict[str, Any]]:
        """What is wrong in the files of the watchlists as they are now; read again only once one changed."""
        folder = self._settings.watchlists
        stamp = await asyncio.to_thread(_stamp, folder)
        if self._checked is None or self._checked[0] != stamp:
            _, problems = await asyncio.to_thread(read_folder, folder)
            self._checked = stamp, problems
        return [
            {
                "where": f"{each.path.name}:{each.line}:{each.column}",
                "wrong": redacted(each.wrong),
                "mend": each.mend,
                "warning": each.warning,
            }
            for each in self._checked[1]
        ]

    async def _feeds(self, _asked: Mapping[str, str]) -> dict[str, Any]:
        async with self._database.read() as connection:
            standings = await coverage.feed_standings(connection, self._clock.now())
        return {"feeds": feed_rows([each for each in standings.values() if each.active], _standing)}

    async def _coverage(self, asked: Mapping[str, str]) -> dict[str, Any]:
        days, now = _chosen(asked, COVERED_DAYS, 7), self._clock.now()
        first = now.date() - timedelta(days=days - 1)
        since = datetime.combine(first, time(), UTC)
        async with self._database.read() as connection:
            titles = await coverage.all_titles(connection)
            polls = await coverage.polls_since(connection, first)
            gaps = await coverage.gaps_since(connection, since, now)
        every = [first + timedelta(days=number) for number in range(days)]
        return {
            "days": days,
            "choices": COVERED_DAYS,
            "dates": every,
            "rows": covered(polls, every, titles),
            "gaps": gap_rows(gaps, titles, now),
        }

    # --- Days of the reader ------------------------------------------------------------------------------------------

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._settings.alerts.timezone)

    def _days(self, number: int) -> list[date]:
        today = self._clock.now().astimezone(self._zone).date()
        return [today - timedelta(days=ago) for ago in range(number - 1, -1, -1)]

    def _begin(self, number: int) -> datetime:
        return datetime.combine(self._days(number)[0], time(), self._zone)


def _chosen(asked: Mapping[str, str], choices: Sequence[int], usual: int) -> int:
    """`?days=`, if it is one of those that are offered."""
    wanted = asked.get("days", "")
    return int(wanted) if wanted in {str(each) for each in choices} else usual


def _standing(each: coverage.FeedStanding) -> str:
    return standing(each.state, each.noticed, polled=each.last_good_at is not None)


def _stamp(folder: Path) -> object:
    """Another one whenever a file of the folder changed."""
    return sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_file())
