"""The web server at `web.listen`: doors, routes and answers. What a page shows is gathered in `pages.py`."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, Protocol

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.config.settings import WebSettings
from bot.config.values import split_listen
from bot.errors import UsageError
from bot.health.report import Report, trouble_data
from bot.logs import keep_secret
from bot.pulse import Pulse
from bot.web.doors import ALWAYS_OPEN, SECURITY_HEADERS, knows_password, may_be_asked_as

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
READ = frozenset({"GET", "HEAD"})
STOP_WITHIN_S = 1.0
HTML = "text/html"


class Health(Protocol):
    """Of `bot.health.watch.HealthWatch`."""

    @property
    def verdict(self) -> Any: ...
    @property
    def ready(self) -> bool: ...
    async def report(self) -> Report: ...


class Pages(Protocol):
    """Of `bot.web.pages.Dashboard`."""

    @property
    def paths(self) -> tuple[str, ...]: ...
    async def page(self, path: str, asked: dict[str, str]) -> str: ...
    def fault(self, status: int) -> str: ...


class WebServer:
    """Listens from `start` to `stop`."""

    def __init__(self, settings: WebSettings, health: Health, pulse: Pulse, pages: Pages, *, version: str) -> None:
        """The settings must say where to listen."""
        self._listen = settings.listen or ""
        self._host, self._port = split_listen(self._listen)
        self._password = settings.password.get_secret_value() if settings.password else ""
        keep_secret(self._password)
        self._health = health
        self._pulse = pulse
        self._pages = pages
        self._version = version
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            UsageError: the address is taken, or not ours.
        """
        app = web.Application(middlewares=[self._at_the_door])
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/status.json", self._status)
        app.router.add_get("/style.css", self._style)
        for path in self._pages.paths:
            app.router.add_get(path, self._page)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=STOP_WITHIN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            why = os.strerror(error.errno).lower() if error.errno else "no such address"
            raise UsageError(
                f"web.listen: {self._listen} cannot be listened on ({why}); name another address and port in the "
                "settings, or switch it off with null"
            ) from error
        self._runner = runner
        log.info("dashboard", address=f"http://{self._host}:{self.port}/")

    @property
    def port(self) -> int:
        """The real one, where the settings say 0."""
        return int(self._runner.addresses[0][1]) if self._runner else self._port

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- The door ----------------------------------------------------------------------------------------------------

    @web.middleware
    async def _at_the_door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = self._turned_away(request) or await self._answered(request, handler)
        answer.headers.update(SECURITY_HEADERS)
        answer.headers["Server"] = "Guetteur"  # and not which library in which version
        if request.path != "/style.css":
            answer.headers["Cache-Control"] = "no-store"
        return answer

    def _turned_away(self, request: web.Request) -> web.Response | None:
        if not may_be_asked_as(request.headers.get("Host"), self._host, has_password=bool(self._password)):
            return web.Response(status=421, text="This address does not answer to that name.\n")
        if request.method not in READ:
            return web.Response(status=405, text="Nothing can be changed here.\n", headers={"Allow": "GET, HEAD"})
        if request.path in ALWAYS_OPEN or self._is_let_in(request):
            return None
        challenge = {"WWW-Authenticate": 'Basic realm="Guetteur", charset="UTF-8"'}
        return web.Response(status=401, text="web.password is asked for.\n", headers=challenge)

    def _is_let_in(self, request: web.Request) -> bool:
        return not self._password or knows_password(request.headers.get("Authorization"), self._password)

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            return self._fault(error.status)
        except (SQLAlchemyError, OSError):
            log.warning("a page could not be made: the database does not answer", path=request.path)
            return self._fault(503)
        except Exception:  # a request's boundary: one page that breaks must not show how
            log.exception("a page could not be made", path=request.path)
            return self._fault(500)

    def _fault(self, status: int) -> web.Response:
        return web.Response(status=status, text=self._pages.fault(status), content_type=HTML)

    # --- For machines ------------------------------------------------------------------------------------------------

    async def _healthz(self, request: web.Request) -> web.Response:
        verdict = self._health.verdict
        said: dict[str, Any] = {"state": verdict.state.value}
        if self._is_let_in(request):
            said["troubles"] = [trouble_data(each) for each in verdict.troubles]
        return _json(said, status=503 if verdict.state.value == "failing" else 200)

    async def _readyz(self, _request: web.Request) -> web.Response:
        ready = self._health.ready
        return _json({"ready": ready}, status=200 if ready else 503)

    async def _status(self, _request: web.Request) -> web.Response:
        return _json((await self._health.report()).data())

    async def _metrics(self, _request: web.Request) -> web.Response:
        from bot.web.metrics import CONTENT_TYPE_LATEST, Scrape, exposition

        report = await self._health.report()
        scrape = Scrape(self._version, self._pulse, report.counts, report.verdict, bool(report.ready))
        return web.Response(
            body=await asyncio.to_thread(exposition, scrape), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    # --- For people --------------------------------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        text = await self._pages.page(request.path, dict(request.query))
        return web.Response(text=text, content_type=HTML)

    async def _style(self, _request: web.Request) -> web.Response:
        style = files("bot.web").joinpath("style.css").read_text(encoding="utf-8")
        return web.Response(text=style, content_type="text/css", headers={"Cache-Control": "max-age=300"})


def _json(said: dict[str, Any], *, status: int = 200) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(said, ensure_ascii=False) + "\n", content_type="application/json"
    )
