"""Telegram for a long run: chats that follow lists, what each of them was told of what was published, and outages."""

from __future__ import annotations

import re
import socket
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.config import load
from bot.model import Scope, Target
from bot.storage.chats import Chat, save_chat
from bot.storage.database import open_database
from bot.storage.names import sync_watchlists
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
        self.arrivals: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        """By (number of the news, chat): the life in which a message told it, and the message."""

    async def do_sendMessage(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  Telegram's name
        shown = await super().do_sendMessage(given)
        sent = self.sent[-1]
        for number in set(MARK.findall(sent.text)):
            self.arrivals[int(number), sent.chat_id].append((self.life, sent.message_id))
        return shown

    def lines_to(self, chat_id: int) -> list[str]:
        """Of the notices that a chat got, one each."""
        texts = (message.text for message in self.sent_to(chat_id))
        return [line.strip() for text in texts for line in text.split("•")[1:]]

    async def leave(self) -> None:
        """Nothing listens any more, and who waits for an answer is cut off."""
        for site in list(self._runner.sites):
            await site.stop()
        self._place = socket.socket()  # kept, or another program's server would be taken for Telegram
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._place.bind(("127.0.0.1", self.port))
        assert self._runner.server is not None
        for connection in list(self._runner.server.connections):
            connection.force_close()
        self._polls += 1  # the long poll that was cut off is not to meet the next one
        self._notify()

    async def come_back(self) -> None:
        await web.SockSite(self._runner, self._place).start()


class Ledger:
    """What is owed to whom."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self.owed: dict[int, tuple[News, frozenset[int]]] = {}
        self.listings: Counter[int] = Counter()
        """How many feeds listed each news."""

    def owe(self, news: News, chats: Iterable[int], *, listings: int) -> None:
        self.owed[news.number] = (news, frozenset(chats))
        self.listings[news.number] = listings

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
    def repeats(self) -> set[tuple[int, int, int]]:
        """(life, chat, message) for each message that tells again what was told in that life of the program."""
        return {
            (life, chat, again)
            for (_, chat), messages in self._readers.arrivals.items()
            for (life, _), (_, again) in pairwise(messages)
        }

    @property
    def astray(self) -> list[tuple[int, int]]:
        """What was told to somebody who does not follow it."""
        return [(number, chat) for number, chat in self._readers.arrivals if chat not in self.owed[number][1]]


async def subscribed(config: Path, readers: Readers, follows: Mapping[int, Iterable[Scope]]) -> None:
    """A database in which these chats follow these lists, as if they had asked for them."""
    loaded = load(config, {}, need_token=False)
    await prepare(loaded.settings.storage.url)
    database, now = await open_database(loaded.settings.storage.url), datetime.now(UTC)
    async with database.transaction() as tx:
        await sync_watchlists(tx, loaded.watchlists, now)
        for chat_id, scopes in follows.items():
            readers.chat(chat_id, "private", title=f"Lecteur {chat_id}")
            await save_chat(tx, Chat(chat_id, "private", f"Lecteur {chat_id}"), now)
            for scope in scopes:
                await subscribe(tx, Target(chat_id), scope, now, chat_id)
    await database.close()
