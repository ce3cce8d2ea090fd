from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select
from telegram import Update
from telegram.error import BadRequest, RetryAfter, TelegramError, TimedOut
from telegram.ext import ContextTypes, TypeHandler

from bot.clock import SystemClock
from bot.errors import UsageError
from bot.storage import schema
from bot.storage.database import Database
from bot.storage.updates import StoredUpdate, store_updates
from bot.telegram.bot import BotApplication
from bot.telegram.updates import ATTEMPTS, UpdateLoop, chat_of
from tests.botapi import BotApi, User

ADA, BO = User(7001, "Ada"), User(7002, "Bo")


class Heard:
    """A handler that notes what it hears; `do` may hold it up or break it."""

    def __init__(self, application: BotApplication) -> None:
        self.texts: list[str] = []
        self.do: Callable[[str], Awaitable[None]] | None = None
        application.add_handler(TypeHandler(Update, self._hear))

    async def _hear(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        text = (update.effective_message and update.effective_message.text) or ""
        if self.do is not None:
            await self.do(text)
        self.texts.append(text)


@asynccontextmanager
async def running(application: BotApplication, database: Database) -> AsyncIterator[asyncio.Task[None]]:
    loop = UpdateLoop(application, database, SystemClock(), long_poll_s=1, first_wait_s=0.01, conflict_wait_s=0.01)
    task = asyncio.create_task(loop.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def states(database: Database) -> dict[int, str]:
    async with database.read() as connection:
        rows = await connection.execute(select(schema.updates.c.update_id, schema.updates.c.state))
        return {row.update_id: row.state for row in rows}


async def test_updates_are_processed_in_order_and_confirmed(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    heard = Heard(application)
    async with running(application, database):
        for number in range(5):
            botapi.says(ADA, str(number))
        await botapi.until(lambda: len(heard.texts) == 5 and not botapi.waiting_updates)
    assert heard.texts == ["0", "1", "2", "3", "4"]
    assert set((await states(database)).values()) == {"done"}


async def test_one_slow_chat_does_not_hold_up_another(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    heard, gate = Heard(application), asyncio.Event()

    async def slow(text: str) -> None:
        if text == "slow":
            await gate.wait()

    heard.do = slow
    async with running(application, database):
        botapi.says(ADA, "slow")
        botapi.says(ADA, "after slow")
        botapi.says(BO, "quick")
        await botapi.until(lambda: heard.texts == ["quick"])
        gate.set()
        await botapi.until(lambda: heard.texts == ["quick", "slow", "after slow"])


async def test_what_a_crash_left_is_processed_first_and_what_was_done_is_not(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    """Killed after it was stored: Telegram gives the same update again, the database has it as new."""
    heard = Heard(application)
    update = botapi.says(ADA, "/watch Mohamed Amra")
    async with database.transaction() as tx:
        await store_updates(tx, [StoredUpdate(update["update_id"], json.dumps(update))], SystemClock().now())
    async with running(application, database):
        await botapi.until(lambda: heard.texts and not botapi.waiting_updates)
    botapi._updates.append(update)  # and once more, as after a lost confirmation
    async with running(application, database):
        await botapi.until(lambda: not botapi.waiting_updates)
    assert heard.texts == ["/watch Mohamed Amra"]


async def test_what_is_interrupted_stays_to_be_done(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    heard, begun = Heard(application), asyncio.Event()

    async def killed(_: str) -> None:
        begun.set()
        raise asyncio.CancelledError

    heard.do = killed
    async with running(application, database):
        botapi.says(ADA, "/watch Mohamed Amra")
        await asyncio.wait_for(begun.wait(), 5)
    assert list((await states(database)).values()) == ["new"]
    heard.do = None
    async with running(application, database):
        await botapi.until(lambda: heard.texts == ["/watch Mohamed Amra"])


async def test_an_update_that_breaks_us_is_put_aside(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    heard = Heard(application)

    async def broken(text: str) -> None:
        if text == "poison":
            raise ZeroDivisionError

    heard.do = broken
    async with running(application, database):
        poison = botapi.says(ADA, "poison")["update_id"]
        unreadable = botapi._push("message", {"nonsense": True})["update_id"]
        botapi.says(ADA, "fine")
        await botapi.until(lambda: heard.texts == ["fine"] and not botapi.waiting_updates)
    stored = await states(database)
    assert (stored.pop(poison), stored.pop(unreadable)) == ("failed", "failed")
    assert set(stored.values()) == {"done"}


async def test_an_update_that_telegram_stumbled_over_is_processed_again_in_its_turn(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    heard = Heard(application)
    hiccups: list[TelegramError] = [TimedOut(), RetryAfter(0)]
    seen: list[str] = []

    async def stumbling(text: str) -> None:
        seen.extend((await states(database)).values())
        if text == "first" and hiccups:
            raise hiccups.pop()

    heard.do = stumbling
    async with running(application, database):
        botapi.says(ADA, "first")
        await botapi.until(lambda: not hiccups)
        botapi.says(ADA, "second")
        await botapi.until(lambda: len(heard.texts) == 2 and not botapi.waiting_updates)
    assert heard.texts == ["first", "second"]
    assert seen[:3] == ["new", "new", "new"]
    assert set((await states(database)).values()) == {"done"}


@pytest.mark.parametrize(("error", "attempts"), [(TimedOut(), ATTEMPTS), (BadRequest("no"), 1)])
async def test_an_update_is_not_processed_again_for_ever(
    error: TelegramError, attempts: int, botapi: BotApi, application: BotApplication, database: Database
) -> None:
    heard, tried = Heard(application), []

    async def failing(text: str) -> None:
        if text == "hopeless":
            tried.append(text)
            raise error

    heard.do = failing
    async with running(application, database):
        hopeless = botapi.says(ADA, "hopeless")["update_id"]
        botapi.says(ADA, "fine")
        await botapi.until(lambda: heard.texts == ["fine"] and not botapi.waiting_updates)
    assert len(tried) == attempts
    assert (await states(database))[hopeless] == "failed"


async def test_network_faults_are_waited_out(botapi: BotApi, application: BotApplication, database: Database) -> None:
    heard = Heard(application)
    for _ in range(3):
        botapi.fail_next("getUpdates", 502)
    botapi.drop_next_answer("getUpdates")
    async with running(application, database):
        botapi.says(ADA, "hello")
        await botapi.until(lambda: heard.texts == ["hello"])


async def test_another_instance_is_said_once_and_polling_goes_on(
    botapi: BotApi, application: BotApplication, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = Heard(application)
    async with running(application, database):
        for _ in range(3):
            await botapi.until(lambda: botapi.polling)
            await botapi.do_getUpdates({"timeout": 0})
        await botapi.until(lambda: botapi.polling)
        botapi.says(ADA, "hello")
        await botapi.until(lambda: heard.texts == ["hello"])
    assert 1 <= capsys.readouterr().out.count("another instance polls") <= 3


async def test_a_refused_token_ends_the_loop_with_a_word_to_whoever_can_act(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    botapi.revoke_token()
    async with running(application, database) as task:
        with pytest.raises(UsageError, match="@BotFather"):
            await asyncio.wait_for(task, 5)


async def test_what_we_follow_is_named_to_telegram(
    botapi: BotApi, application: BotApplication, database: Database
) -> None:
    async with running(application, database):
        await botapi.until(lambda: botapi.allowed)
    assert botapi.allowed == {"message", "channel_post", "callback_query", "my_chat_member"}


@pytest.mark.parametrize(
    ("update", "chat_id"),
    [
        ({"update_id": 1, "message": {"chat": {"id": -5}, "from": {"id": 7}}}, -5),
        ({"update_id": 1, "callback_query": {"from": {"id": 7}, "message": {"chat": {"id": -5}}}}, -5),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": 7}}}, 7),
        ({"update_id": 1, "callback_query": {"from": {"id": 7}}}, 7),
        ({"update_id": 1}, 0),
    ],
)
def test_the_chat_of_an_update(update: dict[str, Any], chat_id: int) -> None:
    assert chat_of(update) == chat_id
