"""Many chats that follow one watchlist, and alerts for all of them: what the soaks and their short versions share."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.botapi import BotApi, Chat, User
from tests.botapi.rates import Rates
from tests.e2e.daemon import Daemon, installed
from tests.newsstand import Item, Newsstand, newsstand

FIRST = 100_000
QUIET = Item("Marée haute sur le port", "Rien à signaler.")
SUBJECTS = (
    "remporte la régate des Trois-Caps", "démissionne du conseil portuaire", "épouse un danseur étoile",
    "publie ses mémoires de plongeuse", "condamnée pour fraude aux huîtres", "invente un phare solaire",
    "adopte douze chiens errants", "chute dans un escalier du casino", "traverse la baie à la nage",
    "vend sa collection de timbres", "présente un herbier de varech", "se brouille avec l'évêque",
    "ouvre une école de voile", "gagne au loto de la kermesse", "dénonce le prix des amarres",
    "chante à l'opéra de Sainte-Ombre", "retrouve un galion englouti", "part en expédition polaire",
    "préside le jury du concours floral", "reçoit la médaille des sauveteurs", "achète une fabrique de savon",
    "perd son procès contre la criée", "tourne un film muet", "plante mille oliviers",
    "répare l'horloge de la mairie", "accueille un cirque ambulant", "refuse la Légion d'honneur",
    "lance une monnaie locale", "cultive des truffes en serre", "apprivoise un cormoran",
)  # fmt: skip
"""Events that have nothing to do with each other: each is a story of its own."""


def item(number: int) -> Item:
    """The alert of this number: another story than all the others."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    return Item(f"Aurélie Vantadour {subject} ({number})", f"On ne parle que de cela : {subject}. Dépêche {number}.")


@dataclass
class Broadcast:
    """One installation with its subscribers."""

    daemon: Daemon
    api: BotApi
    stand: Newsstand
    chats: list[int] = field(default_factory=list)
    published: list[Item] = field(default_factory=list)

    async def publish(self, *items: Item) -> None:
        """So that the next poll finds them, dated; the feed lists the last thirty."""
        now = datetime.now(UTC)
        self.published += [replace(each, published=now) for each in items]
        self.stand.publish(*reversed(self.published[-30:]), QUIET)

    def arrivals(self, title: str) -> Counter[int]:
        """How many messages with this headline each chat got."""
        return Counter(sent.chat_id for sent in self.api.sent if title in sent.text)

    def all_told(self, title: str) -> bool:
        return len(self.api.sent) >= len(self.chats) and len(self.arrivals(title)) == len(self.chats)

    @property
    def cpu_s(self) -> float:
        """What the daemon has used of the processor."""
        fields = Path(f"/proc/{self.daemon.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def told(self, title: str, within_s: float) -> float:
        """Seconds until everybody has it."""
        began = time.monotonic()
        await self.api.until(lambda: self.all_told(title), timeout=within_s)
        return time.monotonic() - began


@asynccontextmanager
async def broadcast(
    folder: Path, chats: int, *, groups: Sequence[int] = (), rates: Rates | None = None
) -> AsyncIterator[Broadcast]:
    """So many private chats and these groups follow the watchlist; the daemon has read its feed once and stopped."""
    async with BotApi(rates=rates) as api, newsstand() as stand:
        stand.publish(QUIET)
        async with installed(folder, api, stand.url()) as daemon:
            code, said = await daemon.output("run", "--once")
            assert code == 0, said
            made = Broadcast(daemon, api, stand)
            for chat in [api.chat(FIRST + number, "private", title=f"n° {number}") for number in range(chats)]:
                subscribe(made, chat)
            for group in groups:
                subscribe(made, api.chat(group, "supergroup"))
            yield made


def subscribe(made: Broadcast, chat: Chat) -> None:
    """Straight into the database, as a thousand /start would have done it."""
    made.chats.append(chat.id)
    made.daemon.write(
        "INSERT INTO chats (chat_id, type, title, state, since) VALUES (?, ?, ?, 'active', '2026-02-03 08:00:00')",
        (chat.id, chat.type, chat.title),
    )
    made.daemon.write(
        "INSERT INTO subscriptions (chat_id, topic_id, scope, options, since) "
        "VALUES (?, 0, 'list:quais', '{}', '2026-02-03 08:00:00')",
        (chat.id,),
    )


@dataclass
class Toll:
    """What kills cost."""

    kills: int = 0
    missing: int = 0
    repeats: int = 0
    most_to_one_chat: int = 0
    """Messages with one headline beyond the first."""
    most_after_one_kill: int = 0
    most_to_one_chat_a_kill: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.missing} missing, {self.repeats} repeats, at most {self.most_to_one_chat} a chat "
            f"and alert and {self.most_after_one_kill} a kill"
        )


async def kill_again_and_again(made: Broadcast, kills: int, luck: random.Random, *, longest_s: float) -> Toll:
    """Kill the daemon at random moments while it tells everybody alert after alert; then let it finish."""
    toll, number = Toll(), 0
    await made.publish(item(number))
    for _ in range(kills):
        before = made.api.same_text_again("Vantadour")
        await made.daemon.start()
        if made.all_told(made.published[-1].title):
            number += 1
            await made.publish(item(number))
        await under_way(made, made.published[-1].title)
        await asyncio.sleep(luck.uniform(0, longest_s))
        await made.daemon.kill()
        toll.kills += 1
        # What a kill interrupted is repeated by the next start, and counted with the next kill.
        again = Counter(made.api.same_text_again("Vantadour")) - Counter(before)
        toll.most_after_one_kill = max(toll.most_after_one_kill, sum(again.values()))
        toll.most_to_one_chat_a_kill = max([toll.most_to_one_chat_a_kill, *again.values()])
    await made.daemon.start()
    for each in made.published:
        await made.told(each.title, within_s=300)
    await made.daemon.stop()
    toll.repeats = sum(made.api.same_text_again("Vantadour").values())
    for each in made.published:
        times = made.arrivals(each.title)
        toll.missing += len(made.chats) - len(times)
        toll.most_to_one_chat = max(toll.most_to_one_chat, *times.values()) if times else toll.most_to_one_chat
    toll.most_to_one_chat -= 1
    return toll


async def under_way(made: Broadcast, title: str) -> None:
    """Until the next message of this alert has gone out."""
    sent = len(made.api.sent)
    await made.api.until(
        lambda: made.all_told(title) or any(title in each.text for each in made.api.sent[sent:]), timeout=40
    )


async def help_meanwhile(made: Broadcast, person: User) -> float:
    """Seconds until somebody's /help is answered."""
    began, before = time.monotonic(), len(made.api.sent_to(person.id))
    made.api.says(person, "/help")
    await made.api.until(lambda: len(made.api.sent_to(person.id)) > before, timeout=30)
    return time.monotonic() - began
