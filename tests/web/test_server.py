"""What the server answers: health in three states, metrics, pages; read only, behind its doors."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from bot.config import Settings
from bot.errors import UsageError
from bot.health.judge import State, Trouble
from bot.pulse import Pulse
from bot.storage.database import Database
from bot.web.server import WebServer
from tests.faketime import StandingClock
from tests.web.scene import HOSTILE, PRIVATE, StandingHealth, dashboard

PAGES = ("/", "/alerts", "/stories", "/mentions", "/near", "/watchlists", "/feeds", "/coverage")


class Visitor:
    def __init__(self, server: WebServer, health: StandingHealth, session: aiohttp.ClientSession) -> None:
        self.server, self.health, self._session = server, health, session

    async def ask(
        self, path: str, *, method: str = "GET", password: str | None = None, **headers: str
    ) -> tuple[int, str, Mapping[str, str]]:
        url = f"http://127.0.0.1:{self.server.port}{path}"
        if password:
            headers["Authorization"] = "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()
        async with self._session.request(method, url, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers


@pytest.fixture
async def opened() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def visit(
    opened: AsyncExitStack,
    database: Database,
    folder: Path,
    *,
    password: str | None = None,
    furnished: bool = False,
    language: str = "en",
) -> Visitor:
    scene = dashboard(database, folder, password=password, furnished=furnished, language=language)
    server, health = await opened.enter_async_context(scene)
    return Visitor(server, health, await opened.enter_async_context(aiohttp.ClientSession()))


async def test_health_in_three_states(opened: AsyncExitStack, sqlite: Database, tmp_path: Path) -> None:
    here = await visit(opened, sqlite, tmp_path)
    assert (await here.ask("/healthz"))[:2] == (200, '{"state": "ok", "troubles": []}\n')
    here.health.be(State.DEGRADED, Trouble("network", State.DEGRADED))
    status, said, _ = await here.ask("/healthz")
    assert (status, json.loads(said)["state"]) == (200, "degraded")
    here.health.be(State.FAILING, Trouble("polling-stuck", State.FAILING, {"seconds": "900"}))
    status, said, _ = await here.ask("/healthz")
    assert status == 503
    assert json.loads(said)["troubles"] == [
        {"code": "polling-stuck", "weight": "failing", "text": "feeds are due, and none was polled for 900 s"}
    ]


async def test_ready(opened: AsyncExitStack, sqlite: Database, tmp_path: Path) -> None:
    here = await visit(opened, sqlite, tmp_path)
    assert (await here.ask("/readyz"))[:2] == (200, '{"ready": true}\n')
    here.health.ready = False
    assert (await here.ask("/readyz"))[0] == 503


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_whole_with_nothing_and_with_everything(
    opened: AsyncExitStack, database: Database, tmp_path: Path, path: str
) -> None:
    empty = await visit(opened, database, tmp_path)
    status, said, headers = await empty.ask(path)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert said.rstrip().endswith("</html>")
    full = await visit(opened, database, tmp_path, furnished=True, language="ar")
    status, said, _ = await full.ask(path)
    assert status == 200
    assert '<html lang="ar" dir="rtl">' in said


async def test_what_feeds_say_is_escaped_and_what_chats_watch_is_not_shown(
    opened: AsyncExitStack, sqlite: Database, tmp_path: Path
) -> None:
    here = await visit(opened, sqlite, tmp_path, furnished=True)
    pages = {path: (await here.ask(path))[1] for path in PAGES}
    assert all(HOSTILE not in said and "<script" not in said for said in pages.values())
    assert "&lt;script&gt;" in pages["/alerts"]
    names = [path for path, said in pages.items() if f"<bdi>{PRIVATE}</bdi>" in said]
    assert names == []
    assert "Found for a name that a chat watches by itself." in pages["/alerts"]


async def test_the_pages_say_what_is_there(opened: AsyncExitStack, sqlite: Database, tmp_path: Path) -> None:
    here = await visit(opened, sqlite, tmp_path, furnished=True)
    _, alerts, _ = await here.ask("/alerts")
    assert "<bdi>Aurelie Vantadour</bdi>" in alerts
    assert "<bdi>full name</bdi>" in alerts
    _, stories, _ = await here.ask("/stories")
    assert "Outlets: 2" in stories
    _, mentions, _ = await here.ask("/mentions?days=14")
    assert '<svg class="chart" role="img" aria-label="Karim Lazregui: articles per day"' in mentions
    _, near, _ = await here.ask("/near")
    assert "<bdi>Claire Martin</bdi>" in near
    assert "<bdi>Vantadours</bdi>" in near
    _, lists, _ = await here.ask("/watchlists")
    assert "quais.yaml:4:5" in lists
    _, feeds, _ = await here.ask("/feeds")
    assert feeds.index("Écho du Delta") < feeds.index("La Gazette des Brumes") < feeds.index("Le Courrier des Quais")
    _, covered, _ = await here.ask("/coverage")
    assert "our own network was out" in covered
    assert '140 <span class="failed">−140</span>' in covered


async def test_a_day_that_is_not_offered_is_not_taken(opened: AsyncExitStack, sqlite: Database, tmp_path: Path) -> None:
    here = await visit(opened, sqlite, tmp_path, furnished=True)
    assert (await here.ask("/mentions?days=30"))[1] == (await here.ask("/mentions?days=99999999999"))[1]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_can_be_changed(opened: AsyncExitStack, sqlite: Database, tmp_path: Path, method: str) -> None:
    here = await visit(opened, sqlite, tmp_path)
    for path in ("/", "/healthz", "/nowhere"):
        assert (await here.ask(path, method=method))[0] == 405
    assert (await here.ask("/", method="HEAD"))[:2] == (200, "")


async def test_every_answer_is_kept_from_other_sites(opened: AsyncExitStack, sqlite: Database, tmp_path: Path) -> None:
    here = await visit(opened, sqlite, tmp_path)
    for path in ("/", "/healthz", "/metrics", "/style.css", "/nowhere"):
        headers = (await here.ask(path))[2]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
    assert (await here.ask("/nowhere"))[0] == 404


async def test_a_strange_name_is_not_answered(opened: AsyncExitStack, sqlite: Database, tmp_path: Path) -> None:
    here = await visit(opened, sqlite, tmp_path)
    assert (await here.ask("/", Host="evil.example"))[0] == 421
    assert (await here.ask("/metrics", Host="evil.example:8080"))[0] == 421
    assert (await here.ask("/", Host=f"localhost:{here.server.port}"))[0] == 200


async def test_a_password_is_asked_for_but_by_those_who_only_ask_whether_we_live(
    opened: AsyncExitStack, sqlite: Database, tmp_path: Path
) -> None:
    here = await visit(opened, sqlite, tmp_path, password="s3same-open")
    for path in ("/", "/metrics", "/status.json", "/style.css"):
        status, said, headers = await here.ask(path)
        assert status == 401
        assert headers["WWW-Authenticate"].startswith("Basic ")
        assert "Guetteur</a>" not in said
        assert (await here.ask(path, password="wrong"))[0] == 401
        assert (await here.ask(path, password="s3same-open"))[0] == 200
    here.health.be(State.FAILING, Trouble("network", State.FAILING))
    assert (await here.ask("/healthz"))[:2] == (503, '{"state": "failing"}\n')
    assert "troubles" in (await here.ask("/healthz", password="s3same-open"))[1]


async def test_a_database_that_does_not_answer_is_said_so(
    opened: AsyncExitStack, sqlite: Database, tmp_path: Path
) -> None:
    here = await visit(opened, sqlite, tmp_path)
    async with sqlite.transaction() as tx:
        await tx.exec_driver_sql("DROP TABLE deliveries")
    status, said, _ = await here.ask("/alerts")
    assert status == 503
    assert "The database does not answer at this moment." in said
    assert "deliveries" not in said


async def test_an_address_that_is_taken_names_its_key(opened: AsyncExitStack, sqlite: Database, tmp_path: Path) -> None:
    here = await visit(opened, sqlite, tmp_path)
    settings = Settings.model_validate({"web": {"listen": f"127.0.0.1:{here.server.port}"}})
    second = WebServer(settings.web, here.health, Pulse(StandingClock()), here.server._pages, version="1")
    with pytest.raises(UsageError, match=r"web\.listen: 127\.0\.0\.1:\d+ cannot be listened on \(.*in use.*null"):
        await second.start()
    await second.stop()
