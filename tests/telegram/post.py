"""The real sender with the real bot behind the stand-in, and alerts to send; time stands still between sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.access import Access
from bot.alerts.decide import Owed
from bot.alerts.hit import Hit
from bot.model import (
    DeliveryState,
    Entity,
    Match,
    MatchField,
    Priority,
    Target,
    Tier,
    WatchedName,
    Watchlist,
    list_scope,
)
from bot.storage import names, outbox, schema
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database
from bot.storage.subscriptions import subscribe
from bot.telegram.bot import BotApplication
from bot.telegram.desk import follow_move
from bot.telegram.drafts import Drafter
from bot.telegram.messenger import TelegramMessenger
from bot.telegram.sender import Sender
from tests.botapi import BotApi
from tests.faketime import StandingClock
from tests.storage.stories import a_story
from tests.telegram.newsroom import FakeMatching

QUAIS = list_scope("quais")
NAME = "Aurélie Vantadour"
OPEN = Access("open")


class Waiting:
    """Of limits, what a test says; the limiter inside the bot keeps the real ones."""

    def __init__(self) -> None:
        self.crowded: set[int] = set()

    def held(self) -> bool:
        return False

    def waiting_chats(self, *, edits: bool = False) -> Sequence[int]:
        return ()

    def is_crowded(self, chat_id: int) -> bool:
        return chat_id in self.crowded


@dataclass
class Post:
    botapi: BotApi
    database: Database
    sender: Sender
    clock: StandingClock
    pace: Waiting
    numbers: list[str] = field(default_factory=list)

    async def follows(self, target: Target, kind: str = "private") -> Target:
        if target.chat_id not in self.botapi.chats:
            self.botapi.chat(target.chat_id, kind)
        async with self.database.transaction() as tx:
            await save_chat(tx, Chat(target.chat_id, kind, "Rédaction"), self.clock.now())
            await subscribe(tx, target, QUAIS, self.clock.now(), None)
        return target

    async def owe(self, *targets: Target, title: str = "", priority: Priority = Priority.NORMAL) -> str:
        """An alert about a story of its own to these targets, where they can be reached; its headline."""
        title = title or f"Dépêche {len(self.numbers) + 1}"
        self.numbers.append(title)
        story_id = await a_story(self.database, QUAIS, self.clock.now(), name_id=NAME, title=title)
        match = Match(QUAIS, NAME, NAME, NAME, MatchField.TITLE, 0, 5, 100, Tier.CERTAIN)
        hit = Hit(WatchedName(QUAIS, NAME, Entity(NAME)), match)
        async with self.database.transaction() as tx:
            live = {each.target for each in await outbox.live_subscriptions(tx, [QUAIS], OPEN)}
            article_id = (
                await tx.execute(
                    select(schema.story_articles.c.article_id).where(schema.story_articles.c.story_id == story_id)
                )
            ).scalar_one()
            owed = [
                Owed(target, DeliveryState.PENDING, None, Tier.CERTAIN, priority, (hit,))
                for target in targets
                if target in live
            ]
            await outbox.save_alert(tx, story_id, article_id, owed, self.clock.now())
        return title

    async def send(self) -> None:
        """Whatever is due and may go out."""
        while await self.sender.deliver_due():
            await self.sender.finish(None)

    async def later(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.send()

    async def states(self, target: Target) -> list[tuple[str, str | None]]:
        query = select(schema.deliveries.c.state, schema.deliveries.c.why).order_by(schema.deliveries.c.id)
        async with self.database.read() as connection:
            rows = await connection.execute(query.where(schema.deliveries.c.chat_id == target.chat_id))
            return [(row.state, row.why) for row in rows]

    async def chat_state(self, target: Target) -> tuple[str, str | None]:
        query = select(schema.chats).where(schema.chats.c.chat_id == target.chat_id)
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one()
        return row.state, row.state_reason

    def calls(self, target: Target) -> int:
        return len(self.botapi.called("sendMessage", target.chat_id))

    def shown(self, target: Target) -> list[str]:
        return self.botapi.texts(target.chat_id)


async def opened_post(botapi: BotApi, database: Database, application: BotApplication) -> Post:
    clock, pace = StandingClock(), Waiting()
    watched = Watchlist("quais", "Les quais", (WatchedName(QUAIS, NAME, Entity(NAME)),))
    async with database.transaction() as tx:
        await names.sync_watchlists(tx, [watched], clock.now())
    sender = Sender(
        database,
        TelegramMessenger(application.bot),
        pace,
        clock,
        Drafter("fr", ZoneInfo("Europe/Paris"), OPEN, timedelta(hours=48)),
        follow_move=partial(follow_move, database, FakeMatching()),
    )
    return Post(botapi, database, sender, clock, pace)
