"""Ten healthy feeds among the misfits of the farm, read by the real program: one run, and a test for each feed of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from pathlib import Path
from statistics import median

import pytest

from tests.e2e.daemon import Daemon
from tests.e2e.weight import mib_of_tree
from tests.farm import NETWORK, Answer, Farm, Visit, farm
from tests.farm_feeds import MISFITS, OLD, REVENANT, Misfit, document, make_ready
from tests.newsstand import Item

RUN_S = 16.0
TOLD_WITHIN_S = 6.0
INTERVAL_S = 2.0
TICK_S = 0.5
"""A feed is polled at the first look for due ones after its interval."""
PACE = 0.8
MOST_MIB = 300
PEOPLE = (
    "Aurélie Vantadour",
    "Tomás Berenguel",
    "Karim Lazregui",
    "Ingrid Sölvestad",
    "Basile Corvandier",
    "Noémie Tarquebois",
    "Yannick Plouvergat",
    "Dagmar Wistenholt",
    "Séverin Malagutti",
    "Fatou Ndiambour",
)
SETTINGS = f"""\
storage: {{url: "sqlite:///var/guetteur.db"}}
polling:
  interval: {INTERVAL_S:g}s
  min_interval: 1s
  max_interval: 60s
  timeout: 3s
  concurrency: 20
  allow_networks: [{NETWORK}]
feeds: [feeds.yaml]
watchlists: watchlists
"""


class Healthy:
    """A well-kept feed, which from its second visit on lists a new item that names somebody who is watched."""

    def __init__(self, name: str, person: str) -> None:
        self.name = name
        self._quiet = Item(f"Marée haute à {name}", "Rien à signaler.", guid="quiet", link="/quiet.html")
        self._news = Item(
            f"{person} élu à la tête du comité du port",
            f"Le vote a eu lieu mardi à {name} : {person} succède au commandant de la capitainerie.",
            guid="news",
            link="/news.html",
            published=datetime.now(UTC) + timedelta(seconds=5),
        )

    def answer(self, visit: Visit) -> Answer:
        items = (self._news, self._quiet) if visit.number >= 2 else (self._quiet,)
        etag = f'"{len(items)}"'
        if visit.headers.get("if-none-match") == etag:
            return Answer(status=304, headers={"ETag": etag})
        return Answer(document(visit, *items), headers={"ETag": etag})


HEALTHY = tuple(Healthy(f"healthy-{number}", person) for number, person in enumerate(PEOPLE))


@dataclass(frozen=True)
class Row:
    """What the database keeps of a feed."""

    state: str
    failures: int
    error: str
    articles: int
    alerts: int


@dataclass(frozen=True)
class Outcome:
    farm: Farm
    rows: dict[str, Row]
    ended_s: float
    """When the program was told to stop, on the clock of the visits."""
    exit_code: int
    peak_mib: float
    """Of all its processes together."""
    log: list[str]
    told: list[str]
    """Titles of the articles that were alerted."""
    articles: dict[str, list[tuple[str, str | None, str]]]
    """By feed: title, link and text."""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    make_ready()
    return asyncio.run(_run(tmp_path_factory.mktemp("farm")))


async def _run(folder: Path) -> Outcome:
    async with farm([*HEALTHY, *MISFITS]) as opened:
        daemon = Daemon(folder, "http://127.0.0.1/bot", [])
        (folder / "guetteur.yaml").write_text(SETTINGS, "utf-8")
        (folder / "feeds.yaml").write_text("".join(_listed(opened)), "utf-8")
        names = "".join(f"  - {name}\n" for name in (*PEOPLE, REVENANT))
        (folder / "watchlists" / "quais.yaml").write_text(f"title: Les quais\nnames:\n{names}", "utf-8")
        await daemon.start("--console")
        try:
            async with _weighing(daemon) as peaks:
                await asyncio.sleep(RUN_S)
                await _until_told(daemon)
            ended_s = asyncio.get_running_loop().time()
            code = await daemon.stop()
        finally:
            await daemon.end()
        told = [row[0] for row in daemon.ask(ALERTED)]
        stored: dict[str, list[tuple[str, str | None, str]]] = defaultdict(list)
        for name, *article in daemon.ask("SELECT feed_id, title, url, text FROM articles"):
            stored[name].append((article[0], article[1], article[2]))
        return Outcome(opened, _rows(daemon), ended_s, code, max(peaks), daemon.lines, told, stored)


async def _until_told(daemon: Daemon) -> None:
    """Until everything new was told, and not for ever."""
    with suppress(TimeoutError):
        async with asyncio.timeout(TOLD_WITHIN_S):
            while len(daemon.ask(ALERTED)) < len(HEALTHY):  # noqa: ASYNC110 - another process's database
                await asyncio.sleep(0.05)


ALERTED = (
    "SELECT articles.title FROM deliveries JOIN alerts ON alerts.id = deliveries.alert_id "
    "JOIN articles ON articles.id = alerts.article_id"
)
KEPT = (
    "SELECT id, state, failures, coalesce(last_error, ''), "
    "(SELECT count(*) FROM articles WHERE feed_id = feeds.id), "
    "(SELECT count(*) FROM alerts JOIN articles ON articles.id = article_id WHERE feed_id = feeds.id) FROM feeds"
)


def _rows(daemon: Daemon) -> dict[str, Row]:
    return {name: Row(*values) for name, *values in daemon.ask(KEPT)}


def _listed(opened: Farm) -> Iterator[str]:
    """Each feed as a line of feeds.yaml."""
    for healthy in HEALTHY:
        yield f"- {{url: '{opened.url(healthy.name)}', id: {healthy.name}, interval: {INTERVAL_S:g}s}}\n"
    for misfit in MISFITS:
        url = misfit.at(opened.trap) if misfit.at else opened.url(misfit.name)
        interval = f", interval: {misfit.interval}" if misfit.interval else ""
        yield f"- {{url: '{url}', id: {misfit.name}{interval}}}\n"


@asynccontextmanager
async def _weighing(daemon: Daemon) -> AsyncIterator[list[float]]:
    """Looks twenty times a second at what all processes of the program hold together, in MiB."""
    weights = [0.0]
    ended = asyncio.Event()

    async def weigh() -> None:
        while not ended.is_set():
            weights.append(mib_of_tree(daemon.pid))
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        group.create_task(weigh())
        yield weights
        ended.set()


# --- All in all --------------------------------------------------------------------------------------------------


def test_no_trap_is_reached(outcome: Outcome) -> None:
    assert outcome.farm.trapped == []


def test_nothing_fails_unexpectedly_and_it_ends_when_told(outcome: Outcome) -> None:
    running = takewhile(lambda line: "] stopping" not in line, outcome.log)
    assert [line for line in running if "[error" in line or "Traceback" in line] == []
    assert outcome.exit_code == 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system keeps no /proc")
def test_memory_stays_small(outcome: Outcome) -> None:
    assert 50 < outcome.peak_mib <= MOST_MIB


def test_nothing_old_is_told(outcome: Outcome) -> None:
    assert [title for title in outcome.told if REVENANT in title] == []


# --- The healthy -------------------------------------------------------------------------------------------------

healthy = pytest.mark.parametrize("feed", HEALTHY, ids=lambda feed: feed.name)


def test_healthy_feeds_keep_their_pace_together(outcome: Outcome) -> None:
    visits = [outcome.farm.visits[feed.name] for feed in HEALTHY]
    expected = sum((outcome.ended_s - each[0].at_s) / (INTERVAL_S + TICK_S) for each in visits)
    assert sum(map(len, visits)) >= PACE * expected


@healthy
def test_a_healthy_feed_keeps_its_pace(outcome: Outcome, feed: Healthy) -> None:
    times = [visit.at_s for visit in outcome.farm.visits[feed.name]]
    assert median(later - earlier for earlier, later in pairwise(times)) <= (INTERVAL_S + TICK_S) / PACE
    assert outcome.rows[feed.name].state == "ok"


@healthy
def test_a_healthy_feeds_news_is_told_once(outcome: Outcome, feed: Healthy) -> None:
    person = PEOPLE[HEALTHY.index(feed)]
    assert len([title for title in outcome.told if person in title]) == 1


# --- The misfits -------------------------------------------------------------------------------------------------

misfits = pytest.mark.parametrize("feed", MISFITS, ids=lambda feed: feed.name)


@misfits
def test_what_is_kept_of_a_misfit(outcome: Outcome, feed: Misfit) -> None:
    row = outcome.rows[feed.name]
    assert row.state in ({feed.state} if isinstance(feed.state, str) else feed.state), row
    assert (row.failures > 0) == (row.state != "ok")
    assert feed.error in row.error
    assert row.articles in ({feed.articles} if isinstance(feed.articles, int) else feed.articles)
    assert row.alerts == 0


@pytest.mark.parametrize(
    "name", ["wrong-charset", "utf-16", "byte-order-mark", "leading-blanks", "json-feed", "no-guids", "redirect-308"]
)
def test_a_misfit_is_read_as_it_was_meant(outcome: Outcome, name: str) -> None:
    assert {title for title, _, _ in outcome.articles[name]} == {each.title for each in OLD}


def test_relative_links_are_resolved(outcome: Outcome) -> None:
    origin = outcome.farm.origins["relative-links"]
    assert {url for _, url, _ in outcome.articles["relative-links"]} == {f"{origin}{each.link}" for each in OLD}


def test_no_file_is_read_and_no_entity_swells(outcome: Outcome) -> None:
    for name in ("external-entity", "billion-laughs"):
        for title, _, text in outcome.articles[name]:
            assert "root:" not in title + text
            assert len(text) < 1_000_000


@misfits
def test_how_often_a_misfit_is_asked(outcome: Outcome, feed: Misfit) -> None:
    visits = outcome.farm.visits[feed.name]
    assert len(visits) in feed.polls
    if outcome.rows[feed.name].state == "failing":  # each time later: 2, 4, 8 seconds
        assert len(visits) <= 5


@misfits
def test_what_a_misfit_is_asked(outcome: Outcome, feed: Misfit) -> None:
    visits, answers = outcome.farm.visits[feed.name], outcome.farm.answers[feed.name]
    for visit in [*visits, *outcome.farm.elsewhere[feed.name]]:
        assert not {"cookie", "referer"} & set(visit.headers)
        assert visit.headers["user-agent"].startswith("Guetteur/")
    for visit in visits:
        assert visit.path == f"/{feed.name}.xml"
        assert "rss" in visit.headers["accept"]
    for header, validator in (("if-none-match", "ETag"), ("if-modified-since", "Last-Modified")):
        sent = [visit.headers.get(header) for visit in visits[1:]]
        given = [answer.headers.get(validator) if feed.stores else None for answer in answers]
        assert sent == given[: len(sent)]
