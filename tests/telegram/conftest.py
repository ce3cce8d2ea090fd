"""The stand-in, and the real bot connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.config.settings import TelegramSettings
from bot.telegram.bot import BotApplication, build_bot
from bot.telegram.limiter import TelegramLimiter
from tests.botapi import TOKEN, BotApi


@pytest.fixture
async def botapi() -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        yield running
        assert running.violations == []


def settings_for(botapi: BotApi) -> TelegramSettings:
    return TelegramSettings(token=SecretStr(TOKEN), base_url=botapi.base_url)


@pytest.fixture
async def application(botapi: BotApi) -> AsyncIterator[BotApplication]:
    built = build_bot(settings_for(botapi), TelegramLimiter(SystemClock()))
    await built.initialize()
    yield built
    await built.shutdown()
