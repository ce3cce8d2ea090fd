"""The whole flow with real parts but Telegram's: a phone that shows what Telegram would, and a desk to work at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_network
from zoneinfo import ZoneInfo

from bot.access import access_by
from bot.config import Settings
from bot.errors import DeliveryError, DeliveryUnknownError, GuetteurError
from bot.matching import MatchingThread
from bot.model import Entity, Feed, Scope, Target, WatchedName, Watchlist, list_scope
from bot.net import GuardedSession
from bot.pipeline import Editor
from bot.poller import Poller
from bot.storage import feeds, names
from bot.storage.chats import Chat, save_chat
from bot.storage.database import Database
from bot.storage.subscriptions import subscribe
from bot.storage.why import Explanation, explain_url
from bot.telegram.desk import follow_move
from bot.telegram.digester import Digester
from bot.telegram.drafts import Drafter
from bot.telegram.render import Button
from bot.telegram.reviser import Reviser
from bot.telegram.sender import Messenger, Sender
from bot.worker import Worker
from tests.faketime import StandingClock
from tests.newsstand import Item, Newsstand

ANNA, BORIS = Target(1), Target(-2)
PARIS = ZoneInfo("Europe/Paris")
QUAIS = list_scope("quais")
OPEN = Settings.model_validate({"telegram": {"access": "open"}})
"""Whoever follows something has access to it."""
WATCHED = ("Aurélie Vantadour", "Tomás Berenguel")
FILLER = " Le tribunal de Port-Salins rendra sa décision au printemps, après trois semaines de débats."


@dataclass
class Phone:
    """What Telegram would show; refuses when told to."""

    sent: list[tuple[Target, str]] = field(default_factory=list)
    """As each was when it arrived; a message's id is its place in this list, from 1."""
    silent: set[int] = field(default_factory=set)
    """The messages that came without a sound."""
    buttons: list[int] = field(default_factory=list)
    """How many each message had when it arrived."""
    replies: dict[int, int] = field(default_factory=dict)
    """Message → the message it answers."""
    edits: list[tuple[int, str, int]] = field(default_factory=list)
    """(message, what it shows since, how many buttons)"""
    refusals: list[GuetteurError] = field(default_factory=list)
    edit_refusals: list[GuetteurError] = field(default_factory=list)
    edit_calls: int = 0
    waiting: list[int] = field(default_factory=list)
    """Chats to which no edit may go out."""
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """Happens once, while the next call is under way."""
    closed_topics: set[Target] = field(default_factory=set)
    crowded: set[int] = field(default_factory=set)
    """Groups whose minute is nearly full."""

    async def send(
        self,
        target: Target,
        html: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
        reply_to: int | None = None,
    ) -> int:
        if target in self.closed_topics:
            raise DeliveryError("topic-gone", "message thread not found", permanent=True)
        if self.refusals:
            error = self.refusals.pop(0)
            if isinstance(error, DeliveryUnknownError):
                self._take(target, html, buttons)
            raise error
        await self._happen()
        self._take(target, html, buttons)
        if silent:
            self.silent.add(len(self.sent))
        if reply_to is not None:
            self.replies[len(self.sent)] = reply_to
        return len(self.sent)

    def _take(self, target: Target, html: str, buttons: Sequence[Sequence[Button]]) -> None:
        self.sent.append((target, html))
        self.buttons.append(sum(map(len, buttons)))

    async def edit(self, target: Target, message_id: int, html: str, buttons: Sequence[Sequence[Button]]) -> None:
        self.edit_calls += 1
        await self._happen()
        error = self.edit_refusals.pop(0) if self.edit_refusals else None
        if error is None or isinstance(error, DeliveryUnknownError):
            assert self.sent[message_id - 1][0] == target
            if self.shown(message_id) == html:
                error = error or DeliveryError("not-modified", "message is not modified", permanent=True)
            else:
                self.edits.append((message_id, html, sum(map(len, buttons))))
        if error is not None:
            raise error

    async def _happen(self) -> None:
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            await happens()

    def shown(self, message_id: int) -> str:
        """What the message shows now."""
        edited = [html for number, html, _ in self.edits if number == message_id]
        return edited[-1] if edited else self.sent[message_id - 1][1]

    def held(self) -> bool:
        return False

    def waiting_chats(self, *, edits: bool = False) -> Sequence[int]:
        return self.waiting if edits else ()

    def is_crowded(self, chat_id: int) -> bool:
        return chat_id in self.crowded

    def of(self, target: Target) -> list[str]:
        return [html for to, html in self.sent if to == target]


class Desk:
    """The parts of one run. `restart` makes new ones on the same database, as after kill -9."""

    def __init__(
        self,
        database: Database,
        worker: Worker,
        configured: Sequence[Feed],
        watchlists: Sequence[Watchlist],
        messenger: Messenger | None = None,
    ) -> None:
        """`messenger`: what sends in place of the phone."""
        self.database = database
        self.clock = StandingClock()
        self.phone = Phone()
        self._messenger = messenger or self.phone
        self.configured = configured
        self.watchlists = watchlists
        self.settings = OPEN
        self._worker = worker
        self._session: GuardedSession | None = None

    async def start(self) -> None:
        settings = self.settings
        self.matching = MatchingThread()
        self._session = GuardedSession(
            allow_networks=[ip_network("127.0.0.0/8")], user_agent="test", concurrency=10, per_host=2
        )
        configured = {feed.id: feed for feed in self.configured}
        arguments = (self.database, self._session, self._worker, self.clock, settings, configured)
        self.poller = Poller(*arguments, news=asyncio.Event())
        self.editor = Editor(self.database, self.matching, self.clock, settings)
        self.drafter = drafter = Drafter("fr", PARIS, access_by(settings))
        to_phone = (self.database, self._messenger, self.phone, self.clock, drafter)
        moving = partial(follow_move, self.database, self.matching)
        self.sender = Sender(*to_phone, follow_move=moving)
        self.reviser = Reviser(*to_phone, follow_move=moving)
        self.digester = Digester(
            *to_phone[:4], follow_move=moving, language="fr", timezone=PARIS, access=access_by(settings)
        )
        async with self.database.transaction() as tx:
            await names.sync_watchlists(tx, self.watchlists, self.clock.now())
            await feeds.sync_feeds(tx, self.configured, dict.fromkeys(configured, self.clock.now()))
            await feeds.release_leases(tx, self.clock.now())
        async with self.database.read() as connection:
            await self.matching.replace(await names.all_names(connection))
        await self.sender.recover()

    def obey(self, settings: Settings) -> None:
        """The files say this from now on."""
        self.settings = settings
        for part in (self.editor, self.drafter, self.digester):
            part.reconfigure(settings)

    async def stop(self) -> None:
        if self._session:
            await self._session.close()
        self.matching.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def follow(self, *targets: Target, scope: Scope = QUAIS) -> None:
        async with self.database.transaction() as tx:
            for target in targets:
                await save_chat(tx, Chat(target.chat_id, "private", ""), self.clock.now())
                await subscribe(tx, target, scope, self.clock.now(), None)

    async def poll(self) -> None:
        """A minute later, everything is polled."""
        self.clock.advance(60)
        await self.poller.poll_due()
        await self.poller.settle(None)

    async def send(self) -> None:
        while await self.sender.deliver_due():
            await self.sender.finish(None)

    async def revise(self, after_s: float = 0) -> None:
        """So much later, the messages that are due are edited."""
        self.clock.advance(after_s)
        while await self.reviser.revise_due():
            await self.reviser.finish(None)

    async def round(self) -> None:
        await self.poll()
        await self.editor.edit_new()
        await self.send()

    async def why(self, url: str) -> Explanation:
        async with self.database.read() as connection:
            found = await explain_url(connection, url)
        assert found is not None
        return found


def watchlist(*shown: str, tags: frozenset[str] = frozenset()) -> Watchlist:
    watched = tuple(WatchedName(QUAIS, each, Entity(each)) for each in shown)
    return Watchlist("quais", "Les quais", watched, tags=tags)


@asynccontextmanager
async def desk(
    database: Database,
    worker: Worker,
    stand: Newsstand,
    *paths: str,
    lists: Sequence[Watchlist] = (),
    items: Sequence[Item] = (Item("Marée haute sur le port", "Rien à signaler."),),
    messenger: Messenger | None = None,
) -> AsyncIterator[Desk]:
    """A desk that has polled once (the baseline) and is followed by Anna."""
    configured = [
        Feed(
            path.strip("/"), stand.url(path), path.strip("/").title(), "fr", frozenset({path.strip("/")}), interval_s=30
        )
        for path in paths or ("/feed.xml",)
    ]
    for path in paths or ("/feed.xml",):
        stand.publish(*items, path=path)
    made = Desk(database, worker, configured, lists or [watchlist(*WATCHED)], messenger)
    await made.start()
    await made.follow(ANNA)
    await made.round()
    assert made.phone.sent == []
    try:
        yield made
    finally:
        await made.stop()


def about(title: str, text: str = "", **more: str) -> Item:
    return Item(title, text or f"{title}.{FILLER}", **more)  # type: ignore[arg-type]  # every keyword is text


VANTADOUR = about("Aurélie Vantadour quitte la direction du port de Sainte-Ombre")


# --- One story in several outlets ---------------------------------------------------------------------------------------

PATHS = tuple(f"/outlet{number}" for number in range(10))
SAME = "Aurélie Vantadour quitte la direction du port de Sainte-Ombre"


def told_by(outlet: str, **more: str) -> Item:
    """The same event, in an outlet's own words."""
    return about(f"{SAME}, selon {outlet}", **more)


async def tell(here: Desk, stand: Newsstand, *paths: str) -> None:
    """These outlets tell the story; it is looked at and what rings is sent, nothing is edited yet."""
    for path in paths:
        stand.publish(told_by(path.strip("/")), path=path)
    await here.round()
