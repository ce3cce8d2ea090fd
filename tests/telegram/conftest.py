"""The stand-in, and the real bot connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access
from bot.clock import SystemClock
from bot.config.settings import TelegramSettings
from bot.model import Entity, Target, WatchedName, chat_scope, list_scope
from bot.storage import names, schema
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database, insert, open_database
from bot.storage.people import Role, new_invitation, redeem
from bot.storage.schema import metadata
from bot.storage.subscriptions import subscribe
from bot.telegram.bot import BotApplication, build_bot
from bot.telegram.desk import Desk
from bot.telegram.handlers import COMMANDS, register
from bot.telegram.limiter import TelegramLimiter
from bot.telegram.menu import Menu, offers_of
from tests.botapi import BOT_NAME, TOKEN, BotApi, Sent
from tests.telegram.faketime import FastTime
from tests.telegram.newsroom import ADA, ADMIN, LISTS, NOW, FakeHealth, FakeMatching, Newsroom


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
    desk.health = health = FakeHealth(database)
    opened = Newsroom(botapi, database, desk, matching, application, health)
    await opened.start()
    yield opened
    await opened.stop()


TOLD_AT = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


async def _row(tx: AsyncConnection, table: Any, **values: Any) -> None:
    await tx.execute(insert(tx, table).values(values))


@pytest.fixture
async def told(newsroom: Newsroom) -> Sent:
    """An alert that Ada got, about a name of a list that she follows; user 1 watches for another name in it."""
    newsroom.botapi.says(ADA, "hello")
    await newsroom.botapi.until(lambda: newsroom.botapi.sent_to(ADA.id))
    alert = newsroom.botapi.sent_to(ADA.id)[-1]
    justice, private = list_scope("justice"), chat_scope(Target(ADMIN.id))
    async with newsroom.database.transaction() as tx:
        for user in (ADA, ADMIN):
            await save_chat(tx, Chat(user.id, "private", user.first_name), TOLD_AT)
        await subscribe(tx, Target(ADA.id), justice, TOLD_AT, ADA.id)
        await subscribe(tx, Target(ADMIN.id), private, TOLD_AT, ADMIN.id)
        await names.add_name(tx, WatchedName(private, "Jeanne Exemple", Entity("Jeanne Exemple")), TOLD_AT, ADMIN.id)
        await _row(
            tx, schema.feeds, id="a", url_digest="0", title="Média A", tags=[], active=True, state="ok",
            next_poll_at=TOLD_AT,
        )  # fmt: skip
        await _row(
            tx, schema.articles, id=1, feed_id="a", title="Titre", text="", published_at=TOLD_AT, dated=True, seen_at=TOLD_AT,
            digest="0" * 32, state="done",
        )  # fmt: skip
        await _row(tx, schema.stories, id=1, title="Titre", first_at=TOLD_AT, last_at=TOLD_AT)
        await _row(tx, schema.alerts, id=1, story_id=1, sequence=1, article_id=1, created_at=TOLD_AT)
        for scope, name in ((justice, "Mohamed Amra"), (private, "Jeanne Exemple")):
            await _row(
                tx, schema.matches, article_id=1, scope=scope, name_id=name, alias=name, text=name, field="title",
                start=0, end=5, score=100, tier="certain", reasons=[["full-name", {}]],
            )  # fmt: skip
        await _row(tx, schema.messages, id=1, chat_id=ADA.id, topic_id=0, message_id=alert.message_id, sent_at=TOLD_AT)
        await _row(
            tx, schema.deliveries, id=5, alert_id=1, chat_id=ADA.id, topic_id=0, state="sent", tier="certain",
            priority="normal", names=[[justice, "Mohamed Amra"]], due_at=TOLD_AT, created_at=TOLD_AT, sent_at=TOLD_AT,
            message_row=1,
        )  # fmt: skip
    return alert
