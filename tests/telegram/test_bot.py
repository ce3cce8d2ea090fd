from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler
from telegram.error import NetworkError

from bot.errors import UsageError
from bot.telegram.bot import build_bot, connect, outcome_of
from bot.telegram.limiter import TelegramLimiter
from tests.botapi import BOT_NAME, BotApi, User
from tests.telegram.conftest import settings_for
from tests.telegram.faketime import FastTime


async def test_a_webhook_left_on_the_token_does_not_make_the_bot_deaf(botapi: BotApi) -> None:
    botapi.webhook = "https://earlier.example/hook"
    botapi.says(User(7001), "/watch Jeanne Exemple")
    botapi.fail_next("getMe", 502)
    botapi.fail_next("deleteWebhook", 502)
    application = build_bot(settings_for(botapi), TelegramLimiter(FastTime()))
    assert await connect(application, first_wait_s=0.01) == BOT_NAME
    [update] = await application.bot.raw_updates(None, timeout_s=1, allowed=["message"])
    assert update["message"]["text"] == "/watch Jeanne Exemple"
    await application.shutdown()


async def test_a_refused_token_is_said_and_not_shown(botapi: BotApi) -> None:
    botapi.revoke_token()
    application = build_bot(settings_for(botapi), TelegramLimiter(FastTime()))
    with pytest.raises(UsageError, match="@BotFather") as refused:
        await connect(application, first_wait_s=0.01)
    assert "FAKE-TOKEN" not in str(refused.value)
    await application.shutdown()


async def test_the_way_to_telegram_may_lead_through_a_proxy(botapi: BotApi) -> None:
    asked: list[str] = []

    async def pass_on(request: web.Request) -> web.Response:
        asked.append(request.path)
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, request.url, data=await request.read(), headers=request.headers) as got,
        ):
            return web.Response(status=got.status, body=await got.read(), content_type="application/json")

    proxy = TestServer(web.Application(middlewares=[_everything(pass_on)]))
    await proxy.start_server()
    through = f"http://127.0.0.1:{proxy.port}"
    application = build_bot(settings_for(botapi), TelegramLimiter(FastTime()), proxy=through)
    assert await connect(application, first_wait_s=0.01) == BOT_NAME
    await application.shutdown()
    await proxy.close()
    assert [path.rpartition("/")[2] for path in asked] == ["getMe", "deleteWebhook"]


def _everything(proxying: Callable[[web.Request], Awaitable[web.Response]]) -> Any:
    """A proxy is asked for whole addresses, which no router takes."""

    @web.middleware
    async def instead(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await proxying(request) or await handler(request)

    return instead


async def test_every_request_is_counted_by_how_it_ended(botapi: BotApi) -> None:
    heard: list[str] = []
    botapi.fail_next("getMe", 502)
    application = build_bot(settings_for(botapi), TelegramLimiter(FastTime()), on_answer=heard.append)
    await connect(application, first_wait_s=0.01)
    assert heard == ["error", "ok", "ok"]  # getMe twice, deleteWebhook
    await application.bot.raw_updates(None, timeout_s=0, allowed=["message"])
    assert heard[3:] == ["ok"]
    botapi.drop_next_answer("getMe")
    with pytest.raises(NetworkError):
        await application.bot.get_me()
    assert heard[4:] == ["network"]
    await application.shutdown()


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "ok"), (400, "refused"), (403, "refused"), (429, "flood"), (502, "error")]
)
def test_what_a_status_means(status: int, outcome: str) -> None:
    assert outcome_of(status) == outcome
