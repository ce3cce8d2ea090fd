"""One alert a story and chat: the message is edited as more outlets tell the story, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.storage import edits, outbox
from bot.storage.chats import chat_of
from bot.storage.database import Database
from bot.storage.schema import articles, messages
from bot.worker import Worker
from tests.desk import ANNA, BORIS, FILLER, PATHS, SAME, VANTADOUR, WATCHED, Desk, about, desk, tell, told_by, watchlist
from tests.fates import fates
from tests.newsstand import Newsstand, newsstand

FIRST = edits.Message(1, ANNA, 1, datetime(2026, 2, 3, tzinfo=UTC), None, None)
"""The first message that Anna got."""


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


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
        assert (message, [buttons]) == (1, here.phone.buttons)
        assert buttons > 0
        assert "<b>3 médias</b>" in html
        assert html.index("Outlet1") < html.index("Outlet2")
        assert len(here.phone.sent) == 1
        assert (await row(database)).edited_at == here.clock.now()
        assert (await row(database)).edit_due_at is None


async def test_outlets_of_one_minute_stand_in_one_order_whichever_feed_was_read_first(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:
        await tell(here, stand, PATHS[0])
        earlier, later = (replace(told_by(f"outlet{n}"), published=here.clock.now()) for n in (1, 2))
        stand.publish(later, path=PATHS[2])
        await here.round()
        stand.publish(earlier, path=PATHS[1])
        await here.round()
        await here.revise(after_s=20)
        html = here.phone.shown(1)
        assert html.index("Outlet1") < html.index("Outlet2")


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


async def test_more_outlets_do_not_put_off_the_edit_that_is_due(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        due_at = (await row(sqlite)).edit_due_at
        here.clock.advance(15)
        async with sqlite.transaction() as tx:
            joined = (await tx.execute(select(func.max(articles.c.id)))).scalar_one()
            assert await edits.story_changed(tx, joined, here.clock.now()) == 1
        assert (await row(sqlite)).edit_due_at == due_at


async def test_a_chat_that_has_to_wait_is_not_edited_and_the_others_are(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:2]) as here:
        await here.follow(BORIS)
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        here.phone.waiting = [ANNA.chat_id]
        await here.revise(after_s=20)
        [(message, _, _)] = here.phone.edits
        assert here.phone.sent[message - 1][0] == BORIS
        here.phone.waiting = []
        await here.revise()
        assert len(here.phone.edits) == 2


async def test_a_chat_has_one_edit_under_way_at_a_time(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    async with desk(sqlite, worker, stand, *PATHS[:3]) as here:
        await tell(here, stand, PATHS[0])
        stand.publish(about(f"{SAME}, Tomás Berenguel la remplace"), path=PATHS[1])
        await here.round()
        await tell(here, stand, PATHS[2])
        calls: list[int] = []

        async def meanwhile() -> None:
            await here.reviser.revise_due()
            calls.append(here.phone.edit_calls)

        here.phone.meanwhile = meanwhile
        await here.revise(after_s=900)
        assert calls == [1]
        assert {message for message, _, _ in here.phone.edits} == {1, 2}


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


async def looks_meanwhile(here: Desk) -> asyncio.Task[bool]:
    """The editor at work while the caller's transaction is open: done by then, or waiting for it."""
    joining = asyncio.create_task(here.editor.edit_new())
    await asyncio.wait([joining], timeout=0.5)
    return joining


async def test_an_outlet_that_joins_while_an_edit_is_written_down_is_not_lost(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand, *PATHS[:3]) as here:
        await tell(here, stand, PATHS[0])
        await tell(here, stand, PATHS[1])
        stand.publish(told_by("un troisième"), path=PATHS[2])
        await here.poll()
        async with database.transaction() as tx:
            before = await edits.stamp_held(tx, [1])
            joining = await looks_meanwhile(here)
            await edits.record_edit(tx, FIRST, "as it was", edited_at=here.clock.now(), next_at=None)
        assert await joining
        async with database.read() as connection:
            assert await edits.stamp_of(connection, [1]) != before
        assert (await row(database)).edit_due_at is not None
        await here.revise(after_s=900)
        assert "<b>3 médias</b>" in here.phone.shown(1)


async def test_a_correction_that_is_looked_at_while_an_edit_is_written_down_is_not_lost(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand, *PATHS[:2]) as here:
        first = told_by("le premier")
        stand.publish(first, path=PATHS[0])
        await here.round()
        await tell(here, stand, PATHS[1])
        async with database.transaction() as tx:
            await edits.stamp_held(tx, [1])
            stand.publish(replace(first, title=f"{SAME} dès lundi"), path=PATHS[0])
            if database.dialect == "postgresql":  # SQLite's next writer waits for this one
                await here.poll()
            joining = await looks_meanwhile(here)
            await edits.record_edit(tx, FIRST, "as it was", edited_at=here.clock.now(), next_at=None)
        assert await joining
        await here.round()
        await here.revise(after_s=900)
        assert "dès lundi" in here.phone.shown(1)


async def test_an_outlet_that_joins_while_an_alert_is_written_down_is_not_lost(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand, *PATHS[:2]) as here:
        stand.publish(told_by("le premier"), path=PATHS[0])
        await here.poll()
        await here.editor.edit_new()
        stand.publish(told_by("un autre"), path=PATHS[1])
        await here.poll()
        async with database.transaction() as tx:
            await outbox.claim(tx, 1, here.clock.now(), lease_s=60)
        async with database.transaction() as tx:
            await edits.stamp_held(tx, [1])
            joining = await looks_meanwhile(here)
            await outbox.record_sent(tx, 1, ANNA, 1, here.clock.now(), shown="as it was")
        assert await joining
        assert (await row(database)).edit_due_at is not None


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
        assert here.phone.edit_calls == 0
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


async def test_a_headline_of_the_baseline_that_is_corrected_twice_shows_in_the_message(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    old = about("Le port de Sainte-Ombre cherche un directeur")
    async with desk(sqlite, worker, stand, items=[old]) as here:
        stand.publish(replace(old, title=SAME))
        await here.round()
        stand.publish(replace(old, title=f"{SAME} dès lundi"))
        await here.round()
        await here.revise(after_s=20)
        assert "dès lundi" in here.phone.shown(1)
        assert len(here.phone.sent) == 1


async def test_a_correction_that_takes_the_name_out_shows_in_the_message(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.round()
        corrected = "La direction du port de Sainte-Ombre change, sans Mme Vandoren"
        stand.publish(replace(VANTADOUR, title=corrected, text=corrected + FILLER))
        await here.round()
        await here.revise(after_s=20)
        shown = here.phone.shown(1)
        assert shown.startswith("<s>Aurélie Vantadour</s>")
        assert "Plus trouvé dans l’article : Aurélie Vantadour" in shown
        assert corrected in shown
        assert len(here.phone.sent) == 1


async def test_a_correction_that_takes_one_of_two_names_out_says_which(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand, lists=[watchlist(*WATCHED)]) as here:
        both = about(f"{SAME}, Tomás Berenguel la remplace")
        stand.publish(both)
        await here.round()
        stand.publish(replace(both, title=f"{SAME}, nul ne la remplace", text=SAME + FILLER))
        await here.round()
        await here.revise(after_s=20)
        shown = here.phone.shown(1)
        assert shown.startswith("<b>Aurélie Vantadour</b>\n")
        assert "Plus trouvé dans l’article : Tomás Berenguel" in shown


async def test_a_name_taken_out_before_the_alert_left_is_not_told(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(sqlite, worker, stand) as here:
        stand.publish(VANTADOUR)
        await here.poll()
        await here.editor.edit_new()
        stand.publish(replace(VANTADOUR, title="Le port change", text=FILLER))
        await here.round()
        assert here.phone.sent == []
        assert await fates(sqlite) == {"suppressed": 1}


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
