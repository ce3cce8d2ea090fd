"""The stand-in, and the real bot connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config.settings import TelegramSettings
from bot.storage.database import Database, open_database
from bot.storage.schema import metadata
from bot.telegram.bot import BotApplication, build_bot
from bot.telegram.limiter import TelegramLimiter
from tests.botapi import TOKEN, BotApi
from tests.telegram.faketime import FastTime


@pytest.fixture
async def botapi() -> AsyncIterator[BotApi]:
    async with BotApi(monotonic=FastTime().monotonic) as running:
        yield running
        assert running.violations == []


def settings_for(botapi: BotApi) -> TelegramSettings:
    return TelegramSettings(token=SecretStr(TOKEN), base_url=botapi.base_url)


@pytest.fixture
async def application(botapi: BotApi) -> AsyncIterator[BotApplication]:
    built = build_bot(settings_for(botapi), TelegramLimiter(FastTime(), sleep=FastTime().sleep))
    await built.initialize()
    yield built
    await built.shutdown()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await open_database(f"sqlite:///{tmp_path / 'test.db'}")
    async with opened.transaction() as tx:
        await tx.run_sync(metadata.create_all)
    yield opened
    await opened.close()
