"""A newsroom's day in the real program: feeds publish without a pause while files are edited, feeds fail and all goes out.

What happens is told stage by stage, and everything that an outsider sees is kept: what was told to whom, the health at
every moment, the memory, the notices. Judges nothing: `test_long_run.py` says what must be true.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bot.model import list_scope
from tests.e2e.daemon import Daemon, free_port
from tests.e2e.gazette import names, news
from tests.e2e.kiosk import Kiosk, feed_id, kiosk
from tests.e2e.readers import Ledger, Readers, subscribed
from tests.e2e.weight import mib_of, mib_of_tree

ADMIN = 4001
FIRST_CHAT = 5001
REFUSAL_TOLD_AFTER = 3
"""Intervals: a second refusal counts, which is asked for later than usual."""
GONE_TOLD_AFTER = 1.2
AILMENTS = ("500", "hang", "drop", "garbage")

SETTINGS = """\
telegram:
  token: ${{TELEGRAM_BOT_TOKEN}}
  base_url: {base_url}
  access: open
  admins: [{admin}]
storage: {{url: "sqlite:///var/guetteur.db"}}
web: {{listen: "127.0.0.1:{port}"}}
polling: {{interval: 2s, min_interval: 1s, max_interval: {longest_s:g}s, timeout: 5s, concurrency: {concurrency}, allow_networks: [127.0.0.0/8]}}
feeds: [feeds.yaml]
watchlists: watchlists
"""


@dataclass(frozen=True)
class Size:
    """How large the newsroom is, how busy, and how long its troubles last."""

    feeds: int
    names: int
    lists: int
    chats: int
    hosts: int
    interval_s: float
    news_every_s: float
    quiet_s: float
    """Between two troubles."""
    ails_s: float
    drop_s: float
    settles_s: float
    """After an outage."""

    @property
    def spare(self) -> int:
        """Feeds that publish nothing, for what is done to them."""
        return self.feeds // 10


@dataclass(frozen=True)
class Look:
    """At the program's health."""

    at_s: float
    stage: str
    into_s: float
    """Since the stage began."""
    state: str
    troubles: str


@dataclass(frozen=True)
class Weight:
    at_s: float
    main_mib: float
    all_mib: float


@dataclass
class Fault:
    """Something that people are told of once, or that must not be told twice."""

    sign: str
    """What the line of its notice holds."""
    surely: bool
    """It lasted long enough to be told."""


@dataclass
class LongRun:
    size: Size
    seed: int
    luck: random.Random
    daemon: Daemon
    readers: Readers
    stand: Kiosk
    port: int
    ledger: Ledger
    people: list[str]
    """Who is watched, each in the list of their number; newcomers join at the end."""
    newcomers: list[str]
    looks: list[Look] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    drops: int = 0
    edits_s: list[float] = field(default_factory=list)
    """How long each edit took to count."""
    settled_s: float = 0.0
    """From the last news until all was told."""
    stage: str = "start"
    _began_at: float = 0.0
    _cycle: int = 0

    # --- Its files -----------------------------------------------------------------------------------------------

    def write_settings(self, more: str = "", concurrency: int = 50) -> None:
        longest_s = max(1.5 * self.size.interval_s, 3)
        text = SETTINGS.format(
            base_url=self.readers.base_url, admin=ADMIN, port=self.port, longest_s=longest_s, concurrency=concurrency
        )
        (self.daemon.folder / "guetteur.yaml").write_text(text + more, "utf-8")

    def write_feeds(self, feeds: Sequence[str], more: str = "") -> None:
        lines = (
            f"- {{id: {feed}, url: '{self.stand.url(feed)}', title: 'Gazette {feed}', language: fr, "
            f"interval: {round(self.size.interval_s * 1000)}ms}}\n"
            for feed in feeds
        )
        (self.daemon.folder / "feeds.yaml").write_text("".join(lines) + more, "utf-8")

    def write_list(self, number: int, more: str = "") -> None:
        text = f"title: Liste {number}\nnames:\n" + "".join(
            f"  - {name}\n" for name in self.people[number :: self.size.lists]
        )
        (self.daemon.folder / "watchlists" / f"{list_id(number)}.yaml").write_text(text + more, "utf-8")

    # --- What goes on all the time -------------------------------------------------------------------------------

    @asynccontextmanager
    async def lived(self) -> AsyncIterator[None]:
        """News come, health and weight are looked at, until the body ends."""
        async with self.told(), asyncio.TaskGroup() as group:
            looking = [group.create_task(each) for each in (self._look(), self._weigh())]
            yield
            for task in looking:
                task.cancel()

    @asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """News come, until the body ends."""
        ended = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._publish(ended))
            yield
            ended.set()  # not broken off: what was published is owed

    async def _publish(self, ended: asyncio.Event) -> None:
        """About one after the other, in any feed but those that are played with; a tenth of it in a second one too."""
        feeds = [feed_id(number) for number in range(self.size.feeds - self.size.spare)]
        for number in itertools.count():
            name = self.people[number % self.size.names]
            await self.tell(number, name, self.luck.sample(feeds, 2 if number % 10 == 9 else 1))
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), self.size.news_every_s)
            if ended.is_set():
                return

    async def tell(self, number: int, name: str, feeds: Sequence[str]) -> None:
        """Publish something about somebody, and keep to whom it is owed."""
        each = news(number, name, self.seed)
        listed = [await self.stand.publish(feed, number=number, title=each.title, text=each.text) for feed in feeds]
        if any(listed):
            self.ledger.owe(each, followers(self.people.index(name) % self.size.lists, self.size), listings=sum(listed))

    async def _look(self) -> None:
        url = f"http://127.0.0.1:{self.port}/healthz"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                stage, into_s = self.stage, time.monotonic() - self._began_at
                try:
                    async with session.get(url) as answer:
                        said = await answer.json()
                    state, troubles = said["state"], str(said["troubles"])
                except (aiohttp.ClientError, TimeoutError) as error:
                    state, troubles = "none", repr(error)
                self.looks.append(Look(time.monotonic(), stage, into_s, state, troubles))
                await asyncio.sleep(1)

    async def _weigh(self) -> None:
        while True:
            self.weights.append(Weight(time.monotonic(), mib_of(self.daemon.pid), mib_of_tree(self.daemon.pid)))
            await asyncio.sleep(2)

    # --- Its stages ----------------------------------------------------------------------------------------------

    def begin(self, stage: str) -> None:
        self.stage, self._began_at = stage, time.monotonic()

    async def all_read(self, within_s: float) -> None:
        """Until every feed was read once, and that is stored: only then its items are news."""
        unread = "SELECT count(*) FROM feeds WHERE baseline_at IS NULL"
        await self.readers.until(lambda: self.daemon.ask(unread) == [(0,)], timeout=within_s)

    async def day(self) -> None:
        """Every trouble once, with quiet between them."""
        self._cycle += 1
        for stage in (self.files_are_edited, self.files_are_wrong, self.feeds_fail, self.everything_is_out):
            self.begin("quiet")
            await asyncio.sleep(self.size.quiet_s)
            await stage()

    async def files_are_edited(self) -> None:
        """A name more that rings, a feed fewer and one more, another setting."""
        self.begin("edit")
        newcomer = self.newcomers.pop()
        where = len(self.people) % self.size.lists
        self.people.append(newcomer)
        self.write_list(where)
        self.write_settings(concurrency=40 + self._cycle % 2)
        self.write_feeds(self._feeds_today())
        await self._counts("files read again", [newcomer])
        await self.tell(90_000 + self._cycle, newcomer, [feed_id(self._cycle)])

    async def files_are_wrong(self) -> None:
        """A mistake in each kind of file: told once, and nothing stops."""
        self.begin("wrong files")
        where = self._cycle % self.size.lists
        words = [f"verkehrt{kind}{self._cycle:03}" for kind in "abc"]
        self.write_list(where, f"  - name: Aurélie Vantadour\n    {words[0]}: 1\n")
        self.write_settings(f"{words[1]}: 1\n", concurrency=40 + self._cycle % 2)
        self.write_feeds(self._feeds_today(), f"- {{url: 'https://example.org/', {words[2]}: 1}}\n")
        await self._counts("the files are wrong", words)
        self.begin("mended files")
        self.write_list(where)
        self.write_settings(concurrency=40 + self._cycle % 2)
        self.write_feeds(self._feeds_today())

    async def feeds_fail(self) -> None:
        """Some in every way; one refuses us and one is taken down for good."""
        self.begin("feeds fail")
        many = self.size.feeds - self.size.spare
        ailing = [feed_id(number) for number in self.luck.sample(range(many), many // 10)]
        refusing, gone = self._spare(0), self._spare(1)
        for number, how in enumerate(AILMENTS):
            await self.stand.ail(ailing[number :: len(AILMENTS)], how)
        await self.stand.ail([refusing], "403")
        await self.stand.ail([gone], "410")
        lasts_s = self.size.ails_s
        self.faults += [
            Fault(f"« Gazette {refusing} » ne veut plus", surely=lasts_s > REFUSAL_TOLD_AFTER * self.size.interval_s),
            Fault(f"« Gazette {gone} » a été retiré", surely=lasts_s > GONE_TOLD_AFTER * self.size.interval_s),
            Fault(f"« Gazette {refusing} » est de retour", surely=False),
        ]
        await asyncio.sleep(self.size.ails_s)
        await self.stand.ail([*ailing, refusing], None)

    async def everything_is_out(self) -> None:
        """Neither a feed nor Telegram can be reached."""
        self.begin("out")
        self.drops += 1
        await asyncio.gather(self.stand.leave(), self.readers.leave())
        await asyncio.sleep(self.size.drop_s)
        await asyncio.gather(self.stand.come_back(), self.readers.come_back())
        self.begin("back")
        await asyncio.sleep(self.size.settles_s)

    async def telegram_is_out(self, for_s: float) -> None:
        """Feeds are read on, and what is owed waits."""
        self.begin("Telegram out")
        self.drops += 1
        await self.readers.leave()
        await asyncio.sleep(for_s)
        await self.readers.come_back()
        self.begin("back")
        await asyncio.sleep(self.size.settles_s)

    async def settled(self, within_s: float) -> None:
        """Until everybody has everything, or for so long; then a moment for what must not come."""
        self.begin("end")
        with suppress(TimeoutError):  # whoever asks sees what is missing
            await self.readers.until(lambda: not self.ledger.missing, timeout=within_s)
        self.settled_s = time.monotonic() - self._began_at
        await asyncio.sleep(self.size.quiet_s)

    # --- Its words -----------------------------------------------------------------------------------------------

    async def _counts(self, said: str, signs: Sequence[str]) -> None:
        """Wait until an edit counts, and until it was told."""
        since, began = len(self.daemon.lines), time.monotonic()
        await self.daemon.says(said, since=since)
        self.edits_s.append(time.monotonic() - began)
        self.faults += [Fault(sign, surely=True) for sign in signs]
        await self.readers.until(lambda: any(signs[-1] in line for line in self.readers.lines_to(ADMIN)), timeout=60)

    def _spare(self, which: int) -> str:
        """A feed that nothing was done to yet."""
        return feed_id(self.size.feeds - self.size.spare + 2 * (self._cycle - 1) + which)

    def _feeds_today(self) -> list[str]:
        """Each day the last feed is another one."""
        return [*(feed_id(number) for number in range(self.size.feeds - 1)), feed_id(self.size.feeds + self._cycle)]


def list_id(number: int) -> str:
    return f"liste-{number}"


def follows(chat: int, size: Size) -> set[int]:
    """Two lists each."""
    return {chat % size.lists, (chat * 7 + 3) % size.lists}


def followers(number: int, size: Size) -> list[int]:
    return [chat for chat in chats_of(size) if number in follows(chat, size)]


def chats_of(size: Size) -> range:
    return range(FIRST_CHAT, FIRST_CHAT + size.chats)


@asynccontextmanager
async def long_run(folder: Path, size: Size, seed: int) -> AsyncIterator[LongRun]:
    """The program runs, and every feed was read once."""
    async with Readers() as readers, kiosk(feeds=size.feeds + 100, hosts=size.hosts) as stand:
        readers.chat(ADMIN, "private")
        daemon = Daemon(folder, readers.base_url, [])
        (folder / "watchlists" / "quais.yaml").unlink()
        people = names(size.names + 100, seed)
        run = LongRun(
            size,
            seed,
            random.Random(seed),
            daemon,
            readers,
            stand,
            free_port(),
            Ledger(readers),
            people[: size.names],
            people[size.names :],
        )
        run.write_settings()
        run.write_feeds([feed_id(number) for number in range(size.feeds)])
        for number in range(size.lists):
            run.write_list(number)
        wanted = {chat: [list_scope(list_id(each)) for each in follows(chat, size)] for chat in chats_of(size)}
        await subscribed(folder / "guetteur.yaml", readers, wanted)
        await daemon.start("--log-level", "info")
        try:
            await run.all_read(within_s=180)
            yield run
        finally:
            await daemon.end()
