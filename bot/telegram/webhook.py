"""Telegram calls us: a small server behind a reverse proxy that stores each update before it says that it has it.

Knows nothing of what an update means; who calls without the secret is told nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.database import Database
from bot.storage.marks import mark, mark_of
from bot.telegram.bot import GuetteurBot

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name
MAX_BODY = 1_000_000
"""An update is some kilobytes."""
MAX_CONNECTIONS = 40
"""Telegram's own default, said so that it stays."""
Take = Callable[[list[dict[str, Any]]], Awaitable[None]]


class WebhookSettings(Protocol):
    """What is read of `bot.config.WebhookSettings`."""

    @property
    def url(self) -> str: ...
    @property
    def listen(self) -> str: ...
    @property
    def secret(self) -> SecretStr: ...


async def register_webhook(
    bot: GuetteurBot, settings: WebhookSettings, database: Database, allowed: tuple[str, ...]
) -> None:
    """Tell Telegram where to call, unless it does so already.

    Raises:
        TelegramError
    """
    secret = settings.secret.get_secret_value()
    key, digest = f"webhook:{bot.id}", hashlib.blake2b(secret.encode(), digest_size=16).hexdigest()
    info = await bot.get_webhook_info()
    async with database.read() as connection:
        known = await mark_of(connection, key)
    as_it_is = (info.url, set(info.allowed_updates or ()), info.max_connections, known)
    if as_it_is == (settings.url, set(allowed), MAX_CONNECTIONS, digest):
        return
    await bot.set_webhook(settings.url, secret_token=secret, allowed_updates=allowed, max_connections=MAX_CONNECTIONS)
    async with database.transaction() as tx:
        await mark(tx, key, digest)
    log.info("webhook registered", host=urlsplit(settings.url).hostname)


@asynccontextmanager
async def listening(settings: WebhookSettings, take: Take) -> AsyncIterator[int]:
    """Serve Telegram's calls until the body ends; the port."""
    host, _, port = settings.listen.rpartition(":")
    app = web.Application(client_max_size=MAX_BODY)
    door = _Door(settings.secret.get_secret_value(), take)
    app.router.add_post(urlsplit(settings.url).path or "/", door.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class _Door:
    """Lets Telegram in and nobody else."""

    def __init__(self, secret: str, take: Take) -> None:
        self._secret = secret.encode()
        self._take = take

    async def receive(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode(errors="replace")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
            int(update["update_id"])
        except (ValueError, TypeError, KeyError):
            return web.Response(status=400)
        try:
            await self._take([update])
        except SQLAlchemyError:
            log.exception("an update could not be stored; Telegram will call again")
            return web.Response(status=503)
        return web.Response()
