"""One alert a story and chat: it is edited as more outlets tell the story, and rings again only for what is new."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.cli.why import _lines
from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.model import Target, Watchlist
from bot.storage.chats import chat_of
from bot.storage.database import Database
from bot.storage.schema import articles, messages, stories, subscriptions
from bot.storage.why import Shown
from bot.worker import Worker
from tests.desk import ANNA, BORIS, VANTADOUR, WATCHED, Desk, about, desk, watchlist
from tests.fates import fates
from tests.newsstand import Item, Newsstand, newsstand

PATHS = tuple(f"/outlet{number}" for number in range(10))
SAME = "Aurélie Vantadour quitte la direction du port de Sainte-Ombre"


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


def told_by(outlet: str, **more: str) -> Item:
    """The same event, in an outlet's own words."""
    return about(f"{SAME}, selon {outlet}", **more)


async def tell(here: Desk, stand: Newsstand, *paths: str) -> None:
    """These outlets tell the story; it is looked at and what rings is sent, nothing is edited yet."""
    for path in paths:
        stand.publish(told_by(path.strip("/")), path=path)
    await here.round()


async def row(database: Database, message_id: int = 1) -> Any:
    async with database.read() as connection:
        return (await connection.execute(select(messages).where(messages.c.message_id == message_id))).one()


# --- Outlets that join ---------------------------------------------------------------------------------------------


async def test_outlets_that_join_edit_the_message_silently_and_keep_its_button(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand, *PATHS[:3]) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, *PATHS[1:3])
        await here.revise()
        assert here.phone.edits == [], "more outlets may follow"
        await here.revise(after_s=20)
        [(message, html, buttons)] = here.phone.edits
        assert (message, buttons) == (1, 1)
        assert "<b>3 médias</b>" in html
        assert html.index("Outlet1") < html.index("Outlet2")
        assert len(here.phone.sent) == 1
        assert (await row(database)).edited_at == here.clock.now()
        assert (await row(database)).edit_due_at is None


async def test_a_burst_of_ten_outlets_costs_few_edits(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS) as here:
        await tell(here, stand, PATHS[0])
        for first in (1, 4, 7):
            await tell(here, stand, *PATHS[first : first + 3])
            for _ in range(10):
                await here.revise(after_s=6)
        for _ in range(60):
            await here.revise(after_s=6)
        assert len(here.phone.edits) <= 3
        assert "<b>10 médias</b>" in here.phone.shown(1)
        assert len(here.phone.sent) == 1


async def test_an_alert_that_still_waits_shows_who_joined(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        here.phone.refusals = [DeliveryError("network", "no connection")]
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        [message] = here.phone.of(ANNA)
        assert "<b>2 médias</b>" in message
        await here.revise(after_s=3600)
        assert here.phone.edits == []


async def test_an_outlet_that_joins_while_the_alert_is_on_its_way_is_shown_afterwards(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:

        async def meanwhile() -> None:
            stand.publish(told_by("un autre"), path=PATHS[1])
            await here.poll()
            await here.editor.edit_new()

        here.phone.meanwhile = meanwhile
        await tell(here, stand, PATHS[0])
        assert "médias" not in here.phone.shown(1)
        await here.revise(after_s=20)
        assert "<b>2 médias</b>" in here.phone.shown(1)


async def test_an_outlet_that_joins_during_an_edit_is_shown_by_the_next(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:

        async def meanwhile() -> None:
            stand.publish(told_by("un troisième"), path=PATHS[2])
            await here.poll()
            await here.editor.edit_new()

        await tell(here, stand, *PATHS[:1])
        await tell(here, stand, PATHS[1])
        here.phone.meanwhile = meanwhile
        await here.revise(after_s=20)
        assert "<b>2 médias</b>" in here.phone.shown(1)
        await here.revise(after_s=900)
        assert "<b>3 médias</b>" in here.phone.shown(1)
        assert len(here.phone.edits) == 2


async def test_an_outlet_outside_the_lists_feeds_does_not_join_there(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    lists = [watchlist(*WATCHED, tags=frozenset({"outlet0", "outlet2"}))]
    async with desk(sqlite, worker, stand, *PATHS[:3], lists=lists) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        await here.revise(after_s=900)
        assert here.phone.edits == []
        await tell(here, stand, PATHS[2])
        await here.revise(after_s=900)
        assert "<b>2 médias</b>" in here.phone.shown(1)
        assert "Outlet1" not in here.phone.shown(1)


async def test_a_second_article_of_the_same_outlet_costs_no_call(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, PATHS[0]) as here:
        first = told_by("nous")
        stand.publish(first, path=PATHS[0])
        await here.round()
        stand.publish(told_by("nos informations"), first, path=PATHS[0])
        await here.round()
        await here.revise(after_s=900)
        assert here.phone.edits == []
        assert (await row(sqlite)).edit_due_at is None


async def test_a_corrected_headline_shows_in_the_message(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.round()
        stand.publish(replace(VANTADOUR, title="Aurélie Vantadour reste à la direction du port de Sainte-Ombre"))
        await here.round()
        await here.revise(after_s=20)
        shown = here.phone.shown(1)
        assert "</b> reste à la direction" in shown
        assert "Titre modifié" in shown
        assert len(here.phone.sent) == 1


async def test_a_withdrawn_article_is_struck_through(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:
        await tell(here, stand, *PATHS[:2])
        async with sqlite.transaction() as tx:
            await tx.execute(update(articles).values(withdrawn_at=here.clock.now()))
        await tell(here, stand, PATHS[2])
        await here.revise(after_s=900)
        shown = here.phone.shown(1)
        assert "<s><b>Aurélie Vantadour</b> quitte" in shown
        assert "Retiré par l’éditeur" in shown
        assert "<s>Outlet1</s>" in shown
        assert "<s>Outlet2</s>" not in shown


async def test_a_bundle_is_edited_too(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:
        await here.stop()
        here.clock.advance(3600 * 60)
        stand.publish(told_by("le premier"), path=PATHS[0])
        stand.publish(about("Tomás Berenguel ouvre une école de voile à Tarvel"), path=PATHS[1])
        await here.start()
        await here.round()
        here.clock.advance(60)
        await here.send()
        assert len(here.phone.sent) == 1
        await tell(here, stand, PATHS[2])
        await here.revise(after_s=20)
        [(message, html, buttons)] = here.phone.edits
        assert (message, buttons) == (1, 0)
        assert html.startswith("<b>Rattrapage : 2 affaires</b>")
        assert "<b>2 médias</b>" in html


# --- What goes wrong -----------------------------------------------------------------------------------------------


async def test_killed_between_the_decision_and_the_edit(database: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(database, worker, stand, *PATHS[:2]) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        await here.restart()
        await here.revise(after_s=20)
        assert len(here.phone.edits) == 1
        assert "<b>2 médias</b>" in here.phone.shown(1)


async def test_killed_before_the_edit_was_written_down_repeats_it_without_harm(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        await tell(here, stand, PATHS[0])
        before = await row(sqlite)
        await tell(here, stand, PATHS[1])
        await here.revise(after_s=20)
        async with sqlite.transaction() as tx:
            await tx.execute(update(messages).values(shown=before.shown, edited_at=None, edit_due_at=here.clock.now()))
        await here.restart()
        await here.revise()
        assert len(here.phone.edits) == 1
        assert (await row(sqlite)).edit_due_at is None
        assert (await row(sqlite)).shown != before.shown


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        (DeliveryUnknownError("lost"), 5),
        (DeliveryError("flood", "retry after 30", retry_after_s=30), 30),
        (DeliveryError("network", "no connection"), 2),
        (GuetteurError("odd"), 2),
    ],
)
async def test_an_edit_that_was_not_confirmed_is_made_again(
    error: GuetteurError, wait_s: float, sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        here.phone.edit_refusals = [error]
        await here.revise(after_s=20)
        await here.revise(after_s=wait_s - 1)
        assert (await row(sqlite)).edit_due_at is not None
        await here.revise(after_s=1)
        assert (await row(sqlite)).edit_due_at is None
        assert len(here.phone.edits) == 1
        assert "<b>2 médias</b>" in here.phone.shown(1)


@pytest.mark.parametrize("code", ["message-gone", "bad-request", "no-rights"])
async def test_a_message_that_cannot_be_edited_is_let_go(
    code: str, sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        here.phone.edit_refusals = [DeliveryError(code, code, permanent=True)]
        await here.revise(after_s=20)
        await here.revise(after_s=3600)
        assert here.phone.edits == []
        assert (await row(sqlite)).edit_why == code
        async with sqlite.read() as connection:
            chat = await chat_of(connection, ANNA.chat_id)
        assert chat is not None
        assert chat.state == "active"


async def test_a_blocked_chat_is_paused_and_none_of_its_messages_is_edited(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        await here.follow(BORIS)
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        here.phone.edit_refusals = [DeliveryError("blocked", "blocked", permanent=True)]
        await here.revise(after_s=20)
        await here.revise(after_s=3600)
        assert len(here.phone.edits) == 1
        states = []
        async with sqlite.read() as connection:
            for target in (ANNA, BORIS):
                chat = await chat_of(connection, target.chat_id)
                states.append(chat.state if chat else None)
        assert sorted(map(str, states)) == ["active", "paused"]


async def test_the_messages_of_a_group_that_moved_are_left(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        here.phone.edit_refusals = [ChatMovedError(-1001)]
        await here.revise(after_s=20)
        await here.revise(after_s=3600)
        assert here.phone.edits == []
        assert await fates(sqlite) == {"sent": 1}


async def test_alerts_go_before_edits(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        stand.publish(about("Tomás Berenguel gagne la régate de Tarvel"), path=PATHS[2])
        await here.poll()
        await here.editor.edit_new()
        await here.revise()
        assert here.phone.edits == [], "an alert is owed to the same chat"
        await here.send()
        await here.revise()
        assert (len(here.phone.sent), len(here.phone.edits)) == (2, 1)


# --- What rings again ----------------------------------------------------------------------------------------------


async def test_a_name_new_in_the_story_answers_its_first_message(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand, *PATHS[:2]) as here:
        await tell(here, stand, PATHS[0])
        title = f"{SAME}, Tomás Berenguel la remplace"
        stand.publish(about(title), path=PATHS[1])
        await here.round()
        [_, second] = here.phone.of(ANNA)
        assert second.startswith("<b>Tomás Berenguel</b>")
        assert "Nouveau nom dans une affaire déjà signalée" in second
        assert here.phone.replies == {2: 1}


async def ring_at(database: Database, target: Target, number: object) -> None:
    async with database.transaction() as tx:
        mine = subscriptions.c.chat_id == target.chat_id
        await tx.execute(update(subscriptions).where(mine).values(options={"ring_at_outlets": number}))


async def test_the_number_of_outlets_that_was_chosen_rings_once(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand, *PATHS[:5]) as here:
        await here.follow(BORIS)
        await ring_at(database, ANNA, 3)
        for path in PATHS[:5]:
            await tell(here, stand, path)
            await here.revise(after_s=900)
        first, again = here.phone.of(ANNA)
        assert "3 médias en parlent maintenant" in again
        assert len(here.phone.of(BORIS)) == 1
        ids = [number for number, (target, _) in enumerate(here.phone.sent, 1) if target == ANNA]
        assert here.phone.replies == {ids[1]: ids[0]}
        assert "<b>5 médias</b>" in here.phone.shown(ids[0])
        assert "5 médias en parlent" in here.phone.shown(ids[1])
        assert first != again


async def test_an_alert_on_its_way_that_shows_the_outlets_rings_once(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:4]) as here:
        await ring_at(sqlite, ANNA, 3)
        await tell(here, stand, *PATHS[:3])
        await tell(here, stand, PATHS[3])
        [message] = here.phone.of(ANNA)
        assert "<b>3 médias</b>" in message
        assert await fates(sqlite) == {"sent": 1, "suppressed": 1}


@pytest.mark.parametrize("number", [None, 0, 1, "3", True])
async def test_a_number_that_makes_no_sense_rings_never(
    number: object, sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:
        await ring_at(sqlite, ANNA, number)
        for path in PATHS[:3]:
            await tell(here, stand, path)
        assert len(here.phone.of(ANNA)) == 1


async def test_outlets_outside_the_lists_feeds_do_not_count(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    lists: list[Watchlist] = [watchlist(*WATCHED, tags=frozenset({"outlet0", "outlet2"}))]
    async with desk(sqlite, worker, stand, *PATHS[:3], lists=lists) as here:
        await ring_at(sqlite, ANNA, 3)
        for path in PATHS[:3]:
            await tell(here, stand, path)
        assert len(here.phone.of(ANNA)) == 1


# --- Why -----------------------------------------------------------------------------------------------------------


async def test_why_says_which_message_an_outlet_joined_and_when_it_shows_there(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand, *PATHS[:2]) as here:
        await tell(here, stand, PATHS[0])
        second = told_by("un autre")
        stand.publish(second, path=PATHS[1])
        await here.round()
        url = stand.url(f"/articles/{second.number}.html")
        [earlier] = (found := await here.why(url)).earlier
        assert found.joined is not None
        assert found.joined.why.code != "new-story"
        assert (earlier.target, earlier.shown) == (ANNA, Shown.DUE)
        await here.revise(after_s=20)
        [earlier] = (await here.why(url)).earlier
        assert (earlier.shown, earlier.at) == (Shown.EDITED, here.clock.now())
        said = "\n".join(line for line in _lines(await here.why(url)))
        assert f"added to that message, silently, {here.clock.now():%Y-%m-%d %H:%M:%S} UTC" in said


async def test_why_says_what_was_sent_and_edited_since(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        first = told_by("le premier")
        stand.publish(first, path=PATHS[0])
        await here.round()
        await tell(here, stand, PATHS[1])
        await here.revise(after_s=20)
        [told] = (await here.why(stand.url(f"/articles/{first.number}.html"))).deliveries
        assert told.edited_at == here.clock.now()


async def test_why_says_that_a_list_does_not_look_at_the_feed_and_that_an_edit_was_not_made(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    lists = [watchlist(*WATCHED, tags=frozenset({"outlet0", "outlet2"}))]
    async with desk(sqlite, worker, stand, *PATHS[:3], lists=lists) as here:
        await tell(here, stand, PATHS[0])
        elsewhere, beside = told_by("un autre"), told_by("un troisième")
        stand.publish(elsewhere, path=PATHS[1])
        stand.publish(beside, path=PATHS[2])
        await here.round()
        here.phone.edit_refusals = [DeliveryError("message-gone", "gone", permanent=True)]
        await here.revise(after_s=20)
        [outside] = (await here.why(stand.url(f"/articles/{elsewhere.number}.html"))).earlier
        [inside] = (await here.why(stand.url(f"/articles/{beside.number}.html"))).earlier
        assert (outside.shown, outside.why) == (Shown.OTHER_FEEDS, None)
        assert (inside.shown, inside.why) == (Shown.NOT_EDITED, "message-gone")


async def test_a_story_that_follows_another_says_so_and_answers_its_message(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.round()
        next_ = about("Tomás Berenguel ouvre une école de voile à Tarvel")
        stand.publish(next_, VANTADOUR)
        await here.poll()
        await here.editor.edit_new()
        async with sqlite.transaction() as tx:
            await tx.execute(update(stories).where(stories.c.title == next_.title).values(follows_id=1))
        await here.send()
        [_, second] = here.phone.of(ANNA)
        assert f"Suite de : {VANTADOUR.title}" in second
        assert here.phone.replies == {2: 1}
        found = await here.why(stand.url(f"/articles/{next_.number}.html"))
        assert found.joined is not None
        assert found.joined.follows == VANTADOUR.title
