"""Telegram for a long run: chats that follow lists, what each of them was told of what was published, and outages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.model import Scope, Target
from bot.storage.chats import Chat, save_chat
from bot.storage.database import open_database
from bot.storage.subscriptions import subscribe
from bot.storage.upkeep import prepare
from tests.botapi import BotApi
from tests.e2e.gazette import News

MARK = re.compile(r"dossier (\d{5})")


class Readers(BotApi):
    """The stand-in, which keeps what was told when it was first shown, and can go away."""

    def __init__(self) -> None:
        super().__init__()
        self.life = 0
        """Which life of the program this is: counted up by whoever kills it."""
        self.arrivals: dict[tuple[int, int], list[int]] = defaultdict(list)
        """By (number of the news, chat): the lives in which a message told it."""

    async def do_sendMessage(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  Telegram's name
        shown = await super().do_sendMessage(given)
        for number in set(MARK.findall(self.sent[-1].text)):
            self.arrivals[int(number), self.sent[-1].chat_id].append(self.life)
        return shown

    def lines_to(self, chat_id: int) -> list[str]:
        """Of the notices that a chat got, one each."""
        texts = (message.text for message in self.sent_to(chat_id))
        return [line.strip() for text in texts for line in text.split("•")[1:]]

    async def leave(self) -> None:
        """Nothing listens any more, and who waits for an answer is cut off."""
        for site in list(self._runner.sites):
            await site.stop()
        assert self._runner.server is not None
        for connection in list(self._runner.server.connections):
            connection.force_close()
        self._polls += 1  # the long poll that was cut off is not to meet the next one
        self._notify()

    async def come_back(self) -> None:
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()


class Ledger:
    """What is owed to whom."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self.owed: dict[int, tuple[News, frozenset[int]]] = {}

    def owe(self, news: News, chats: Iterable[int]) -> None:
        self.owed[news.number] = (news, frozenset(chats))

    @property
    def missing(self) -> list[tuple[int, int]]:
        """(news, chat) that was not told yet."""
        arrivals = self._readers.arrivals
        return [
            (number, chat)
            for number, (_, chats) in self.owed.items()
            for chat in chats
            if (number, chat) not in arrivals
        ]

    @property
    def repeats(self) -> list[tuple[int, int, int]]:
        """(life, news, chat): what was told in this life of the program, and once more later."""
        return [
            (life, number, chat) for (number, chat), lives in self._readers.arrivals.items() for life in lives[:-1]
        ]  # fmt: skip

    @property
    def astray(self) -> list[tuple[int, int]]:
        """What was told to somebody who does not follow it."""
        return [(number, chat) for number, chat in self._readers.arrivals if chat not in self.owed[number][1]]


async def subscribed(url: str, readers: Readers, follows: Mapping[int, Iterable[Scope]]) -> None:
    """A database in which these chats follow these lists, as if they had asked for them."""
    await prepare(url)
    database, now = await open_database(url), datetime.now(UTC)
    async with database.transaction() as tx:
        for chat_id, scopes in follows.items():
            readers.chat(chat_id, "private", title=f"Lecteur {chat_id}")
            await save_chat(tx, Chat(chat_id, "private", f"Lecteur {chat_id}"), now)
            for scope in scopes:
                await subscribe(tx, Target(chat_id), scope, now, chat_id)
    await database.close()
