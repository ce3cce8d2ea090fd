"""What rings again in a story that was told, and what is said to those who ask why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.cli.why import lines
from bot.errors import DeliveryError
from bot.model import Entity, Target, WatchedName, Watchlist, chat_scope
from bot.storage.database import Database
from bot.storage.names import add_name
from bot.storage.schema import subscriptions
from bot.storage.why import Shown
from bot.worker import Worker
from tests.desk import ANNA, BORIS, PATHS, SAME, WATCHED, about, desk, tell, told_by, watchlist
from tests.fates import fates
from tests.newsstand import Newsstand, newsstand


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as opened:
        yield opened


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    started = Worker()
    yield started
    await started.close()


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


async def test_every_further_name_answers_the_first_message(sqlite: Database, worker: Worker, stand: Newsstand) -> None:
    lists = [watchlist(*WATCHED, "Consortium Halcyon")]
    async with desk(sqlite, worker, stand, *PATHS[:3], lists=lists) as here:
        await tell(here, stand, PATHS[0])
        stand.publish(about(f"{SAME}, Tomás Berenguel la remplace"), path=PATHS[1])
        await here.round()
        stand.publish(about(f"{SAME}, le Consortium Halcyon se tait"), path=PATHS[2])
        await here.round()
        assert here.phone.replies == {2: 1, 3: 1}


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


@pytest.mark.parametrize("number", [None, 0, 1, "3"])
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
        zone = ZoneInfo("Europe/Paris")
        said = "\n".join(lines(await here.why(url), zone))
        assert f"added to that message, silently, {here.clock.now().astimezone(zone):%Y-%m-%d %H:%M:%S}" in said


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


async def test_why_says_what_an_alert_of_the_story_that_was_not_sent_waits_for(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    async with desk(database, worker, stand, *PATHS[:2], lists=[watchlist("Hélène Martin")]) as here:
        said = "Les halles de Sainte-Ombre resteront ouvertes le dimanche, se réjouit Mme Martin"
        stand.publish(about(said), path=PATHS[0])
        again = about(f"{said}, de la mairie")
        stand.publish(again, path=PATHS[1])
        await here.round()
        assert await fates(database) == {"held": 1}
        found = await here.why(stand.url(f"/articles/{again.number}.html"))
        told = "\n".join(lines(found, ZoneInfo("Europe/Paris")))
        assert "owed this story, by « Les halles" in told
        assert "waits to be checked" in told
        assert "Nobody was owed" not in told


QUERVIC = (
    about(
        "L'armateur Anselme Quervic interpellé à l'aéroport de Valdombre",
        "Recherché depuis deux ans pour fraude aux subventions, l'armateur Anselme Quervic a été interpellé lundi "
        "après-midi à l'aéroport de Valdombre, au moment où il embarquait pour Karsiyane. Il a été placé en garde à vue, "
        "confirme Tomás Berenguel, qui dirige l'aéroport.",
    ),
    about(
        "Anselme Quervic écroué en attendant son procès",
        "Le juge des libertés de Valdombre a ordonné mardi soir la détention provisoire d'Anselme Quervic. Ses avocats, "
        "dont Me Ysolde Kerbrazec, proposaient une caution de deux millions et font appel.",
    ),
)


async def test_a_later_stage_rings_anew_says_what_it_follows_and_answers_its_message(
    database: Database, worker: Worker, stand: Newsstand
) -> None:
    arrest, jailed = QUERVIC
    async with desk(database, worker, stand, lists=[watchlist("Anselme Quervic")]) as here:
        stand.publish(arrest)
        await here.round()
        here.clock.advance(24 * 3600)
        await here.round()  # what comes after a day without polls would be bundled
        stand.publish(jailed, arrest)
        await here.round()
        [_, second] = here.phone.of(ANNA)
        assert f"Suite de : {arrest.title}" in second
        assert here.phone.replies == {2: 1}
        found = await here.why(stand.url(f"/articles/{jailed.number}.html"))
        assert found.joined is not None
        assert found.joined.follows == arrest.title
        assert "It follows the earlier story" in "\n".join(lines(found, ZoneInfo("Europe/Paris")))


async def test_a_later_stage_follows_no_story_of_other_names(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    arrest, jailed = QUERVIC
    async with desk(sqlite, worker, stand, lists=[watchlist("Tomás Berenguel", "Ysolde Kerbrazec")]) as here:
        stand.publish(arrest)
        await here.round()
        stand.publish(jailed, arrest)
        await here.round()
        told = here.phone.of(ANNA)
        assert len(told) == 2
        assert "Suite de" not in "".join(told)


async def test_a_story_that_others_watch_is_not_named_as_the_one_followed(
    sqlite: Database, worker: Worker, stand: Newsstand
) -> None:
    """The first was told to Boris for a name of his own, the second is told to Anna for one of the list's."""
    arrest, jailed = QUERVIC
    own = WatchedName(chat_scope(BORIS), "Anselme Quervic", Entity("Anselme Quervic"))
    async with desk(sqlite, worker, stand, lists=[watchlist("Ysolde Kerbrazec")]) as here:
        async with sqlite.transaction() as tx:
            await add_name(tx, own, here.clock.now(), None)
        await here.follow(BORIS, scope=own.scope)
        await here.restart()
        stand.publish(arrest)
        await here.round()
        here.clock.advance(24 * 3600)
        await here.round()  # what comes after a day without polls would be bundled
        stand.publish(jailed, arrest)
        await here.round()
        [of_anna] = here.phone.of(ANNA)
        assert "Suite de" not in of_anna
        assert "Suite de" in here.phone.of(BORIS)[1]
