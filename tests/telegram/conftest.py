"""The stand-in, and the real bot connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.config.settings import TelegramSettings
from bot.storage import names
from bot.storage.database import Database, open_database
from bot.storage.people import Role, new_invitation, redeem
from bot.storage.schema import metadata
from bot.telegram.access import Access
from bot.telegram.bot import BotApplication, build_bot
from bot.telegram.desk import Desk
from bot.telegram.handlers import COMMANDS, register
from bot.telegram.limiter import TelegramLimiter
from bot.telegram.menu import Menu, offers_of
from tests.botapi import BOT_NAME, TOKEN, BotApi
from tests.telegram.faketime import FastTime
from tests.telegram.newsroom import ADA, ADMIN, LISTS, NOW, FakeMatching, Newsroom


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


@pytest.fixture
def access() -> Access:
    return Access("invite", admins=frozenset({ADMIN.id}))


WINDOW = timedelta(hours=72)


async def drawn(picture: Callable[[], bytes], /, *, deadline_s: float) -> bytes:
    """A picture, without the worker that draws the real ones."""
    assert deadline_s > 0
    assert callable(picture)
    return b"\x89PNG drawn"


@pytest.fixture
async def newsroom(
    botapi: BotApi, application: BotApplication, database: Database, access: Access, tmp_path: Path
) -> AsyncIterator[Newsroom]:
    matching = FakeMatching()
    desk = Desk(
        database, SystemClock(), matching, access, "fr", ZoneInfo("Europe/Paris"), BOT_NAME, WINDOW, drawn, tmp_path
    )
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, LISTS, NOW())
        await redeem(tx, await new_invitation(tx, NOW(), ADMIN.id), Role.MEMBER, ADA.id, "Ada", NOW())
    register(application, desk, Menu(application.bot, database, list(offers_of(COMMANDS)), language="fr"))
    opened = Newsroom(botapi, database, desk, matching, application)
    await opened.start()
    yield opened
    await opened.stop()
