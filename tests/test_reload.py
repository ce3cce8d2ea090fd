"""Edits while the daemon runs: what is taken up when, what is kept, what is asked and what is told."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.config import Settings, Source
from bot.current import Current
from bot.matching.thread import MatchingThread
from bot.model import Feed, Scope, Target, WatchedName, list_scope
from bot.reload import Reloader, store_at_start
from bot.storage import confirmations, names
from bot.storage.chats import Chat, save_chat
from bot.storage.confirmations import Word
from bot.storage.database import Database
from bot.storage.notices import Notice, waiting_notices
from bot.storage.people import Role, new_invitation, redeem
from bot.storage.subscriptions import subscribe
from tests.faketime import StandingClock

ANNA = Target(1001)
FIVE = "names:\n" + "".join(
    f"  - {name}\n" for name in ("Aurélie Vantadour", "Karim Lazregui", "B Un", "C Deux", "D Trois")
)


class Deaf:
    """A system that tells of no edit."""

    def __init__(self) -> None:
        self.happened = asyncio.Event()

    async def follow(self, folders: Sequence[Path]) -> None:
        pass

    async def stop(self) -> None:
        pass


class Installed:
    """A folder with files, and what the daemon makes of them."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self.clock = StandingClock()
        self.settings: list[Settings] = []
        self.polled: dict[str, Feed] = {}
        self.watched: dict[tuple[Scope, str], WatchedName] = {}
        (folder / "lists").mkdir()
        self.write("guetteur.yaml", "storage: {url: 'sqlite:///x.db'}\nwatchlists: lists\n")
        self.write("feeds.yaml", "- {id: phare, url: https://phare.example/feed, title: Le Phare}\n")
        self.write("lists/quais.yaml", FIVE)

    async def start(self) -> None:
        self.source = Source(self.folder / "guetteur.yaml", {}, need_token=False)
        loaded = self.source.load()
        await store_at_start(self.database, loaded, self.clock, console=False, spread_s=0.0)
        self.current = Current(loaded)
        self.reloader = Reloader(
            self.database,
            self.clock,
            self.source,
            self.current,
            self,
            self,
            [self.settings.append],
            Deaf(),
            console=False,
        )
        self.watched = {(name.scope, name.id): name for each in loaded.watchlists for name in each.names}

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    async def change(self, went: Sequence[tuple[Scope, str]], came: Sequence[WatchedName]) -> None:
        for key in went:
            del self.watched[key]
        self.watched |= {(name.scope, name.id): name for name in came}

    async def reconfigure(self, settings: Settings, configured: dict[str, Feed]) -> None:
        self.polled = configured

    async def look(self, seconds: float, step: float = 0.5) -> None:
        """The ticks of so many seconds."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            await self.reloader.look()

    async def follow(self, scope: Scope) -> None:
        async with self.database.transaction() as tx:
            await save_chat(tx, Chat(ANNA.chat_id, "private", "Anna"), self.clock.now())
            secret = await new_invitation(tx, self.clock.now(), 1)
            await redeem(tx, secret, Role.MEMBER, ANNA.chat_id, "Anna", self.clock.now())
            await subscribe(tx, ANNA, scope, self.clock.now(), None)

    @property
    def ids(self) -> set[str]:
        return {name_id for _, name_id in self.watched}

    async def stored(self) -> set[str]:
        async with self.database.read() as connection:
            return {name.id for name in await names.all_names(connection)}

    async def notices(self) -> list[Notice]:
        async with self.database.read() as connection:
            return await waiting_notices(connection, 100)

    async def kinds(self) -> list[str]:
        return [notice.kind for notice in await self.notices()]


@pytest.fixture
async def here(tmp_path: Path, sqlite: Database) -> Installed:
    made = Installed(tmp_path, sqlite)
    await made.start()
    return made


# --- Taking up ------------------------------------------------------------------------------------------------------


async def test_nothing_is_told_where_nothing_changed(here: Installed) -> None:
    await here.look(10.0)
    here.write("lists/quais.yaml", "# a word to myself\n" + FIVE)
    await here.look(5.0)
    assert await here.kinds() == []


async def test_a_new_name_counts_within_five_seconds_and_is_told(here: Installed) -> None:
    here.write("lists/quais.yaml", FIVE.replace("  - B Un\n", "") + "  - Badiss Kerbrazec\n")
    await here.look(5.0)
    assert here.ids == await here.stored() == {
        "Aurélie Vantadour", "Karim Lazregui", "C Deux", "D Trois", "Badiss Kerbrazec"
    }  # fmt: skip
    [notice] = await here.notices()
    assert notice.kind == "reloaded"
    assert notice.values == {"names_new": "1", "names_gone": "1", "named": "+ Badiss Kerbrazec, − B Un"}


async def test_the_matcher_takes_the_difference(here: Installed) -> None:
    matching = MatchingThread()
    await matching.replace(here.watched.values())
    here.change = matching.change  # type: ignore[method-assign]
    here.write("lists/quais.yaml", FIVE.replace("Karim Lazregui", "{name: Karim Lazregui, aliases: [Le Phare]}"))
    await here.look(5.0)
    [found] = await matching.match([("Le Phare est arrêté", "", "fr")])
    assert [match.name_id for match in found] == ["Karim Lazregui"]
    matching.close()


async def test_feeds_and_settings_count_at_once_and_what_waits_is_said(here: Installed) -> None:
    here.write(
        "feeds.yaml", "- https://new.example/rss\n- {id: phare, url: https://phare.example/feed, title: Le Phare}\n"
    )
    here.write(
        "guetteur.yaml",
        "storage: {url: 'sqlite:///y.db'}\nwatchlists: lists\nalerts: {language: en}\npolling: {max_interval: 30m}\n",
    )
    await here.look(5.0)
    assert set(here.polled) == {"phare", "new.example-rss"}
    assert [settings.alerts.language for settings in here.settings] == ["en"]
    [notice] = await here.notices()
    assert notice.values["feeds_new"] == "1"
    assert notice.values["keys"] == "alerts.language, polling.max_interval"
    assert notice.values["waiting"] == "storage.url"
    here.write("guetteur.yaml", "storage: {url: 'sqlite:///x.db'}\nwatchlists: lists\nalerts: {language: en}\n")
    await here.look(5.0)
    assert "waiting" not in (await here.notices())[-1].values  # as it was at the start


async def test_the_names_of_a_table_beside_the_list_count_too(here: Installed) -> None:
    here.write("lists/people.csv", "name;aliases\nYann Kerbrazou;Le Phare\n")
    here.write("lists/quais.yaml", FIVE + "names_file: people.csv\n")
    await here.look(5.0)
    assert "Yann Kerbrazou" in here.ids
    here.write("lists/people.csv", "name;aliases\nYann Kerbrazou;Le Phare\nMaël Quincampoix;\n")
    await here.look(5.0)
    assert {"Yann Kerbrazou", "Maël Quincampoix"} <= here.ids


async def test_other_files_that_the_settings_name_are_followed(here: Installed) -> None:
    here.write("guetteur.yaml", "storage: {url: 'sqlite:///x.db'}\nwatchlists: lists\nfeeds: [others.yaml]\n")
    await here.look(5.0)
    assert await here.kinds() == ["reload-wrong"]
    here.write("others.yaml", "- {id: phare, url: https://phare.example/feed, title: Le Phare}\n")
    await here.look(5.0)
    assert await here.kinds() == ["reloaded"]
    here.write("others.yaml", "- {id: phare, url: https://phare.example/feed}\n- https://new.example/rss\n")
    await here.look(5.0)
    assert set(here.polled) == {"phare", "new.example-rss"}


# --- Half-written, replaced, swapped --------------------------------------------------------------------------------


async def test_a_file_that_is_half_written_is_waited_for(here: Installed) -> None:
    here.write("lists/quais.yaml", FIVE + "  - name: Badiss")
    await here.look(0.5)
    here.write("lists/quais.yaml", FIVE + '  - name: "Badiss Kerbr')
    await here.look(1.5)
    here.write("lists/quais.yaml", FIVE + '  - name: "Badiss Kerbrazec"\n')
    await here.look(4.0)
    assert "Badiss Kerbrazec" in here.ids
    assert await here.kinds() == ["reloaded"]


async def test_a_file_that_is_away_for_a_moment_is_waited_for(here: Installed) -> None:
    file = here.folder / "lists" / "quais.yaml"
    file.rename(here.folder / "aside")
    await here.look(1.5)
    here.write("lists/.quais.yaml.new", FIVE + "  - Badiss Kerbrazec\n")
    (here.folder / "lists" / ".quais.yaml.new").rename(file)
    await here.look(4.0)
    assert await here.kinds() == ["reloaded"]
    assert "Badiss Kerbrazec" in here.ids


async def test_a_folder_that_never_rests_is_read_nevertheless(here: Installed) -> None:
    here.write("lists/quais.yaml", FIVE + "  - Badiss Kerbrazec\n")
    for number in range(10):
        here.write("lists/notes.txt", "x" * number)
        await here.look(0.5)
    assert "Badiss Kerbrazec" in here.ids


def swap_link(folder: Path) -> None:
    """As Kubernetes does: the files are links through `..data`, which is put in place of the old one."""
    (folder / "two").mkdir()
    (folder / "two" / "quais.yaml").write_text(FIVE + "  - Badiss Kerbrazec\n")
    (folder / "lists" / "..new").symlink_to(folder / "two")
    (folder / "lists" / "..new").rename(folder / "lists" / "..data")


def make_folder_anew(folder: Path) -> None:
    shutil.rmtree(folder / "lists")
    (folder / "lists").mkdir()
    (folder / "lists" / "quais.yaml").write_text(FIVE + "  - Badiss Kerbrazec\n")


@pytest.mark.parametrize("replace", [swap_link, make_folder_anew])
async def test_links_that_are_swapped_and_folders_made_anew(
    tmp_path: Path, sqlite: Database, replace: Callable[[Path], None]
) -> None:
    here = Installed(tmp_path, sqlite)
    if replace is swap_link:
        (tmp_path / "one").mkdir()
        (tmp_path / "lists" / "quais.yaml").rename(tmp_path / "one" / "quais.yaml")
        (tmp_path / "lists" / "..data").symlink_to(tmp_path / "one")
        (tmp_path / "lists" / "quais.yaml").symlink_to("..data/quais.yaml")
    await here.start()
    replace(tmp_path)
    await here.look(5.0)
    assert "Badiss Kerbrazec" in here.ids
    assert await here.kinds() == ["reloaded"]


# --- Wrong ----------------------------------------------------------------------------------------------------------


async def test_a_wrong_file_keeps_the_last_good_version_and_is_told_once(here: Installed) -> None:
    here.write("lists/quais.yaml", FIVE + "  - Mohamed\n")
    await here.look(10.0)
    assert len(here.ids) == 5
    [notice] = await here.notices()
    assert notice.kind == "reload-wrong"
    assert "quais.yaml:7:5: “Mohamed” alone is a common given name" in notice.values["mistakes"]
    here.write("lists/quais.yaml", FIVE + "  - Mohamed \n")
    await here.look(5.0)
    assert await here.kinds() == ["reload-wrong"]
    here.write("lists/quais.yaml", FIVE)
    await here.look(5.0)
    assert await here.kinds() == ["reload-mended"]


async def test_settings_that_are_gone_keep_the_last_good_version(here: Installed) -> None:
    (here.folder / "guetteur.yaml").unlink()
    await here.look(5.0)
    assert await here.kinds() == ["reload-wrong"]
    assert len(here.ids) == 5


# --- Asked about ----------------------------------------------------------------------------------------------------


async def emptied(here: Installed) -> str:
    here.write("lists/quais.yaml", "names:\n  - Aurélie Vantadour\n")
    await here.look(5.0)
    [notice] = await here.notices()
    assert (notice.kind, notice.values["names_gone"], notice.values["names"]) == ("reload-asked", "4", "5")
    assert len(here.ids) == len(await here.stored()) == 5
    return notice.values["version"]


async def say(here: Installed, version: str, word: Word) -> bool:
    async with here.database.transaction() as tx:
        return await confirmations.answer(tx, version, word)


async def test_a_large_removal_waits_for_somebodys_word(here: Installed) -> None:
    version = await emptied(here)
    await here.look(60.0)
    assert len(here.ids) == 5
    assert await say(here, version, Word.APPLY)
    await here.look(4.0)
    assert here.ids == await here.stored() == {"Aurélie Vantadour"}
    assert (await here.kinds())[-1] == "reloaded"
    assert not await say(here, version, Word.APPLY)


async def test_a_large_removal_that_is_refused_is_asked_about_no_more(here: Installed) -> None:
    version = await emptied(here)
    assert await say(here, version, Word.KEEP)
    await here.look(60.0)
    assert len(here.ids) == 5
    assert await here.kinds() == ["reload-asked"]
    here.write("lists/quais.yaml", FIVE)
    await here.look(5.0)
    assert len(here.ids) == 5


async def test_an_edit_in_between_is_another_question(here: Installed) -> None:
    version = await emptied(here)
    here.write("lists/quais.yaml", "names:\n  - Karim Lazregui\n")
    await here.look(5.0)
    assert not await say(here, version, Word.APPLY)
    assert await here.kinds() == ["reload-asked"]
    here.write("lists/quais.yaml", FIVE)
    await here.look(5.0)
    assert await here.kinds() == ["reload-mended"]
    assert len(here.ids) == 5


async def test_what_waits_at_the_end_is_taken_by_the_next_start(here: Installed) -> None:
    version = await emptied(here)
    await here.start()
    assert here.ids == await here.stored() == {"Aurélie Vantadour"}
    assert not await say(here, version, Word.APPLY)


# --- Watchlists that vanish -------------------------------------------------------------------------------------------


async def test_a_vanished_watchlist_pauses_and_its_followers_are_told(here: Installed) -> None:
    here.write("lists/other.yaml", "title: L’autre\nnames:\n  - Yann Kerbrazou\n")
    await here.look(5.0)
    await here.follow(list_scope("other"))
    (here.folder / "lists" / "other.yaml").unlink()
    await here.look(5.0)
    assert "Yann Kerbrazou" not in here.ids | await here.stored()
    ours, theirs = (await here.notices())[-2:]
    assert (ours.kind, ours.target, ours.values["lists_gone"]) == ("reloaded", None, "1")
    assert (theirs.kind, theirs.target, theirs.values) == ("list-gone", ANNA, {"list": "L’autre"})
    here.write("lists/other.yaml", "title: L’autre\nnames:\n  - Yann Kerbrazou\n")
    await here.look(5.0)
    assert (await here.kinds())[-1] == "list-back"
    assert "Yann Kerbrazou" in here.ids & await here.stored()


async def test_one_that_vanished_while_we_were_stopped_is_told_as_well(here: Installed) -> None:
    await here.follow(list_scope("quais"))
    (here.folder / "lists" / "quais.yaml").rename(here.folder / "lists" / "others.yaml")
    await here.start()
    [notice] = await here.notices()
    assert (notice.kind, notice.target) == ("list-gone", ANNA)
