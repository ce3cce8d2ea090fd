"""The bot at work behind the stand-in, with words for talking to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from bot.clock import SystemClock
from bot.health.judge import State, Verdict
from bot.health.report import Report
from bot.model import Entity, Scope, Target, WatchedName, Watchlist, list_scope
from bot.storage.chats import chat_of
from bot.storage.database import Database
from bot.storage.subscriptions import scopes_followed
from bot.storage.updates import waiting_updates
from bot.storage.vitals import count_all
from bot.telegram.bot import BotApplication, GuetteurBot
from bot.telegram.desk import Desk
from bot.telegram.handlers import catch_up
from bot.telegram.updates import UpdateLoop
from tests.botapi import BotApi, Chat, Sent, User

ADMIN, ADA, EVE = User(1, "Chef"), User(7001, "Ada"), User(6660, "Eve")
NOW = SystemClock().now


class FakeMatching:
    """Remembers what it was asked to look for."""

    def __init__(self) -> None:
        self.watched: set[tuple[Scope, str]] = set()

    async def add(self, name: WatchedName) -> None:
        self.watched.add((name.scope, name.id))

    async def remove(self, scope: Scope, name_id: str) -> None:
        self.watched.discard((scope, name_id))


@dataclass
class FakeHealth:
    """A daemon that is as well as it is told to be."""

    database: Database
    verdict: Verdict = field(default_factory=lambda: Verdict(State.OK))
    since: datetime | None = None

    async def report(self) -> Report:
        async with self.database.read() as connection:
            counts = await count_all(connection)
        return Report("daemon", "", "1", self.verdict, self.since, ready=True, counts=counts)


@dataclass
class Newsroom:
    """The bot at work, with three watchlists; Ada is a member and user 1 an administrator."""

    botapi: BotApi
    database: Database
    desk: Desk
    matching: FakeMatching
    application: BotApplication
    health: FakeHealth
    _loop: asyncio.Task[None] | None = None

    @property
    def bot(self) -> GuetteurBot:
        return self.application.bot

    async def start(self) -> None:
        """Listen to people."""
        loop = UpdateLoop(
            self.application, self.database, SystemClock(), long_poll_s=1, first_wait_s=0.01,
            catch_up=partial(catch_up, self.desk, self.bot),
        )  # fmt: skip
        self._loop = asyncio.create_task(loop.run())

    async def stop(self) -> None:
        """Hear nobody until `start`."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def ask(
        self,
        user: User,
        words: str,
        chat: Chat | None = None,
        *,
        topic: int = 0,
        reply_to: Sent | None = None,
        anonymous: bool = False,
    ) -> Sent:
        """Write something and wait for the answer."""
        where = chat.id if chat else user.id
        before = len(self.botapi.sent_to(where))
        self.botapi.says(user, words, chat, topic=topic, reply_to=reply_to, anonymous=anonymous)
        await self.botapi.until(lambda: len(self.botapi.sent_to(where)) > before)
        return self.botapi.sent_to(where)[-1]

    async def press(self, user: User, message: Sent, label: str) -> str | None:
        """Press a button and wait until all that follows is done; what popped up, if anything."""
        return await self.press_data(user, message, message.button(label))

    async def press_data(self, user: User, message: Sent, data: str) -> str | None:
        press = self.botapi.presses(user, message, data)
        await self.botapi.until(lambda: press in self.botapi.answered)
        await self.settle()
        return self.botapi.answered[press].get("text")

    async def settle(self) -> None:
        """Wait until everything that was written and pressed is done with."""
        await self.botapi.until(lambda: not self.botapi.waiting_updates)
        async with asyncio.timeout(5):
            while await self._undone():
                await self.botapi.anything()

    async def _undone(self) -> bool:
        async with self.database.read() as connection:
            return bool(await waiting_updates(connection))

    async def followed(self, target: Target) -> list[Scope]:
        async with self.database.read() as connection:
            return await scopes_followed(connection, target)

    async def state(self, chat_id: int) -> str | None:
        async with self.database.read() as connection:
            chat = await chat_of(connection, chat_id)
        return chat.state if chat else None


def a_list(list_id: str, title: str, *people: str, visible_to: str | tuple[int, ...] = "everyone") -> Watchlist:
    scope = list_scope(list_id)
    return Watchlist(
        list_id, title, tuple(WatchedName(scope, who, Entity(who)) for who in people), visible_to=visible_to
    )


LISTS = [
    a_list("justice", "Justice France–Maroc", "Mohamed Amra", "Félix Bingui"),
    a_list("secret", "Dossier interne", "Jeanne Exemple", visible_to="admins"),
    a_list("desk", "Rédaction seule", "Paul Exemple", visible_to=(-100,)),
]
