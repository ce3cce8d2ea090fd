"""A dashboard with something to show: an invented newsroom of three languages, and the server in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, update

from bot.articles.changes import New
from bot.config import Settings
from bot.feeds.identity import identities
from bot.health.judge import State, Trouble, Verdict
from bot.health.report import Report
from bot.matching import MatchingThread
from bot.model import Article, Entity, Feed, Kind, Target, WatchedName, Watchlist, chat_scope, list_scope
from bot.pipeline import Editor
from bot.pulse import Pulse
from bot.storage import feeds, names
from bot.storage.articles import save_changes
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database
from bot.storage.schema import feeds as feeds_table
from bot.storage.schema import gaps
from bot.storage.subscriptions import subscribe
from bot.storage.vitals import count_all
from bot.web.pages import Dashboard
from bot.web.server import WebServer
from tests.desk import OPEN
from tests.faketime import StandingClock
from tests.figures import count_polls

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
QUAIS, ARGENT = list_scope("quais"), list_scope("argent")
FEEDS = (
    Feed("quais", "https://quais.example/rss", "Le Courrier des Quais", "fr"),
    Feed("almina", "https://almina.example/rss", "صحيفة الميناء اليوم", "ar"),
    Feed("ledger", "https://ledger.example/rss", "The Strand Ledger", "en"),
    Feed("detroit", "https://detroit.example/rss", "Dépêches du Détroit", "fr"),
    Feed("delta", "https://delta.example/rss", "Écho du Delta", "fr"),
    Feed("brumes", "https://brumes.example/rss", "La Gazette des Brumes", "fr"),
)
HOSTILE = '<script>alert("x")</script> & <b>Aurélie Vantadour</b>'
PRIVATE = "Solveig Marchetti"
"""A name that a chat watches by itself."""


def lists() -> list[Watchlist]:
    def watched(scope: str, *shown: str, **more: object) -> tuple[WatchedName, ...]:
        return tuple(WatchedName(list_scope(scope), each, Entity(each), **more) for each in shown)  # type: ignore[arg-type]

    port = watched("quais", "Aurélie Vantadour", "Tomás Berenguel", "Karim Lazregui", "نادية بنكيران", "Claire Martin")
    halcyon = WatchedName(ARGENT, "Consortium Halcyon", Entity("Consortium Halcyon", kind=Kind.ORGANISATION))
    return [
        Watchlist("quais", "Port de Port-Salins", port, description="Ce qui se dit du port et de ses gens"),
        Watchlist(
            "argent",
            "Argent & sociétés",
            (*watched("argent", "Odile Kerbrazec"), halcyon),
            tags=frozenset({"economie"}),
        ),
    ]


ARTICLES: Sequence[tuple[str, float, str, str]] = (
    ("quais", 0.3, "Aurélie Vantadour quitte la direction du port de Sainte-Ombre", "Aurélie Vantadour a remis sa démission lundi, selon Karim Lazregui."),
    ("ledger", 0.5, "Port director Aurelie Vantadour resigns at Sainte-Ombre", "Aurélie Vantadour has left the port of Sainte-Ombre, her office said on Monday."),
    ("almina", 1.1, "نادية بنكيران تستقيل من إدارة الميناء", "أعلنت نادية بنكيران استقالتها من إدارة ميناء الميناء صباح اليوم."),
    ("detroit", 4.0, "Extradition : l’audience de Karim Lazregui reportée", "L’audience de Karim Lazregui est reportée au printemps."),
    ("quais", 6.0, HOSTILE, "Aurélie Vantadour est citée dans un titre hostile."),
    ("delta", 8.0, "Le port attend son bilan", "Mme Berenguel n’a pas répondu, et Tomas n’était pas là. Vantadour se tait."),
    ("delta", 9.0, "Marée haute", "Odile attend. Kerbrazec est un village."),
    ("brumes", 2.0, "Une élue absente", "Mme Martin n’a pas siégé jeudi."),
    ("ledger", 3.0, "Nothing new at the harbour", "Claire was there. A Mr Pierre spoke; Vantadours were seen, and Karim Lazreg too."),
    ("ledger", 30.0, "Halcyon consortium buys two tugs", "The Consortium Halcyon bought two tugs."),
    ("quais", 55.0, "Tomás Berenguel devant la commission", "Tomás Berenguel a été entendu trois heures."),
    ("brumes", 12.0, "Solveig Marchetti expose à Sainte-Ombre", "Solveig Marchetti montre ses toiles."),
)  # fmt: skip


class StandingHealth:
    """Health as a test wants it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.verdict = Verdict(State.OK)
        self.ready = True
        self.instance = "0123456789abcdef"

    async def report(self) -> Report:
        async with self.database.read() as connection:
            counts = await count_all(connection)
        return Report("daemon", self.instance, "1.2.3", self.verdict, NOW - timedelta(hours=3), self.ready, counts)

    def be(self, state: State, *troubles: Trouble) -> None:
        self.verdict = Verdict(state, troubles)


async def furnish(database: Database, matching: MatchingThread, clock: StandingClock) -> None:
    """Feeds, lists, readers, two weeks of articles, an outage and a broken feed."""
    anna = Target(1)
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, lists(), NOW)
        await names.add_name(tx, WatchedName(chat_scope(anna), PRIVATE, Entity(PRIVATE)), NOW, 1)
        await feeds.sync_feeds(tx, FEEDS, {each.id: NOW + timedelta(minutes=4) for each in FEEDS})
        await save_chat(tx, Chat(1, "private", "Anna"), NOW)
        for scope in (QUAIS, ARGENT, chat_scope(anna)):
            await subscribe(tx, anna, scope, NOW, 1)
        good = {
            "last_good_at": NOW - timedelta(minutes=3),
            "baseline_at": NOW - timedelta(days=30),
            "usual_gap_s": 1500.0,
        }
        await tx.execute(update(feeds_table).values(good | {"newest_at": NOW - timedelta(hours=1)}))
        broken = {"state": "failing", "failures": 9, "failing_since": NOW - timedelta(hours=7)}
        broken |= {"last_error": "no answer from https://delta.example/rss (connection refused)"}
        await tx.execute(update(feeds_table).where(feeds_table.c.id == "delta").values(broken))
        await tx.execute(
            update(feeds_table)
            .where(feeds_table.c.id == "brumes")
            .values(noticed="quiet", newest_at=NOW - timedelta(days=12))
        )
        gap = {
            "begin_at": NOW - timedelta(hours=30),
            "end_at": NOW - timedelta(hours=28),
            "why": "network",
            "lost": False,
        }
        for each in FEEDS[:4]:
            await tx.execute(insert(gaps).values(gap | {"feed_id": each.id}))
        for day in range(7):
            for number, each in enumerate(FEEDS):
                failed = 140 if each.id == "delta" and day < 2 else 4 * (day == 1)
                await count_polls(
                    tx, each.id, NOW - timedelta(days=day), made=140, failed=failed, new_articles=9 + number * day
                )
    async with database.read() as connection:
        await matching.replace(await names.all_names(connection))
    await publish(database, clock)
    await Editor(database, matching, clock, OPEN).edit_new()


async def publish(database: Database, clock: StandingClock) -> None:
    told = list(ARTICLES)
    told += [("quais", 24.0 * day + 5 + hour, f"Karim Lazregui, jour {day}, {hour}", f"Karim Lazregui et le dossier {day}-{hour}.")
             for day in range(2, 14) for hour in range((day * 7) % 5)]  # fmt: skip
    for number, (feed_id, hours, title, body) in enumerate(told):
        at = NOW - timedelta(hours=hours)
        url = f"https://{feed_id}.example/{number}"
        article = Article(feed_id, f"g{number}", url, url, title, body, None, at, dated=True, seen_at=at)
        async with database.transaction() as tx:
            await save_changes(tx, feed_id, [New(article, True, tuple(identities(article)))], at)
    del clock


@asynccontextmanager
async def dashboard(
    database: Database, folder: Path, *, language: str = "fr", password: str | None = None, furnished: bool = True
) -> AsyncIterator[tuple[WebServer, StandingHealth]]:
    """The server on a port of its own."""
    (folder / "watchlists").mkdir(exist_ok=True)
    (folder / "watchlists" / "quais.yaml").write_text(
        "names:\n  - Aurélie Vantadour\n  - name: Karim\n    contxt: [a]\n", encoding="utf-8"
    )
    settings = Settings.model_validate(
        {
            "web": {"listen": "127.0.0.1:0", "password": password},
            "alerts": {"language": language},
            "watchlists": str(folder / "watchlists"),
        }
    )
    clock, matching = StandingClock(NOW), MatchingThread()
    health = StandingHealth(database)
    if furnished:
        await furnish(database, matching, clock)
    pages = Dashboard(database, clock, matching, health, settings)
    server = WebServer(settings.web, health, Pulse(clock), pages, version="1.2.3")
    await server.start()
    try:
        yield server, health
    finally:
        await server.stop()
        matching.close()
