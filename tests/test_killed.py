"""A crash at any point leaves neither a lost nor a doubled story: the program dies at every statement in turn.

A morning of three outlets is lived through once for each event of the database. What died begins anew on the same
database, as after kill -9, and goes on with the morning. Only what was being sent at that moment may come twice.
"""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.storage.database import Database, open_database
from bot.storage.schema import articles, messages, metadata, stories, story_articles
from bot.worker import Worker
from tests.desk import ANNA, PATHS, SAME, WATCHED, Desk, about, desk, told_by
from tests.fates import fates
from tests.mortal import KilledError, Mortal
from tests.newsstand import Item, Newsstand, newsstand

OUTLETS = PATHS[:3]
QUIET = Item("Marée haute sur le port", "Rien à signaler.")
DAWN = datetime(2026, 2, 3, 7, 50, tzinfo=UTC)
FIRST = replace(told_by("le premier", guid="first"), published=DAWN)
SECOND = replace(told_by("un autre", guid="second"), published=DAWN + timedelta(minutes=2))
THIRD = replace(about(f"{SAME}, Tomás Berenguel la remplace", guid="third"), published=DAWN + timedelta(minutes=4))
CORRECTED = replace(FIRST, title=f"{SAME} dès lundi, selon le premier")
EVERY = 23
"""In the whole suite only every so many events; `make soak` dies at each."""

Step = Callable[[Desk, Newsstand], Awaitable[None]]


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


async def one_tells_it(here: Desk, stand: Newsstand) -> None:
    stand.publish(FIRST, QUIET, path=OUTLETS[0])
    await here.round()


async def two_more_tell_it(here: Desk, stand: Newsstand) -> None:
    stand.publish(SECOND, QUIET, path=OUTLETS[1])
    stand.publish(THIRD, QUIET, path=OUTLETS[2])
    await here.round()
    await here.revise(after_s=20)


async def the_first_corrects_its_headline(here: Desk, stand: Newsstand) -> None:
    stand.publish(CORRECTED, QUIET, path=OUTLETS[0])
    await here.round()
    await here.revise(after_s=1200)


MORNING: tuple[Step, ...] = (one_tells_it, two_more_tell_it, the_first_corrects_its_headline)


async def live(here: Desk, stand: Newsstand, mortal: Mortal) -> int:
    """Through the morning, with one death at most; how many messages were on their way at that moment."""
    on_their_way = 0
    for step in MORNING:
        try:
            await step(here, stand)
        except KilledError:
            assert mortal.dead
        if mortal.dead:
            mortal = Mortal(await reborn(here))
            on_their_way = (await fates(here.database)).get("sending", 0)
            await here.restart()
            await step(here, stand)
    mortal.spare()
    return on_their_way


async def reborn(here: Desk) -> Database:
    """The same database under a new program."""
    url = here.database._engine.url.render_as_string(hide_password=False)
    await here.database.close()
    here.database = await open_database(url.replace("+aiosqlite", "").replace("+psycopg", ""))
    return here.database


async def stories_told(database: Database) -> dict[str, int]:
    """The first headline of each story, and how many articles it has."""
    query = select(stories.c.title, func.count().label("number")).join(story_articles).group_by(stories.c.id)
    async with database.read() as connection:
        return {row.title: row.number for row in await connection.execute(query)}


async def left_over(database: Database) -> tuple[int, int]:
    """Articles that wait to be looked at, and messages that do not show their story as it is."""
    waiting = select(func.count()).where(articles.c.state == "new")
    marked = select(func.count()).where(messages.c.edit_due_at.is_not(None))
    async with database.read() as connection:
        return (await connection.execute(waiting)).scalar_one(), (await connection.execute(marked)).scalar_one()


def names_rung(here: Desk) -> Counter[str]:
    """How often each name led a message."""
    return Counter(next(name for name in WATCHED if html.startswith(f"<b>{name}")) for html in here.phone.of(ANNA))


async def lived(database: Database, worker: Worker, stand: Newsstand, *, dies_at: int = 0) -> int:
    """One morning and what must be true of it; how many events it had."""
    for path in OUTLETS:
        stand.publish(QUIET, path=path)
    async with desk(database, worker, stand, *OUTLETS, items=[QUIET]) as here:
        mortal = Mortal(database, dies_at=dies_at)
        on_their_way = await live(here, stand, mortal)
        rung = names_rung(here)
        assert rung.keys() == set(WATCHED), "no name is lost"
        assert rung.total() <= len(WATCHED) + on_their_way, "nothing is doubled but what was on its way"
        assert list((await stories_told(here.database)).values()) == [3]
        assert await fates(here.database) == {"sent": 2}
        assert await left_over(here.database) == (0, 0)
        last = max(at for at, html in enumerate(here.phone.of(ANNA), 1) if html.startswith("<b>Aurélie"))
        assert "<b>3 médias</b>" in here.phone.shown(last)
        assert "dès lundi" in here.phone.shown(last)
        if here.database is not database:
            await here.database.close()
        return mortal.events


@pytest.fixture
async def empty(tmp_path: Path) -> Path:
    file = tmp_path / "empty.db"
    database = await open_database(f"sqlite:///{file}")
    async with database.transaction() as tx:
        await tx.run_sync(metadata.create_all)
    await database.close()
    return file


async def killed_at_every(nth: int, empty: Path, worker: Worker, stand: Newsstand) -> int:
    """Until a morning ends before its death comes; how many deaths there were."""
    for moment in itertools.count(1, nth):
        file = empty.with_name(f"killed-at-{moment}.db")
        shutil.copy(empty, file)
        database = await open_database(f"sqlite:///{file}")
        try:
            if await lived(database, worker, stand, dies_at=moment) < moment:
                return moment // nth
        except AssertionError as error:
            error.add_note(f"killed at event {moment}")
            raise
        finally:
            await database.close()
    raise AssertionError("no morning lasts for ever")


async def test_a_morning_without_a_crash_tells_the_story_once(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    assert await lived(database, worker, stand) > 10 * EVERY


async def test_killed_now_and_then_neither_loses_nor_doubles(empty: Path, worker: Worker, stand: Newsstand) -> None:
    assert await killed_at_every(EVERY, empty, worker, stand) > 10


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_killed_at_every_statement_neither_loses_nor_doubles(
    empty: Path, worker: Worker, stand: Newsstand
) -> None:
    assert await killed_at_every(1, empty, worker, stand) > 10 * EVERY
