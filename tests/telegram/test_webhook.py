"""Telegram calls us: nobody else gets in, nothing is confirmed before it is stored, nothing is registered twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from pydantic import SecretStr
from telegram import Update
from telegram.ext import ContextTypes, TypeHandler

from bot.clock import SystemClock
from bot.storage.database import Database
from bot.telegram.bot import BotApplication
from bot.telegram.updates import ALLOWED, UpdateLoop
from bot.telegram.webhook import MAX_BODY, SECRET_HEADER, listening, register_webhook
from tests.botapi import BotApi, User

ADA = User(7001, "Ada")
SECRET = "fake_secret-for-tests"


@dataclass
class Hook:
    """`telegram.webhook` of the settings."""

    url: str = "http://127.0.0.1:1/hook"
    listen: str = "127.0.0.1:0"
    secret: SecretStr = field(default_factory=lambda: SecretStr(SECRET))


@asynccontextmanager
async def served(application: BotApplication, database: Database) -> AsyncIterator[str]:
    """The update loop behind a webhook; its address."""
    loop = UpdateLoop(application, database, SystemClock())
    task = asyncio.create_task(loop.serve())
    async with listening(Hook(), loop.take) as port:
        yield f"http://127.0.0.1:{port}/hook"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def listen_to(application: BotApplication) -> list[str]:
    heard: list[str] = []

    async def hear(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        heard.append((update.effective_message and update.effective_message.text) or "")

    application.add_handler(TypeHandler(Update, hear))
    return heard


async def test_updates_arrive_by_calls_and_each_is_handled_once(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    heard = listen_to(application)
    async with served(application, database) as url:
        await register_webhook(application.bot, Hook(url), database, ALLOWED)
        again = botapi.says(ADA, "un")
        botapi.says(ADA, "deux")
        await botapi.until(lambda: len(heard) == 2 and not botapi.waiting_updates)
        botapi._updates.append(again)  # as when our 200 was lost
        botapi.says(ADA, "trois")
        await botapi.until(lambda: len(heard) == 3 and not botapi.waiting_updates)
    assert heard == ["un", "deux", "trois"]


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: "é"}, {SECRET_HEADER: ""}])
async def test_without_the_secret_nobody_gets_in(
    headers: dict[str, str], botapi: BotApi, application: BotApplication, database: Database
) -> None:
    heard = listen_to(application)
    async with served(application, database) as url, aiohttp.ClientSession() as session:
        update = botapi.says(ADA, "un")
        async with session.post(url, json=update, headers=headers) as answer:
            assert answer.status == 403
    assert heard == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b'{"update_id": "x"}', 400), (b" " * (MAX_BODY + 1), 413)]
)
async def test_what_is_no_update_is_refused(
    body: bytes, status: int, application: BotApplication, database: Database
) -> None:
    async with served(application, database) as url, aiohttp.ClientSession() as session:
        async with session.post(url, data=body, headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == status
        async with session.get(url) as answer:
            assert answer.status == 405


async def test_an_update_that_could_not_be_stored_is_not_confirmed(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    async with served(application, database) as url, aiohttp.ClientSession() as session:
        async with database.transaction() as tx:
            await tx.exec_driver_sql("DROP TABLE updates")
        async with session.post(url, json=botapi.says(ADA, "un"), headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == 503


async def test_it_is_registered_only_where_something_changed(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    bot = application.bot
    for settings, calls in [
        (Hook(), 1),
        (Hook(), 1),
        (Hook(secret=SecretStr("another")), 2),
        (Hook(url="http://127.0.0.1:2/"), 3),
    ]:
        await register_webhook(bot, settings, database, ALLOWED)
        assert len(botapi.called("setWebhook")) == calls
    assert botapi.webhook_settings["secret_token"] == SECRET
    assert botapi.webhook_settings["allowed_updates"] == list(ALLOWED)
    botapi.webhook = "http://127.0.0.1:3/somebody-elses"
    await register_webhook(bot, Hook(url="http://127.0.0.1:2/"), database, ALLOWED)
    assert botapi.webhook == "http://127.0.0.1:2/"
    async with database.read() as connection:
        stored = (await connection.exec_driver_sql("SELECT value FROM marks")).scalars().all()
    assert SECRET not in "".join(stored)
